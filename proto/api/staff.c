#include "proto/api/staff.h"

#include "proto/event/describe.h"

enum account_role staff_role(struct site *site, struct view code, uint64_t *event) {
    struct staff_state state;
    enum account_role role = ACCOUNT_ROLE_none;
    struct view store = view_of(site->config.store);
    site_read(site);
    for (size_t cursor = 0; store.data != NULL && model_staff_next(site->model, &cursor, &state);) {
        if (!view_equal(state.code, code) || state.store.data == NULL || !view_equal(state.store, store)) continue;
        if (event != NULL) *event = state.event;
        if (state.active && state.role > 0 && state.role < ACCOUNT_ROLE_till) role = (enum account_role)state.role;
        break;
    }
    site_unread(site);
    return role;
}

void staff_display(struct site *site, uint64_t event, const char *code, char out[DISPLAY_MAX + 1]) {
    struct buf frame = BUF_INIT, plain = BUF_INIT;
    struct event opened_event;
    struct record record;
    int standing;
    bool opened = false;
    struct view name = VIEW_NONE;
    if (site_event(site, event, &opened_event, &frame, &plain, &standing, &opened, &record, NULL) == 0 && opened)
        name = event_sealed_view(&opened_event, event_info(EVENT_staff), SEALED_staff_name);
    view_text(name.len > 0 ? name : view_of(code), out, DISPLAY_MAX + 1);
    buf_release(&frame);
    buf_wipe(&plain);
}
