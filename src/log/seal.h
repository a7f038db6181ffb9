/* log/seal.h - how bytes of a vault are sealed, chained and wrapped; docs/FORMAT.md in C.
 * Shapes  sealed = nonce[24] + ciphertext + tag[16]. Each seal is bound to its place: what it is,
 *         in which vault, from which device, at which seq.
 * Errors  openers return false when the bytes are not what was sealed there under that key.
 * Memory  the caller's; keys live in seal_key_new's guarded pages.
 * Thread  pure but for the kernel's randomness.
 * Source  RFC 8439 and draft-irtf-cfrg-xchacha-03 (XChaCha20-Poly1305), RFC 7693 (BLAKE2b), RFC
 *         9106 (Argon2id), ISO/IEC 7816-4 (padding), D. S. Wilkerson, Proquints (2009). */
#ifndef LOG_SEAL_H
#define LOG_SEAL_H

#include "log/log.h"

enum {
    SEAL_KEY = 32,
    SEAL_NONCE = 24,
    SEAL_TAG = 16,
    SEAL_OVER = SEAL_NONCE + SEAL_TAG,
    SEAL_STEP = 64, /* entry texts are padded to multiples of this */
    SEAL_HASH = 32,
    SEAL_SUM = 16,
    SEAL_SALT = 16,
    SEAL_PUBLIC = 32,
    SEAL_BOXED_KEY = 80, /* X25519 sealed box of a key */
    SEAL_CODE = 16       /* secret bytes of a recovery code */
};

/* What is sealed: the first eight bytes of the associated data, so that no sealed thing passes for
 * another kind of thing. */
typedef enum SealWhat {
    SEAL_ENTRY,
    SEAL_HEAD,
    SEAL_WRAP,
    SEAL_CHECKPOINT,
    SEAL_INSIGHT,
    SEAL_LEARNED
} SealWhat;

typedef struct SealPlace {
    SealWhat what;
    Id vault;
    int64_t device, seq;
} SealPlace;

/* A zeroed key in guarded, locked memory; *ret_may_swap when the system would not lock it. NULL
 * when memory ran out. */
uint8_t *seal_key_new(bool *ret_may_swap);
void seal_key_free(uint8_t *key);
void seal_key_free_at(uint8_t **key); /* for AUTO_CLEAN */

/* len bytes to len + SEAL_OVER. */
void seal_close(const uint8_t key[SEAL_KEY], const SealPlace *place,
                const uint8_t nonce[SEAL_NONCE], const uint8_t *plain, ptrdiff_t len, uint8_t *ret);
/* len sealed bytes to len - SEAL_OVER. ret is untouched or zeroed when it returns false. */
bool seal_open(const uint8_t key[SEAL_KEY], const SealPlace *place, const uint8_t *sealed,
               ptrdiff_t len, uint8_t *ret);

ptrdiff_t seal_entry_size(ptrdiff_t body_len); /* sealed size of an entry with that body */
/* scratch holds seal_entry_size(body.len) bytes and is left holding padded plaintext. */
void seal_entry(const uint8_t key[SEAL_KEY], Id vault, int64_t device, int64_t seq,
                const uint8_t nonce[SEAL_NONCE], Str body, uint8_t *scratch, uint8_t *ret);
/* ret_plain holds len bytes; *ret_len is the body's length there. */
bool seal_entry_open(const uint8_t key[SEAL_KEY], Id vault, int64_t device, int64_t seq,
                     const uint8_t *sealed, ptrdiff_t len, uint8_t *ret_plain, ptrdiff_t *ret_len);

/* The running hash of a device after the entry at seq: hash becomes H(hash, seq, nonce, tag). The
 * tag stands for the text, since only a holder of the key can make another text with the same
 * tag. / */
void seal_chain(uint8_t hash[SEAL_HASH], int64_t seq, const uint8_t *sealed, ptrdiff_t len);

/* BLAKE2b of bytes, keyed unless key is NULL; ret_len 16 to 64. */
void seal_hash(const uint8_t *key, ptrdiff_t key_len, Str bytes, uint8_t *ret, ptrdiff_t ret_len);

bool seal_equal(const uint8_t *a, const uint8_t *b, ptrdiff_t len); /* in constant time */

/* -- wrapping the vault key -------------------------------------------------------------------- */

typedef struct SealCost {
    uint32_t passes;
    uint64_t mem_bytes;
} SealCost;

SealCost seal_cost(LogCost cost);
/* Whether a header may ask for this much: at most 1.5 GiB·passes (.8 s) in at most 512 MiB. */
bool seal_cost_fits(SealCost cost);
/* false when memory ran out. */
bool seal_stretch(Str passphrase, const uint8_t salt[SEAL_SALT], SealCost cost,
                  uint8_t ret_key[SEAL_KEY]);

void seal_recovery_new(LogRecovery *ret_code, uint8_t ret_public[SEAL_PUBLIC]);
/* Spaces, capitals and any separators are forgiven. false: not a code; *ret_word is then the word
 * that cannot be right (1 to 9), or 0 when each could but together they are not. */
bool seal_recovery_parse(Str text, uint8_t ret_secret[SEAL_CODE], int *ret_word);
void seal_recovery_box(const uint8_t public_key[SEAL_PUBLIC], const uint8_t key[SEAL_KEY],
                       uint8_t ret[SEAL_BOXED_KEY]);
bool seal_recovery_unbox(const uint8_t secret[SEAL_CODE], const uint8_t boxed[SEAL_BOXED_KEY],
                         uint8_t ret_key[SEAL_KEY]);

/* Little-endian numbers, as the whole format has them. */
void seal_put64(uint8_t out[8], uint64_t v);
uint64_t seal_get64(const uint8_t in[8]);

#endif
