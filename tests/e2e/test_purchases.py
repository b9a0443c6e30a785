"""Purchases (P1–P5) and what they bring: margins, returns, sales of nobody's that get their customer."""
import unittest

from cases import RegionTest
from region import Hub, Node


class Purchases(RegionTest):
    shared = True

    @classmethod
    def build(cls):
        cls.hub = Hub(cls.region).serve()
        cls.north, cls.south = (Node(cls.region, cls.hub, code) for code in ("north", "south"))

    def customer(self, name, node=None, **options):
        args = [word for key, value in options.items() for word in (f"--{key.replace('_', '-')}", value)]
        return (node or self.north).run("register", "--name", name, "--card", name, *args)["id"]

    def sell(self, customer, *lines, node=None, options=(), **more):
        args = [word for line in lines for word in ("--line", line)]
        args += [word for key, value in more.items() for word in (f"--{key}", value)]
        return (node or self.north).run("purchase", *(("--customer", customer) if customer else ()), *args,
                                        *options)["id"]

    def margins(self, site, *args):
        return {row["customer"]: row["margin"] for row in site.vip("--by", "margin", *args)}

    # -- V2, V1

    def test_V2_margin_of_lines_with_a_cost(self):
        a, b = self.customer("margin-a"), self.customer("margin-b")
        sold = self.sell(a, "coat,2,200000,,120000", "hat,1,30000", at="2026-03-01")
        self.sell(b, "coat,1,100000,,110000", at="2026-03-01")
        self.assertEqual({who: self.margins(self.north)[who] for who in (a, b)}, {a: 80000, b: -10000})
        # Part of it comes back on another day, then the rest: what the goods had cost comes back with them.
        self.north.run("return", sold, "--line", "coat,1,100000", "--at", "2026-03-09")
        self.assertEqual(self.margins(self.north, "--as-of", "2026-03-08")[a], 80000)
        self.assertEqual(self.margins(self.north, "--as-of", "2026-03-09")[a], 40000)
        self.north.run("return", sold, "--at", "2026-03-10")
        self.assertEqual(self.margins(self.north)[a], 0)
        groups = self.north.run("pyramid")["profit_groups"]
        self.assertEqual(groups["none"] >= 2, True, groups)
        self.assertEqual(sum(groups[key] for key in ("high", "medium", "low", "none")),
                         len([row for row in self.north.vip("--by", "margin") if row["margin"] != 0]) + 1)
        self.assertIn("by margin", self.north.run("pyramid", json=False))
        self.north.sync()
        self.assertEqual(self.margins(self.hub)[b], -10000)
        self.assertEqual(self.hub.digest(), self.hub.run("rebuild")["digest_after"])

    # -- P1

    def test_P1_a_sale_of_nobodys_gets_its_customer(self):
        who, other = self.customer("late"), self.customer("other")
        sale = self.sell(None, "scarf,1,45000", options=("--care-told", "--card-given"))
        shown = self.north.run("attribute", sale, who, "--ref", "once")
        self.assertTrue(self.north.run("attribute", sale, who, "--ref", "once")["existing"])
        told = self.north.run("customer", who)
        self.assertEqual((told["spend"], told["visits"]), (45000, 1))
        sold = next(row for row in told["history"] if row["type"] == "sold")
        self.assertEqual((sold["body"]["care_told"], sold["body"]["card_given"]), (True, True))
        self.assertRefused(self.north, "attribute", sale, who, says="already")
        self.assertRefused(self.north, "attribute", sale, other, says="take that attribution back")
        self.north.run("void", shown["id"], "--reason", "the wrong one")
        self.north.run("attribute", sale, other)
        self.assertEqual(self.north.run("customer", other)["spend"], 45000)
        self.assertEqual(self.north.run("customer", who)["spend"], 0)

    def test_P1_what_cannot_be_attributed(self):
        who = self.customer("whose")
        named, void = self.sell(who, "scarf,1,45000"), self.sell(None, "scarf,1,45000")
        self.north.run("void", void, "--reason", "typed wrong")
        self.assertRefused(self.north, "attribute", named, who, says="has a customer")
        self.assertRefused(self.north, "attribute", who, who, says="neither a purchase nor a complaint")
        self.assertRefused(self.north, "attribute", void, who, says="void")
        self.assertRefused(self.north, "attribute", "9-999", who, says="9-999")
        self.assertRefused(self.north, "attribute", self.sell(None, "scarf,1,1"), "9-999", field="customer")
        theirs = self.sell(None, "scarf,1,45000", node=self.south)
        self.north.sync()
        self.south.sync()
        self.assertRefused(self.north, "attribute", theirs, who)
        self.hub.run("attribute", theirs, who)  # the desk may
        self.assertEqual(self.hub.run("customer", who)["spend"], 90000)
        complaint = self.north.run("complaint", "open", "--channel", "counter", "--text", "a seam")["id"]
        self.north.run("attribute", complaint, who)
        self.assertIn("complained", [row["type"] for row in self.north.run("customer", who)["history"]])

    # -- P2

    def test_P2_returns_on_another_day_part_whole_and_without_original(self):
        who = self.customer("returns")
        sale = self.sell(who, "coat,2,200000", at="2026-03-01 10:00")
        self.assertRefused(self.north, "return", sale, "--line", "coat,2.001,200000", says="more of coat")
        self.assertRefused(self.north, "return", sale, "--line", "coat,1,200001", says="more would be paid back")
        self.assertRefused(self.north, "return", sale, "--at", "2026-02-28", field="at")
        self.north.run("return", sale, "--line", "coat,1,100000", "--at", "2026-03-09 10:00")
        self.assertRefused(self.north, "return", sale, "--line", "coat,2,100000", says="part of it came back")
        spent = lambda day: {row["customer"]: row["spend"] for row in self.north.vip("--as-of", day)}[who]
        self.assertEqual([spent(f"2026-03-{day}") for day in ("08", "09")], [200000, 100000])
        self.north.run("return", sale)
        self.assertRefused(self.north, "return", sale, says="came back before")
        self.north.run("return", "--customer", who, "--line", "hat,1,5000")
        self.assertEqual(self.north.run("customer", who)["spend"], -5000)
        void = self.sell(who, "coat,1,100000")
        self.north.run("void", void, "--reason", "typed wrong")
        self.assertRefused(self.north, "return", void, says="void")


if __name__ == "__main__":
    unittest.main()
