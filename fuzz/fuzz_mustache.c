/* fuzz/fuzz_mustache.c - any bytes as templates and data. The first byte chooses mode and strictness; the rest
 * is cut at lines "%%" into the template "main", three it may include ("a", "b", "c"), and the JSON data. What
 * must hold: no crash, no leak, an answer within the declared bounds, and the same answer when asked again. */
#include "base/os.h"
#include "render/mustache.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum { TEXTS = 4, OUT_MAX = 1 << 16 };

typedef struct Texts {
    Str text[TEXTS];
} Texts;

static bool load(void *ctx, Str name, Str *ret)
{
    static const char *const names[TEXTS] = {"main", "a", "b", "c"};
    const Texts *texts = ctx;
    for (int i = 0; i < TEXTS; i++) {
        if (str_eq_c(name, names[i])) {
            *ret = texts->text[i];
            return true;
        }
    }
    return false;
}

static Str label(void *ctx, Str key)
{
    (void)ctx;
    return key.len % 2 == 0 ? STR("<label & two>") : (Str){NULL, 0};
}

/* What stands before the next line "%%"; *rest behind it, NULL behind the last part. */
static Str cut_part(Str *rest)
{
    static const Str line = {"\n%%\n", 4};
    ptrdiff_t at = str_find(*rest, line);
    Str part = str_sub(*rest, 0, at < 0 ? rest->len : at);
    *rest = at < 0 ? (Str){NULL, 0} : str_from(*rest, at + line.len);
    return part;
}

static Err render_once(Cx *cx, TemplateSet *set, TemplateMode mode, const json_t *data, Str *ret)
{
    const Template *t = NULL;
    Err e = template_get(cx, set, STR("main"), mode, &t);
    Buf out = buf_make(cx->arena, OUT_MAX);
    if (e == OK)
        e = template_render(cx, set, t, data, &out);
    return e == OK ? buf_done(cx, &out, ret) : e;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    if (len < 1)
        return 0;
    Str rest = {(const char *)bytes + 1, (ptrdiff_t)len - 1};
    Texts texts = {0};
    for (int i = 0; i < TEXTS && rest.p; i++)
        texts.text[i] = cut_part(&rest);
    json_t *data = rest.p ? json_loadb(rest.p, (size_t)rest.len, 0, NULL) : NULL;
    TemplateMode mode = bytes[0] & 1 ? TEMPLATE_PLAIN : TEMPLATE_HTML;
    TemplateSource source = {
        .ctx = &texts, .load = load, .label = label, .strict = (bytes[0] & 2) != 0};
    AUTO_ARENA Arena arena;
    arena_init(&arena, 64 << 20);
    Cx cx = {.arena = &arena};
    TemplateSet *set = NULL;
    if (template_set_make(&cx, &arena, &source, &set) == OK) {
        Str one = {NULL, 0}, two = {NULL, 0};
        Err first = render_once(&cx, set, mode, data, &one);
        Err again = render_once(&cx, set, mode, data, &two);
        INVARIANT(first == ERR_NOMEM || again == ERR_NOMEM || first == again);
        INVARIANT(first != OK || again != OK || str_eq(one, two));
    }
    json_decref(data);
    return 0;
}
