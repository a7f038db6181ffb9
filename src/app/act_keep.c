/* app/act_keep.c - finding, taking out, taking back, and one's own settings. */
#include "app/acts.h"
#include "base/os.h"
#include "base/stream.h"
#include "port/export.h"

/* -- search -------------------------------------------------------------------------------------- */

Err act_search_form(Cx *cx, App *app, const Input *in, Reply *ret)
{
    View view = app_view(app);
    const BookSearch none = {.person = BOOK_NONE};
    (void)in;
    return view_search(cx, &view, &none, &ret->view);
}

Err act_search(Cx *cx, App *app, const Input *in, Reply *ret)
{
    static const uint32_t kinds_of[] = {BOOK_KIND(ENTRY_PERSON), BOOK_KIND(ENTRY_MOMENT),
                                        BOOK_KIND(ENTRY_NOTE) | BOOK_KIND(ENTRY_TOPIC),
                                        BOOK_KIND(ENTRY_CHECKIN), BOOK_KIND(ENTRY_REFLECTION)};
    enum { HITS = 100 };
    View view = app_view(app);
    const Value *with = input_value(in, "with");
    const Value *what = input_value(in, "what");
    const Value *from = input_value(in, "from");
    const Value *to = input_value(in, "to");
    if (from && to && to->end <= from->begin)
        return err_field(cx, ERR_INVALID, "to", "err.to-before-from", NO_ARGS);
    const BookSearch search = {.text = input_text(in, "text"),
                               .person = with ? with->person : BOOK_NONE,
                               .kinds = what ? kinds_of[what->num] : 0,
                               .from_ms = from ? from->begin : 0,
                               .to_ms = to ? to->end : from ? cx->now_ms + 1 : 0,
                               .limit = HITS};
    return view_search(cx, &view, &search, &ret->view);
}

/* -- export -------------------------------------------------------------------------------------- */

Err act_export_form(Cx *cx, App *app, const Input *in, Reply *ret)
{
    View view = app_view(app);
    (void)in;
    return view_export(cx, &view, &ret->view);
}

typedef struct Format {
    ExportWrite *write;
    const char *type, *name;
} Format;

static const Format formats[] = {
    {export_jsonl_to,     "application/x-ndjson",         "fonder.jsonl"},
    {export_vcard4_to,    "text/vcard; charset=utf-8",    "fonder.vcf"  },
    {export_vcard3_to,    "text/vcard; charset=utf-8",    "fonder-3.vcf"},
    {export_csv_to,       "text/csv; charset=utf-8",      "fonder.csv"  },
    {export_markdown_to,  "text/markdown; charset=utf-8", "fonder.md"   },
    {export_icalendar_to, "text/calendar; charset=utf-8", "fonder.ics"  },
};

typedef struct OutFile {
    Cx *cx;
    Str path;
    Stream stream;
    int64_t bytes;
    Err failed; /* why it takes no more */
    Why why;
} OutFile;

static void out_close(OutFile *out)
{
    stream_close(&out->stream);
}

static bool out_write(void *ctx, Str bytes)
{
    OutFile *out = ctx;
    out->bytes += bytes.len;
    if (stream_write(&out->stream, bytes.p, bytes.len))
        return true;
    out->failed = os_fail(out->cx, out->path);
    out->why = out->cx->why;
    return false;
}

/* Piece by piece, however much it is. */
static Err export_through(Cx *cx, const App *app, const Format *format,
                          bool (*drain)(void *ctx, Str bytes), void *ctx)
{
    Buf buf = buf_make(cx->arena, EXPORT_MAX);
    buf.drain = drain;
    buf.drain_ctx = ctx;
    Err e = format->write(cx, app->book, &buf);
    return e == OK ? buf_drained(cx, &buf) : e;
}

static Err export_to_file(Cx *cx, App *app, const Format *format, Str path, Reply *ret)
{
    AUTO_CLEAN(out_close) OutFile out = {.cx = cx, .path = path, .stream = STREAM_NONE};
    if (os_exists(cx, path))
        return err_field(cx, ERR_INVALID, "out", "err.file-exists", ARGS(arg_str("file", path)));
    Err e = stream_create(cx, path, &out.stream);
    if (e == OK)
        e = export_through(cx, app, format, out_write, &out);
    if (out.failed != OK) {
        cx->why = out.why;
        e = out.failed;
    }
    if (e == OK)
        e = stream_publish(cx, &out.stream, true);
    View view = app_view(app);
    return e == OK ? view_exported(cx, &view, path, out.bytes, &ret->view) : e;
}

