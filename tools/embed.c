/* tools/embed.c - turns the files of templates/ and static/ into one C table, run by Meson.
 *
 *   embed OUT.c OUT.d ROOT
 *
 * Names are paths from ROOT, sorted, so that render/assets.c can search by halves. The dependency file
 * names each file and each folder: changing, adding or removing one makes the table anew. Files and
 * folders whose name begins with a dot are left out. Costs one pass over the bytes. */
#define _XOPEN_SOURCE 700 /* strdup, stat */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FILES_MAX = 1000, PATH_CAP = 1024 };

typedef struct List {
    char *names[FILES_MAX];
    int count;
} List;

static _Noreturn void stop(const char *what, const char *name)
{
    (void)fprintf(stderr, "embed: %s: %s: %s\n", what, name, strerror(errno));
    exit(1);
}

static void push(List *list, const char *name)
{
    if (list->count == FILES_MAX)
        stop("too many files", name);
    list->names[list->count] = strdup(name);
    if (!list->names[list->count++])
        stop("no memory", name);
}

static void join(char out[PATH_CAP], const char *a, const char *b)
{
    int n = snprintf(out, PATH_CAP, "%s/%s", a, b);
    if (n < 0 || n >= PATH_CAP)
        stop("name too long", b);
}

/* The files below ROOT/folder; folders are kept as well and walked in turn, never by recursion. */
static void collect(const char *root, const char *top, List *files, List *folders)
{
    int next = folders->count;
    push(folders, top);
    for (; next < folders->count; next++) {
        char path[PATH_CAP], name[PATH_CAP];
        join(path, root, folders->names[next]);
        DIR *dir = opendir(path);
        if (!dir)
            stop("cannot open", path);
        for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
            struct stat st;
            if (e->d_name[0] == '.')
                continue;
            join(name, folders->names[next], e->d_name);
            join(path, root, name);
            if (stat(path, &st) != 0)
                stop("cannot look at", path);
            push(S_ISDIR(st.st_mode) ? folders : files, name);
        }
        (void)closedir(dir);
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

typedef struct Written {
    long bytes;
    uint64_t hash;
} Written;

static Written write_bytes(FILE *out, const char *root, const char *name, int index)
{
    char path[PATH_CAP];
    join(path, root, name);
    FILE *in = fopen(path, "rb");
    if (!in)
        stop("cannot read", path);
    Written w = {.hash = 0xcbf29ce484222325u}; /* FNV-1a */
    (void)fprintf(out, "static const unsigned char a%d[] = {", index);
    for (int c = getc(in); c != EOF; c = getc(in)) {
        (void)fprintf(out, "%s%d,", w.bytes % 24 == 0 ? "\n" : "", c);
        w.hash = (w.hash ^ (uint64_t)c) * 0x100000001b3u;
        w.bytes++;
    }
    (void)fprintf(out, "0};\n");
    if (ferror(in))
        stop("cannot read", path);
    (void)fclose(in);
    return w;
}

int main(int argc, char **argv)
{
    static List files, folders;
    static Written written[FILES_MAX];
    if (argc != 4) {
        (void)fprintf(stderr, "usage: embed OUT.c OUT.d ROOT\n");
        return 2;
    }
    const char *root = argv[3];
    collect(root, "templates", &files, &folders);
    collect(root, "static", &files, &folders);
    qsort(files.names, (size_t)files.count, sizeof files.names[0], by_name);
    FILE *out = fopen(argv[1], "w"), *dep = fopen(argv[2], "w");
    if (!out || !dep)
        stop("cannot write", argv[1]);
    (void)fprintf(out, "/* Made by tools/embed.c. */\n#include \"render/assets.h\"\n\n");
    (void)fprintf(dep, "%s:", argv[1]);
    for (int i = 0; i < files.count; i++)
        written[i] = write_bytes(out, root, files.names[i], i);
    (void)fprintf(out, "\nconst Asset asset_table[] = {\n");
    for (int i = 0; i < files.count; i++) {
        (void)fprintf(out, "    {{\"%s\", %zu}, {(const char *)a%d, %ld}, \"%016llx\"},\n",
                      files.names[i], strlen(files.names[i]), i, written[i].bytes,
                      (unsigned long long)written[i].hash);
        (void)fprintf(dep, " %s/%s", root, files.names[i]);
    }
    (void)fprintf(out, "};\nconst ptrdiff_t asset_count = %d;\n", files.count);
    for (int i = 0; i < folders.count; i++)
        (void)fprintf(dep, " %s/%s", root, folders.names[i]);
    (void)fprintf(dep, "\n");
    if (fclose(out) != 0 || fclose(dep) != 0)
        stop("cannot write", argv[1]);
    return 0;
}
