/* Consents, tags, relations, custodians, promises: current states over facts. */
#include <criterion/criterion.h>

#include "proto/event/describe.h"
#include "proto/model/about.h"
#include "tests/support/region_model.h"

static struct region r;
static struct folded f;

static void set_up(void) { region_init(&r); }
static void tear_down(void) {
    folded_release(&f);
    region_release(&r);
}
TestSuite(about, .init = set_up, .fini = tear_down);

static uint64_t customer(uint32_t stream) { return region_registered(&r, stream, 1, NIL); }

static uint64_t consent(uint32_t stream, uint64_t subject, int64_t purpose, bool given) {
    struct event e;
    event_init(&e, EVENT_consent);
    e.subject = subject;
    e.body.consent.purpose = purpose;
    e.body.consent.given = given;
    return region_put(&r, stream, &e, false);
}

static uint64_t tagged(uint32_t stream, uint64_t subject, int64_t tag, const char *label, bool on) {
    struct event e;
    event_init(&e, EVENT_tagged);
    e.subject = subject;
    e.body.tagged.tag = tag;
    e.body.tagged.on = on;
    if (label != NULL) event_sealed_set(&e, event_info(e.type), SEALED_tagged_label, view_of(label));
    return region_put(&r, stream, &e, false);
}

static uint64_t related(uint32_t stream, uint64_t subject, uint64_t other, int64_t relation, bool on) {
    struct event e;
    event_init(&e, EVENT_related);
    e.subject = subject;
    e.body.related.other = other;
    e.body.related.relation = relation;
    e.body.related.on = on;
    return region_put(&r, stream, &e, false);
}

static uint64_t custodian(uint32_t stream, uint64_t subject, const char *staff, const char *store) {
    struct event e;
    event_init(&e, EVENT_custodian);
    e.subject = subject;
    if (staff != NULL) e.body.custodian.staff = view_of(staff);
    if (store != NULL) e.body.custodian.store = view_of(store);
    return region_put(&r, stream, &e, false);
}

static uint64_t promised(uint32_t stream, uint64_t subject, int64_t due, uint64_t keeps) {
    return region_promised(&r, stream, subject, NIL, due, keeps);
}

Test(about, C4_the_latest_word_on_each_purpose_of_all_linked_customers) {
    struct consent_state out[4];
    uint64_t a = customer(1), b = customer(2);
    consent(1, a, choice_purpose_service, true);
    consent(1, a, choice_purpose_news, true);
    uint64_t withdrawn = consent(2, b, choice_purpose_news, false);
    cr_assert_eq(about_consents(fold_region(&f, &r), a, INT64_MAX, out, 4), 2u);
    cr_assert(out[0].given && out[1].given, "not linked, not said");
    region_linked(&r, HUB, a, b, choice_link_reason_phone);
    cr_assert_eq(about_consents(fold_region(&f, &r), a, INT64_MAX, out, 4), 2u);
    for (int i = 0; i < 2; i++) cr_assert_eq(out[i].given, out[i].purpose == choice_purpose_service);
    region_voided(&r, 2, b, withdrawn, true);
    about_consents(fold_region(&f, &r), b, INT64_MAX, out, 4);
    cr_assert(out[0].given && out[1].given);
}

Test(about, C4_whoever_wrote_later_holds_whatever_arrived_first) {
    struct consent_state out[2];
    uint64_t a = customer(1), later = r.hlc + (UINT64_C(90000) << 16), back = r.hlc;
    r.hlc = later;
    consent(1, a, choice_purpose_news, false);
    r.hlc = back;
    consent(2, a, choice_purpose_news, true);
    cr_assert_eq(about_consents(fold_region(&f, &r), a, INT64_MAX, out, 2), 1u);
    cr_assert_not(out[0].given);
}

