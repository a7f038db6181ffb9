/* port/vcard_line.c - names and parameters. Nearly all words are eight letters or shorter, so they are
 * looked up as numbers in short tables with the common ones first: a few comparisons, no hashing,
 * nothing to build. */
#include "port/vcard_line.h"
#include <string.h>

/* Words of at most eight letters, lower case, padded with zeros: compared as one number. */
enum { SHORT_MAX = 8 };

typedef struct Name {
    char name[SHORT_MAX];
    VcardWhat what;
    const char *relation;
} Name;

/* The common ones first. */
static const Name names[] = {
    {"tel",      WHAT_TEL,      NULL    },
    {"email",    WHAT_EMAIL,    NULL    },
    {"fn",       WHAT_FN,       NULL    },
    {"n",        WHAT_N,        NULL    },
    {"end",      WHAT_END,      NULL    },
    {"begin",    WHAT_BEGIN,    NULL    },
    {"version",  WHAT_VERSION,  NULL    },
    {"uid",      WHAT_UID,      NULL    },
    {"rev",      WHAT_REV,      NULL    },
    {"prodid",   WHAT_OTHER,    NULL    },
    {"note",     WHAT_NOTE,     NULL    },
    {"bday",     WHAT_BDAY,     NULL    },
    {"adr",      WHAT_ADR,      NULL    },
    {"org",      WHAT_ORG,      NULL    },
    {"title",    WHAT_TITLE,    NULL    },
    {"url",      WHAT_URL,      NULL    },
    {"nickname", WHAT_NICKNAME, NULL    },
    {"photo",    WHAT_PHOTO,    NULL    },
    {"label",    WHAT_PRINTED,  NULL    },
    {"related",  WHAT_RELATED,  NULL    },
    {"kind",     WHAT_KIND,     NULL    },
    {"logo",     WHAT_LOGO,     NULL    },
    {"sound",    WHAT_SOUND,    NULL    },
    {"key",      WHAT_KEY,      NULL    },
    {"agent",    WHAT_AGENT,    NULL    },
    {"x-abdate", WHAT_DATE,     NULL    },
    {"x-spouse", WHAT_RELATED,  "spouse"},
    {"x-child",  WHAT_RELATED,  "child" },
};

typedef struct LongName {
    const char *name;
    VcardWhat what;
    const char *relation;
} LongName;

static const LongName long_names[] = {
    {"categories",                      WHAT_CATEGORIES,  NULL       },
    {"x-ablabel",                       WHAT_LABEL,       NULL       },
    {"x-abrelatednames",                WHAT_RELATED,     NULL       },
    {"x-abshowas",                      WHAT_SHOW_AS,     NULL       },
    {"anniversary",                     WHAT_ANNIVERSARY, NULL       },
    {"x-anniversary",                   WHAT_ANNIVERSARY, NULL       },
    {"x-manager",                       WHAT_RELATED,     "manager"  },
    {"x-assistant",                     WHAT_RELATED,     "assistant"},
    {"x-android-custom",                WHAT_ANDROID,     NULL       },
    {"x-addressbookserver-kind",        WHAT_KIND,        NULL       },
    {"x-ms-anniversary",                WHAT_ANNIVERSARY, NULL       },
    {"x-ms-cardpicture",                WHAT_PHOTO,       NULL       },
    {"x-ms-spouse",                     WHAT_RELATED,     "spouse"   },
    {"x-ms-child",                      WHAT_RELATED,     "child"    },
    {"x-ms-manager",                    WHAT_RELATED,     "manager"  },
    {"x-ms-assistant",                  WHAT_RELATED,     "assistant"},
    {"x-evolution-anniversary",         WHAT_ANNIVERSARY, NULL       },
    {"x-evolution-spouse",              WHAT_RELATED,     "spouse"   },
    {"x-evolution-manager",             WHAT_RELATED,     "manager"  },
    {"x-evolution-assistant",           WHAT_RELATED,     "assistant"},
    {"x-kaddressbook-x-anniversary",    WHAT_ANNIVERSARY, NULL       },
    {"x-kaddressbook-x-spousesname",    WHAT_RELATED,     "spouse"   },
    {"x-kaddressbook-x-managersname",   WHAT_RELATED,     "manager"  },
    {"x-kaddressbook-x-assistantsname", WHAT_RELATED,     "assistant"},
};

