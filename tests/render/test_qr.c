/* tests/render/test_qr.c - QR codes, read back from their path by a reader of our own: finder and timing
 * patterns, format information, mask, and the bytes themselves (versions 1 to 3, which have one block).
 * Source  ISO/IEC 18004. */
#include "render/qr.h"
#include "testlib.h"
#include <stdio.h>
#include <string.h>

enum { SIZE_MAX_MODULES = 177 + 8, QUIET_ZONE = 4 };

typedef struct Code {
    unsigned char dark[SIZE_MAX_MODULES][SIZE_MAX_MODULES]; /* [y][x], without the quiet zone */
    int width;
} Code;

/* The lines of a terminal say the same as the path, module by module. */
static void check_lines(const json_t *picture, const Code *code)
{
    static const char *const halves[] = {"\xc2\xa0", "\xe2\x96\x84", "\xe2\x96\x80",
                                         "\xe2\x96\x88"};
    const json_t *lines = json_object_get(picture, "lines");
    int size = code->width + 2 * QUIET_ZONE;
    assert_int_equal(json_array_size(lines), (size + 1) / 2);
    for (int y = -QUIET_ZONE, k = 0; y < code->width + QUIET_ZONE; y += 2, k++) {
        const char *at = json_string_value(json_array_get(lines, (size_t)k));
        for (int x = -QUIET_ZONE; x < code->width + QUIET_ZONE; x++) {
            bool across = x >= 0 && x < code->width;
            bool up = !(across && y >= 0 && y < code->width && code->dark[y][x]);
            bool down = !(across && y + 1 >= 0 && y + 1 < code->width && code->dark[y + 1][x]);
            const char *want = halves[2 * up + down];
            assert_int_equal(strncmp(at, want, strlen(want)), 0);
            at += strlen(want);
        }
        assert_int_equal(*at, '\0');
    }
}

/* Fills the bars of the path; every one must lie inside the quiet zone. */
static void read_path(const json_t *picture, Code *code)
{
    memset(code, 0, sizeof *code);
    code->width = (int)json_integer_value(json_object_get(picture, "size")) - 2 * QUIET_ZONE;
    const char *d = json_string_value(json_object_get(picture, "d"));
    assert_non_null(d);
    while (*d) {
        int x = 0, y = 0, len = 0, back = 0, used = 0;
        assert_int_equal(sscanf(d, "M%d %dh%dv1h-%dz%n", &x, &y, &len, &back, &used), 4);
        assert_true(used > 0 && len == back && len > 0);
        x -= QUIET_ZONE;
        y -= QUIET_ZONE;
        assert_true(x >= 0 && y >= 0 && y < code->width && x + len <= code->width);
        for (int i = 0; i < len; i++)
            code->dark[y][x + i] = 1;
        d += used;
    }
    check_lines(picture, code);
}

static void check_finder(const Code *c, int x0, int y0)
{
    for (int y = 0; y < 7; y++) {
        for (int x = 0; x < 7; x++) {
            int ring = x < y ? x : y;
            ring = ring < 6 - x ? ring : 6 - x;
            ring = ring < 6 - y ? ring : 6 - y;
            assert_int_equal(c->dark[y0 + y][x0 + x], ring != 1);
        }
    }
}

static bool is_function(int version, int n, int x, int y)
{
    if ((x < 9 && y < 9) || (x >= n - 8 && y < 9) || (x < 9 && y >= n - 8) || x == 6 || y == 6)
        return true;
    int at = n - 7; /* the centre of the one alignment pattern */
    return version >= 2 && x >= at - 2 && x <= at + 2 && y >= at - 2 && y <= at + 2;
}

static bool masked(int mask, int x, int y)
{
    switch (mask) {
    case 0:
        return (y + x) % 2 == 0;
    case 1:
        return y % 2 == 0;
    case 2:
        return x % 3 == 0;
    case 3:
        return (y + x) % 3 == 0;
    case 4:
        return (y / 2 + x / 3) % 2 == 0;
    case 5:
        return y * x % 2 + y * x % 3 == 0;
    case 6:
        return (y * x % 2 + y * x % 3) % 2 == 0;
    default:
        return ((y + x) % 2 + y * x % 3) % 2 == 0;
    }
}

