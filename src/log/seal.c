/* log/seal.c - libsodium's constructions, put together in one place.
 * One random vault key seals everything; the associated data tells the kinds apart, which is
 * simpler to specify than a tree of derived keys and as safe, since nonces of 24 random bytes do
 * not meet.
 * An entry costs one AEAD pass over its padded text and one BLAKE2b block for the chain: about
 * 1.1 us for 300 bytes, linear in the text. Hashing tag and nonce instead of the whole text keeps
 * the chain at a fixed 80 bytes. */
#include "log/seal.h"
#include "base/os.h"
#include <sodium.h>
#include <string.h>

static const char seal_names[][9] = {
    [SEAL_ENTRY] = "fonder1e",      [SEAL_HEAD] = "fonder1h",    [SEAL_WRAP] = "fonder1w",
    [SEAL_CHECKPOINT] = "fonder1c", [SEAL_INSIGHT] = "fonder1i", [SEAL_LEARNED] = "fonder1l",
};
static const char recovery_context[] = "fonder recovery 1";
enum { AD_LEN = 8 + 16 + 8 + 8 };

static const uint8_t *bytes_of(Str s)
{
    return (const uint8_t *)s.p;
}

/* Byte by byte, which is one move on a machine of this order of bytes. */
void seal_put64(uint8_t out[8], uint64_t v)
{
    out[0] = (uint8_t)v;
    out[1] = (uint8_t)(v >> 8);
    out[2] = (uint8_t)(v >> 16);
    out[3] = (uint8_t)(v >> 24);
    out[4] = (uint8_t)(v >> 32);
    out[5] = (uint8_t)(v >> 40);
    out[6] = (uint8_t)(v >> 48);
    out[7] = (uint8_t)(v >> 56);
}

uint64_t seal_get64(const uint8_t in[8])
{
    return (uint64_t)in[0] | (uint64_t)in[1] << 8 | (uint64_t)in[2] << 16 | (uint64_t)in[3] << 24 |
           (uint64_t)in[4] << 32 | (uint64_t)in[5] << 40 | (uint64_t)in[6] << 48 |
           (uint64_t)in[7] << 56;
}

uint8_t *seal_key_new(bool *ret_may_swap)
{
    uint8_t *key = sodium_init() < 0 ? NULL : sodium_malloc(SEAL_KEY);
    if (!key)
        return NULL;
    /* sodium_malloc locks its pages but does not say whether it could */
    *ret_may_swap = sodium_mlock(key, SEAL_KEY) != 0;
    memset(key, 0, SEAL_KEY);
    return key;
}

void seal_key_free(uint8_t *key)
{
    sodium_free(key);
}

void seal_key_free_at(uint8_t **key)
{
    sodium_free(*key);
}

static void make_ad(const SealPlace *place, uint8_t ad[AD_LEN])
{
    memcpy(ad, seal_names[place->what], 8);
    memcpy(ad + 8, place->vault.b, 16);
    seal_put64(ad + 24, (uint64_t)place->device);
    seal_put64(ad + 32, (uint64_t)place->seq);
}

void seal_close(const uint8_t key[SEAL_KEY], const SealPlace *place,
                const uint8_t nonce[SEAL_NONCE], const uint8_t *plain, ptrdiff_t len, uint8_t *ret)
{
    uint8_t ad[AD_LEN];
    make_ad(place, ad);
    memcpy(ret, nonce, SEAL_NONCE);
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(
        ret + SEAL_NONCE, NULL, plain, (unsigned long long)len, ad, AD_LEN, NULL, nonce, key);
}

bool seal_open(const uint8_t key[SEAL_KEY], const SealPlace *place, const uint8_t *sealed,
               ptrdiff_t len, uint8_t *ret)
{
    uint8_t ad[AD_LEN];
    if (len < SEAL_OVER)
        return false;
    make_ad(place, ad);
    return crypto_aead_xchacha20poly1305_ietf_decrypt(ret, NULL, NULL, sealed + SEAL_NONCE,
                                                      (unsigned long long)(len - SEAL_NONCE), ad,
                                                      AD_LEN, sealed, key) == 0;
}

