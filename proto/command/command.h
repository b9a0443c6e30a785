/* Commands: one table a program, one way to run them.
 *
 * A command is a row: name, what it takes, what it does, a function. The machinery parses by the row, prints help from
 * it, opens the directory or hands the whole call (arguments, standard streams, working directory) to the `serve` that
 * owns it, and turns an error into one line on stderr or a JSON object. A command itself neither knows nor cares where
 * it runs: it reads and writes only through its `struct call`.
 *
 * Thread: in a `serve`, each call runs on a thread of its own. */
#ifndef DANGOL_PROTO_COMMAND_COMMAND_H
#define DANGOL_PROTO_COMMAND_COMMAND_H

#include <jansson.h>
#include <stdatomic.h>
#include <stdio.h>

#include "proto/site/site.h"

#define EXIT_DONE 0
#define EXIT_REFUSED 1
#define EXIT_USAGE 2

struct call;

struct option {
    const char *name;  /* without the dashes; a one-letter name is written -o */
    const char *value; /* its placeholder in the help; NULL: a switch */
    const char *help;
    bool repeats;
};

/* A word that an argument may be, for the help: "open", "step ID listen". */
struct word {
    const char *word;
    const char *meaning;
};

/* What options do not go together with. `with` says which arguments they need: words, "*" for any, alternatives divided
 * by '|' ("step * outcome", "open|step"); "" none at all: they stand in place of one; "!…" any but those; NULL any. */
struct rule {
    const char *options; /* names, divided by blanks */
    const char *with;
    bool rivals; /* at most one of them */
};

struct grammar {
    const struct word *words; /* ends with a word of NULL; or NULL */
    const struct rule *rules; /* ends with options of NULL; or NULL */
};

/* Options that stand in no table: every field of the customer file (--name N …); those of the list that the first
 * argument names (export). */
enum borrowed_options { BORROWS_NONE, BORROWS_FILE, BORROWS_LIST };

enum command_needs {
    NEEDS_NOTHING,    /* no directory yet: init */
    NEEDS_TARGET,     /* the same, and DIR stands behind the arguments: restore BACKUP DIR */
    NEEDS_SITE,       /* an open site: its own or a running serve's */
    NEEDS_SOUND_SITE, /* the same, after a look at the log from outside: opening a damaged one can end the process */
    NEEDS_OWNERSHIP,  /* an open site of its own: serve */
};

struct command {
    const char *name;
    const char *arguments; /* behind DIR, for the help: "(ID | --phone P)" */
    const char *summary;
    enum command_needs needs;
    int least, most;               /* positional arguments behind DIR; most -1: any number */
    const struct option *options;  /* ends with a name of NULL; --json, --help are everybody's */
    const struct option *more;     /* a second list, shared between commands; or NULL */
    enum borrowed_options borrows; /* besides its own */
    int (*run)(struct call *call); /* 0, or negative with call->error filled; ERR_USAGE is exit status 2 */
    const struct grammar *grammar; /* or NULL */
};

/* May a `serve` run it for another process? */
static inline bool command_shares(const struct command *command) {
    return command->needs == NEEDS_SITE || command->needs == NEEDS_SOUND_SITE;
}

struct program {
    const char *name; /* "dangol-hub" */
    const char *summary;
    enum role role;
    const struct command *const *groups; /* arrays ending with a name of NULL; the list ends with NULL */
};

/* The command of a name, or NULL. */
const struct command *program_command(const struct program *program, struct view name);

/* What a replay asks its questions of. */
struct replay {
    struct model *model;
    int64_t happened_until; /* ms UTC: later facts are cut; TIME_NONE: none are */
    bool other_policy;      /* the model assumes values of the policy */
};

/* What call_progress remembers between two redraws. */
struct bar {
    bool shown;
    int64_t started, drawn;
    uint64_t first;
};

/* A part of a list. Rows may come and go between two pages, so a page begins behind the last row of the one before, by
 * what that row is about, and only when it is there no more, by how many there were. */
#define PAGE_KEY 128
struct page {
    size_t offset, limit;
    char after[PAGE_KEY]; /* "": from `offset` on */
    bool more;            /* out: rows follow the last one given, */
    size_t end;           /* which is the end-th of all */
    char last[PAGE_KEY];
};

/* What an answer rests on, told by the command to whoever would keep it (proto/api/kept.h): it is the same until then,
 * for as long as nothing happens to any of these (proto/site/news.h). */
#define GROUNDS_MAX 24
struct grounds {
    bool told;     /* else the command has nothing to say of it */
    bool shifting; /* it may be another one in a moment */
    int64_t until;
    uint64_t on[GROUNDS_MAX];
    size_t count;
};

