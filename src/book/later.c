/* book/later.c - a command asks for little of a long life: who is here, what stands open, what happened last. Its
 * bodies are most of a checkpoint, and opening a segment costs sixty microseconds, so each is opened when the first body in
 * it is looked at. pack.c has put next to each other what is asked for together.
 * A segment that does not open then cannot be said to whoever asked, who was promised an answer that cannot fail: the body
 * is empty, `failed` stays, and whoever owns the book lets nothing be kept and asks again of the entries themselves. */
#include "book/later.h"
#include "base/os.h"
#include <string.h>

enum { SEGMENT = LOG_CHECKPOINT_SEGMENT, WORD_BITS = 64 };

static int64_t first_segment(const Later *later)
{
    return later->start / SEGMENT;
}

/* Where in memory the body byte at `at` is, and how many more are behind it in its chunk. */
static char *place_of(const Bodies *bodies, int64_t at, int64_t *ret_more)
{
    uint32_t chunk = bodies_chunk_of(at);
    int64_t from = bodies_start(chunk);
    *ret_more = from + bodies_chunk(chunk) - at;
    return bodies->chunks[chunk] + (at - from);
}

typedef bool Piece(Later *later, int64_t at, char *place, int64_t len);

/* What of the bodies lies in a segment: mostly one piece, two where a chunk ends. */
static bool each_piece(const Bodies *bodies, int64_t segment, Piece *piece)
{
    Later *later = bodies->later;
    int64_t at = segment * SEGMENT - later->start, to = at + SEGMENT, more = 0;
    at = at > 0 ? at : 0;
    to = to < later->bytes ? to : later->bytes;
    bool fine = true;
    for (; fine && at < to; at += more) {
        char *place = place_of(bodies, at, &more);
        more = more < to - at ? more : to - at;
        fine = piece(later, at, place, more);
    }
    return fine;
}

static bool bring_piece(Later *later, int64_t at, char *place, int64_t len)
{
    os_about_to_fill(place, len);
    return log_checkpoint_at(later->source, later->start + at, place, len);
}

static bool wipe_piece(Later *later, int64_t at, char *place, int64_t len)
{
    (void)later;
    (void)at;
    os_wipe(place, (ptrdiff_t)len);
    return true;
}

static uint64_t bit_of(const Later *later, int64_t segment, uint64_t **ret_word)
{
    uint64_t n = (uint64_t)(segment - first_segment(later));
    *ret_word = &later->here[n / WORD_BITS];
    return UINT64_C(1) << (n % WORD_BITS);
}

bool later_bring(const Bodies *bodies, int64_t from, int64_t to)
{
    Later *later = bodies->later;
    to = to < later->bytes ? to : later->bytes; /* what has come since is here */
    for (int64_t at = from; at < to;) {
        uint64_t *word = NULL;
        int64_t segment = (later->start + at) / SEGMENT;
        uint64_t bit = bit_of(later, segment, &word);
        if ((*word & bit) == 0) {
            if (later->failed || !each_piece(bodies, segment, bring_piece)) {
                later->failed = true; /* and nothing more is tried; what is here stays */
                return false;
            }
            *word |= bit;
        }
        at = (segment + 1) * SEGMENT - later->start;
    }
    return true;
}

bool later_begin(Heap *heap, Bodies *bodies, LogCheckpoint **source, int64_t bytes)
{
    Later *later = heap_grow(heap, NULL, 0, (int64_t)sizeof *later);
    if (!later)
        return false;
    *later = (Later){.start = log_checkpoint_place(*source), .bytes = bytes};
    int64_t segments = (later->start + bytes) / SEGMENT - first_segment(later) + 1;
    later->here_bytes = (segments + WORD_BITS - 1) / WORD_BITS * (int64_t)sizeof *later->here;
    later->here = heap_grow(heap, NULL, 0, later->here_bytes);
    if (!later->here || !log_checkpoint_detach(*source)) {
        if (later->here)
            heap_grow(heap, later->here, later->here_bytes, 0);
        heap_grow(heap, later, (int64_t)sizeof *later, 0);
        return false;
    }
    memset(later->here, 0, (size_t)later->here_bytes);
    later->source = *source;
    *source = NULL;
    bodies->later = later;
    return true;
}

static void let_go(Heap *heap, Bodies *bodies)
{
    Later *later = bodies->later;
    log_checkpoint_close(later->source);
    heap_grow(heap, later->here, later->here_bytes, 0);
    heap_grow(heap, later, (int64_t)sizeof *later, 0);
    bodies->later = NULL;
}

bool later_end(Heap *heap, Bodies *bodies)
{
    if (!bodies->later)
        return true;
    if (!later_bring(bodies, 0, bodies->later->bytes))
        return false;
    let_go(heap, bodies);
    return true;
}

void later_wipe(Heap *heap, Bodies *bodies)
{
    Later *later = bodies->later;
    int64_t first = first_segment(later), last = (later->start + later->bytes) / SEGMENT;
    for (int64_t s = first; s <= last; s++) {
        uint64_t *word = NULL;
        uint64_t bit = bit_of(later, s, &word);
        if (*word & bit)
            (void)each_piece(bodies, s, wipe_piece);
    }
    let_go(heap, bodies);
}
