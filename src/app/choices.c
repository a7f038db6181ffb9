/* app/choices.c - the words that stand for a value. Closed sets come from content/ids.h; where the book
 * counts from 1, "not said" being 0, the index here is one less. */
#include "app/acts.h"
#include "content/ids.h"

#define ID(enumerator, id) id,

const char *const TYPE_NAMES[] = {CONTENT_TYPES(ID) NULL};
const char *const KIND_NAMES[] = {CONTENT_KINDS(ID) NULL};
const char *const SEASON_NAMES[] = {CONTENT_SEASONS(ID) NULL};
const char *const INTEREST_NAMES[] = {CONTENT_INTERESTS(ID) NULL};
const char *const STYLE_NAMES[] = {CONTENT_STYLES(ID) NULL};
const char *const WAY_NAMES[] = {CONTENT_WAYS(ID) NULL};
const char *const COMPANY_NAMES[] = {CONTENT_COMPANIES(ID) NULL};
const char *const TOPIC_NAMES[] = {CONTENT_TYPES(ID) CONTENT_FACTORS(ID) NULL};

const char *const MEDIUM_NAMES[] = {"in-person", "video", "call", "text", NULL};
const char *const QUALITY_NAMES[] = {"bad", "poor", "mixed", "good", "very-good", NULL};
const char *const REACHED_NAMES[] = {"me", "them", "both", NULL};
const char *const LOG_AS_NAMES[] = {"moment", "note", "ask", "news", "promise", NULL};
const char *const OFFER_ANSWER_NAMES[] = {"take", "not-now", "not-for-us", NULL};
const char *const PICK_NAMES[] = {"left", "right", "both", "neither", NULL};
const char *const NEAR_NAMES[] = {"near", "far", NULL};
const char *const ON_OFF[] = {"off", "on", NULL};
const char *const YES_NO[] = {"no", "yes", NULL};
const char *const PAUSE_NAMES[] = {"off", "week", "month", "quarter", NULL};
const char *const SEARCH_WHAT_NAMES[] = {"people", "moments", "notes", "check-ins", "reflections", NULL};
const char *const EXPORT_NAMES[] = {"jsonl", "vcard", "vcard3", "csv", "markdown", "icalendar", NULL};
const char *const EVERY_NAMES[] = {"never", "day", "week", NULL};
const char *const LEAVE_NAMES[] = {"blank", "weather", "news", "search", NULL};
