/* Whole imports of any rows, into a store in memory: every row is accounted for, a dry run says what the import then
 * does, and the same file again writes nothing. The first byte chooses what is imported, the encoding, and whether the
 * header is taken from the input too. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "node/commands.h"
#include "tests/support/shop.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FILE_NAME "rows.csv"

static const struct {
    const char *name, *header, *map;
} kinds[] = {
    {"purchases", "c,b,t,s,q,a,p,l,d,w\n",
     "customer=c,basket=b,time=t,sku=s,quantity=q,amount=a,unit_price=p,list_price=l,discount=d,staff=w"},
    {"customers", "n,p,c,e,b,a,j,t,w\n",
     "name=n,phone=p,card=c,email=e,birthday=b,address=a,custom=j,time=t,staff=w,referred_by=w"},
    {"contacts", "c,k,p,t,o,s,n,w,r\n",
     "customer=c,kind=k,purpose=p,time=t,outcome=o,satisfaction=s,note=n,staff=w,ref=r"},
    {"complaints", "r,c,o,a,z,s,n,t,x,g,f\n",
     "ref=r,customer=c,opened=o,answered=a,closed=z,resolved=s,score=n,subject=t,text=x,segment=g,company=f"},
};

struct told {
    json_int_t rows, written, skipped, rejected, events;
};

static json_int_t number(const struct shop *shop, const char *key) {
    const json_t *value = json_object_get(shop->answer, key);
    assert(json_is_integer(value) && json_integer_value(value) >= 0);
    return json_integer_value(value);
}

/* False: the file as a whole was refused. */
static bool read_in(struct shop *shop, uint8_t choice, bool dry, struct told *out) {
    static const char *const encodings[] = {"utf-8", "gb18030", "latin1", "cp949"};
    const char *const words[] = {"import",
                                 kinds[choice % 4].name,
                                 FILE_NAME,
                                 "--map",
                                 kinds[choice % 4].map,
                                 "--encoding",
                                 encodings[choice / 4 % 4],
                                 "--json",
                                 dry ? "--dry-run" : NULL,
                                 NULL};
    uint64_t before = log_tip(shop->site->log);
    if (shop_run(shop, import_commands, words) != 0) {
        assert(shop->error.code == shop->code && shop->error.text[0] != '\0' && log_tip(shop->site->log) == before);
        return false;
    }
    assert(shop->answer != NULL);
    *out = (struct told){number(shop, "rows"), number(shop, "written"), number(shop, "skipped"),
                         number(shop, "rejected"), number(shop, "events")};
    assert(out->rows == out->written + out->skipped + out->rejected);
    assert(log_tip(shop->site->log) == before + (dry ? 0 : (uint64_t)out->events));
    return true;
}

/* Every event in the log reads back. */
static void check_log(struct shop *shop) {
    for (uint64_t at = 1; at <= log_tip(shop->site->log); at++) assert(shop_event(shop, at) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct shop shop;
    struct buf file = BUF_INIT;
    struct told dry, wet, again;
    if (size == 0) return 0;
    uint8_t choice = data[0];
    if (choice < 0x80) buf_append_view(&file, view_of(kinds[choice % 4].header));
    buf_append(&file, data + 1, size - 1);
    shop_open(&shop, "USD", "US");
    scratch_write(scratch_name(&shop.scratch, FILE_NAME), file.len == 0 ? view_of("") : buf_view(&file));
    bool read = read_in(&shop, choice, true, &dry);
    assert(read_in(&shop, choice, false, &wet) == read);
    if (read) {
        assert(memcmp(&dry, &wet, sizeof dry) == 0);
        check_log(&shop);
        assert(read_in(&shop, choice, false, &again));
        assert(again.events == 0 && again.written == 0 && again.rejected == wet.rejected);
    }
    buf_release(&file);
    shop_close(&shop);
    return 0;
}
