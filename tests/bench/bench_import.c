/* Import of purchases through the command, into a store on disk: from the file to the last durable commit.
 *
 *   import          rows a second; baseline: reading the same CSV with the same reader, field by field
 *   import_growth   the same; baseline: a tenth of the rows (1: cost grows as the rows do)
 *
 * The rows are those of the real journey (DANGOL_DATA), several times with other baskets, or made-up ones of its shape:
 * receipts of one or two lines, scattered over the file, customers who come back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/commands.h"
#include "node/csv.h"
#include "proto/command/command.h"
#include "tests/support/bench.h"
#include "tests/support/shop.h"

#define ROWS 300000
#define TENTH 10
#define GOAL 100000.0
#define FILE_NAME "rows.csv"
#define HEADER "household_id,store_id,basket_id,product_id,quantity,sales_value,transaction_timestamp"

static const char map[] = "customer=household_id,basket=basket_id,sku=product_id,quantity=quantity,amount=sales_value,"
                          "time=transaction_timestamp";

static uint64_t next(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    return *state ^= *state << 17;
}

static size_t made_up(struct buf *out) {
    uint64_t state = 88172645463325252u;
    buf_printf(out, HEADER "\n");
    for (size_t i = 0; i < ROWS; i++) {
        uint64_t basket = next(&state) % (ROWS * 2 / 3), of_basket = basket * 2654435761u;
        uint64_t day = of_basket % 365;
        buf_printf(out, "%llu,%llu,%llu,%llu,%llu,%llu.%02llu,2017-%02llu-%02llu %02llu:%02llu:%02llu\n",
                   (unsigned long long)(of_basket % 9973 * (of_basket % 9973) % 9973 + 1), 367ULL,
                   (unsigned long long)(basket + 31625220889u), (unsigned long long)(next(&state) % 20000 + 800000),
                   (unsigned long long)(next(&state) % 3 + 1), (unsigned long long)(next(&state) % 20),
                   (unsigned long long)(next(&state) % 100), (unsigned long long)(day / 31 + 1),
                   (unsigned long long)(day % 28 + 1), (unsigned long long)(of_basket % 14 + 8),
                   (unsigned long long)(of_basket % 60), (unsigned long long)(of_basket % 59));
    }
    return ROWS;
}

/* The real rows over and over, each time under other basket numbers. */
static size_t real(struct buf *out, const char *data) {
    struct buf file = BUF_INIT;
    struct csv csv;
    struct csv_row row;
    char path[512];
    size_t rows = 0;
    snprintf(path, sizeof path, "%s/journey/transactions.csv", data);
    scratch_read(path, &file);
    for (int copy = 0; rows < ROWS; copy++) {
        csv_open(&csv, buf_view(&file), (struct csv_dialect){.delimiter = ','});
        bench_must(csv_next(&csv, &row) && row.count > 3, "reading the journey");
        if (copy == 0) buf_append_view(out, row.raw);
        while (csv_next(&csv, &row)) {
            buf_append(out, row.raw.data, row.starts[2]);
            buf_printf(out, "%d", copy);
            buf_append(out, row.raw.data + row.starts[2], row.raw.len - row.starts[2]);
            rows++;
        }
        csv_close(&csv);
    }
    buf_release(&file);
    return rows;
}

static double read_alone(struct shop *shop) {
    struct buf file = BUF_INIT;
    struct csv csv;
    struct csv_row row;
    uint64_t bytes = 0;
    size_t rows = 0;
    double start = bench_seconds();
    shop_get(shop, FILE_NAME, &file);
    csv_open(&csv, buf_view(&file), (struct csv_dialect){.delimiter = ','});
    for (; csv_next(&csv, &row); rows++)
        for (size_t i = 0; i < row.count; i++) bytes += row.fields[i].len;
    csv_close(&csv);
    buf_release(&file);
    double seconds = bench_seconds() - start;
    bench_must(bytes > 0, "reading");
    return (double)rows / seconds;
}

/* Stores of their own below the working directory, by number. */
static void open_shop(struct shop *shop, int number) {
    static const uint8_t master[KEY_BYTES] = {1};
    struct keyring *ring;
    struct log *log;
    struct err err = {0};
    char ring_name[16], log_name[16];
    snprintf(ring_name, sizeof ring_name, "ring%d", number);
    snprintf(log_name, sizeof log_name, "log%d", number);
    memset(shop, 0, sizeof *shop);
    bench_must(keyring_lmdb_open(ring_name, master, env_os(), &ring, &err) == 0, err.text);
    bench_must(log_lmdb_open(log_name, env_os(), 0, &log, &err) == 0, err.text);
    shop_open_over(shop, "USD", "US", ring, log, env_os());
}

/* Rows a second from the file to the last durable commit. */
static double read_in(struct shop *shop, size_t rows) {
    static const char *const words[] = {"import", "purchases", FILE_NAME, "--map", map, "--json", NULL};
    double start = bench_seconds();
    bench_must(shop_run(shop, import_commands, words) == 0, shop->error.text);
    double seconds = bench_seconds() - start;
    bench_must(json_integer_value(json_object_get(shop->answer, "written")) == (json_int_t)rows, "writing every row");
    return (double)rows / seconds;
}

/* The header and the first rows. */
static struct view first_rows(struct view content, size_t rows) {
    const uint8_t *at = content.data;
    for (size_t i = 0; i <= rows; i++)
        at = (const uint8_t *)memchr(at, '\n', (size_t)(content.data + content.len - at)) + 1;
    return view_make(content.data, (size_t)(at - content.data));
}

static double import_tenth(struct view content, size_t rows) {
    struct shop shop;
    open_shop(&shop, 1);
    scratch_write(scratch_name(&shop.scratch, FILE_NAME), first_rows(content, rows));
    double value = read_in(&shop, rows);
    shop_close(&shop);
    return value;
}

int main(void) {
    struct shop shop;
    struct buf content = BUF_INIT;
    const char *data = getenv("DANGOL_DATA");
    size_t rows = data != NULL ? real(&content, data) : made_up(&content);
    double tenth = import_tenth(buf_view(&content), rows / TENTH);
    open_shop(&shop, 2);
    scratch_write(scratch_name(&shop.scratch, FILE_NAME), buf_view(&content));
    buf_release(&content);
    read_alone(&shop);
    double baseline = read_alone(&shop);
    double value = read_in(&shop, rows);
    fprintf(stderr, "import: %zu %s rows, %lld events; goal %.0f rows/s: %s\n", rows, data != NULL ? "real" : "made-up",
            (long long)json_integer_value(json_object_get(shop.answer, "events")), GOAL,
            value >= GOAL ? "reached" : "missed");
    bench_tell("import", "rows/s", value, baseline, value / baseline);
    bench_tell("import_growth", "rows/s", value, tenth, value / tenth);
    shop_close(&shop);
    return 0;
}
