/* view/view.h - one view-model per page, already worded: what the page, the terminal and a program see.
 * docs/VIEWMODELS.md gives the shape of each; every golden is checked against it.
 * Shapes  a JSON object whose member "view" names it and "version" counts its changes. Numbers stand
 *         beside their words; nothing in it needs the book, the catalogue or the clock any more.
 * Units   instants as ISO 8601 with offset, next to their words; values 0..10.
 * Errors  ERR_NOT_FOUND who is not there; ERR_NOMEM.
 * Memory  *ret is the caller's to json_decref; scratch in cx->arena.
 * Thread  the thread that owns the book. */
#ifndef VIEW_VIEW_H
#define VIEW_VIEW_H

#include "book/book.h"
#include "content/content.h"
#include "text/text.h"
#include <jansson.h>

/* The view-model of today for as long as it would be made the same again: until the book, the day or what was worked out
 * changes, or an instant passes at which something lapses. All zero: nothing is kept. */
typedef struct ViewStanding {
    json_t *today;
    const Book *book;
    const Text *text;
    uint64_t answer; /* insight_today_standing when it was made */
    int64_t from_ms, until_ms;
} ViewStanding;
void view_standing_drop(ViewStanding *standing);

typedef struct View {
    const Text *text;
    const Book *book;           /* NULL for the views that need none */
    struct InsightCache *cache; /* insight/insight.h; NULL works everything out afresh */
    ViewStanding *standing;     /* goes with book and cache; NULL makes everything anew */
    uint64_t device;            /* this one, for what was done on another; 0: none is this one */
} View;

/* *ret may be one that was given out before: it is not to be changed. */
MUST_CHECK Err view_today(Cx *cx, const View *v, json_t **ret);
/* kind: only people of that kind; -1 everyone. */
/* kind -1: of every kind; skip: so many come on pages before. */
MUST_CHECK Err view_people(Cx *cx, const View *v, int kind, int skip, json_t **ret);
MUST_CHECK Err view_person(Cx *cx, const View *v, BookRef person, json_t **ret);
/* The form for a person and the relationship; BOOK_NONE: empty, to add someone. */
MUST_CHECK Err view_person_form(Cx *cx, const View *v, BookRef person, json_t **ret);
MUST_CHECK Err view_checkin_choose(Cx *cx, const View *v, json_t **ret);
/* whole: the whole picture asks twelve, else three to five. */
MUST_CHECK Err view_checkin(Cx *cx, const View *v, BookRef person, bool whole, json_t **ret);
MUST_CHECK Err view_log(Cx *cx, const View *v, BookRef with, json_t **ret);
MUST_CHECK Err view_next(Cx *cx, const View *v, BookRef person, json_t **ret);
/* Over all relationships and over time, and how I answer. */
MUST_CHECK Err view_insights(Cx *cx, const View *v, json_t **ret);
/* The next pair to pick from, and what closeness means to me so far; kind: with people of that kind, -1 with anybody. */
MUST_CHECK Err view_meaning(Cx *cx, const View *v, int kind, json_t **ret);
MUST_CHECK Err view_reflect(Cx *cx, const View *v, Str prompt, json_t **ret);
/* search->text empty: the form alone. */
MUST_CHECK Err view_search(Cx *cx, const View *v, const BookSearch *search, json_t **ret);
MUST_CHECK Err view_history(Cx *cx, const View *v, int skip,
                            json_t **ret); /* past the newest so many */
MUST_CHECK Err view_settings(Cx *cx, const View *v, json_t **ret);
MUST_CHECK Err view_import(Cx *cx, const View *v, json_t **ret);
MUST_CHECK Err view_export(Cx *cx, const View *v, json_t **ret);
MUST_CHECK Err view_exported(Cx *cx, const View *v, Str file, int64_t bytes, json_t **ret);
MUST_CHECK Err view_learn(Cx *cx, const View *v, json_t **ret);
MUST_CHECK Err view_topic(Cx *cx, const View *v, int state, json_t **ret); /* 0..11 */
MUST_CHECK Err view_safety(Cx *cx, const View *v, json_t **ret);
MUST_CHECK Err view_welcome(Cx *cx, const View *v, json_t **ret);
/* What the owner's words were read as. */
typedef struct ViewUnderstood {
    BookRef event;
    Str ahead; /* a time to come that they name, where it was put down as now; "" */
} ViewUnderstood;
/* After something was kept. label: catalogue key of what was done; person may be BOOK_NONE; read NULL: no words of
 * theirs were. */
MUST_CHECK Err view_kept(Cx *cx, const View *v, const char *label, Id batch, BookRef person,
                         const ViewUnderstood *read, json_t **ret);