Test(about, C7_tags_put_on_and_taken_off) {
    struct tag_state out[4];
    uint64_t a = customer(1);
    tagged(1, a, choice_tag_trust, NULL, true);
    tagged(1, a, choice_tag_vanity, NULL, true);
    uint64_t off = tagged(2, a, choice_tag_trust, NULL, false);
    cr_assert_eq(about_tags(fold_region(&f, &r), a, INT64_MAX, out, 4), 1u);
    cr_assert_eq(out[0].tag, choice_tag_vanity);
    region_voided(&r, 2, a, off, true);
    cr_assert_eq(about_tags(fold_region(&f, &r), a, INT64_MAX, out, 1), 2u, "more than fit are counted");
    cr_assert_eq(out[0].tag, choice_tag_trust);
    cr_assert_eq(about_labels(f.model, a, INT64_MAX, NULL, 0), 0u);
}

Test(about, C7_free_tags_come_latest_first) {
    struct label_word out[4];
    uint64_t a = customer(1), on = tagged(1, a, 0, "golf", true), off = tagged(1, a, 0, "golf", false);
    cr_assert_eq(about_labels(fold_region(&f, &r), a, INT64_MAX, out, 4), 2u);
    cr_assert(out[0].event == off && !out[0].on && out[1].event == on && out[1].on);
    cr_assert_eq(about_tags(f.model, a, INT64_MAX, NULL, 0), 0u);
}

Test(about, C4_C7_of_linked_customers_and_of_each_when_they_are_apart) {
    struct tag_state tags[4];
    struct label_word labels[4];
    struct consent_state consents[4];
    uint64_t a = customer(1), b = customer(2);
    tagged(1, a, choice_tag_trust, NULL, true);
    tagged(1, a, 0, "golf", true);
    consent(1, a, choice_purpose_news, true);
    uint64_t off = tagged(2, b, choice_tag_trust, NULL, false);
    consent(2, b, choice_purpose_news, false);
    cr_assert_eq(about_tags(fold_region(&f, &r), a, INT64_MAX, tags, 4), 1u);
    uint64_t link = region_linked(&r, HUB, b, a, choice_link_reason_phone);
    cr_assert_eq(about_tags(fold_region(&f, &r), a, INT64_MAX, tags, 4), 0u, "one person, the later word");
    cr_assert_eq(about_labels(f.model, b, INT64_MAX, labels, 4), 1u);
    cr_assert(about_consents(f.model, a, INT64_MAX, consents, 4) == 1 && !consents[0].given);
    region_voided(&r, 2, b, off, true);
    cr_assert_eq(about_tags(fold_region(&f, &r), b, INT64_MAX, tags, 4), 1u);
    region_voided(&r, 2, b, off, false);
    region_unlinked(&r, HUB, b, a, IDS(link), IDS(a));
    cr_assert_eq(about_tags(fold_region(&f, &r), a, INT64_MAX, tags, 4), 1u);
    cr_assert_eq(about_tags(f.model, b, INT64_MAX, tags, 4), 0u);
    cr_assert_eq(about_labels(f.model, b, INT64_MAX, labels, 4), 0u);
    cr_assert(about_consents(f.model, a, INT64_MAX, consents, 4) == 1 && consents[0].given);
    cr_assert(about_consents(f.model, b, INT64_MAX, consents, 4) == 1 && !consents[0].given);
}

Test(about, C9_relations_are_with_persons_and_end) {
    struct relation_state out[4];
    uint64_t a = customer(1), b = customer(2), c = customer(3);
    related(1, a, b, choice_relation_family, true);
    related(1, a, c, choice_relation_family, true);
    cr_assert_eq(about_relations(fold_region(&f, &r), a, INT64_MAX, out, 4), 2u);
    region_linked(&r, HUB, b, c, choice_link_reason_card);
    cr_assert_eq(about_relations(fold_region(&f, &r), a, INT64_MAX, out, 4), 1u, "two customers, one person");
    cr_assert_eq(out[0].other, b);
    related(1, a, c, choice_relation_family, false);
    cr_assert_eq(about_relations(fold_region(&f, &r), a, INT64_MAX, out, 4), 0u);
    related(1, a, b, choice_relation_leader, true);
    region_linked(&r, HUB, a, b, choice_link_reason_card);
    cr_assert_eq(about_relations(fold_region(&f, &r), a, INT64_MAX, out, 4), 0u, "nobody is related to herself");
}

