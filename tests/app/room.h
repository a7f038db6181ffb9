/* tests/app/room.h - the app over a fresh vault in a folder of its own.
 * Memory  in cx->arena; room_close gives all of it back and removes the folder. */
#ifndef TEST_ROOM_H
#define TEST_ROOM_H

#include "app/app.h"
#include "testlib.h"

typedef struct Room {
    TestCx t;
    Cx *cx;
    Str folder; /* the vault in it is called vault */
    App app;
} Room;

/* An empty passphrase: opened by a key file. */
static inline void room_open(Room *r, Str passphrase)
{
    LogRecovery code;
    *r = (Room){
        .folder = {NULL, 0}
    };
    test_cx_init(&r->t);
    r->cx = &r->t.cx;
    r->folder = test_folder(r->cx);
    app_init(&r->app, text_locale(STR("en")), test_path(r->cx, r->folder, "vault"), NULL);
    assert_ok(r->cx, app_create(r->cx, &r->app, passphrase, passphrase.len == 0, &code));
    app_recovery_wipe(&code);
}

static inline void room_close(Room *r)
{
    app_close(&r->app);
    app_render_free(&r->app);
    test_folder_remove(r->cx, r->folder);
    test_cx_free(&r->t);
}

#endif
