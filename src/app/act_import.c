/* app/act_import.c - contacts in: looked at first, kept when the person says so, taken back in one step. The file
 * is read once into an arena of its own; only that arena, never a file, holds it while it waits. */
#include "app/acts.h"
#include "base/buf.h"
#include "port/match.h"
#include "port/vcard.h"

typedef struct Preview {
    Arena arena;
    Id id;
    VcardFile file;
    CardMatch *matches; /* one a person of the file */
    ViewCard *cards;
    int n_cards;
    int photos;
} Preview;

enum { PREVIEW_ARENA_BYTES = 1 << 30 };

void preview_free(App *app)
{
    if (app->preview) {
        arena_free(&app->preview->arena);
        os_free(app->preview);
        app->preview = NULL;
    }
}

Err act_import_form(Cx *cx, App *app, const Input *in, Reply *ret)
{
    View view = app_view(app);
    (void)in;
    return view_import(cx, &view, &ret->view);
}

/* -- looking ------------------------------------------------------------------------------------- */

static int32_t date_of(const VcardDate *d)
{
    return d->month == 0 || d->day == 0 ? 0 : d->year * 10000 + d->month * 100 + d->day;
}

/* Everyone in the book, as the matcher wants them. */
static Err known_people(Cx *cx, const App *app, KnownPerson **ret, int *ret_n)
{
    BookRefs people = book_people(app->book);
    KnownPerson *known = arena_new(cx->arena, KnownPerson, people.n + 1);
    if (!known)
        return err_nomem(cx);
    for (int i = 0; i < people.n; i++) {
        BookPerson p = {.n_dummy = 0};
        Err e = book_person(cx, app->book, people.p[i], &p);
        if (e != OK)
            return e;
        known[i] = (KnownPerson){.index = people.p[i], .name = p.name, .uid = p.uid, .birthday = p.birthday};
    }
    *ret = known;
    *ret_n = people.n;
    return OK;
}