Test(about, C9_who_leads_whom_also_through_others) {
    uint64_t a = customer(1), b = customer(2), c = customer(3), d = customer(1);
    related(1, b, a, choice_relation_leader, true); /* a leads b, who leads c */
    related(1, a, b, choice_relation_follower, true);
    related(2, c, b, choice_relation_leader, true);
    related(2, b, c, choice_relation_follower, true);
    cr_assert(about_leads(fold_region(&f, &r), a, b, INT64_MAX));
    cr_assert(about_leads(f.model, a, c, INT64_MAX));
    cr_assert_not(about_leads(f.model, b, a, INT64_MAX));
    cr_assert_not(about_leads(f.model, c, a, INT64_MAX));
    cr_assert_not(about_leads(f.model, a, d, INT64_MAX));
    uint64_t link = region_linked(&r, HUB, c, d, choice_link_reason_card);
    cr_assert(about_leads(fold_region(&f, &r), a, d, INT64_MAX), "one person now");
    region_unlinked(&r, HUB, d, c, IDS(link), IDS(c));
    cr_assert_not(about_leads(fold_region(&f, &r), a, d, INT64_MAX));
    related(1, a, c, choice_relation_leader, true); /* two stores off line: round in a circle */
    cr_assert(about_leads(fold_region(&f, &r), c, a, INT64_MAX) && about_leads(f.model, a, c, INT64_MAX));
    related(1, b, a, choice_relation_leader, false);
    cr_assert_not(about_leads(fold_region(&f, &r), a, c, INT64_MAX));
}

Test(about, C9_who_brought_a_customer_is_the_first_live_word) {
    uint64_t found = 0, a = customer(1), b = customer(1), c = customer(2), d = customer(3);
    cr_assert_not(about_referrer(fold_region(&f, &r), c, &found));
    uint64_t first = region_referred(&r, 1, a, c, NIL);
    region_referred(&r, 1, b, c, NIL);
    cr_assert(about_referrer(fold_region(&f, &r), c, &found));
    cr_assert_eq(found, a);
    region_linked(&r, HUB, c, d, choice_link_reason_card);
    cr_assert(about_referrer(fold_region(&f, &r), d, &found), "linked ones were brought, too");
    region_voided(&r, 1, a, first, true);
    cr_assert(about_referrer(fold_region(&f, &r), c, &found));
    cr_assert_eq(found, b);
}

Test(about, C10_the_latest_custodian_holds_until_nobody_is) {
    struct custodian_state out;
    region_store(&r, "12", "demo");
    region_stream(&r, 1, "12");
    uint64_t a = customer(1);
    cr_assert_not(about_custodian(fold_region(&f, &r), a, INT64_MAX, &out));
    custodian(1, a, "kim", NULL);
    cr_assert(about_custodian(fold_region(&f, &r), a, INT64_MAX, &out));
    cr_assert(view_is(out.staff, "kim") && view_is(out.store, "12"));
    custodian(1, a, "lee", "40");
    cr_assert(about_custodian(fold_region(&f, &r), a, INT64_MAX, &out));
    cr_assert(view_is(out.staff, "lee") && view_is(out.store, "40"));
    uint64_t none = custodian(1, a, NULL, NULL);
    cr_assert_not(about_custodian(fold_region(&f, &r), a, INT64_MAX, &out));
    region_voided(&r, 1, a, none, true);
    cr_assert(about_custodian(fold_region(&f, &r), a, INT64_MAX, &out));
}

/* ---- Typed in late ---- */

static void dated(struct event *e, enum event_type type, uint64_t subject, int64_t at) {
    event_init(e, type);
    e->subject = subject;
    e->at = at;
}

static void consent_at(uint64_t subject, bool given, int64_t at) {
    struct event e;
    dated(&e, EVENT_consent, subject, at);
    e.body.consent.purpose = choice_purpose_service;
    e.body.consent.given = given;
    region_put(&r, 1, &e, false);
}

static void tagged_at(uint64_t subject, int64_t tag, bool on, int64_t at) {
    struct event e;
    dated(&e, EVENT_tagged, subject, at);
    e.body.tagged.tag = tag;
    e.body.tagged.on = on;
    if (tag == 0) event_sealed_set(&e, event_info(e.type), SEALED_tagged_label, view_of("golf"));
    region_put(&r, 1, &e, false);
}

