"""The region's desk writes, too: what is noted of customers and promised to them, in the hub's own stream, is told to
the stores that serve them."""
import unittest

from cases import RegionTest
from region import Hub, Node


class Desk(RegionTest):
    def setUp(self):
        self.hub = Hub(self.region).serve()
        self.north, self.south = (Node(self.region, self.hub, code) for code in ("north", "south"))
        self.ann = self.north.run("register", "--name", "Example Ann", "--phone", "010-0000-0001", "--card", "A1")["id"]
        self.bob = self.north.run("register", "--name", "Example Bob", "--card", "B1")["id"]
        self.north.run("staff", "add", "kim", "--role", "assistant")
        self.south.run("staff", "add", "lee", "--role", "manager")
        self.hub.run("staff", "add", "desk1", "--role", "desk", "--name", "Desk Made-Up")
        self.level()

    def level(self):
        for _ in range(2):
            self.north.sync()
            self.south.sync()

    def cards(self, sites, *whom):
        """The recall card at each, which must be one and the same."""
        first, *others = [site.run("recall", *whom) for site in sites]
        for card in others:
            self.assertEqual(card, first)
        return first

    def test_C4_C7_C9_consents_tags_and_relations(self):
        self.hub.run("consent", self.ann, "--purpose", "news", "--withdrawn", "--ref", "c1", "--staff", "desk1")
        again = self.hub.run("consent", self.ann, "--purpose", "news", "--withdrawn", "--ref", "c1")
        self.assertTrue(again["existing"])
        self.hub.run("tag", self.ann, "trust")
        self.hub.run("tag", self.ann, "--label", "opera")
        self.hub.run("relation", self.ann, "leader", self.bob)
        self.level()
        card = self.cards((self.hub, self.north), self.ann)
        self.assertEqual([(c["purpose"], c["given"]) for c in card["consents"]], [("news", False)])
        self.assertEqual([tag["tag"] for tag in card["tags"]], ["trust", "opera"])
        self.assertEqual([(r["relation"], r["name"]) for r in card["relations"]], [("leader", "Example Bob")])
        back = self.cards((self.hub, self.north), self.bob)
        self.assertEqual([(r["relation"], r["customer"]) for r in back["relations"]], [("follower", self.ann)])
        self.assertRefused(self.south, "recall", self.ann, says="no customer", field="customer")
        self.assertRefused(self.hub, "tag", self.ann, "nice", field="tag")
        self.assertRefused(self.hub, "consent", "1-99", "--purpose", "news", "--given", field="customer")

    def test_C10_custody_at_another_store_brings_the_customer_there(self):
        self.hub.run("custodian", self.ann, "lee", "--store", "south")
        self.level()
        card = self.cards((self.hub, self.north, self.south), "--card", "A1")
        self.assertEqual(card["custodian"], {"staff": "lee", "store": "south"})
        for node in (self.north, self.south):
            self.assertEqual(node.digest(), self.hub.run("digest", "--store", node.store)["digest"], node.name)
        self.hub.run("custodian", self.bob, "desk1")
        self.assertEqual(self.hub.run("recall", self.bob)["custodian"], {"staff": "desk1", "store": None})
        self.south.run("staff", "add", "park", "--role", "assistant")
        self.level()
        self.assertEqual(self.hub.run("handover", "lee", "park", "--store", "south", "--ref", "h")["customers"], 1)
        self.assertEqual(self.hub.run("handover", "lee", "park", "--store", "south", "--ref", "h")["customers"], 0)
        self.level()
        self.assertEqual(self.south.run("recall", self.ann)["custodian"]["staff"], "park")
        self.assertRefused(self.hub, "custodian", self.ann, "kim", "--store", "south", field="custodian", says="lee")
        self.assertRefused(self.hub, "custodian", self.ann, "lee", field="custodian", says="desk1")
        self.assertRefused(self.hub, "custodian", self.ann, "lee", "--store", "west", field="store")
        self.assertRefused(self.hub, "handover", "desk1", "desk1", field="to")

    def test_K1_K2_K3_contacts_and_promises_of_regional_staff(self):
        self.hub.run("policy", "--set", "thank-amount=100000")
        self.north.run("purchase", "--customer", self.ann, "--line", "coat,1,100000", "--at", "2026-01-05 15:00")
        self.level()
        due, = self.hub.run("followups", "--as-of", "2026-01-12")
        self.hub.run("contact", self.ann, "--kind", "visit", "--purpose", "flowers", "--answers", due["id"], "--note",
                     "wider aisles", "--matter", "company", "--staff", "desk1", "--at", "2026-01-12 10:00")
        promise = self.hub.run("promise", "add", self.ann, "--by", "2026-01-20", "--text", "ask the architect",
                               "--at", "2026-01-12 10:00", "--staff", "desk1")["id"]
        self.level()
        for site in (self.hub, self.north):
            rows = site.run("followups", "--as-of", "2026-01-13")
            self.assertEqual([(row["id"], row["why"], row["staff"]) for row in rows],
                             [("promise:" + promise, "ask the architect", "desk1")], site.name)
            said, = site.run("findings", "--matter", "company")
            self.assertEqual((said["text"], said["staff"], said["store"]), ("wider aisles", "desk1", None))
        self.north.run("promise", "keep", promise, "--ref", "kept")
        self.assertTrue(self.north.run("promise", "keep", promise, "--ref", "kept")["existing"])
        self.level()
        events = self.hub.status()["events"]
        for site in (self.hub, self.north):
            self.assertEqual(site.run("promise", "list"), [], site.name)
            error = self.assertRefused(site, "promise", "keep", promise, field="promise", says="kept already")
            self.assertEqual(error["code"], "exists")
        self.assertEqual(self.hub.status()["events"], events, "a promise is kept once")
        gone = self.north.run("promise", "add", self.ann, "--by", "2030-01-01", "--text", "x")["id"]
        self.north.run("void", gone, "--reason", "typed wrong")
        self.assertRefused(self.north, "promise", "keep", gone, field="promise", says="taken back")

    def test_X1_X3_a_complaint_at_the_desk_is_the_region_s(self):
        case = self.hub.run("complaint", "open", "--card", "A1", "--channel", "hotline", "--text", "a button")["id"]
        own = self.hub.run("complaint", "open", "--channel", "hotline", "--text", "x", "--level", "company")["id"]
        self.level()
        for site in (self.hub, self.north):
            row = site.run("complaint", "show", case)
            self.assertEqual((row["level"], row["store"], row["escalated"]), ("region", None, False), site.name)
        self.assertEqual(self.hub.run("complaint", "show", own)["level"], "company")
        self.hub.run("complaint", "route", case, "store", "--store", "south")
        self.level()
        self.assertEqual([row["id"] for row in self.south.run("complaints", "--store", "south")], [case])

    def test_K6_S1_gatherings_of_the_region_and_its_staff(self):
        tea = self.hub.run("gathering", "add", "region tea", "--cost", "500000", "--at", "2026-02-10 14:00")["id"]
        self.hub.run("contact", self.ann, "--gathering", tea, "--purpose", "tea", "--minutes", 30, "--staff", "desk1",
                     "--at", "2026-02-10 15:00")
        self.hub.run("verify-file", self.ann, "--valid", "yes", "--at", "2026-02-11")
        held, = self.hub.run("gathering", "list")
        self.assertEqual((held["store"], held["attended"], held["cost"]), (None, 1, 500000))
        year = {row["store"]: (row["held"], row["wanted"]) for row in self.hub.run("gathering", "year", "--year", 2026)}
        self.assertEqual(year, {"north": (0, 4), "south": (0, 4), None: (1, None)})
        rows = {(row["store"], row["staff"]): row for row in self.hub.run("staff", "--quarter", "2026Q1")}
        desk = rows[None, "desk1"]
        self.assertEqual((desk["name"], desk["contacts"], desk["minutes"]), ("Desk Made-Up", 1, 30))
        self.assertEqual((desk["rank_region"], desk["place"]), (None, None), "the desk registers nobody")
        self.hub.run("staff", "off", "desk1")
        self.assertRefused(self.hub, "staff", "off", "desk1", field="code", says="no more")
        self.assertRefused(self.hub, "staff", "off", "kim", field="code", says="no 'kim'")


if __name__ == "__main__":
    unittest.main()
