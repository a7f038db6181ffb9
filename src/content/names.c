/* content/names.c - the closed sets by name. Apart from content.c because the content compiler,
 * which makes the tables, needs the names, and where a key is to stand, before there are any.
 * Cost    at most two dozen comparisons. */
#include "content/tables.h"

uint32_t content_key_hash(Str key)
{
    uint32_t hash = UINT32_C(2166136261); /* FNV-1a */
    for (ptrdiff_t i = 0; i < key.len; i++)
        hash = (hash ^ (unsigned char)key.p[i]) * UINT32_C(16777619);
    return hash;
}

#define ID_OF(name, id) id,
static int find_name(const char *const names[], int count, Str id)
{
    for (int i = 0; i < count; i++)
        if (str_eq_c(id, names[i]))
            return i;
    return -1;
}

int content_type_id(Str id)
{
    static const char *const names[] = {CONTENT_TYPES(ID_OF)};
    return find_name(names, TYPE_COUNT, id);
}

int content_factor_id(Str id)
{
    static const char *const names[] = {CONTENT_FACTORS(ID_OF)};
    return find_name(names, FACTOR_COUNT, id);
}

int content_state_id(Str id)
{
    static const char *const names[] = {CONTENT_TYPES(ID_OF) CONTENT_FACTORS(ID_OF)};
    return find_name(names, STATE_COUNT, id);
}

int content_kind_id(Str id)
{
    static const char *const names[] = {CONTENT_KINDS(ID_OF)};
    return find_name(names, KIND_COUNT, id);
}

int content_season_id(Str id)
{
    static const char *const names[] = {CONTENT_SEASONS(ID_OF)};
    return find_name(names, SEASON_COUNT, id);
}

int content_interest_id(Str id)
{
    static const char *const names[] = {CONTENT_INTERESTS(ID_OF)};
    return find_name(names, INTEREST_COUNT, id);
}

int content_style_id(Str id)
{
    static const char *const names[] = {CONTENT_STYLES(ID_OF)};
    return find_name(names, STYLE_COUNT, id);
}

int content_way_id(Str id)
{
    static const char *const names[] = {CONTENT_WAYS(ID_OF)};
    return find_name(names, WAY_COUNT, id);
}

int content_place_id(Str id)
{
    static const char *const names[] = {CONTENT_PLACES(ID_OF)};
    return find_name(names, PLACE_COUNT, id);
}

int content_company_id(Str id)
{
    static const char *const names[] = {CONTENT_COMPANIES(ID_OF)};
    return find_name(names, COMPANY_COUNT, id);
}
#undef ID_OF