static void related_at(uint64_t subject, uint64_t other, bool on, int64_t at) {
    struct event e;
    dated(&e, EVENT_related, subject, at);
    e.body.related.other = other;
    e.body.related.relation = choice_relation_leader;
    e.body.related.on = on;
    region_put(&r, 1, &e, false);
}

static void custodian_at(uint64_t subject, const char *staff, int64_t at) {
    struct event e;
    dated(&e, EVENT_custodian, subject, at);
    e.body.custodian.staff = view_of(staff);
    region_put(&r, 1, &e, false);
}

Test(about, C4_withdrawn_holds_against_an_earlier_yes_that_is_typed_in_afterwards) {
    struct consent_state out[2];
    uint64_t a = customer(1);
    int64_t day = region_day(45, 10);
    consent_at(a, false, day);
    consent_at(a, true, day - 1);
    cr_assert_eq(about_consents(fold_region(&f, &r), a, INT64_MAX, out, 2), 1u);
    cr_assert(!out[0].given && out[0].time == day);
    cr_assert_eq(about_consents(f.model, a, day, out, 2), 1u);
    cr_assert_not(out[0].given, "from then on");
    cr_assert_eq(about_consents(f.model, a, day - 1, out, 2), 1u);
    cr_assert(out[0].given, "a ms before");
    cr_assert_eq(about_consents(f.model, a, day - 2, out, 2), 0u);
    consent_at(a, true, day);
    about_consents(fold_region(&f, &r), a, INT64_MAX, out, 2);
    cr_assert(out[0].given, "of the same moment what was written last");
}

Test(about, C7_C9_C10_what_happened_last_holds_whenever_it_was_typed_in) {
    struct tag_state tags[2];
    struct label_word labels[2];
    struct relation_state relations[2];
    struct custodian_state keeper;
    uint64_t a = customer(1), b = customer(1);
    region_store(&r, "12", "demo");
    region_stream(&r, 1, "12");
    int64_t day = region_day(45, 10);
    tagged_at(a, choice_tag_trust, false, day);
    tagged_at(a, choice_tag_trust, true, day - 1);
    tagged_at(a, 0, false, day);
    tagged_at(a, 0, true, day - 1);
    related_at(a, b, false, day);
    related_at(a, b, true, day - 1);
    custodian_at(a, "lee", day);
    custodian_at(a, "kim", day - 1);
    fold_region(&f, &r);
    cr_assert_eq(about_tags(f.model, a, INT64_MAX, tags, 2), 0u);
    cr_assert_eq(about_tags(f.model, a, day - 1, tags, 2), 1u);
    cr_assert(about_labels(f.model, a, INT64_MAX, labels, 2) == 2 && !labels[0].on);
    cr_assert(about_labels(f.model, a, day - 1, labels, 2) == 1 && labels[0].on);
    cr_assert_eq(about_relations(f.model, a, INT64_MAX, relations, 2), 0u);
    cr_assert_eq(about_relations(f.model, a, day - 1, relations, 2), 1u);
    cr_assert(about_leads(f.model, b, a, day - 1) && !about_leads(f.model, b, a, day));
    cr_assert(about_custodian(f.model, a, INT64_MAX, &keeper) && view_is(keeper.staff, "lee"));
    cr_assert(about_custodian(f.model, a, day - 1, &keeper) && view_is(keeper.staff, "kim"));
    cr_assert_not(about_custodian(f.model, a, day - 2, &keeper));
    cr_assert_eq(about_in_custody(f.model, view_of("kim"), view_of("12"), INT64_MAX, NULL, 0), 0u);
    cr_assert_eq(about_in_custody(f.model, view_of("kim"), view_of("12"), day - 1, NULL, 0), 1u);
}

Test(about, C6_promises_are_open_until_kept_first_due_first) {
    struct promise_state out[4];
    uint64_t a = customer(1), b = customer(2);
    uint64_t late = promised(1, a, region_day(9, 0), 0), soon = promised(2, b, region_day(5, 0), 0);
    region_linked(&r, HUB, a, b, choice_link_reason_phone);
    cr_assert_eq(about_promises(fold_region(&f, &r), a, out, 4), 2u);
    cr_assert(out[0].event == soon && out[1].event == late);
    uint64_t kept = promised(1, b, region_day(6, 0), soon);
    cr_assert_eq(about_promises(fold_region(&f, &r), a, out, 4), 1u);
    region_voided(&r, 1, b, kept, true);
    cr_assert_eq(about_promises(fold_region(&f, &r), a, out, 4), 2u);
}

