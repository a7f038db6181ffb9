/* web/late.c - libmicrohttpd, found when a site starts. It brings GnuTLS and seven more libraries with it; loading
 * them takes a millisecond that every command of a command line would pay for nothing. So the program is not
 * linked with it: these are its functions under their own names, checked against its own header, each handing
 * on to the library once that is there. MHD_start_daemon, which any use begins with, loads it.
 * The table is the one thing in this program that is neither handed round nor constant: the names are the
 * library's, and have no room for more. It is written once, before the first request. */
#include "web/late.h"
#include <dlfcn.h>
#include <microhttpd.h>
#include <stddef.h>
#include <string.h>

static const char library[] = "libmicrohttpd.so.12";

static struct {
    __typeof__(MHD_start_daemon_va) *start_daemon_va;
    __typeof__(MHD_add_response_header) *add_response_header;
    __typeof__(MHD_create_post_processor) *create_post_processor;
    __typeof__(MHD_create_response_from_buffer) *create_response_from_buffer;
    __typeof__(MHD_create_response_from_fd64) *create_response_from_fd64;
    __typeof__(MHD_destroy_post_processor) *destroy_post_processor;
    __typeof__(MHD_destroy_response) *destroy_response;
    __typeof__(MHD_get_connection_values) *get_connection_values;
    __typeof__(MHD_get_daemon_info) *get_daemon_info;
    __typeof__(MHD_lookup_connection_value) *lookup_connection_value;
    __typeof__(MHD_post_process) *post_process;
    __typeof__(MHD_queue_response) *queue_response;
    __typeof__(MHD_quiesce_daemon) *quiesce_daemon;
    __typeof__(MHD_run_wait) *run_wait;
    __typeof__(MHD_stop_daemon) *stop_daemon;
} mhd;

typedef struct Name {
    const char *name;
    size_t at; /* in the table */
} Name;

static const Name names[] = {
    {"MHD_start_daemon_va",             offsetof(__typeof__(mhd), start_daemon_va)            },
    {"MHD_add_response_header",         offsetof(__typeof__(mhd), add_response_header)        },
    {"MHD_create_post_processor",       offsetof(__typeof__(mhd), create_post_processor)      },
    {"MHD_create_response_from_buffer", offsetof(__typeof__(mhd), create_response_from_buffer)},
    {"MHD_create_response_from_fd64",   offsetof(__typeof__(mhd), create_response_from_fd64)  },
    {"MHD_destroy_post_processor",      offsetof(__typeof__(mhd), destroy_post_processor)     },
    {"MHD_destroy_response",            offsetof(__typeof__(mhd), destroy_response)           },
    {"MHD_get_connection_values",       offsetof(__typeof__(mhd), get_connection_values)      },
    {"MHD_get_daemon_info",             offsetof(__typeof__(mhd), get_daemon_info)            },
    {"MHD_lookup_connection_value",     offsetof(__typeof__(mhd), lookup_connection_value)    },
    {"MHD_post_process",                offsetof(__typeof__(mhd), post_process)               },
    {"MHD_queue_response",              offsetof(__typeof__(mhd), queue_response)             },
    {"MHD_quiesce_daemon",              offsetof(__typeof__(mhd), quiesce_daemon)             },
    {"MHD_run_wait",                    offsetof(__typeof__(mhd), run_wait)                   },
    {"MHD_stop_daemon",                 offsetof(__typeof__(mhd), stop_daemon)                },
};

bool late_load(void)
{
    void *lib = mhd.stop_daemon ? NULL : dlopen(library, RTLD_NOW | RTLD_LOCAL);
    for (size_t i = 0; lib && i < sizeof names / sizeof names[0]; i++) {
        void *function = dlsym(lib, names[i].name);
        if (!function)
            return false;
        memcpy((char *)&mhd + names[i].at, &function, sizeof function); /* as POSIX has it */
    }
    return mhd.stop_daemon != NULL;
}

struct MHD_Daemon *MHD_start_daemon(unsigned int flags, uint16_t port, MHD_AcceptPolicyCallback apc,
                                    void *apc_cls, MHD_AccessHandlerCallback dh, void *dh_cls, ...)
{
    struct MHD_Daemon *daemon = NULL;
    va_list options;
    va_start(options, dh_cls);
    if (late_load())
        daemon = mhd.start_daemon_va(flags, port, apc, apc_cls, dh, dh_cls, options);
    va_end(options);
    return daemon;
}

enum MHD_Result MHD_add_response_header(struct MHD_Response *response, const char *header,
                                        const char *content)
{
    return mhd.add_response_header(response, header, content);
}

struct MHD_PostProcessor *MHD_create_post_processor(struct MHD_Connection *connection,
                                                    size_t buffer_size, MHD_PostDataIterator iter,
                                                    void *iter_cls)
{
    return mhd.create_post_processor(connection, buffer_size, iter, iter_cls);
}

struct MHD_Response *MHD_create_response_from_buffer(size_t size, void *buffer,
                                                     enum MHD_ResponseMemoryMode mode)
{
    return mhd.create_response_from_buffer(size, buffer, mode);
}

struct MHD_Response *MHD_create_response_from_fd64(uint64_t size, int fd)
{
    return mhd.create_response_from_fd64(size, fd);
}

enum MHD_Result MHD_destroy_post_processor(struct MHD_PostProcessor *pp)
{
    return mhd.destroy_post_processor(pp);
}

void MHD_destroy_response(struct MHD_Response *response)
{
    mhd.destroy_response(response);
}

int MHD_get_connection_values(struct MHD_Connection *connection, enum MHD_ValueKind kind,
                              MHD_KeyValueIterator iterator, void *iterator_cls)
{
    return mhd.get_connection_values(connection, kind, iterator, iterator_cls);
}

const union MHD_DaemonInfo *MHD_get_daemon_info(struct MHD_Daemon *daemon,
                                                enum MHD_DaemonInfoType info_type, ...)
{
    return mhd.get_daemon_info(daemon, info_type); /* none of what is asked for takes more */
}

const char *MHD_lookup_connection_value(struct MHD_Connection *connection, enum MHD_ValueKind kind,
                                        const char *key)
{
    return mhd.lookup_connection_value(connection, kind, key);
}

enum MHD_Result MHD_post_process(struct MHD_PostProcessor *pp, const char *post_data,
                                 size_t post_data_len)
{
    return mhd.post_process(pp, post_data, post_data_len);
}

enum MHD_Result MHD_queue_response(struct MHD_Connection *connection, unsigned int status_code,
                                   struct MHD_Response *response)
{
    return mhd.queue_response(connection, status_code, response);
}

MHD_socket MHD_quiesce_daemon(struct MHD_Daemon *daemon)
{
    return mhd.quiesce_daemon(daemon);
}

enum MHD_Result MHD_run_wait(struct MHD_Daemon *daemon, int32_t millisec)
{
    return mhd.run_wait(daemon, millisec);
}

void MHD_stop_daemon(struct MHD_Daemon *daemon)
{
    mhd.stop_daemon(daemon);
}
