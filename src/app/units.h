/* app/units.h - the timer that makes backups: two files of systemd, for this user.
 * Shapes  fonder-backup-VAULT.service and .timer under $XDG_CONFIG_HOME/systemd/user, VAULT being the
 *         beginning of the vault's id.
 *         What was asked for stands in them too (X- lines, which systemd passes over), so they are all there is.
 * Errors  as base/os.h.
 * Memory  cx->arena.
 * Thread  any. */
#ifndef APP_UNITS_H
#define APP_UNITS_H

#include "base/cx.h"
#include "base/id.h"

enum { UNITS_ID_LEN = 8 }; /* so much of the vault's id tells one from another */

typedef enum UnitsEvery { EVERY_NEVER, EVERY_DAY, EVERY_WEEK } UnitsEvery;

typedef struct UnitsPlan {
    Id vault;
    Str path; /* of the vault, absolute */
    UnitsEvery every;
    Str into; /* a folder, absolute */
    int64_t keep;
} UnitsPlan;

/* Commands for a shell, where systemd could not be told from here. */
typedef struct UnitsTodo {
    Str commands[3];
    int n; /* 0: nothing is left to do */
} UnitsTodo;

/* ret->vault says which; every is EVERY_NEVER when there is no timer of ours. */
MUST_CHECK Err units_read(Cx *cx, UnitsPlan *ret);
/* Writes the files (EVERY_NEVER: takes them away) and tells systemd. */
MUST_CHECK Err units_write(Cx *cx, const UnitsPlan *plan, UnitsTodo *ret);

#endif
