/* base/os_build.c - by what this very program is known: the digest that the linker leaves in it as a note (GNU
 * build id). Another build, of other code or other content, has another; so what one program keeps for itself
 * need not be understood by the next. The first object the loader lists is the program. */
#define _GNU_SOURCE /* dl_iterate_phdr */
#include "base/os.h"
#include <elf.h>
#include <link.h>
#include <string.h>

static size_t even(size_t n)
{
    return (n + 3) & ~(size_t)3;
}

/* The build id in a segment of notes; NULL when it is not there. */
static const unsigned char *find_id(const unsigned char *notes, size_t len)
{
    ElfW(Nhdr) note;
    while (len >= sizeof note) {
        memcpy(&note, notes, sizeof note);
        size_t name = even(note.n_namesz), size = sizeof note + name + even(note.n_descsz);
        if (size > len)
            return NULL;
        if (note.n_type == NT_GNU_BUILD_ID && note.n_descsz == OS_BUILD_BYTES)
            return notes + sizeof note + name;
        notes += size;
        len -= size;
    }
    return NULL;
}

static int look(struct dl_phdr_info *info, size_t size, void *ret)
{
    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *h = &info->dlpi_phdr[i];
        if (h->p_type != PT_NOTE)
            continue;
        /* an address in the program's own image, as the loader gives it */
        const unsigned char *notes = (const unsigned char *)(info->dlpi_addr + h->p_vaddr);
        const unsigned char *id = find_id(notes, h->p_memsz);
        if (id) {
            memcpy(ret, id, OS_BUILD_BYTES);
            return 1;
        }
    }
    return -1;
}

bool os_build_id(uint8_t ret[OS_BUILD_BYTES])
{
    memset(ret, 0, OS_BUILD_BYTES);
    return dl_iterate_phdr(look, ret) == 1;
}