/* Format information beside the upper left finder: level (2 bits), mask (3), and their check bits. */
static int read_mask(const Code *c)
{
    static const int xs[15] = {0, 1, 2, 3, 4, 5, 7, 8, 8, 8, 8, 8, 8, 8, 8};
    static const int ys[15] = {8, 8, 8, 8, 8, 8, 8, 8, 7, 5, 4, 3, 2, 1, 0};
    unsigned bits = 0;
    for (int i = 0; i < 15; i++)
        bits = bits << 1 | c->dark[ys[i]][xs[i]];
    bits ^= 0x5412;
    unsigned rest = bits;
    for (int i = 14; i >= 10; i--) {
        if (rest & 1u << i)
            rest ^= 0x537u << (i - 10);
    }
    assert_int_equal(rest, 0);       /* no error in the BCH code */
    assert_int_equal(bits >> 13, 0); /* level M */
    return (int)(bits >> 10 & 7);
}

/* The bits of a code in reading order, then byte mode's length and bytes. */
static int read_bytes(const Code *c, int version, unsigned char out[64])
{
    static unsigned char bits[SIZE_MAX_MODULES * SIZE_MAX_MODULES];
    int n = 0, mask = read_mask(c), w = c->width;
    bool up = true;
    for (int right = w - 1; right > 0; right -= 2) {
        if (right == 6)
            right--;
        for (int k = 0; k < w; k++) {
            int y = up ? w - 1 - k : k;
            for (int x = right; x > right - 2; x--) {
                if (!is_function(version, w, x, y))
                    bits[n++] = (unsigned char)(c->dark[y][x] ^ (masked(mask, x, y) ? 1 : 0));
            }
        }
        up = !up;
    }
    int mode = 0, len = 0;
    for (int i = 0; i < 4; i++)
        mode = mode << 1 | bits[i];
    assert_int_equal(mode, 4); /* bytes */
    for (int i = 4; i < 12; i++)
        len = len << 1 | bits[i];
    for (int i = 0; i < len && i < 64; i++) {
        out[i] = 0;
        for (int b = 0; b < 8; b++)
            out[i] = (unsigned char)(out[i] << 1 | bits[12 + 8 * i + b]);
    }
    return len;
}

static void codes_read_back(void **state)
{
    (void)state;
    static Code code;
    uint64_t seed = 5;
    for (int round = 0; round < 200; round++) {
        TestCx t;
        test_cx_init(&t);
        char text[40];
        int len = 1 + round % 40;
        for (int i = 0; i < len; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            text[i] = (char)(seed >> 56);
        }
        json_t *picture = NULL;
        assert_ok(&t.cx, qr_draw(&t.cx, (Str){text, len}, &picture));
        read_path(picture, &code);
        int version = (code.width - 17) / 4;
        assert_int_equal(code.width, 17 + 4 * version);
        check_finder(&code, 0, 0);
        check_finder(&code, code.width - 7, 0);
        check_finder(&code, 0, code.width - 7);
        for (int i = 8; i < code.width - 8; i++) {
            assert_int_equal(code.dark[6][i], i % 2 == 0);
            assert_int_equal(code.dark[i][6], i % 2 == 0);
        }
        assert_true(version >= 1 && version <= 3);
        unsigned char back[64];
        assert_int_equal(read_bytes(&code, version, back), len);
        assert_memory_equal(back, text, (size_t)len);
        json_decref(picture);
        test_cx_free(&t);
    }
}

static void length_is_bounded(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    static char text[QR_BYTES_MAX + 1];
    memset(text, 0xe9, sizeof text);
    json_t *picture = NULL;
    assert_int_equal(qr_draw(&t.cx, (Str){text, 0}, &picture), ERR_LIMIT);
    assert_int_equal(qr_draw(&t.cx, (Str){text, QR_BYTES_MAX + 1}, &picture), ERR_LIMIT);
    assert_null(picture);
    assert_ok(&t.cx, qr_draw(&t.cx, (Str){text, QR_BYTES_MAX}, &picture));
    assert_int_equal(json_integer_value(json_object_get(picture, "size")), 177 + 8);
    json_decref(picture);
    test_cx_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_read_back),
        cmocka_unit_test(length_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