struct call {
    const struct program *program;
    const struct command *command;
    const char *directory;
    int argc; /* positional arguments behind DIR */
    const char **argv;
    size_t given_count; /* options, in the order written */
    const char **given_names;
    const char **given_values;   /* NULL: a switch */
    struct site *site;           /* NEEDS_SITE, NEEDS_OWNERSHIP */
    const struct replay *replay; /* NULL: questions are asked of the serving model, as of now */
    void *daemon;                /* the program's own running daemon, NULL when the command runs alone */
    const struct env *env;
    FILE *in, *out, *err_out;      /* the caller's; reads and writes end when the call is cancelled */
    struct memory_streams *memory; /* what `out` writes to, when that is memory; or NULL */
    int working_directory;         /* fd: relative paths in arguments are the caller's */
    long caller;                   /* the process that called, when it is another one; 0: this one */
    bool remote;                   /* it came over HTTP: of this machine's files it may have none but "-" */
    const char *bound;             /* whoever asks sees this store only (proto/api/bounds.h); NULL: all there is */
    bool json;
    struct grounds *grounds;    /* where somebody wants to know; or NULL */
    struct site_opened *opened; /* the event read last, of who wipes it at the end; or NULL */
    struct page *page;          /* of a list in JSON: only this part of it; NULL: all */
    bool progress;              /* err_out is a terminal */
    atomic_bool *cancelled;     /* the caller is gone or pressed Ctrl-C: long work stops at the next good place */
    int cancel_fd;              /* readable from then on: for a poll of one's own */
    struct slot *slot;          /* its place among the calls of a serve; NULL: it runs alone */
    bool closed_told;           /* that nothing sealed is opened here */
    atomic_bool *noticed;       /* the command has asked and was told so: what it did is not all there was to do */
    struct bar bar;
    const char *report; /* beside the bar of the report at work */
    bool left;          /* it needs the model no more */
    char source[40];    /* of the refs it writes: "cli purchase" */
    struct err error;
};

/* Runs the program; the answer is the exit status. SIGINT and SIGTERM set `cancelled`; a second one kills. */
int program_main(const struct program *program, int argc, char **argv);

/* Options as written; NULL or false when not given. */
const char *call_option(const struct call *call, const char *name); /* the last one */
size_t call_option_count(const struct call *call, const char *name);
const char *call_option_at(const struct call *call, const char *name, size_t index);
bool call_has(const struct call *call, const char *name);

/* Values of options. All fill call->error naming the option and return its code. `field` NULL: an argument without a
 * name. An option that was not given is the fallback. */
int call_id(struct call *call, const char *field, const char *text, uint64_t *out);
int call_number(struct call *call, const char *name, int64_t least, int64_t most, int64_t fallback, int64_t *out);
/* Also "now". */
int call_time(struct call *call, const char *name, bool end_of_day, int64_t fallback, int64_t *out);
int call_date(struct call *call, const char *name, struct date fallback, struct date *out);
int call_money(struct call *call, const char *field, struct view text, int64_t *out);

/* Opens a file named by an argument, from the caller's working directory. "-" is the caller's standard input or output,
 * which closing leaves open. */
int call_read(struct call *call, const char *path, struct buf *out);
FILE *call_open(struct call *call, const char *path, const char *mode); /* NULL: call->error is filled */
int call_write_file(struct call *call, const char *path, struct view content, unsigned mode);
/* Makes the file that call_write_file is to fill, empty and for its owner only: ERR_EXISTS when there is one already.
 * The other takes it away again, after a failure. */
int call_claim(struct call *call, const char *path);
void call_unclaim(struct call *call, const char *path);

/* Output: one JSON document; `call_json` prints and takes the reference. For long lists: begin, rows, end. */
void call_json(struct call *call, json_t *document); /* not NULL */

struct rows_out {
    struct call *call;
    size_t count;
    size_t seen, first; /* of a page: rows so far, and its first one's number */
    bool passed;        /* the row that it begins behind has come */
    json_t *held;       /* its rows, and one more when there is one */
};
void rows_begin(struct rows_out *rows, struct call *call);
void rows_add(struct rows_out *rows, json_t *row); /* takes the reference */
void rows_end(struct rows_out *rows);
/* No further row would be given: who would look for many more need not. */
bool rows_full(const struct rows_out *rows);

/* A progress bar on a terminal, nothing elsewhere. `all` 0: how many is not known. The bar goes when the call ends; a
 * call that writes lines to err_out in between takes it away first. */
void call_progress(struct call *call, const char *what, uint64_t done, uint64_t all);
void call_progress_end(struct call *call);

/* What the answer rests on, for call->grounds; nothing where nobody wants to know. */
void call_rests_on(struct call *call, uint64_t id);
void call_rests_until(struct call *call,
                      int64_t time); /* the first ms at which it may be another one; TIME_NONE: none */
void call_rests_on_nothing(struct call *call);

/* Whether to stop. A command that was told so and ends without an error all the same is "stopped", status 1; `serve`,
 * which has an orderly end, is done. */
bool call_cancelled(const struct call *call);
/* Nothing for `ms` (negative: for ever), or until cancelled: then true. `serve` sits here. */
bool call_pause(struct call *call, int64_t ms);
/* So long one waits for another who has the directory, and looks so often whether it is free. */
#define CALL_OTHERS_WAIT_MS 60000
#define CALL_OTHERS_AGAIN_MS 50
/* Before a command goes on for as long as somebody looks: in a `serve` it then leaves its place to those that get done.
 * ERR_BUSY when too many last there already. */
int call_lasts(struct call *call);
/* ERR_INTERRUPTED, in the words of every command that was stopped. */
int call_stopped(struct call *call);

#endif