/* seal_open of little, as nearly all entries are: the same construction (RFC 8439, 2.8; XChaCha20 as libsodium has
 * it) from libsodium's parts. Its own function makes the one-time key in one run of the cipher and the text in another,
 * and each of them by single blocks; four blocks in one run take half as long, which is a quarter of a second in a
 * vault of a million entries. Nothing is handed over before the tag has been held against it. */
enum { BLOCK = 64, RUN = 4 * BLOCK };
static bool open_small(const uint8_t key[SEAL_KEY], const SealPlace *place, const uint8_t *sealed,
                       ptrdiff_t text_len, uint8_t *ret)
{
    static const uint8_t zeros[16];
    const uint8_t *text = sealed + SEAL_NONCE;
    uint8_t run[RUN] = {0}, subkey[crypto_core_hchacha20_OUTPUTBYTES], nonce[12] = {0};
    uint8_t ad[AD_LEN], lengths[16], tag[SEAL_TAG];
    crypto_onetimeauth_poly1305_state mac;
    (void)crypto_core_hchacha20(subkey, sealed, key, NULL);
    memcpy(nonce + 4, sealed + 16, 8);
    memcpy(run + BLOCK, text, (size_t)text_len);
    (void)crypto_stream_chacha20_ietf_xor_ic(run, run, RUN, nonce, 0, subkey);
    make_ad(place, ad);
    seal_put64(lengths, AD_LEN);
    seal_put64(lengths + 8, (uint64_t)text_len);
    (void)crypto_onetimeauth_poly1305_init(&mac, run);
    (void)crypto_onetimeauth_poly1305_update(&mac, ad, AD_LEN);
    (void)crypto_onetimeauth_poly1305_update(&mac, zeros, -AD_LEN & 15);
    (void)crypto_onetimeauth_poly1305_update(&mac, text, (unsigned long long)text_len);
    (void)crypto_onetimeauth_poly1305_update(&mac, zeros, (unsigned long long)(-text_len & 15));
    (void)crypto_onetimeauth_poly1305_update(&mac, lengths, sizeof lengths);
    (void)crypto_onetimeauth_poly1305_final(&mac, tag);
    bool fine = crypto_verify_16(tag, text + text_len) == 0;
    if (fine)
        memcpy(ret, run + BLOCK, (size_t)text_len);
    sodium_memzero(run, sizeof run);
    sodium_memzero(subkey, sizeof subkey);
    return fine;
}

static ptrdiff_t padded_size(ptrdiff_t len)
{
    return (len / SEAL_STEP + 1) * SEAL_STEP;
}

ptrdiff_t seal_entry_size(ptrdiff_t body_len)
{
    return padded_size(body_len) + SEAL_OVER;
}

void seal_entry(const uint8_t key[SEAL_KEY], Id vault, int64_t device, int64_t seq,
                const uint8_t nonce[SEAL_NONCE], Str body, uint8_t *scratch, uint8_t *ret)
{
    ptrdiff_t padded = padded_size(body.len);
    if (body.len > 0)
        memcpy(scratch, body.p, (size_t)body.len);
    memset(scratch + body.len, 0, (size_t)(padded - body.len));
    scratch[body.len] = 0x80;
    SealPlace place = {SEAL_ENTRY, vault, device, seq};
    seal_close(key, &place, nonce, scratch, padded, ret);
}

/* Not in constant time, as sodium_unpad is: the seal has vouched for these bytes already, so nobody can learn
 * from how long it takes; and it would be a tenth of reading a vault. */
static bool unpad(const uint8_t *plain, ptrdiff_t padded, ptrdiff_t *ret_len)
{
    ptrdiff_t at = padded - 1;
    while (at > padded - SEAL_STEP && plain[at] == 0)
        at--;
    if (plain[at] != 0x80)
        return false;
    *ret_len = at;
    return true;
}

