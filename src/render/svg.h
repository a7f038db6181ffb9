/* render/svg.h - where each thing stands in the pictures. The markup is in templates/svg/; here numbers
 * of a view-model become numbers of a drawing, so that templates hold no arithmetic and C holds no SVG.
 *
 * svg_draw goes through a view-model and makes another in which every object that has a member "picture" has what
 * its template needs, in a member "draw". The pictures, their templates and their members:
 *
 *   "figure"   svg/flower, svg/bloom; in the context of one item svg/dots and svg/mark
 *              types[]   {key, name, mean, lo, hi, wanted}
 *              factors[] {key, name, mean, lo, hi, wanted, limiting}; title, desc
 *   "scale"    svg/dots: {key, mean, lo, hi, wanted}; svg/mark where key is a type
 *   "mark"     svg/mark: {types: [key, …]}, or {key}
 *   "profile"  svg/bar in the context of one item: types[] {key, name, mean, lo, hi} in points of share
 *   "sure"     svg/sure: {level: "quite" | "fairly" | "guess"}
 *   "seeds"    svg/seeds: {parts: [7, 2]} of ten, full, half and empty
 *   "trend"    svg/trend: {from, to, now, points[] {at, mean, lo, hi}, answers[] {at, value},
 *              wanted[] {at, value}, notes[] {at, letter}; title, desc}
 *   "rhythm"   svg/rhythm: {from, to, moments[] {at, types}, months[] {at}; title, desc}
 *   "map"      svg/map: {groups: at most four of {name, people[] {name, initials, href, label, mean, lo,
 *              hi, wanted}}, clockwise from the foot; rings: five words, the nearest first; title, desc}
 *
 * What is missing is not drawn. Without lo and hi nothing is known and only an outline shows; with them
 * but without mean the range is too wide for a best guess, and only the range shows. A type that is left
 * out (not part of us) has no petal. "id", unless given, is made from the picture's name and a number.
 * Shapes  keys of types: emotional intellectual physical experiential spiritual; of factors: trust
 *         acceptance honesty safety compassion affection communication. Place follows from the key.
 * Units   values 0..10, clamped; at: a number on any scale, or an ISO 8601 instant. Drawn lengths are in
 *         the template's viewBox, x and y of the plots in percent.
 * Errors  ERR_NOMEM; ERR_INVALID err.picture (what) for a picture or a key that is not listed here.
 * Memory  *ret is the caller's to json_decref; its outermost object is its own, to which members may be added. What
 *         has no pictures it shares with view_model, which is left as it was. Scratch in cx->arena.
 * Thread  pure. */
#ifndef RENDER_SVG_H
#define RENDER_SVG_H

#include "base/cx.h"
#include <jansson.h>

enum { SVG_DEPTH_MAX = 64 }; /* objects and arrays inside each other */

MUST_CHECK Err svg_draw(Cx *cx, json_t *view_model, json_t **ret);

#endif
