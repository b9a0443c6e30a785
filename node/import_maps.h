/* Mappings kept under names, so that the same till's file comes in every day by one word. They stand among the values
 * of the log, as one JSON object by name:
 *
 *     {"till": {"kind": "purchases", "saved": MS, "options": {"map": ["…"], "where": […], "delimiter": ";", …}}}
 *
 * They are this PC's own, are in its backups, and are no events. Thread: the call's. */
#ifndef DANGOL_NODE_IMPORT_MAPS_H
#define DANGOL_NODE_IMPORT_MAPS_H

#include "proto/command/command.h"

#define MAPS_NAME_MAX 40
#define MAPS_MOST 200

/* Is it a name: letters, digits, and - _ . between them? Errors name the option. */
int maps_name(const char *name, struct err *err);
/* The options kept for a kind of import, the caller's to free. ERR_NOT_FOUND, ERR_INVALID: of another kind. */
int maps_find(struct site *site, const char *name, const char *kind, json_t **options, struct err *err);
/* Takes the reference. One that says something else is written over only when `again`. */
int maps_save(struct site *site, const char *name, const char *kind, json_t *options, bool again, struct err *err);

/* The command `mappings`. */
int maps_command(struct call *call);
extern const struct grammar maps_grammar;

#endif
