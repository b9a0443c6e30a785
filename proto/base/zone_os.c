#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "proto/base/zone.h"

/* localtime_r takes a lock and costs a search; an import asks three times a row. Offsets change on very few days, so
 * the offset of each day is kept, once it was asked for: 0 for not yet, CHANGES for a day within which it changes, else
 * the seconds plus KNOWN. Any thread may fill an entry, all would write the same. */
#define FIRST_DAY (TIME_MIN / DAY_MS)
#define DAYS (TIME_MAX / DAY_MS - FIRST_DAY + 1)
#define KNOWN 1000000
#define CHANGES 1

static _Atomic int32_t offset_of_day[DAYS];
static pthread_mutex_t switching = PTHREAD_MUTEX_INITIALIZER;
static char current[sizeof((struct zone *)NULL)->name];

static int64_t floor_divide(int64_t a, int64_t b) { return a / b - (a % b < 0); }

static int64_t ask_libc(int64_t utc_seconds) {
    time_t at = utc_seconds;
    struct tm local;
    return localtime_r(&at, &local) == NULL ? 0 : local.tm_gmtoff;
}

static int32_t learn_day(int64_t day) {
    const int64_t seconds = DAY_MS / 1000;
    int64_t start = ask_libc(day * seconds);
    bool same = start == ask_libc(day * seconds + seconds / 2) && start == ask_libc((day + 1) * seconds - 1);
    int32_t entry = same ? (int32_t)(start + KNOWN) : CHANGES;
    atomic_store_explicit(&offset_of_day[day - FIRST_DAY], entry, memory_order_relaxed);
    return entry;
}

static int64_t os_offset_at(void *context, int64_t utc_ms) {
    (void)context;
    int64_t day = floor_divide(utc_ms, DAY_MS);
    int32_t entry = CHANGES;
    if (day >= FIRST_DAY && day < FIRST_DAY + DAYS) {
        entry = atomic_load_explicit(&offset_of_day[day - FIRST_DAY], memory_order_relaxed);
        if (entry == 0) entry = learn_day(day);
    }
    return entry == CHANGES ? ask_libc(floor_divide(utc_ms, 1000)) * 1000 : (int64_t)(entry - KNOWN) * 1000;
}

/* Names end up in a path and in TZ, where other forms have meanings of their own. "right/" zones count leap seconds. */
static bool acceptable(const char *name) {
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
    size_t len = strlen(name);
    return len > 0 && len < sizeof current && strspn(name, allowed) == len && name[0] != '/' && name[len - 1] != '/' &&
           strstr(name, "//") == NULL && strncmp(name, "right/", 6) != 0;
}

/* The C library takes a name it does not know for UTC, silently. */
static bool in_database(const char *name) {
    const char *folder = getenv("TZDIR");
    char magic[4] = "";
    struct buf path = BUF_INIT;
    buf_printf(&path, "%s/%s", folder != NULL && folder[0] != '\0' ? folder : "/usr/share/zoneinfo", name);
    FILE *file = fopen(buf_text(&path), "rb");
    buf_release(&path);
    if (file == NULL) return false;
    bool found = fread(magic, 1, sizeof magic, file) == sizeof magic && memcmp(magic, "TZif", sizeof magic) == 0;
    fclose(file);
    return found;
}

static int switch_to(const char *name, struct err *err) {
    if (strcmp(current, name) == 0) return 0;
    if (current[0] != '\0')
        return err_set(err, ERR_CONFLICT, "timezone", "this process already works in %s and cannot work in %s too",
                       current, name);
    if (!in_database(name))
        return err_set(err, ERR_INVALID, "timezone",
                       "\"%s\" is not in the system's time zone database; give a name such as Asia/Seoul", name);
    if (setenv("TZ", name, 1) != 0)
        return err_set(err, ERR_IO, "timezone", "the time zone could not be set: %s", strerror(errno));
    tzset();
    memcpy(current, name, strlen(name) + 1);
    return 0;
}

int zone_os(const char *name, struct zone *out, struct err *err) {
    if (name == NULL || !acceptable(name))
        return err_set(err, ERR_INVALID, "timezone", "\"%s\" is not the name of a time zone such as Asia/Seoul",
                       name == NULL ? "" : name);
    pthread_mutex_lock(&switching);
    int code = switch_to(name, err);
    pthread_mutex_unlock(&switching);
    if (code != 0) return code;
    *out = (struct zone){.offset_at = os_offset_at};
    memcpy(out->name, name, strlen(name) + 1);
    return 0;
}
