/* content/content.h - what fonder knows about closeness in general: types, factors, kinds, seasons,
 * what people like, the question bank, practices, choices, decks, reflections, safety.
 * Shapes  constant tables, in the order of content/en. A state index is 0..11: the types 0..4, then
 *         the factors 5..11, as the engine orders its levels. Loadings are 0..3.
 * Units   depth 1..7; minutes; months; answers 0..10.
 * Errors  lookups return NULL or -1 for an unknown id.
 * Memory  static; slices are also NUL-terminated. Nothing is read at run time.
 * Thread  pure.
 * Source  content/LOCALE/ through tools/content; docs/CONTENT.md says how it is written. */
#ifndef CONTENT_CONTENT_H
#define CONTENT_CONTENT_H

#include "base/str.h"
#include "content/ids.h"

#define CONTENT_ENUM(name, id) name,
typedef enum TypeId { CONTENT_TYPES(CONTENT_ENUM) TYPE_COUNT } TypeId;
typedef enum FactorId { CONTENT_FACTORS(CONTENT_ENUM) FACTOR_COUNT } FactorId;
typedef enum KindId { CONTENT_KINDS(CONTENT_ENUM) KIND_COUNT } KindId;
typedef enum SeasonId { CONTENT_SEASONS(CONTENT_ENUM) SEASON_COUNT } SeasonId;
typedef enum InterestId { CONTENT_INTERESTS(CONTENT_ENUM) INTEREST_COUNT } InterestId;
typedef enum StyleId { CONTENT_STYLES(CONTENT_ENUM) STYLE_COUNT } StyleId;
typedef enum WayId { CONTENT_WAYS(CONTENT_ENUM) WAY_COUNT } WayId;
typedef enum CostId { CONTENT_COSTS(CONTENT_ENUM) COST_COUNT } CostId;
typedef enum PlaceId { CONTENT_PLACES(CONTENT_ENUM) PLACE_COUNT } PlaceId;
typedef enum CompanyId { CONTENT_COMPANIES(CONTENT_ENUM) COMPANY_COUNT } CompanyId;
typedef enum ClassId { CONTENT_CLASSES(CONTENT_ENUM) CLASS_COUNT } ClassId;
typedef enum TurnsId { CONTENT_TURNS(CONTENT_ENUM) TURNS_COUNT } TurnsId;
typedef enum AsksId { CONTENT_ASKS(CONTENT_ENUM) ASKS_COUNT } AsksId;
typedef enum KeyedId { CONTENT_KEYS(CONTENT_ENUM) KEYED_COUNT } KeyedId;
typedef enum GroupId { CONTENT_GROUPS(CONTENT_ENUM) GROUP_COUNT } GroupId;
typedef enum SafetyId { CONTENT_SAFETY(CONTENT_ENUM) SAFETY_COUNT } SafetyId;
#undef CONTENT_ENUM

enum {
    STATE_COUNT = TYPE_COUNT + FACTOR_COUNT,
    STATE_NONE = -1,
    DEPTH_MIN = 1,
    DEPTH_MAX = 7,
    LOADING_MAX = 3
};

/* Sets of kinds, seasons, places, companies: bit i is member i. */
typedef uint32_t KindSet;
typedef uint32_t IdSet;
bool content_has(IdSet set, int member);
bool content_romantic(KindSet kinds); /* romance is possible with one of them */

/* A text in every locale; 0 is no text. */
typedef uint16_t ContentText;
enum { CONTENT_NO_TEXT = 0 };
/* Texts first, first + 1, ... */
typedef struct ContentList {
    ContentText first;
    uint16_t count;
} ContentList;

/* A published study behind a statement; year 0 when there is none. */
typedef struct ContentFinding {
    Str author;
    int year;
    ContentText says;
} ContentFinding;

/* The page of a type or a factor. */
typedef struct ContentPage {
    Str id;
    ContentText name, brief, is, is_not;
    ContentList signs[GROUP_COUNT]; /* everyday signs, three for each group of kinds */
    ContentList feeds, wears;
    ContentText ask, note;
    ContentFinding finding;
} ContentPage;

typedef struct ContentKind {
    Str id;
    ContentText name, many; /* "parent", "parents" */
    GroupId group;
    double mu, tau;          /* prior level and SD of relationships of this kind */
    double half_life_months; /* of closeness under declared absence */
    double phi;              /* share of the level that absence tends to */
    bool romantic_possible;
} ContentKind;

/* A season, an interest, a communication style, a way of getting to know someone. */
typedef struct ContentTag {
    Str id;
    ContentText name, about;
} ContentTag;

