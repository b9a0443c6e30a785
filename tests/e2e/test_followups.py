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
        then = self.hub.run("log")[-1]["received"]
        self.north.run("contact", made_up, "--kind", "call", "--purpose", "fit", "--at", "2026-01-12", "--staff", "kim")
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
        for kind in ("inactive", "back", "gained-lost", "cohorts", "returning", "leaving", "complaints", "benefits"):
            self.assertEqual(self.hub.run("replay", "report", kind), self.hub.run("report", kind), kind)
        self.assertNotEqual(replay("report", "leaving"), self.hub.run("report", "leaving"))
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
        south.run("verify-file", other, "--valid", "no", "--findings", "plays go", "--at", "2026-03-31 23:59")
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


if __name__ == "__main__":
    unittest.main()
