#include <string.h>

#include "proto/command/parse.h"

#define WORD_MAX 32

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`. */
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len) {
    size_t rows[3][WORD_MAX + 1];
    size_t *before = rows[0], *last = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b_len; j++) last[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t same = a[i - 1] == b[j - 1] ? 0 : 1;
            row[j] = least(last[j - 1] + same, least(last[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
        }
        size_t *free_row = before;
        before = last;
        last = row;
        row = free_row;
    }
    return last[b_len];
}

void nearest_try(struct nearest *nearest, const char *candidate) {
    size_t len = strlen(nearest->word), candidate_len = strlen(candidate);
    if (len > WORD_MAX || candidate_len > WORD_MAX || candidate_len < 2) return;
    size_t apart = distance(nearest->word, len, candidate, candidate_len);
    if (apart > (len + 2) / 3 || apart >= candidate_len) return;
    if (nearest->best != NULL && apart >= nearest->distance) return;
    nearest->best = candidate;
    nearest->distance = apart;
}
