/* base/charset.c - over iconv. The output buffer is sized once for the worst case (three bytes of
 * UTF-8 for each byte, also of one that is replaced), so conversion is one call for clean input and
 * one more for each bad place: linear. */
#include "base/charset.h"
#include "base/os.h"
#include "base/utf8.h"
#include <errno.h>
#include <iconv.h>
#include <string.h>

typedef struct Charset {
    const char *label, *iconv_name;
} Charset;

static const Charset charsets[] = {
    {"us-ascii",     "CP1252"     },
    {"ascii",        "CP1252"     },
    {"iso-8859-1",   "CP1252"     },
    {"iso8859-1",    "CP1252"     },
    {"iso_8859-1",   "CP1252"     },
    {"latin1",       "CP1252"     },
    {"windows-1252", "CP1252"     },
    {"cp1252",       "CP1252"     },
    {"iso-8859-2",   "ISO-8859-2" },
    {"iso-8859-5",   "ISO-8859-5" },
    {"iso-8859-7",   "ISO-8859-7" },
    {"iso-8859-9",   "ISO-8859-9" },
    {"iso-8859-13",  "ISO-8859-13"},
    {"iso-8859-15",  "ISO-8859-15"},
    {"windows-1250", "CP1250"     },
    {"windows-1251", "CP1251"     },
    {"windows-1253", "CP1253"     },
    {"windows-1254", "CP1254"     },
    {"windows-1255", "CP1255"     },
    {"windows-1256", "CP1256"     },
    {"windows-1257", "CP1257"     },
    {"windows-1258", "CP1258"     },
    {"koi8-r",       "KOI8-R"     },
    {"koi8-u",       "KOI8-U"     },
    {"macintosh",    "MACINTOSH"  },
    {"shift_jis",    "CP932"      },
    {"shift-jis",    "CP932"      },
    {"sjis",         "CP932"      },
    {"euc-jp",       "EUC-JP"     },
    {"iso-2022-jp",  "ISO-2022-JP"},
    {"gb2312",       "GBK"        },
    {"gbk",          "GBK"        },
    {"gb18030",      "GB18030"    },
    {"big5",         "BIG5"       },
    {"euc-kr",       "EUC-KR"     },
    {"utf-16le",     "UTF-16LE"   },
    {"utf-16be",     "UTF-16BE"   },
};

bool charset_is_utf8(Str name)
{
    return str_ieq(name, STR("utf-8")) || str_ieq(name, STR("utf8"));
}

/* "UTF-16" without LE or BE: the byte order mark decides, and big-endian is the rule without one.
 */
static const char *find(Str name, Str *bytes)
{
    if (str_ieq(name, STR("utf-16")) || str_ieq(name, STR("utf16"))) {
        bool little = str_starts(*bytes, STR("\xFF\xFE"));
        if (little || str_starts(*bytes, STR("\xFE\xFF")))
            *bytes = str_from(*bytes, 2);
        return little ? "UTF-16LE" : "UTF-16BE";
    }
    for (size_t i = 0; i < sizeof charsets / sizeof *charsets; i++) {
        if (str_ieq(name, str_c(charsets[i].label)))
            return charsets[i].iconv_name;
    }
    return NULL;
}

static ptrdiff_t convert(iconv_t cd, Str bytes, bool wide, char *out, ptrdiff_t cap, ptrdiff_t *bad)
{
    union { /* iconv's prototype lacks a const, though it only reads */
        const char *from;
        char *to;
    } in = {.from = bytes.p};
    size_t in_left = (size_t)bytes.len, out_left = (size_t)cap;
    char *at = out;
    while (in_left > 0 && iconv(cd, &in.to, &in_left, &at, &out_left) == (size_t)-1) {
        INVARIANT(errno == EILSEQ || errno == EINVAL);
        size_t skip = wide && in_left > 1 ? 2 : 1;
        INVARIANT(out_left >= 3);
        memcpy(at, "\xEF\xBF\xBD", 3);
        at += 3;
        out_left -= 3;
        in.to += skip;
        in_left -= skip;
        (*bad)++;
    }
    (void)iconv(cd, NULL, NULL, &at, &out_left); /* some sets hold the last letter back */
    return at - out;
}

static Err utf8_repair(Cx *cx, Str bytes, Str *ret, ptrdiff_t *bad)
{
    if (utf8_valid(bytes)) {
        *ret = bytes;
        return OK;
    }
    char *out = arena_alloc(cx->arena, bytes.len, 3, 1);
    if (!out)
        return err_nomem(cx);
    ptrdiff_t n = 0;
    while (bytes.len > 0) {
        bool honest = str_starts(bytes, STR("\xEF\xBF\xBD"));
        int32_t cp = utf8_next(&bytes);
        *bad += cp == 0xFFFD && !honest;
        char one[4];
        int len = utf8_encode(cp, one);
        memcpy(out + n, one, (size_t)len);
        n += len;
    }
    *ret = (Str){out, n};
    return OK;
}

Err charset_to_utf8(Cx *cx, Str name, Str bytes, Str *ret, ptrdiff_t *ret_bad)
{
    ptrdiff_t bad = 0;
    if (charset_is_utf8(name)) {
        Err e = utf8_repair(cx, bytes, ret, &bad);
        if (e == OK && ret_bad)
            *ret_bad = bad;
        return e;
    }
    const char *known = find(name, &bytes);
    iconv_t cd = known ? iconv_open("UTF-8", known) : (iconv_t)-1;
    if (cd == (iconv_t)-1)
        return err_set(cx, ERR_NOT_FOUND, "err.charset-unknown", ARGS(arg_str("charset", name)));
    ptrdiff_t cap = bytes.len * 3 + 3;
    char *out = arena_alloc(cx->arena, cap, 1, 1);
    if (out)
        *ret = (Str){out, convert(cd, bytes, known[0] == 'U', out, cap, &bad)};
    (void)iconv_close(cd);
    if (!out)
        return err_nomem(cx);
    if (ret_bad)
        *ret_bad = bad;
    return OK;
}

Err charset_sniff(Cx *cx, Str bytes, Str *ret)
{
    if (str_starts(bytes, STR("\xEF\xBB\xBF"))) {
        *ret = str_from(bytes, 3);
        return OK;
    }
    if (str_starts(bytes, STR("\xFF\xFE")) || str_starts(bytes, STR("\xFE\xFF")))
        return charset_to_utf8(cx, STR("utf-16"), bytes, ret, NULL);
    if (bytes.len >= 4 && bytes.p[0] && !bytes.p[1] && bytes.p[2] && !bytes.p[3])
        return charset_to_utf8(cx, STR("utf-16le"), bytes, ret, NULL);
    if (bytes.len >= 4 && !bytes.p[0] && bytes.p[1] && !bytes.p[2] && bytes.p[3])
        return charset_to_utf8(cx, STR("utf-16be"), bytes, ret, NULL);
    *ret = bytes;
    return OK;
}
