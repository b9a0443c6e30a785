"""Contacts, follow-ups and promises (K1–K8) and the staff's contests (S1, S2), over a hub and two stores."""
import unittest

from cases import RegionTest
from region import Hub, Node


class FollowUps(RegionTest):
    def setUp(self):
        self.hub = Hub(self.region).serve()
        self.north, self.south = (Node(self.region, self.hub, code) for code in ("north", "south"))
        self.hub.run("policy", "--set", "thank-amount=100000", "--set", "letter-spend=300000")
        self.level()

    def register(self, node, name, phone, *more):
        return node.run("register", "--name", name, "--phone", phone, *more)["id"]

    def level(self):
        for _ in range(2):
            self.north.sync()
            self.south.sync()

    def due(self, site, *args):
        return {(row["kind"], row["customer"]): row for row in site.run("followups", *args)}

    def test_K2_a_large_purchase_is_followed_up_and_answered_by_another_store(self):
        made_up = self.register(self.north, "Made Up", "010-0000-0001", "--at", "2026-01-01", "--staff", "kim")
        self.north.run("purchase", "--customer", made_up, "--line", "coat,1,100000", "--at", "2026-01-05 15:00",
                       "--staff", "kim")
        self.level()
        for site in (self.north, self.hub):
            self.assertEqual(site.run("followups", "--as-of", "2026-01-11"), [])
            row, = site.run("followups", "--as-of", "2026-01-12")
            self.assertEqual((row["kind"], row["customer"], row["name"], row["phone"], row["overdue"]),
                             ("thank", made_up, "Made Up", "010-0000-0001", False))
            self.assertEqual((row["store"], row["staff"], row["done"]), ("north", "kim", False))
            self.assertTrue(site.run("followups", "--as-of", "2026-01-13")[0]["overdue"])
            self.assertEqual(site.run("followups", "--as-of", "2026-01-13", "--staff", "lee"), [])
        self.assertEqual(self.hub.run("followups", "--as-of", "2026-01-13", "--store", "south"), [])
        self.register(self.south, "Made Up", "010-0000-0001", "--at", "2026-01-06")
        self.level()
        there = self.south.run("followups", "--as-of", "2026-01-12")
        self.assertEqual([one["id"] for one in there], [row["id"]], "the person is the south's customer, too")
        self.south.run("contact", there[0]["customer"], "--kind", "call", "--purpose", "fit", "--answers", row["id"],
                       "--outcome", "reached", "--at", "2026-01-12 18:00")
        self.level()
        for site in (self.hub, self.north, self.south):
            self.assertEqual(site.run("followups", "--as-of", "2026-01-13"), [])
            done, = site.run("followups", "--as-of", "2026-01-13", "--all")
            self.assertTrue(done["done"] and done["answered_by"])
        self.assertEqual(len(self.hub.run("followups", "--as-of", "2026-01-11", "--all")), 0)

    def test_K2_birthdays_are_kept_up_with_the_file(self):
        made_up = self.register(self.north, "Made Up", "010-0000-0001", "--birthday", "1990-03-01", "--at",
                                "2026-01-01")
        self.north.serve()
        row, = self.north.run("followups", "--as-of", "2026-02-22")
        self.assertEqual((row["kind"], row["due"][:10]), ("birthday", "2026-03-01"))
        self.assertEqual(self.north.run("followups", "--as-of", "2026-02-21"), [])
        change = self.north.run("update", made_up, "--birthday", "02-29", "--occasions", "wedding 2010-03-05")
        found = self.due(self.north, "--as-of", "2026-02-28")
        self.assertEqual({key: value["due"][:10] for key, value in found.items()},
                         {("birthday", made_up): "2026-02-28", ("occasion", made_up): "2026-03-05"})
        self.assertEqual(found["occasion", made_up]["why"], "wedding 2010-03-05")
        self.north.run("void", change["id"], "--reason", "typed wrong")
        self.assertEqual([one["due"][:10] for one in self.north.run("followups", "--as-of", "2026-02-28")],
                         ["2026-03-01"])

    def test_K2_a_referral_a_letter_and_a_rainy_day(self):
        first = self.register(self.north, "First Made-Up", "010-0000-0001", "--at", "2026-01-01")
        second = self.register(self.north, "Second Made-Up", "010-0000-0002", "--referred-by", first, "--at",
                               "2026-02-01")
        self.north.run("purchase", "--customer", first, "--line", "coat,1,300000", "--at", "2026-02-02 10:00")
        self.north.run("mark", "rainy", "--at", "2026-02-02")
        self.assertEqual(set(self.due(self.north, "--as-of", "2026-02-02")),
                         {("referral", first), ("newcomer", second), ("letter", first), ("rainy", first)})
        self.north.run("mark", "rainy", "--off", "--at", "2026-02-02")
        self.assertNotIn(("rainy", first), self.due(self.north, "--as-of", "2026-02-02"))
        self.north.run("contact", second, "--kind", "call", "--purpose", "thanks", "--outcome", "not-reached", "--at",
                       "2026-02-02 12:00")
        self.assertIn(("newcomer", second), self.due(self.north, "--as-of", "2026-02-02"))
        self.assertEqual([row["kind"] for row in self.north.run("followups", "--as-of", "2026-02-02", "--kind",
                                                                "letter")], ["letter"])
        self.assertRefused(self.north, "followups", "--kind", "song", field="kind", says="promise, thank")
        self.assertRefused(self.north, "mark", "windy", field="mark", says="rainy")
        self.assertRefused(self.north, "contact", second, "--kind", "call", "--purpose", "p", "--answers", "thank",
                           field="answers", says="follow-up")

    def test_K3_a_promise_until_it_is_kept(self):
        made_up = self.register(self.north, "Made Up", "010-0000-0001", "--at", "2026-01-01")
        promise = self.north.run("promise", "add", made_up, "--by", "2026-01-09", "--text", "find the blue coat",
                                 "--at", "2026-01-05", "--staff", "kim", "--ref", "p1")
        again = self.north.run("promise", "add", made_up, "--by", "2026-01-09", "--text", "find the blue coat",
                               "--at", "2026-01-05", "--staff", "kim", "--ref", "p1")
        self.assertEqual((again["id"], again["existing"]), (promise["id"], True))
        row, = self.north.run("promise", "list")
        self.assertEqual((row["why"], row["overdue"], row["staff"]), ("find the blue coat", True, "kim"))
        self.assertFalse(self.north.run("followups", "--as-of", "2026-01-09")[0]["overdue"])
        self.level()
        self.assertEqual(self.hub.run("followups")[0]["id"], row["id"])
        self.north.run("promise", "keep", row["id"])
        self.assertEqual(self.north.run("promise", "list"), [])
        self.assertRefused(self.north, "promise", "add", made_up, "--by", "2026-01-01", "--text", "x", field="by")
        self.assertRefused(self.north, "promise", "add", made_up, "--by", "2030-01-01", field="text")
        self.assertRefused(self.north, "promise", "keep", "1-99999", field="promise")

    def test_K2_K3_a_contact_that_answers_a_promise_keeps_it(self):
        made_up, other = (self.register(self.north, f"Made Up {i}", f"010-0000-000{i}", "--at", "2026-01-01")
                          for i in (1, 2))
        promise = self.north.run("promise", "add", made_up, "--by", "2026-01-09", "--text", "x", "--at",
                                 "2026-01-05")["id"]
        answer = ("--kind", "call", "--purpose", "x", "--answers", "promise:" + promise)
        self.assertRefused(self.north, "contact", other, *answer, field="answers", says="no follow-up promise")
        self.assertRefused(self.north, "contact", made_up, *answer[:-1], "promise:1-999", field="answers")
        self.north.run("contact", made_up, *answer, "--outcome", "not-reached", "--at", "2026-01-06")
        self.assertEqual([one["id"] for one in self.north.run("recall", made_up)["promises"]], [promise])
        self.north.run("contact", made_up, *answer, "--outcome", "reached", "--at", "2026-01-07")
        self.level()
        for site in (self.north, self.hub):
            self.assertEqual(site.run("promise", "list"), [], site.name)
            self.assertEqual(site.run("recall", made_up)["promises"], [], site.name)
            self.assertRefused(site, "promise", "keep", promise, field="promise", says="kept already")

    def test_E8_a_replay_asks_for_follow_ups_reports_and_staff(self):
        made_up = self.register(self.north, "Made Up", "010-0000-0001", "--birthday", "1990-03-01", "--at",
                                "2026-01-01", "--staff", "kim")
        self.north.run("purchase", "--customer", made_up, "--line", "coat,1,100000", "--at", "2026-01-05", "--staff",
                       "kim")
        self.level()
        before = self.hub.run("followups", "--as-of", "2026-01-12")
        staff = self.hub.run("staff", "--quarter", "2026Q1")
        lists = (("rfm",), ("findings",), ("benefits",), ("gathering", "list"), ("gathering", "year", "--year", "2026"))
        known = [self.hub.run(*question) for question in lists]
        then = self.hub.run("log")[-1]["received"]
        self.north.run("contact", made_up, "--kind", "call", "--purpose", "fit", "--at", "2026-01-12", "--staff", "kim",
                       "--matter", "region", "--note", "too warm")
        self.north.run("gathering", "add", "Tea", "--at", "2026-01-13")
        self.north.run("benefit", made_up, "--kind", "coupon", "--at", "2026-01-13")
        self.north.run("purchase", "--customer", made_up, "--line", "hat,1,20000", "--at", "2026-01-14")
        self.north.run("update", made_up, "--birthday", "1990-01-13")
        self.north.run("left", made_up, "--reason", "service", "--at", "2026-02-01")
        self.level()

        def replay(*question):
            return self.hub.run("replay", "--received-until", then, *question)

        self.assertEqual([row["kind"] for row in before], ["thank"])
        self.assertEqual(self.hub.run("followups", "--as-of", "2026-01-12"), [])
        self.assertEqual(replay("followups", "--as-of", "2026-01-12"), before)
        birthday, = replay("followups", "--kind", "birthday", "--as-of", "2026-02-22")
        self.assertEqual(birthday["due"][:10], "2026-03-01", "as it was written then")
        self.assertEqual(replay("staff", "--quarter", "2026Q1"), staff)
        self.assertNotEqual(self.hub.run("staff", "--quarter", "2026Q1"), staff)
        self.assertEqual(self.hub.run("replay", "staff", "--quarter", "2026Q1"),
                         self.hub.run("staff", "--quarter", "2026Q1"))
        for kind in ("inactive", "back", "gained-lost", "cohorts", "returning", "leaving", "retention", "complaints",
                     "benefits"):
            self.assertEqual(self.hub.run("replay", "report", kind), self.hub.run("report", kind), kind)
        self.assertNotEqual(replay("report", "leaving"), self.hub.run("report", "leaving"))
        for question, before in zip(lists, known, strict=True):
            self.assertEqual(replay(*question), before, question)
            self.assertNotEqual(self.hub.run(*question), before, question)
            self.assertEqual(self.hub.run("replay", *question), self.hub.run(*question), question)
        self.assertEqual(self.hub.run("replay", "--happened-until", "2026-01-12", "gathering", "list"), [])
        self.assertRefused(self.hub, "replay", "gathering", "add", "Tea", code=2)
        self.assertRefused(self.hub, "replay", "gathering", code=2)
        self.assertRefused(self.hub, "replay", "staff", "add", "lee", code=2)
        self.assertRefused(self.hub, "replay", "staff", "--role", "manager", code=2, says="no option --role")
        self.assertRefused(self.hub, "replay", "report", code=2)
        self.assertRefused(self.hub, "replay", "followups", "--top", "5", code=2, says="no option --top")

    def test_S1_S2_the_contest_of_a_quarter(self):
        north, south = self.north, self.south
        north.run("staff", "add", "kim", "--role", "manager", "--name", "Kim Made-Up", "--keeper")
        north.run("staff", "add", "lee", "--role", "assistant")
        for i in range(3):
            self.register(north, f"Made Up {i}", f"010-0000-000{i}", "--at", "2026-01-02", "--staff", "kim")
        other = self.register(south, "Made Up 9", "010-0000-0009", "--hobbies", "chess", "--at", "2026-03-31 23:59",
                              "--staff", "kim")
        self.register(south, "Made Up 8", "010-0000-0008", "--at", "2026-04-01", "--staff", "kim")
        self.level()
        rows = {(row["store"], row["staff"]): row for row in self.hub.run("staff", "--quarter", "2026Q1")}
        best, last = rows["north", "kim"], rows["north", "lee"]
        self.assertEqual((best["place"], best["registrations"], best["name"], best["role"], best["measure"]),
                         ("best", 3, "Kim Made-Up", "manager", "count"))
        self.assertTrue(best["keeper"])
        self.assertEqual((last["place"], last["place_store"], last["registrations"]), ("last", "last", 0))
        self.assertEqual((rows["south", "kim"]["registrations"], rows["south", "kim"]["rank_region"]), (1, 2))
        self.assertEqual([row["store"] for row in self.hub.run("staff", "--quarter", "2026Q1", "--store", "south")],
                         ["south"])
        second = {row["store"]: row for row in south.run("staff", "--quarter", "2026Q2")}
        self.assertEqual(second["south"]["measure"], "completeness")
        self.assertEqual(second["south"]["registrations"], 1)
        sample = south.run("staff", "sample", "--quarter", "2026Q1")
        self.assertEqual([(row["customer"], row["verified"]) for row in sample if row["store"] == "south"],
                         [(other, False)])
        told = south.run("verify-file", other, "--valid", "no", "--findings", "plays go", "--at", "2026-03-31 23:59")
        self.assertTrue(told["counts"])
        checked, = south.run("staff", "--quarter", "2026Q1")
        self.assertEqual((checked["sampled"], checked["verified"], checked["validity"]), (1, 1, 0.0))
        north.run("staff", "off", "lee")
        gone = {row["staff"]: row for row in north.run("staff", "--quarter", "2026Q1") if row["store"] == "north"}
        self.assertEqual((gone["lee"]["active"], gone["lee"]["rank_region"]), (False, None))
        self.assertIn("Kim Made-Up", self.hub.run("export", "staff", "--csv", "--quarter", "2026Q1", json=False))
        self.assertRefused(north, "staff", "--quarter", "2026Q5", field="quarter")
        self.assertRefused(north, "staff", "--quarter", "2399Q1", field="quarter", says="begun")
        self.assertRefused(north, "staff", "add", "park", field="role")
        self.assertRefused(north, "staff", "off", "park", field="code")
        self.assertRefused(north, "verify-file", "1-1", "--valid", "perhaps", field="valid")

    def test_S1_a_store_lists_the_sample_of_its_own_files_as_the_hub_does(self):
        self.hub.run("policy", "--set", "contest-sample=2")
        self.level()
        for number in range(1, 7):
            self.register(self.north, f"Made Up {number}", f"010-0000-000{number}", "--at", f"2026-01-0{number}")
        for number in (1, 2, 8):
            self.register(self.south, f"Made Up {number}", f"010-0000-000{number}", "--at", "2026-01-10")
        self.level()
        self.level()

        def drawn(site, *args):
            return [(row["store"], row["customer"])
                    for row in site.run("staff", "sample", "--quarter", "2026Q1", *args)]

        all_of = drawn(self.hub)
        self.assertEqual([store for store, _ in all_of], ["north", "north", "south", "south"])
        for node, store in ((self.north, "north"), (self.south, "south")):
            own = [one for one in all_of if one[0] == store]
            self.assertEqual(drawn(self.hub, "--store", store), own)
            self.assertEqual(drawn(node), own, "files of the other store that it knows, too, are not its own to check")
            self.assertEqual(drawn(node, "--store", store), own)
        self.assertRefused(self.north, "staff", "sample", "--store", "south", field="store", says="only that store")
        self.assertEqual(self.south.run("customer", "--phone", "010-0000-0001")["id"], "1-1", "and it does know her")

    def test_S1_a_file_that_was_not_drawn_is_said_to_count_for_nobody(self):
        self.hub.run("policy", "--set", "contest-sample=1")
        self.level()
        for number in (1, 2):
            self.register(self.north, f"Made Up {number}", f"010-0000-000{number}", "--at", "2026-01-01",
                          "--staff", "kim")
        drawn, = (row["customer"] for row in self.north.run("staff", "sample", "--quarter", "2026Q1"))
        other, = {"1-1", "1-2"} - {drawn}
        when = ("--valid", "yes", "--at", "2026-03-31 23:59")
        self.assertFalse(self.north.run("verify-file", other, *when)["counts"])
        self.assertIn("not in the sample", self.north.run("verify-file", other, *when, json=False))
        self.assertTrue(self.north.run("verify-file", drawn, *when)["counts"])
        self.assertNotIn("not in the sample", self.north.run("verify-file", drawn, *when, json=False))
        kim, = self.north.run("staff", "--quarter", "2026Q1")
        self.assertEqual((kim["sampled"], kim["verified"]), (1, 1))
        self.level()
        self.assertFalse(self.hub.run("verify-file", other, *when)["counts"])

    def test_K6_the_last_minute_of_a_year_and_a_leap_day(self):
        late = self.north.run("gathering", "add", "old year", "--at", "2024-12-31 23:59")["id"]
        self.north.run("gathering", "add", "new year", "--at", "2025-01-01 00:00")
        self.north.run("gathering", "add", "leap day", "--at", "2024-02-29 23:59:59")

        def held(year):
            return {row["store"]: row["held"] for row in self.north.run("gathering", "year", "--year", year)}["north"]

        self.assertEqual([held(year) for year in (2023, 2024, 2025)], [0, 2, 1])
        self.north.run("void", late, "--reason", "nobody came")
        self.assertEqual([held(year) for year in (2024, 2025)], [1, 1])
        self.level()
        for site in (self.north, self.hub):
            self.assertEqual(len(site.run("gathering", "list", "--year", 2024)), 1)

    def test_K5_K6_K8_talks_gatherings_and_findings(self):
        made_up = self.register(self.north, "Made Up", "010-0000-0001", "--at", "2026-01-02", "--staff", "kim")
        self.north.run("purchase", "--customer", made_up, "--line", "coat,1,100000", "--at", "2026-01-05",
                       "--staff", "kim")
        self.north.run("grant", made_up, "gold", "--at", "2026-01-05")  # a VIP's tier
        tea = self.north.run("gathering", "add", "spring tea", "--cost", "5000", "--at", "2026-02-10 14:00")["id"]
        self.north.run("contact", made_up, "--gathering", tea, "--purpose", "tea", "--minutes", 45, "--note",
                       "the region should bring more sizes", "--matter", "region", "--satisfaction", 4, "--at",
                       "2026-02-10 15:00", "--staff", "kim")
        self.level()
        row, = self.hub.run("gathering", "list")
        self.assertEqual((row["id"], row["name"], row["cost"], row["attended"], row["store"]),
                         (tea, "spring tea", 5000, 1, "north"))
        for site in (self.north, self.hub):
            guest, = site.run("gathering", "guests", tea)
            self.assertEqual((guest["customer"], guest["name"]), (made_up, "Made Up"))
        self.assertRefused(self.hub, "gathering", "guests", made_up, field="id")
        self.assertRefused(self.hub, "gathering", "guests", code=2, field="id")
        year = {row["store"]: row for row in self.hub.run("gathering", "year", "--year", 2026)}
        self.assertEqual((year["north"]["held"], year["north"]["wanted"], year["south"]["held"]), (1, 4, 0))
        said, = self.hub.run("findings", "--matter", "region")
        self.assertEqual((said["text"], said["staff"], said["store"], said["customer"]),
                         ("the region should bring more sizes", "kim", "north", made_up))
        self.assertEqual(self.hub.run("findings", "--matter", "company"), [])
        kim, = self.hub.run("staff", "--quarter", "2026Q1")
        self.assertEqual((kim["contacts"], kim["minutes"], kim["vips"], kim["satisfaction"]), (1, 45, 1, 4.0))
        self.assertEqual((kim["followups_done"], kim["followups_open"]), (1, 0), "the call of January, by the talk")
        self.assertRefused(self.north, "contact", made_up, "--gathering", made_up, "--purpose", "tea",
                           field="gathering")
        self.assertRefused(self.north, "contact", made_up, "--kind", "call", "--purpose", "p", "--matter", "region",
                           field="note")
        self.assertRefused(self.north, "gathering", "add", "tea", "--cost", "-5", field="cost")

    def contacts(self, site, customer, *args):
        return [row for row in site.run("customer", customer, *args)["history"] if row["type"] == "contacted"]

    def test_K1_the_contact_log_of_every_kind_and_outcome(self):
        made_up = self.register(self.north, "Made Up", "010-0000-0001", "--at", "2026-01-02")
        contact = ("contact", made_up, "--purpose", "fit")
        kinds = ("call", "sms", "message", "visit", "letter", "gift")
        for day, kind in enumerate(kinds, 10):
            self.north.run(*contact, "--kind", kind, "--at", f"2026-01-{day} 12:00", "--staff", "kim")
        outcomes = ("reached", "not-reached", "declined", "wrong-number")
        for day, outcome in enumerate(outcomes, 20):
            self.north.run(*contact, "--kind", "call", "--outcome", outcome, "--at", f"2026-01-{day} 12:00")
        first = self.north.run(*contact, "--kind", "call", "--outcome", "reached", "--satisfaction", 1, "--note",
                               "the sleeves are long", "--ref", "c1", "--at", "2026-01-30")
        again = self.north.run(*contact, "--kind", "call", "--outcome", "reached", "--satisfaction", 1, "--note",
                               "the sleeves are long", "--ref", "c1", "--at", "2026-01-30")
        self.assertEqual((again["id"], again["existing"]), (first["id"], True))
        self.level()
        for site in (self.north, self.hub):
            rows = self.contacts(site, made_up)
            self.assertEqual([row["body"]["kind"] for row in rows[::-1][:6]], list(kinds), "what happened last first")
            self.assertEqual([row["body"]["outcome"] for row in rows[::-1][6:10]], list(outcomes))
            self.assertEqual((rows[0]["body"]["satisfaction"], rows[0]["body"]["note"], rows[0]["body"]["purpose"]),
                             (1, "the sleeves are long", "fit"))
            self.assertEqual({row.get("actor") for row in rows[5:]} - {None}, {"kim"})
        self.assertEqual(len(self.contacts(self.north, made_up)), 11)
        for satisfaction in (0, 6):
            self.assertRefused(self.north, *contact, "--kind", "call", "--satisfaction", satisfaction,
                               field="satisfaction")
        self.north.run(*contact, "--kind", "call", "--satisfaction", 5, "--at", "2026-01-31")
        self.assertRefused(self.north, *contact, "--kind", "pigeon", field="kind", says="call")
        self.assertRefused(self.north, *contact, "--kind", "call", "--outcome", "perhaps", field="outcome")
        self.assertRefused(self.north, "contact", made_up, "--kind", "call", field="purpose")
        self.assertRefused(self.north, *contact, "--kind", "call", "--minutes", 1441, field="minutes")
        self.assertRefused(self.north, "contact", "1-99999", "--kind", "call", "--purpose", "fit")
        self.assertEqual(len(self.contacts(self.north, made_up)), 12, "what was refused was not noted")

    def test_K1_one_log_for_linked_customers_until_they_are_taken_apart(self):
        here = self.register(self.north, "Made Up", "010-0000-0001", "--at", "2026-01-02")
        there = self.register(self.south, "Other Made-Up", "010-0000-0002", "--at", "2026-01-02")
        mine = self.north.run("contact", here, "--kind", "call", "--purpose", "fit", "--at", "2026-01-10")["id"]
        theirs = self.south.run("contact", there, "--kind", "gift", "--purpose", "new year", "--at", "2026-01-09")["id"]
        self.level()
        self.hub.run("link", here, there)
        self.level()
        for site in (self.hub, self.north, self.south):
            self.assertEqual([row["id"] for row in self.contacts(site, here)], [mine, theirs], site.name)
        self.hub.run("unlink", here, there)
        self.hub.run("void", mine, "--reason", "it was somebody else")
        self.level()
        for site in (self.hub, self.north):
            row, = self.contacts(site, here)
            self.assertEqual((row["id"], row["voided"]), (mine, True), "what was taken back stays, marked")
        self.assertEqual([row["id"] for row in self.contacts(self.south, there)], [theirs])

    def test_K8_findings_go_to_whose_matter_they_are(self):
        made_up = self.register(self.north, "Made Up", "010-0000-0001", "--at", "2026-01-02")
        said = {}
        for day, matter in enumerate(("store", "region", "company"), 10):
            said[matter] = self.north.run("contact", made_up, "--kind", "visit", "--purpose", "fit", "--note",
                                          f"about the {matter}", "--matter", matter, "--at", f"2026-01-{day}")["id"]
        self.north.run("contact", made_up, "--kind", "visit", "--purpose", "fit", "--note", "nobody's matter", "--at",
                       "2026-01-13")
        self.level()
        for matter, contact in said.items():
            row, = self.hub.run("findings", "--matter", matter)
            self.assertEqual((row["text"], row["customer"], row["store"]), (f"about the {matter}", made_up, "north"))
            self.assertTrue(contact)
        self.assertEqual(len(self.hub.run("findings", "--from", "2026-01-11")), 2, "that day counts")
        self.assertEqual(len(self.hub.run("findings", "--from", "2026-01-12")), 1)
        self.assertEqual(self.hub.run("findings", "--from", "2026-01-13"), [])
        self.assertEqual(self.hub.run("findings", "--store", "south"), [])
        self.north.run("void", said["company"], "--reason", "misheard")
        self.level()
        self.assertEqual(self.hub.run("findings", "--matter", "company"), [])
        self.assertRefused(self.hub, "findings", "--matter", "moon", field="matter", says="store")

    def test_P7_a_service_promised_with_the_goods_until_it_is_done(self):
        made_up = self.register(self.north, "Made Up", "010-0000-0001", "--at", "2024-02-01")
        self.north.run("purchase", "--customer", made_up, "--line", "coat,1,90000", "--at", "2024-02-20 12:00")
        hem = self.north.run("promise", "add", made_up, "--by", "2024-02-29", "--text", "shorten the hem", "--at",
                             "2024-02-20 12:05", "--staff", "kim")["id"]
        self.level()

        def promise(site, day):
            return [(row["why"], row["overdue"], row["done"]) for row in
                    site.run("followups", "--kind", "promise", "--as-of", day, "--all")]

        for site in (self.north, self.hub):
            self.assertEqual(promise(site, "2024-02-19"), [], "the day before it was made")
            self.assertEqual(promise(site, "2024-02-29"), [("shorten the hem", False, False)], "in time all that day")
            self.assertEqual(promise(site, "2024-03-01"), [("shorten the hem", True, False)])
            self.assertEqual(promise(site, "2024-12-31"), [("shorten the hem", True, False)], "for as long as it takes")
        self.assertEqual(self.north.run("recall", made_up)["promises"][0]["text"], "shorten the hem")
        # She moves, registers at another store, and that one does it.
        self.register(self.south, "Made Up", "010-0000-0001", "--at", "2024-03-02")
        self.level()
        self.assertEqual(promise(self.south, "2024-03-02"), [("shorten the hem", True, False)])
        done = self.south.run("promise", "keep", hem, "--at", "2024-03-03")["id"]
        self.level()
        for site in (self.north, self.south, self.hub):
            self.assertEqual(promise(site, "2024-03-02"), [("shorten the hem", True, False)], "as of the day before")
            self.assertEqual([row[2] for row in promise(site, "2024-03-03")], [True])
            self.assertEqual(site.run("followups", "--kind", "promise", "--as-of", "2024-03-03"), [])
        self.south.run("void", done, "--reason", "another coat")
        self.level()
        for site in (self.north, self.south, self.hub):
            self.assertEqual(promise(site, "2024-03-04"), [("shorten the hem", True, False)], "open again")
        self.hub.run("void", hem, "--reason", "was not promised")
        self.level()
        self.assertEqual(promise(self.north, "2024-03-04"), [])

    def test_S2_figures_for_appraisal_at_the_edges_of_the_quarter(self):
        north = self.north
        north.run("staff", "add", "kim", "--role", "assistant", "--name", "Kim Made-Up", "--at", "2026-01-01")
        first = self.register(north, "Made Up 1", "010-0000-0001", "--size", "M", "--at", "2026-04-01 00:00", "--staff",
                              "kim")
        self.register(north, "Made Up 2", "010-0000-0002", "--at", "2026-06-30 23:59", "--staff", "kim")
        self.register(north, "Made Up 3", "010-0000-0003", "--at", "2026-03-31 23:59", "--staff", "kim")
        self.register(north, "Made Up 4", "010-0000-0004", "--at", "2026-07-01 00:00", "--staff", "kim")
        call = ("contact", first, "--kind", "call", "--purpose", "fit", "--staff", "kim")
        for at, satisfaction in (("2026-03-31 23:59", 1), ("2026-04-01 00:00", 5), ("2026-06-30 23:59", 2),
                                 ("2026-07-01 00:00", 1)):
            north.run(*call, "--outcome", "reached", "--satisfaction", satisfaction, "--at", at)
        taken_back = north.run(*call, "--satisfaction", 1, "--at", "2026-05-05")["id"]
        north.run("void", taken_back, "--reason", "it was another one")
        north.run("contact", first, "--kind", "call", "--purpose", "fit", "--at", "2026-05-06", "--staff", "lee")
        self.level()
        for site in (north, self.hub):
            rows = {row["staff"]: row for row in site.run("staff", "--quarter", "2026Q2")}
            kim = rows["kim"]
            self.assertEqual((kim["registrations"], kim["contacts"], kim["satisfaction"]), (2, 2, 3.5), site.name)
            # Name, phone and size of eight for the one, name and phone for the other: half of a fifth each.
            self.assertAlmostEqual(kim["completeness"], 0.2 * (3 / 8 + 2 / 8) / 2, delta=0.0006)
            self.assertIsNone(kim["validity"], "nothing was verified")
            self.assertEqual((rows["lee"]["registrations"], rows["lee"]["contacts"]), (0, 1))
        text = self.hub.run("export", "staff", "--csv", "--quarter", "2026Q2", json=False)
        header, *lines = text.strip().splitlines()
        for column in ("registrations", "completeness", "validity", "contacts", "followups_done", "satisfaction"):
            self.assertIn(column, header.split(","))
        kim, = [dict(zip(header.split(","), line.split(","))) for line in lines if "Kim Made-Up" in line]
        self.assertEqual((kim["registrations"], kim["contacts"], kim["satisfaction"]), ("2", "2", "3.5"))


if __name__ == "__main__":
    unittest.main()
