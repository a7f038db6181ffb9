/* tools/peers/vcard.c - reading a contacts file once, timed: tools/peers/import.sh builds it twice and compares. With
 * -DPEER_EVCARD it is Evolution's reader (EVCard, every property of every card taken apart), without it is ours, people
 * understood. Prints nanoseconds of CPU a card and the number of cards; the file is in memory before the clock starts. */
#ifdef PEER_EVCARD
#include <libebook-contacts/libebook-contacts.h>
#else
#include "base/os.h"
#include "port/vcard.h"
#endif
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t cpu_ns(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

#ifdef PEER_EVCARD
static void silent(const char *domain, GLogLevelFlags level, const char *message, void *data)
{
    (void)domain, (void)level, (void)message, (void)data;
}

/* -1: the file cannot be read. */
static int read_cards(const char *path, int64_t *ret_ns)
{
    char *text = NULL;
    int cards = 0;
    (void)g_log_set_default_handler(silent, NULL);
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return -1;
    int64_t start = cpu_ns();
    for (char *begin = text; (begin = strstr(begin, "BEGIN:VCARD"));) {
        char *end = strstr(begin, "END:VCARD");
        if (!end)
            break;
        end += strlen("END:VCARD");
        char kept = *end;
        *end = '\0';
        EVCard *card = e_vcard_new_from_string(begin);
        cards += e_vcard_get_attributes(card) != NULL;
        g_object_unref(card);
        *end = kept;
        begin = end;
    }
    *ret_ns = cpu_ns() - start;
    g_free(text);
    return cards;
}
#else
static int read_cards(const char *path, int64_t *ret_ns)
{
    AUTO_ARENA Arena arena;
    Str text = {NULL, 0};
    VcardFile file = {.n_people = -1};
    arena_init(&arena, (ptrdiff_t)1 << 31);
    Cx cx = {.arena = &arena, .now_ms = 0};
    if (os_read_file(&cx, str_c(path), VCARD_FILE_MAX, &text) != OK)
        return -1;
    int64_t start = cpu_ns();
    Err e = vcard_read(&cx, text, &file);
    *ret_ns = cpu_ns() - start;
    return e == OK ? file.n_people : -1;
}
#endif

int main(int argc, char **argv)
{
    int64_t ns = 0;
    int cards = argc == 2 ? read_cards(argv[1], &ns) : -1;
    if (cards <= 0)
        return 1;
    printf("%.1f %d\n", (double)ns / cards, cards);
    return 0;
}
