/* From row to draft, of any file: dry runs beside each other in one store that is opened once, where some customers
 * are known already. Nothing is written, so each input starts from the same; fuzz_import does the rest, slowly. Every
 * row is accounted for, every event shown is one of the catalogue's, what is rejected has a reason, and the log stays
 * as it was. The first byte chooses what is imported; the second the encoding, whether the header is taken from the
 * input too, and whether a mapping is proposed instead. */
#include <assert.h>
#include <string.h>

#include "node/commands.h"
#include "proto/event/describe.h"
#include "tests/support/shop.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct {
    const char *name, *header, *map;
} kinds[] = {
    {"purchases", "c,f,b,k,t,s,q,a,p,l,m,d,w,i,j\n",
     "customer=c,phone=f,basket=b,kind=k,time=t,sku=s,quantity=q,amount=a,unit_price=p,list_price=l,list_amount=m,"
     "discount=d,staff=w,care_told=i,card_given=j"},
    {"customers", "n,p,c,e,b,a,j,t,w,r,z,y\n",
     "name=n,phone=p,card=c,email=e,birthday=b,address=a,custom=j,time=t,staff=w,ref=r,told=z,referred_by=y"},
    {"contacts", "c,f,k,p,t,o,s,y,n,w,r\n",
     "customer=c,phone=f,kind=k,purpose=p,time=t,outcome=o,satisfaction=s,answers=y,note=n,staff=w,ref=r"},
    {"complaints", "r,c,f,o,a,z,s,n,t,x,g,v,h,l,k,w,m,u\n",
     "ref=r,customer=c,phone=f,opened=o,answered=a,closed=z,resolved=s,score=n,subject=t,text=x,segment=g,company=v,"
     "channel=h,level=l,sku=k,staff=w,settlement=m,cost=u"},
};
static const char *const encodings[] = {NULL, "utf-8", "gb18030", "latin1", "cp949", "windows-1252"};

static struct shop shop;

static void open_once(void) {
    static bool open;
    static const char people[] = "name,phone,card\nAnn,202-555-0101,K1\nBob,202-555-0102,\nBea,202-555-0102,K3\n";
    static const char *const words[] = {"import", "customers", "-", "--map", "name,phone,card", "--json", NULL};
    if (open) return;
    open = true;
    shop_open(&shop, "USD", "US");
    shop.in = view_of(people);
    assert(shop_run(&shop, import_commands, words) == 0 && log_tip(shop.site->log) == 3);
}

static json_int_t number(const char *key) {
    const json_t *value = json_object_get(shop.answer, key);
    assert(json_is_integer(value) && json_integer_value(value) >= 0);
    return json_integer_value(value);
}

static void check_answer(void) {
    size_t i;
    const json_t *one;
    assert(number("rows") == number("written") + number("skipped") + number("rejected"));
    assert(number("registered") <= number("events"));
    json_array_foreach(json_object_get(shop.answer, "preview"), i, one) {
        const char *type = json_string_value(json_object_get(one, "type"));
        assert(type != NULL && event_info_named(type) != NULL && json_is_object(json_object_get(one, "body")));
    }
    json_array_foreach(json_object_get(shop.answer, "problems"), i, one) {
        assert(json_integer_value(json_object_get(one, "line")) > 1);
        assert(json_string_length(json_object_get(one, "reason")) > 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct buf file = BUF_INIT;
    if (size < 2) return 0;
    open_once();
    size_t kind = data[0] % 4, way = data[1] / 8;
    bool suggest = way % 8 == 7;
    const char *encoding = encodings[data[1] % 6];
    const char *words[] = {"import",
                           kinds[kind].name,
                           "-",
                           "--json",
                           suggest ? "--suggest" : "--dry-run",
                           "--map",
                           kinds[kind].map,
                           encoding == NULL ? NULL : "--encoding",
                           encoding,
                           NULL};
    if (way / 8 % 4 != 3) buf_append_view(&file, view_of(kinds[kind].header));
    buf_append(&file, data + 2, size - 2);
    shop.in = buf_view(&file);
    int code = shop_run(&shop, import_commands, words);
    if (code != 0) assert(shop.error.code == code && shop.error.text[0] != '\0');
    if (code == 0 && !suggest) check_answer();
    assert(log_tip(shop.site->log) == 3);
    buf_release(&file);
    return 0;
}