Test(about, C6_complaints_of_all_linked_customers) {
    uint64_t a = customer(1), b = customer(2), found[4];
    uint64_t mine = region_complained(&r, 1, a, region_day(7, 0)),
             other = region_complained(&r, 2, b, region_day(9, 0)),
             late = region_complained(&r, 2, b, region_day(5, 0)); /* written down behind the others */
    cr_assert_eq(about_complaints(fold_region(&f, &r), a, found, 4), 1u);
    cr_assert_eq(found[0], mine);
    region_linked(&r, HUB, a, b, choice_link_reason_phone);
    cr_assert_eq(about_complaints(fold_region(&f, &r), a, found, 4), 3u);
    cr_assert(found[0] == other && found[1] == mine && found[2] == late, "the last opened first");
    cr_assert_eq(about_complaints(f.model, a, found, 1), 3u);
    cr_assert_eq(found[0], other);
    cr_assert_eq(about_complaints(f.model, id_make(9, 9), found, 4), 0u);
}

Test(about, C10_in_custody_are_those_whose_latest_custodian_it_is) {
    uint64_t found[4], a = customer(1), b = customer(1), c = customer(2), d = customer(1);
    region_store(&r, "12", "demo");
    region_store(&r, "40", "demo");
    region_stream(&r, 1, "12");
    region_stream(&r, 2, "40");
    custodian(1, a, "kim", NULL);
    custodian(1, a, "kim", NULL);
    custodian(1, b, "kim", NULL);
    custodian(1, b, "lee", NULL);
    custodian(2, c, "kim", NULL);
    uint64_t dead = custodian(1, d, "kim", NULL);
    region_voided(&r, 1, d, dead, true);
    fold_region(&f, &r);
    cr_assert_eq(about_in_custody(f.model, view_of("kim"), view_of("12"), INT64_MAX, found, 4), 1u,
                 "said twice, counted once");
    cr_assert_eq(found[0], a);
    cr_assert_eq(about_in_custody(f.model, view_of("kim"), view_of("40"), INT64_MAX, found, 4), 1u);
    cr_assert_eq(found[0], c);
    cr_assert_eq(about_in_custody(f.model, view_of("nobody"), view_of("12"), INT64_MAX, found, 4), 0u);
    region_linked(&r, HUB, a, b, choice_link_reason_card);
    fold_region(&f, &r);
    cr_assert_eq(about_in_custody(f.model, view_of("kim"), view_of("12"), INT64_MAX, found, 4), 0u,
                 "lee was said later");
    cr_assert_eq(about_in_custody(f.model, view_of("lee"), view_of("12"), INT64_MAX, found, 4), 1u);
    region_erased(&r, HUB, IDS(a, b));
    cr_assert_eq(about_in_custody(fold_region(&f, &r), view_of("lee"), view_of("12"), INT64_MAX, found, 4), 0u);
}

Test(about, C12_what_was_said_within_a_month) {
    uint64_t a = customer(1);
    int64_t before = (int64_t)(r.hlc >> 16) - 1;
    tagged(1, a, choice_tag_trust, NULL, true);
    int64_t tag = (int64_t)(r.hlc >> 16);
    uint64_t said = consent(1, a, choice_purpose_news, true);
    fold_region(&f, &r);
    cr_assert_eq(about_changed(f.model, a, before, TIME_MAX), CHANGED_TAGS | CHANGED_CONSENT);
    cr_assert_eq(about_changed(f.model, a, before, tag - 1), CHANGED_TAGS);
    cr_assert_eq(about_changed(f.model, a, tag - 1, tag), CHANGED_CONSENT);
    cr_assert_eq(about_changed(f.model, a, tag, TIME_MAX), 0u, "the start is left out");
    region_voided(&r, 1, a, said, true);
    cr_assert_eq(about_changed(fold_region(&f, &r), a, before, TIME_MAX), CHANGED_TAGS);
}
