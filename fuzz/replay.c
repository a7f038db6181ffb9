/* fuzz/replay.c - runs a fuzz target without a fuzzer: replay FOLDER.
 * Every file of the folder is given to the target as it is, then ROUNDS times changed (bytes replaced, pieces
 * cut out, doubled, or taken from another file), then as many strings of random bytes. The changes follow from
 * a fixed seed, so that a failure comes back. A folder that is not there is an empty one.
 * Costs ROUNDS runs a file. */
#include "base/os.h"
#include <dirent.h>
#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum { FILES_MAX = 200, FILE_MAX = 64 << 10, ROUNDS = 100, RANDOM_RUNS = 2000 };

typedef struct Corpus {
    Str texts[FILES_MAX];
    int count;
} Corpus;

static uint64_t next(uint64_t *seed)
{
    *seed += 0x9e3779b97f4a7c15u; /* splitmix64 */
    uint64_t z = *seed;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static ptrdiff_t below(uint64_t *seed, ptrdiff_t n)
{
    return n > 0 ? (ptrdiff_t)(next(seed) % (uint64_t)n) : 0;
}

static bool read_corpus(Cx *cx, const char *folder, Corpus *ret)
{
    DIR *dir = opendir(folder);
    for (struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir)) {
        char path[1024];
        if (e->d_name[0] == '.' || ret->count == FILES_MAX)
            continue;
        int n = snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        if (n < 0 || n >= (int)sizeof path ||
            os_read_file(cx, (Str){path, n}, FILE_MAX, &ret->texts[ret->count]) != OK)
            return false;
        ret->count++;
    }
    if (dir)
        (void)closedir(dir);
    return true;
}

/* One change of the text in out[0..len); returns its new length. */
static ptrdiff_t change(uint64_t *seed, const Corpus *corpus, char out[FILE_MAX], ptrdiff_t len)
{
    ptrdiff_t at = below(seed, len + 1), n = below(seed, 1 + (len - at < 32 ? len - at : 32));
    switch (below(seed, 4)) {
    case 0: /* another byte */
        if (at < len)
            out[at] = (char)next(seed);
        return len;
    case 1: /* cut out */
        memmove(out + at, out + at + n, (size_t)(len - at - n));
        return len - n;
    case 2: /* doubled */
        if (len + n > FILE_MAX)
            return len;
        memmove(out + at + n, out + at, (size_t)(len - at));
        return len + n;
    default: { /* the end of another text */
        Str other = corpus->texts[below(seed, corpus->count)];
        Str tail = str_sub(str_from(other, below(seed, other.len)), 0, FILE_MAX - at);
        if (tail.len > 0)
            memcpy(out + at, tail.p, (size_t)tail.len);
        return at + tail.len;
    }
    }
}

/* The target sees exactly len bytes of memory, so that a sanitizer finds a read behind them. */
static void run(Str s)
{
    void *exact = os_alloc(s.len > 0 ? s.len : 1, 1);
    INVARIANT(exact != NULL);
    if (s.len > 0)
        memcpy(exact, s.p, (size_t)s.len);
    (void)LLVMFuzzerTestOneInput(exact, (size_t)s.len);
    os_free(exact);
}

int main(int argc, char **argv)
{
    static Corpus corpus;
    static char text[FILE_MAX];
    AUTO_ARENA Arena arena;
    arena_init(&arena, ARENA_LIMIT_DEFAULT);
    Cx cx = {.arena = &arena};
    if (argc != 2 || !read_corpus(&cx, argv[1], &corpus)) {
        (void)fprintf(stderr, "usage: replay FOLDER\n");
        return 2;
    }
    uint64_t seed = 1;
    for (int i = 0; i < corpus.count; i++) {
        run(corpus.texts[i]);
        for (int k = 0; k < ROUNDS; k++) {
            ptrdiff_t len = corpus.texts[i].len, changes = 1 + below(&seed, 6);
            memcpy(text, corpus.texts[i].p, (size_t)len);
            while (changes-- > 0)
                len = change(&seed, &corpus, text, len);
            run((Str){text, len});
        }
    }
    for (int k = 0; k < RANDOM_RUNS; k++) {
        ptrdiff_t len = below(&seed, 400);
        for (ptrdiff_t i = 0; i < len; i++)
            text[i] = (char)next(&seed);
        run((Str){text, len});
    }
    (void)printf("%d files, %d runs\n", corpus.count, corpus.count * (ROUNDS + 1) + RANDOM_RUNS);
    return 0;
}
