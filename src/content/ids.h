/* content/ids.h - the closed sets of content: every id, once, in its fixed order. The enumerations
 * of content.h and the names that tools/content accepts are both made from these lists. Entries in
 * people's vaults refer to the ids, the engine to the order: add at the end, rename and reorder
 * never.
 * Shapes  LIST(X) calls X(ENUMERATOR, "id") for each member. */
#ifndef CONTENT_IDS_H
#define CONTENT_IDS_H

#define CONTENT_TYPES(X)                                                                           \
    X(TYPE_EMOTIONAL, "emotional")                                                                 \
    X(TYPE_INTELLECTUAL, "intellectual")                                                           \
    X(TYPE_PHYSICAL, "physical")                                                                   \
    X(TYPE_EXPERIENTIAL, "experiential")                                                           \
    X(TYPE_SPIRITUAL, "spiritual")

#define CONTENT_FACTORS(X)                                                                         \
    X(FACTOR_TRUST, "trust")                                                                       \
    X(FACTOR_ACCEPTANCE, "acceptance")                                                             \
    X(FACTOR_HONESTY, "honesty")                                                                   \
    X(FACTOR_SAFETY, "safety")                                                                     \
    X(FACTOR_COMPASSION, "compassion")                                                             \
    X(FACTOR_AFFECTION, "affection")                                                               \
    X(FACTOR_COMMUNICATION, "communication")

#define CONTENT_KINDS(X)                                                                           \
    X(KIND_PARTNER, "partner")                                                                     \
    X(KIND_DATING, "dating")                                                                       \
    X(KIND_PARENT, "parent")                                                                       \
    X(KIND_CHILD, "child")                                                                         \
    X(KIND_SIBLING, "sibling")                                                                     \
    X(KIND_GRANDPARENT, "grandparent")                                                             \
    X(KIND_OTHER_FAMILY, "other-family")                                                           \
    X(KIND_CLOSE_FRIEND, "close-friend")                                                           \
    X(KIND_FRIEND, "friend")                                                                       \
    X(KIND_MENTOR, "mentor")                                                                       \
    X(KIND_COLLEAGUE, "colleague")                                                                 \
    X(KIND_ACQUAINTANCE, "acquaintance")                                                           \
    X(KIND_OWN, "own")

#define CONTENT_SEASONS(X)                                                                         \
    X(SEASON_NEW, "new")                                                                           \
    X(SEASON_GROWING, "growing")                                                                   \
    X(SEASON_STEADY, "steady")                                                                     \
    X(SEASON_QUIET, "quiet")                                                                       \
    X(SEASON_REPAIRING, "repairing")                                                               \
    X(SEASON_GRIEVING, "grieving")                                                                 \
    X(SEASON_FAR_AWAY, "far-away")                                                                 \
    X(SEASON_RESTING, "resting")                                                                   \
    X(SEASON_ENDED, "ended")

#define CONTENT_INTERESTS(X)                                                                       \
    X(INTEREST_WALKING, "walking")                                                                 \
    X(INTEREST_NATURE, "nature")                                                                   \
    X(INTEREST_GARDENING, "gardening")                                                             \
    X(INTEREST_SPORT, "sport")                                                                     \
    X(INTEREST_DANCING, "dancing")                                                                 \
    X(INTEREST_MUSIC, "music")                                                                     \
    X(INTEREST_SINGING, "singing")                                                                 \
    X(INTEREST_FILMS, "films")                                                                     \
    X(INTEREST_READING, "reading")                                                                 \
    X(INTEREST_WRITING, "writing")                                                                 \
    X(INTEREST_ART, "art")                                                                         \
    X(INTEREST_MAKING, "making")                                                                   \
    X(INTEREST_COOKING, "cooking")                                                                 \
    X(INTEREST_EATING_OUT, "eating-out")                                                           \
    X(INTEREST_GAMES, "games")                                                                     \
    X(INTEREST_TRAVEL, "travel")                                                                   \
    X(INTEREST_ANIMALS, "animals")                                                                 \
    X(INTEREST_SCIENCE, "science")                                                                 \
    X(INTEREST_HISTORY, "history")                                                                 \
    X(INTEREST_FAITH, "faith")                                                                     \
    X(INTEREST_VOLUNTEERING, "volunteering")                                                       \
    X(INTEREST_FAMILY_LIFE, "family-life")