bool seal_entry_open(const uint8_t key[SEAL_KEY], Id vault, int64_t device, int64_t seq,
                     const uint8_t *sealed, ptrdiff_t len, uint8_t *ret_plain, ptrdiff_t *ret_len)
{
    SealPlace place = {SEAL_ENTRY, vault, device, seq};
    ptrdiff_t padded = len - SEAL_OVER;
    if (padded < SEAL_STEP || padded % SEAL_STEP != 0)
        return false;
    bool fine = padded <= RUN - BLOCK ? open_small(key, &place, sealed, padded, ret_plain)
                                      : seal_open(key, &place, sealed, len, ret_plain);
    return fine && unpad(ret_plain, padded, ret_len);
}

void seal_chain(uint8_t hash[SEAL_HASH], int64_t seq, const uint8_t *sealed, ptrdiff_t len)
{
    uint8_t link[SEAL_HASH + 8 + SEAL_OVER];
    memcpy(link, hash, SEAL_HASH);
    seal_put64(link + SEAL_HASH, (uint64_t)seq);
    memcpy(link + SEAL_HASH + 8, sealed, SEAL_NONCE);
    memcpy(link + SEAL_HASH + 8 + SEAL_NONCE, sealed + len - SEAL_TAG, SEAL_TAG);
    (void)crypto_generichash(hash, SEAL_HASH, link, sizeof link, NULL, 0);
}

void seal_hash(const uint8_t *key, ptrdiff_t key_len, Str bytes, uint8_t *ret, ptrdiff_t ret_len)
{
    (void)crypto_generichash(ret, (size_t)ret_len, bytes_of(bytes), (unsigned long long)bytes.len,
                             key, (size_t)key_len);
}

bool seal_equal(const uint8_t *a, const uint8_t *b, ptrdiff_t len)
{
    return sodium_memcmp(a, b, (size_t)len) == 0;
}

SealCost seal_cost(LogCost cost)
{
    if (cost == LOG_COST_LEAST)
        return (SealCost){crypto_pwhash_OPSLIMIT_MIN, crypto_pwhash_MEMLIMIT_MIN};
    return (SealCost){crypto_pwhash_OPSLIMIT_MODERATE, crypto_pwhash_MEMLIMIT_MODERATE};
}

bool seal_cost_fits(SealCost cost)
{
    const uint64_t mib = 1 << 20;
    return cost.passes >= 1 && cost.passes <= 1024 &&
           cost.mem_bytes >= crypto_pwhash_MEMLIMIT_MIN && cost.mem_bytes <= 512 * mib &&
           cost.passes * cost.mem_bytes <= 1536 * mib;
}

bool seal_stretch(Str passphrase, const uint8_t salt[SEAL_SALT], SealCost cost,
                  uint8_t ret_key[SEAL_KEY])
{
    return crypto_pwhash(ret_key, SEAL_KEY, passphrase.p, (unsigned long long)passphrase.len, salt,
                         cost.passes, (size_t)cost.mem_bytes, crypto_pwhash_ALG_ARGON2ID13) == 0;
}

/* -- the recovery code: 16 bits a word, consonant vowel consonant vowel consonant -------------- */

enum { CODE_WORDS = SEAL_CODE / 2 + 1, WORD_LEN = 5 };
static const char consonants[] = "bdfghjklmnprstvz";
static const char vowels[] = "aiou";

static uint16_t code_check(const uint8_t secret[SEAL_CODE])
{
    uint8_t sum[SEAL_SUM];
    seal_hash((const uint8_t *)recovery_context, (ptrdiff_t)sizeof recovery_context - 1,
              (Str){(const char *)secret, SEAL_CODE}, sum, SEAL_SUM);
    return (uint16_t)(sum[0] << 8 | sum[1]);
}

static void word_put(uint16_t v, char out[WORD_LEN])
{
    out[0] = consonants[v >> 12 & 15];
    out[1] = vowels[v >> 10 & 3];
    out[2] = consonants[v >> 6 & 15];
    out[3] = vowels[v >> 4 & 3];
    out[4] = consonants[v & 15];
}