/* TYPE words, in the order of the bits of port/vcard.h; the writer speaks them, too. */
static const char type_words[VCARD_TYPE_BITS][SHORT_MAX] = {
    "home", "work", "cell", "fax", "pager", "voice", "video", "text", "car", "main", "other"};

/* Words that say nothing about whom or where, or how a picture is stored. */
static const char empty_words[][SHORT_MAX] = {"internet", "pref", "dom",  "intl",  "postal",
                                              "parcel",   "msg",  "bbs",  "modem", "isdn",
                                              "pcs",      "x400", "jpeg", "png",   "gif"};

typedef enum Param {
    PARAM_TYPE,
    PARAM_PREF,
    PARAM_VALUE,
    PARAM_ENCODING,
    PARAM_CHARSET,
    PARAM_ALTID,
    PARAM_LABEL,
    PARAM_COUNT
} Param;

static const char params[PARAM_COUNT][SHORT_MAX] = {"type",    "pref",  "value", "encoding",
                                                    "charset", "altid", "label"};

/* A word as a number, ASCII case folded by the bit that tells the cases apart; 0 for a longer one. end is
 * where the line ends: mostly there are eight bytes to take at once. */
static uint64_t pack(Str s, const char *end)
{
    const uint64_t lower = 0x2020202020202020u;
    uint64_t w = 0;
    if (s.len > SHORT_MAX || s.len == 0)
        return 0;
    if (end - s.p >= SHORT_MAX) {
        int unused = 8 * (int)(SHORT_MAX - s.len);
        memcpy(&w, s.p, SHORT_MAX);
        return (w | lower) << unused >> unused;
    }
    for (ptrdiff_t i = s.len - 1; i >= 0; i--)
        w = w << 8 | (unsigned char)s.p[i] | 0x20;
    return w;
}

static uint64_t packed(const char word[SHORT_MAX])
{
    uint64_t w = 0;
    memcpy(&w, word, SHORT_MAX);
    return w;
}

static int find_word(uint64_t word, const char words[][SHORT_MAX], int n)
{
    for (int i = 0; i < n; i++) {
        if (packed(words[i]) == word)
            return i;
    }
    return -1;
}

static void find_name(VcardLine *line, const char *end)
{
    uint64_t word = pack(line->name, end);
    for (size_t i = 0; word && i < sizeof names / sizeof *names; i++) {
        if (packed(names[i].name) == word) {
            line->what = names[i].what;
            line->relation = names[i].relation;
            return;
        }
    }
    for (size_t i = 0; !word && i < sizeof long_names / sizeof *long_names; i++) {
        if (str_ieq(line->name, str_c(long_names[i].name))) {
            line->what = long_names[i].what;
            line->relation = long_names[i].relation;
            return;
        }
    }
}

static void take_type(VcardLine *line, Str text, const char *line_end)
{
    uint64_t word = pack(text, line_end);
    int bit = find_word(word, type_words, VCARD_TYPE_BITS);
    if (bit >= 0) {
        line->types |= 1u << bit;
        return;
    }
    if (word == packed("pref\0\0\0") && line->pref == 0)
        line->pref = 1;
    if (find_word(word, empty_words, sizeof empty_words / sizeof *empty_words) >= 0)
        return;
    if (str_ieq(text, STR("mobile")))
        line->types |= VCARD_CELL;
    else if (line->word.len == 0)
        line->word = str_istarts(text, STR("x-")) ? str_from(text, 2) : text;
}

static bool take_encoding(VcardLine *line, Str word)
{
    if (str_ieq(word, STR("quoted-printable")) || str_ieq(word, STR("q")))
        line->encoding = ENCODED_QUOTED;
    else if (str_ieq(word, STR("base64")) || str_ieq(word, STR("b")))
        line->encoding = ENCODED_BASE64;
    else
        return str_ieq(word, STR("8bit")) || str_ieq(word, STR("7bit"));
    return true;
}

static void take_types(VcardLine *line, Str list, const char *line_end)
{
    const char *p = list.p, *end = p + list.len;
    while (p < end) {
        const char *word = p;
        while (p < end && *p != ',')
            p++;
        Str text = vcard_trim((Str){word, p - word});
        if (text.len > 0)
            take_type(line, text, line_end);
        p++;
    }
}