#define CONTENT_STYLES(X)                                                                          \
    X(STYLE_PLAIN_WORDS, "plain-words")                                                            \
    X(STYLE_WRITING, "writing")                                                                    \
    X(STYLE_DOING_TOGETHER, "doing-together")                                                      \
    X(STYLE_HUMOUR, "humour")                                                                      \
    X(STYLE_LISTENING, "listening")

#define CONTENT_WAYS(X)                                                                            \
    X(WAY_LONG_TALKS, "long-talks")                                                                \
    X(WAY_SHARED_PROJECTS, "shared-projects")                                                      \
    X(WAY_PLAY, "play")                                                                            \
    X(WAY_SMALL_DAILY_CONTACT, "small-daily-contact")                                              \
    X(WAY_QUIET_COMPANY, "quiet-company")

#define CONTENT_COSTS(X)                                                                           \
    X(COST_NONE, "none")                                                                           \
    X(COST_LITTLE, "little")                                                                       \
    X(COST_SOME, "some")

#define CONTENT_PLACES(X)                                                                          \
    X(PLACE_TOGETHER, "together")                                                                  \
    X(PLACE_REMOTE, "remote")                                                                      \
    X(PLACE_ALONE, "alone")

#define CONTENT_COMPANIES(X)                                                                       \
    X(COMPANY_JUST_US, "just-us")                                                                  \
    X(COMPANY_A_FEW, "a-few")                                                                      \
    X(COMPANY_MANY, "many")

/* usual; repair: needs compassion not low; boundary and support: also where safety is low; solo: about
 * oneself or letting be. */
#define CONTENT_CLASSES(X)                                                                         \
    X(CLASS_USUAL, "usual")                                                                        \
    X(CLASS_REPAIR, "repair")                                                                      \
    X(CLASS_BOUNDARY, "boundary")                                                                  \
    X(CLASS_SUPPORT, "support")                                                                    \
    X(CLASS_SOLO, "solo")

#define CONTENT_TURNS(X)                                                                           \
    X(TURNS_ALTERNATE, "alternate")                                                                \
    X(TURNS_BOTH, "both")                                                                          \
    X(TURNS_LISTENER, "listener")                                                                  \
    X(TURNS_ROUND, "round")

/* What a question asks for: a type as it is for me, as I would like it, as I bring it; a factor as I
 * find it; a factor as I bring it; being at ease as I am; whether there was any contact. */
#define CONTENT_ASKS(X)                                                                            \
    X(ASKS_FELT, "felt")                                                                           \
    X(ASKS_WANTED, "wanted")                                                                       \
    X(ASKS_GIVEN, "given")                                                                         \
    X(ASKS_FACTOR, "factor")                                                                       \
    X(ASKS_GIVEN_FACTOR, "given-factor")                                                           \
    X(ASKS_EASE, "ease")                                                                           \
    X(ASKS_CONTACT, "contact")

#define CONTENT_KEYS(X)                                                                            \
    X(KEYED_PLAIN, "plain")                                                                        \
    X(KEYED_REVERSED, "reversed")

/* Which column of everyday signs a kind reads. */
#define CONTENT_GROUPS(X)                                                                          \
    X(GROUP_PARTNER, "partner")                                                                    \
    X(GROUP_FAMILY, "family")                                                                      \
    X(GROUP_FRIEND, "friend")                                                                      \
    X(GROUP_TRUSTED, "trusted")

#define CONTENT_SAFETY(X)                                                                          \
    X(SAFETY_SIGNS, "signs")                                                                       \
    X(SAFETY_HELP, "help")                                                                         \
    X(SAFETY_LEAVE, "leave")                                                                       \
    X(SAFETY_CANNOT, "cannot")

#endif