typedef struct ContentQuestion {
    Str id;
    AsksId asks;
    int state;                           /* STATE_NONE for contact; ease reads acceptance */
    ContentText text, low, middle, high; /* words at 0, 5, 10 */
    KeyedId keyed;                       /* reversed: the engine reads 10 - answer */
    KindSet kinds;
    bool romantic;
} ContentQuestion;

typedef struct ContentPractice {
    Str id;
    ContentText title, why, first_words;
    ContentList steps;
    ContentFinding finding;
    uint8_t types[TYPE_COUNT], factors[FACTOR_COUNT];
    uint8_t interests[INTEREST_COUNT], styles[STYLE_COUNT], ways[WAY_COUNT];
    int depth, minutes;
    CostId cost;
    IdSet where;   /* of PlaceId */
    IdSet company; /* of CompanyId */
    KindSet kinds, never_kinds;
    IdSet seasons;
    bool romantic, needs_both;
    ClassId class;
    bool approach; /* false: nothing reaches the other person */
} ContentPractice;

typedef struct ContentChoice {
    Str id;
    ContentText text;
    uint8_t types[TYPE_COUNT];
    KindSet kinds;
    bool romantic;
} ContentChoice;

typedef struct ContentPrompt {
    Str id; /* unique within its deck */
    ContentText text;
    int depth;
} ContentPrompt;

typedef struct ContentDeck {
    Str id;
    ContentText title, about;
    TurnsId turns;
    IdSet company;
    KindSet kinds, never_kinds;
    bool romantic;
    ClassId class;       /* CLASS_USUAL or CLASS_REPAIR */
    ContentList prompts; /* rows of content_prompts, by rising depth */
} ContentDeck;

typedef struct ContentReflection {
    Str id;
    ContentText title, text;
    uint8_t types[TYPE_COUNT], factors[FACTOR_COUNT];
} ContentReflection;

typedef struct ContentSafety {
    Str id;
    ContentText title, intro;
    ContentList items;
} ContentSafety;

extern const ContentPage content_types[TYPE_COUNT];
extern const ContentPage content_factors[FACTOR_COUNT];
extern const ContentKind content_kinds[KIND_COUNT];
extern const ContentTag content_seasons[SEASON_COUNT];
extern const ContentTag content_interests[INTEREST_COUNT];
extern const ContentTag content_styles[STYLE_COUNT];
extern const ContentTag content_ways[WAY_COUNT];
extern const ContentSafety content_safety[SAFETY_COUNT];
extern const ContentQuestion content_questions[];
extern const int content_questions_count;
extern const ContentPractice content_practices[];
extern const int content_practices_count;
extern const ContentChoice content_choices[];
extern const int content_choices_count;
extern const ContentDeck content_decks[];
extern const int content_decks_count;
extern const ContentPrompt content_prompts[]; /* of all decks, one deck after the other */
extern const int content_prompts_count;
extern const ContentReflection content_reflections[];
extern const int content_reflections_count;

/* By id; NULL when there is none. A row's number is its distance from the table's start. */
const ContentQuestion *content_question(Str id);
const ContentPractice *content_practice(Str id);
const ContentChoice *content_choice(Str id);
const ContentDeck *content_deck(Str id);
const ContentPrompt *content_prompt(const ContentDeck *deck, Str id);
const ContentReflection *content_reflection(Str id);
/* The page of a state index: a type's or a factor's. */
const ContentPage *content_page(int state);

/* The number of a member of a closed set, or -1. */
int content_type_id(Str id);
int content_factor_id(Str id);
int content_state_id(Str id); /* types and factors together, 0..11 */
int content_kind_id(Str id);
int content_season_id(Str id);
int content_interest_id(Str id);
int content_style_id(Str id);
int content_way_id(Str id);
int content_place_id(Str id);
int content_company_id(Str id);

/* A language. content_locale finds the tag, its language part ("de-AT", then "de"), or en. */
typedef struct ContentLocale ContentLocale;
const ContentLocale *content_locale(Str tag);
Str content_locale_tag(const ContentLocale *locale);
bool content_locale_rtl(const ContentLocale *locale); /* written from right to left */
extern const int content_locale_count;
/* 0 is en; the last two are the pseudo-locales: qps, and qps-plocm, which runs from right to left. */
const ContentLocale *content_locale_at(int i);

/* The words; en's where this locale has none. The empty slice for CONTENT_NO_TEXT. */
Str content_text(const ContentLocale *locale, ContentText text);
Str content_item(const ContentLocale *locale, ContentList list, int i);
bool content_translated(const ContentLocale *locale, ContentText text);
extern const int content_text_count; /* texts are 1..content_text_count */

#endif