static void take_param(VcardLine *line, Str name, Str value, const char *line_end)
{
    int64_t pref = 0;
    switch (find_word(pack(name, line_end), params, PARAM_COUNT)) {
    case PARAM_TYPE:
        take_types(line, value, line_end);
        break;
    case PARAM_ENCODING:
        (void)take_encoding(line, value);
        break;
    case PARAM_PREF:
        if (str_to_i64(value, 1, 100, &pref))
            line->pref = (int)pref;
        break;
    case PARAM_CHARSET:
        line->charset = value;
        break;
    case PARAM_ALTID:
        line->altid = value;
        break;
    case PARAM_VALUE:
        line->value_kind = value;
        break;
    case PARAM_LABEL:
        line->printed = value;
        break;
    default:
        if (str_ieq(name, STR("x-apple-omit-year")))
            line->omit_year = value;
        break;
    }
}

static bool ends_param(char c)
{
    return c == ';' || c == ':';
}

/* The end of a piece that no quotes protect. Only TYPE is a list of words; in other values a comma is a
 * comma, unless a quoted piece follows it. */
static ptrdiff_t bare_end(Str s, ptrdiff_t i, bool words)
{
    while (i < s.len && !ends_param(s.p[i])) {
        if (s.p[i] == ',' && (words || (i + 1 < s.len && s.p[i + 1] == '"')))
            break;
        i++;
    }
    return i;
}

/* The piece at i of the parameter name; returns where it ends. A quote that is never closed protects
 * nothing. */
static ptrdiff_t piece(VcardLine *line, Str s, ptrdiff_t i, Str name, bool words)
{
    const char *end = s.p + s.len;
    bool quoted = i < s.len && s.p[i] == '"';
    ptrdiff_t close = quoted ? str_find_char(str_from(s, i + 1), '"') : -1;
    if (close >= 0) {
        take_param(line, name, vcard_trim(str_sub(s, i + 1, close)), end);
        for (i += close + 2; i < s.len && s.p[i] != ',' && !ends_param(s.p[i]); i++)
            ;
        return i;
    }
    ptrdiff_t to = bare_end(s, i, words);
    Str value = vcard_trim((Str){s.p + i, to - i});
    if (!words)
        take_param(line, name, value, end);
    else if (value.len > 0)
        take_type(line, value, end);
    return to;
}

/* One parameter, from behind its ';' to the ';' or ':' that ends it: a bare word, or a name and pieces
 * separated by commas. */
static ptrdiff_t param(VcardLine *line, Str s)
{
    ptrdiff_t i = 0;
    while (i < s.len && s.p[i] != '=' && !ends_param(s.p[i]))
        i++;
    Str name = vcard_trim((Str){s.p, i});
    if (i == s.len || s.p[i] != '=') {
        if (name.len > 0 && !take_encoding(line, name))
            take_type(line, name, s.p + s.len);
        return i;
    }
    bool words = pack(name, s.p + s.len) == packed(params[PARAM_TYPE]);
    do
        i = piece(line, s, i + 1, name, words);
    while (i < s.len && s.p[i] == ',');
    return i;
}

/* One assignment for each member: an initialiser for the whole is compiled to a block fill that costs more
 * than all else that is done to a short line. */
static void clear(VcardLine *line)
{
    const Str none = {NULL, 0};
    line->what = WHAT_OTHER;
    line->relation = NULL;
    line->name = none;
    line->group = none;
    line->value = none;
    line->types = 0;
    line->pref = 0;
    line->encoding = ENCODED_PLAIN;
    line->word = none;
    line->charset = none;
    line->altid = none;
    line->printed = none;
    line->value_kind = none;
    line->omit_year = none;
}

bool vcard_line_parse(Str s, VcardLine *ret)
{
    const char *p = s.p, *end = s.p + s.len, *name = p;
    clear(ret);
    for (; p < end && *p != ':' && *p != ';'; p++) {
        if (*p == '.' && name == s.p) { /* "item1.TEL" is TEL in the group item1 */
            ret->group = (Str){s.p, p - s.p};
            name = p + 1;
        }
    }
    ret->name = vcard_trim((Str){name, p - name});
    find_name(ret, end);
    while (p < end && *p == ';')
        p += 1 + param(ret, (Str){p + 1, end - p - 1});
    if (p == end)
        return false;
    ret->value = (Str){p + 1, end - p - 1};
    return ret->name.len > 0;
}

const char *vcard_type_word(int bit)
{
    return type_words[bit];
}
