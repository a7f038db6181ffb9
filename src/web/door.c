/* web/door.c - comparisons of secrets take the same time whether they fail at the first byte or the last. */
#include "web/door.h"
#include "base/os.h"
#include <stdio.h>
#include <string.h>

static bool same_secret(Id a, Id b)
{
    unsigned diff = 0;
    for (size_t i = 0; i < sizeof a.b; i++)
        diff |= (unsigned)(a.b[i] ^ b.b[i]);
    return diff == 0;
}

void doors_open(Doors *doors, int port)
{
    *doors = (Doors){.port = port};
    doors_new_token(doors);
}

void doors_close(Doors *doors)
{
    os_wipe(doors, sizeof *doors);
}

void doors_new_token(Doors *doors)
{
    doors->token = id_new();
}

static Session *free_session(Doors *doors)
{
    Session *oldest = &doors->sessions[0];
    for (int i = 0; i < SESSIONS_MAX; i++) {
        if (doors->sessions[i].used_ms < oldest->used_ms)
            oldest = &doors->sessions[i];
    }
    return oldest;
}

bool door_enter(Doors *doors, Str token, int64_t now_ms, Session **ret)
{
    Id given;
    if (!id_parse(token, &given) || id_is_zero(doors->token) || !same_secret(given, doors->token))
        return false;
    doors->token = (Id){{0}};
    Session *s = free_session(doors);
    *s = (Session){.id = id_new(), .csrf = id_new(), .used_ms = now_ms};
    *ret = s;
    return true;
}

Session *door_session(Doors *doors, Str cookie_header, int64_t now_ms)
{
    for (Str rest = cookie_header; rest.p;) {
        Str one = str_trim(str_cut(&rest, ';'));
        Id given;
        if (!str_starts(one, STR("fonder=")) || !id_parse(str_from(one, 7), &given))
            continue;
        for (int i = 0; i < SESSIONS_MAX; i++) {
            Session *s = &doors->sessions[i];
            if (s->used_ms != 0 && same_secret(s->id, given)) {
                s->used_ms = now_ms;
                return s;
            }
        }
    }
    return NULL;
}

void door_leave(Session *session)
{
    os_wipe(session, sizeof *session);
}

bool door_host(const Doors *doors, Str host)
{
    static const char *const names[] = {"127.0.0.1", "localhost", "[::1]"};
    char own[DOOR_HOST_CAP];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(own, sizeof own, "%s:%d", names[i], doors->port);
        if (str_ieq(host, str_c(own)))
            return true;
    }
    return false;
}

bool door_origin(const Doors *doors, Str host, Str origin, Str fetch_site)
{
    (void)doors;
    if (fetch_site.len > 0 && !str_eq_c(fetch_site, "same-origin"))
        return false;
    if (str_eq_c(origin, "null"))
        return fetch_site.len > 0;
    if (origin.len == 0)
        return true;
    return str_starts(origin, STR("http://")) && str_ieq(str_from(origin, 7), host);
}

bool door_csrf(const Session *session, Str given)
{
    Id id;
    return id_parse(given, &id) && same_secret(id, session->csrf);
}

Str door_cookie(const Session *session, char out[COOKIE_CAP])
{
    char text[ID_TEXT_CAP];
    (void)id_format(session->id, text);
    int n = snprintf(out, COOKIE_CAP, "fonder=%s; HttpOnly; SameSite=Strict; Path=/", text);
    return (Str){out, n};
}
