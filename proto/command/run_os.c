#include "proto/command/run_os.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEPT_FREE (16 << 20) /* bytes of freed memory that wait to be taken again */

/* Fixed before the handler is there. */
static struct {
    struct stop *stop;
    char farewell[256];
    size_t farewell_len;
    volatile sig_atomic_t at_work;
} signals;

/* Keys and people's data pass through jansson, which leaves them lying about in what it frees. */
static void json_forget(void *memory) {
    if (memory != NULL) explicit_bzero(memory, malloc_usable_size(memory));
    free(memory);
}

void process_start(void) {
    int fd;
    json_set_alloc_funcs(malloc, json_forget);
    do fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd > STDERR_FILENO) close(fd);
    signal(SIGPIPE, SIG_IGN);
    /* Threads of a serve take and give back the same memory all the time: not to the system each time. */
    mallopt(M_TOP_PAD, KEPT_FREE / 16);
    mallopt(M_TRIM_THRESHOLD, KEPT_FREE);
}

const char *process_directory(void) {
    const char *directory = getenv("DANGOL_DIR");
    return directory == NULL || directory[0] == '\0' ? NULL : directory;
}

int process_here(void) { return AT_FDCWD; }

static void on_signal(int number) {
    (void)number;
    int before = errno;
    if (signals.at_work) {
        stop_ask(signals.stop);
        errno = before;
        return;
    }
    ssize_t written = write(STDERR_FILENO, signals.farewell, signals.farewell_len);
    (void)written;
    _exit(EXIT_REFUSED);
}

static void listen_to(int number) {
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)(SA_RESTART | SA_RESETHAND)};
    struct sigaction before;
    sigemptyset(&action.sa_mask);
    /* Ignored from the start, as under nohup: it stays so. */
    if (sigaction(number, NULL, &before) == 0 && before.sa_handler == SIG_IGN) return;
    sigaction(number, &action, NULL);
}

void signals_start(const char *name, bool json, struct stop *stop) {
    signals.stop = stop;
    const char *clear = isatty(STDERR_FILENO) ? "\r\033[K" : "";
    if (json)
        snprintf(signals.farewell, sizeof signals.farewell, "%s%s\n", clear,
                 "{\"error\":{\"code\":\"interrupted\",\"message\":\"stopped\",\"field\":null}}");
    else
        snprintf(signals.farewell, sizeof signals.farewell, "%s%s: stopped\n", clear, name);
    signals.farewell_len = strlen(signals.farewell);
    listen_to(SIGINT);
    listen_to(SIGTERM);
}

void signals_ask(void) { signals.at_work = 1; }