/* What an import would do, one row a card. */
typedef enum ViewCardState { CARD_NEW, CARD_SAME, CARD_TWICE, CARD_DAMAGED } ViewCardState;
typedef struct ViewCard {
    ViewCardState state;
    int number;       /* from 1, in the file's order; 0 for a damaged one */
    Str name, detail; /* detail: first mail or phone, birthday */
    BookRef same_as;  /* CARD_SAME */
    const char *reason_key;
    bool lost;   /* CARD_DAMAGED: the whole card, else one value of it */
    Why problem; /* CARD_DAMAGED: key and arguments, "line" among them */
} ViewCard;
/* Entries of one kind in an export of fonder; kind 0: of kinds a newer version wrote. */
typedef struct ViewTally {
    uint16_t kind;
    int fresh, same; /* same: here already */
} ViewTally;
typedef struct ViewImport {
    Id preview;
    const ViewCard *cards;
    int n;
    int photos;               /* left out */
    const ViewTally *tallies; /* of an export of fonder, instead of people's cards */
    int n_tallies;
} ViewImport;
MUST_CHECK Err view_import_preview(Cx *cx, const View *v, const ViewImport *import, json_t **ret);

/* A new vault's recovery code, shown once. */
/* Where the example vault was written. */
MUST_CHECK Err view_demo(Cx *cx, const View *v, Str file, int people, json_t **ret);
MUST_CHECK Err view_init(Cx *cx, const View *v, Str file, Str recovery, bool no_passphrase,
                         json_t **ret);

/* -- what opens the vault (keys.c) ---------------------------------------------------------------- */

/* may_swap: the system would not keep the key out of swap. */
MUST_CHECK Err view_passphrase(Cx *cx, const View *v, bool has_passphrase, bool may_swap,
                               json_t **ret);
MUST_CHECK Err view_recovery(Cx *cx, const View *v, bool has_passphrase, json_t **ret);
MUST_CHECK Err view_recover(Cx *cx, const View *v, json_t **ret); /* the passphrase is lost */
/* What was changed. A new code, when there is one, is shown here and nowhere else. */
typedef struct ViewKeys {
    const char *heading_key, *text_key, *note_key; /* note_key may be NULL */
    const Arg *args;                               /* of the text; NULL: none */
    Str recovery;                                  /* "" without a new code */
    bool remains; /* of the old file, since another process reads it */
} ViewKeys;
MUST_CHECK Err view_keys(Cx *cx, const View *v, const ViewKeys *keys, json_t **ret);

/* -- forgetting (forget.c) ------------------------------------------------------------------------- */

typedef struct ViewForgetItem {
    BookRef ref;
    Id id;
    uint16_t kind;
    int how;     /* 0 delete, 1 redact, 2 keep */
    bool chosen; /* other than proposed */
} ViewForgetItem;
typedef struct ViewForget {
    BookRef person;
    const ViewForgetItem *items, *chosen; /* shown here; chosen elsewhere */
    int n, n_chosen, all;                 /* of each; there are */
    int earlier, later;                   /* where to go on; -1 nowhere */
    bool has_passphrase;
} ViewForget;
MUST_CHECK Err view_forget(Cx *cx, const View *v, const ViewForget *forget, json_t **ret);
MUST_CHECK Err view_forgotten(Cx *cx, const View *v, bool scrubbed, json_t **ret);

/* -- one person twice (merge.c) -------------------------------------------------------------------- */

enum { TWIN_REASONS_MAX = 6 };
typedef struct ViewTwin {
    BookRef one, other;
    const char
        *reasons[TWIN_REASONS_MAX]; /* catalogue keys of what is the same; NULL after the last */
} ViewTwin;
MUST_CHECK Err view_merge_list(Cx *cx, const View *v, const ViewTwin twins[], int n, json_t **ret);
/* goes BOOK_NONE: who that is is still to be said. */
MUST_CHECK Err view_merge(Cx *cx, const View *v, BookRef stays, BookRef goes, json_t **ret);

/* -- copies and damage (vault.c) ------------------------------------------------------------------- */

typedef struct ViewCopied {
    const char *heading_key, *text_key, *note_key; /* the text takes {n} */
    Str file;
    int64_t entries;
} ViewCopied;
MUST_CHECK Err view_copied(Cx *cx, const View *v, const ViewCopied *copied, json_t **ret);

typedef struct ViewBackupFile {
    Str file;
    int64_t at_ms;
    bool opened; /* else it was compared with the vault, locked */
} ViewBackupFile;
typedef struct ViewBackups {
    int every; /* 0 never, 1 day, 2 week */
    Str into;
    int64_t keep;
    const char *done_key; /* what was done just now, or NULL */
    const Str *commands;  /* left to be done by hand */
    int n_commands;
    const ViewBackupFile *files; /* newest first */
    int n_files;
} ViewBackups;
MUST_CHECK Err view_backups(Cx *cx, const View *v, const ViewBackups *backups, json_t **ret);

typedef struct ViewFinding {
    int trouble; /* 0..7: file, header, head, lost, altered, stray, moved, exchanged */
    int64_t device, first, last;
    Str what;
} ViewFinding;
typedef struct ViewDoctor {
    const ViewFinding *findings;
    int n;
    bool more;
    int64_t good, bad;   /* entries */
    Str saved, recovery; /* the new vault and its code; "" when nothing was saved */
} ViewDoctor;
MUST_CHECK Err view_doctor(Cx *cx, const View *v, const ViewDoctor *doctor, json_t **ret);

#endif