static bool word_get(const char in[WORD_LEN], uint16_t *ret)
{
    unsigned v = 0;
    for (int i = 0; i < WORD_LEN; i++) {
        const char *set = i % 2 == 0 ? consonants : vowels;
        const char *at = strchr(set, in[i]);
        if (!at)
            return false;
        v = v << (i % 2 == 0 ? 4 : 2) | (unsigned)(at - set);
    }
    *ret = (uint16_t)v;
    return true;
}

static void recovery_pair(const uint8_t secret[SEAL_CODE], uint8_t ret_secret[SEAL_KEY],
                          uint8_t ret_public[SEAL_PUBLIC])
{
    seal_hash((const uint8_t *)recovery_context, (ptrdiff_t)sizeof recovery_context - 1,
              (Str){(const char *)secret, SEAL_CODE}, ret_secret, SEAL_KEY);
    (void)crypto_scalarmult_base(ret_public, ret_secret);
}

void seal_recovery_new(LogRecovery *ret_code, uint8_t ret_public[SEAL_PUBLIC])
{
    uint8_t secret[SEAL_CODE], pair_secret[SEAL_KEY];
    os_random(secret, SEAL_CODE);
    recovery_pair(secret, pair_secret, ret_public);
    char *out = ret_code->text;
    for (int w = 0; w < CODE_WORDS; w++) {
        bool last = w == CODE_WORDS - 1;
        ptrdiff_t at = (ptrdiff_t)2 * w;
        uint16_t v = code_check(secret);
        if (!last)
            v = (uint16_t)(secret[at] << 8 | secret[at + 1]);
        word_put(v, out);
        out += WORD_LEN;
        *out++ = last ? '\0' : '-';
    }
    os_wipe(secret, SEAL_CODE);
    os_wipe(pair_secret, SEAL_KEY);
}

bool seal_recovery_parse(Str text, uint8_t ret_secret[SEAL_CODE], int *ret_word)
{
    char letters[CODE_WORDS * WORD_LEN];
    uint8_t secret[SEAL_CODE];
    uint16_t v = 0;
    int n = 0;
    bool fits = true;
    for (ptrdiff_t i = 0; i < text.len; i++) {
        char c = (char)(text.p[i] | 0x20);
        if (c < 'a' || c > 'z')
            continue;
        fits = n < CODE_WORDS * WORD_LEN;
        if (!fits)
            break;
        letters[n++] = c;
    }
    *ret_word = 0;
    fits = fits && n == CODE_WORDS * WORD_LEN;
    for (int w = 0; fits && w < CODE_WORDS; w++) {
        if (!word_get(letters + (ptrdiff_t)w * WORD_LEN, &v)) {
            *ret_word = w + 1;
            fits = false;
        } else if (w < CODE_WORDS - 1) {
            ptrdiff_t at = (ptrdiff_t)2 * w;
            secret[at] = (uint8_t)(v >> 8);
            secret[at + 1] = (uint8_t)v;
        }
    }
    fits = fits && v == code_check(secret);
    if (fits)
        memcpy(ret_secret, secret, SEAL_CODE);
    os_wipe(letters, sizeof letters);
    os_wipe(secret, sizeof secret);
    return fits;
}

void seal_recovery_box(const uint8_t public_key[SEAL_PUBLIC], const uint8_t key[SEAL_KEY],
                       uint8_t ret[SEAL_BOXED_KEY])
{
    (void)crypto_box_seal(ret, key, SEAL_KEY, public_key);
}

bool seal_recovery_unbox(const uint8_t secret[SEAL_CODE], const uint8_t boxed[SEAL_BOXED_KEY],
                         uint8_t ret_key[SEAL_KEY])
{
    uint8_t pair_secret[SEAL_KEY], pair_public[SEAL_PUBLIC];
    recovery_pair(secret, pair_secret, pair_public);
    bool opened =
        crypto_box_seal_open(ret_key, boxed, SEAL_BOXED_KEY, pair_public, pair_secret) == 0;
    os_wipe(pair_secret, SEAL_KEY);
    return opened;
}
