#include "proto/command/ask_directory.h"

#include "proto/base/text.h"

bool ask_directory(struct call *call, const char *phone, char tier[DIRECTORY_TIER_TEXT]) {
    bool here = call->site->config.role == ROLE_STORE && call->replay == NULL && phone != NULL;
    return here && site_directory_find(call->site, view_of(phone), tier, NULL) == 1;
}

json_t *ask_directory_json(const char *tier) { return json_pack("{s:s}", "tier", tier); }

int ask_elsewhere(struct call *call, int code, bool *answered) {
    const char *phone = call_option(call, "phone");
    char tier[DIRECTORY_TIER_TEXT];
    struct buf number = BUF_INIT;
    *answered = code == ERR_NOT_FOUND && ask_directory(call, phone, tier);
    if (!*answered) return code;
    call->error = (struct err){.code = 0};
    if (call->json) {
        call_json(call, json_pack("{s:n, s:o}", "id", "directory", ask_directory_json(tier)));
        return 0;
    }
    text_printable(view_of(phone), &number);
    fprintf(call->out,
            "%s: not in this store's book; the region knows this number: tier %s\n"
            "  register her, and her history comes with the next contact\n",
            buf_text(&number), tier);
    buf_wipe(&number);
    return 0;
}
