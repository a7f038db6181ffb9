/* render/assets.c - finds a file by halving the sorted table: O(log n) comparisons. */
#include "render/assets.h"
#include <string.h>

const Asset *asset_find(Str name)
{
    ptrdiff_t low = 0, high = asset_count;
    while (low < high) {
        ptrdiff_t mid = low + (high - low) / 2;
        int c = str_cmp(asset_table[mid].name, name);
        if (c == 0)
            return &asset_table[mid];
        if (c < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

bool asset_template(void *ctx, Str name, Str *ret_text)
{
    enum { NAME_MAX_BYTES = 100 };
    static const Str folder = {"templates/", 10}, ending = {".mustache", 9};
    char path[NAME_MAX_BYTES + 32];
    (void)ctx;
    if (name.len < 1 || name.len > NAME_MAX_BYTES)
        return false;
    memcpy(path, folder.p, (size_t)folder.len);
    memcpy(path + folder.len, name.p, (size_t)name.len);
    memcpy(path + folder.len + name.len, ending.p, (size_t)ending.len);
    const Asset *asset = asset_find((Str){path, folder.len + name.len + ending.len});
    if (!asset)
        return false;
    Str text = asset->bytes;
    if (str_starts(name, STR("svg/")) && str_ends(text, STR("\n")))
        text.len--;
    *ret_text = text;
    return true;
}
