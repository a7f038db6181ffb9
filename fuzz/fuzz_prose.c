/* fuzz/fuzz_prose.c - any bytes as a logged sentence. The first byte chooses what the finder
 * answers. What must hold: no crash; every slice lies inside the prose that is handed back, at
 * whole characters; no time lies ahead. */
#include "base/os.h"
#include "base/utf8.h"
#include "text/prose.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Answers by the name alone, so that one input always reads the same. */
static int find(void *ctx, Str name, ProseMatch match, uint64_t *ret_who)
{
    const uint8_t *mood = ctx;
    uint64_t h = str_hash(name) + *mood;
    *ret_who = h % 7;
    return (int)(h % 4) - (match == PROSE_EXACT && h % 4 > 0);
}

static void check_slice(Str text, Str s)
{
    INVARIANT(s.len > 0 && s.p >= text.p && s.p + s.len <= text.p + text.len);
    INVARIANT(utf8_valid(s));
}

static void check(const Cx *cx, const ProseLog *log)
{
    for (ptrdiff_t i = 0; i < log->people_count; i++)
        check_slice(log->text, log->people[i].written);
    for (ptrdiff_t i = 0; i < log->unsure_count; i++)
        check_slice(log->text, log->unsure[i].written);
    for (ptrdiff_t i = 0; i < log->new_count; i++)
        check_slice(log->text, log->new_names[i]);
    for (ptrdiff_t i = 0; i < log->tag_count; i++)
        check_slice(log->text, log->tags[i]);
    if (log->place.p)
        check_slice(log->text, log->place);
    for (int i = 0; i < log->when.span_count; i++)
        check_slice(log->text, str_sub(log->text, log->when.spans[i].from, log->when.spans[i].len));
    INVARIANT(!log->when.has_at || log->when.at_ms <= cx->now_ms);
    INVARIANT(!log->when.has_duration || log->when.duration_min > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    if (len < 1)
        return 0;
    AUTO_ARENA Arena arena;
    arena_init(&arena, 64 << 20);
    Cx cx = {.arena = &arena, .now_ms = INT64_C(1777636800000)};
    uint8_t mood = bytes[0];
    ProseFinder finder = {&mood, find};
    Str prose = {(const char *)bytes + 1, (ptrdiff_t)len - 1};
    ProseLog log;
    if (prose_read(&cx, text_locale(STR("en")), prose, &finder, WHEN_PAST, &log) == OK)
        check(&cx, &log);
    return 0;
}