Err act_export(Cx *cx, App *app, const Input *in, Reply *ret)
{
    const Format *format = &formats[input_value(in, "format")->num];
    Str path = input_text(in, "out");
    enum { AT_ONCE = 128 << 20 }; /* held whole, for a face that cannot write as it comes */
    Buf buf = buf_make(cx->arena, AT_ONCE);
    Err e = book_take_rest(cx, app->book);
    if (e != OK)
        return e;
    if (path.len > 0)
        return export_to_file(cx, app, format, path, ret);
    if (app->host.write) {
        ret->written = true;
        return export_through(cx, app, format, app->host.write, app->host.ctx);
    }
    e = format->write(cx, app->book, &buf);
    if (e == OK)
        e = buf_done(cx, &buf, &ret->file);
    if (e == ERR_LIMIT)
        return err_set(cx, ERR_LIMIT, "err.export-too-large", ARGS(arg_int("max", AT_ONCE >> 20)));
    ret->file_type = format->type;
    ret->file_name = format->name;
    return e;
}

/* -- history and undo ---------------------------------------------------------------------------- */

Err act_history(Cx *cx, App *app, const Input *in, Reply *ret)
{
    View view = app_view(app);
    const Value *skip = input_value(in, "skip");
    return view_history(cx, &view, skip ? (int)skip->num : 0, &ret->view);
}

/* Undo, undo, redo, redo goes two steps back and the same two forward. */
static Err last_batch(Cx *cx, const App *app, bool undone, Id *ret)
{
    BookBatch last;
    Err e = undone ? book_last_undone(cx, app->book, &last) : book_last_batch(cx, app->book, &last);
    if (e == OK)
        *ret = last.id;
    return e;
}

Err act_undo(Cx *cx, App *app, const Input *in, Reply *ret)
{
    const Value *given = input_value(in, "batch");
    bool redo = input_flag(in, "redo");
    Id batch = given ? given->id : (Id){{0}};
    Err e = given ? OK : last_batch(cx, app, redo, &batch);
    if (e == OK)
        e = redo ? book_redo(cx, app->book, app->log, batch)
                 : book_undo(cx, app->book, app->log, batch);
    if (e == OK)
        e = act_kept(cx, app, redo ? "done.redo" : "done.undo", batch, (Id){{0}}, ret);
    ret->see_other = STR("/history");
    return e;
}

/* -- settings ------------------------------------------------------------------------------------ */

Err act_settings_form(Cx *cx, App *app, const Input *in, Reply *ret)
{
    View view = app_view(app);
    (void)in;
    return view_settings(cx, &view, &ret->view);
}

static void draft_set(Draft *d, const Input *in, const char *name, uint16_t tag,
                      const char *const *choices)
{
    enum { SET_MAX = 32 };
    Str ids[SET_MAX];
    int n = 0;
    const Value *v = input_value(in, name);
    if (!v)
        return;
    for (int i = 0; i < SET_MAX && choices[i]; i++) {
        if (v->set >> i & 1)
            ids[n++] = str_c(choices[i]);
    }
    draft_texts(d, tag, ids, n);
}

Err act_settings(Cx *cx, App *app, const Input *in, Reply *ret)
{
    const Value *name = input_value(in, "name");
    const Value *spiritual = input_value(in, "spiritual");
    const Value *meaning = input_value(in, "meaning");
    const Value *leave = input_value(in, "leave-to");
    const Value *quiet = input_value(in, "quiet");
    const Value *under_age = input_value(in, "under-age");
    Draft d = draft_edit(cx, ENTRY_ME, ENTRY_ME_ID);
    if (name)
        draft_text(&d, F_ME_NAME, name->text);
    if (spiritual)
        draft_text(&d, F_ME_SPIRITUAL, spiritual->text);
    if (meaning)
        draft_text(&d, F_ME_MEANING, meaning->text);
    if (leave)
        draft_text(&d, F_ME_LEAVE_PAGE, str_c(LEAVE_NAMES[leave->num]));
    if (quiet)
        draft_bool(&d, F_ME_QUIET, quiet->num == 1);
    if (under_age)
        draft_bool(&d, F_ME_MINOR, under_age->num == 1);
    draft_set(&d, in, "interests", F_ME_INTERESTS, INTEREST_NAMES);
    draft_set(&d, in, "styles", F_ME_STYLES, STYLE_NAMES);
    draft_set(&d, in, "ways", F_ME_WAYS, WAY_NAMES);
    if (d.n == 0)
        return err_set(cx, ERR_INVALID, "err.nothing-said", NO_ARGS);
    Id batch = {{0}};
    Err e = book_commit(cx, app->book, app->log, &d, 1, STR("done.settings"), STR(""), &batch);
    if (e == OK)
        e = act_kept(cx, app, "done.settings", batch, (Id){{0}}, ret);
    ret->see_other = STR("/settings");
    return e;
}
