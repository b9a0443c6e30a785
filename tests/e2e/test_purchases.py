"""Purchases (P1–P5) and what they bring: margins, returns, sales of nobody's that get their customer."""
import csv
import io
import unittest
from datetime import datetime, timedelta

from cases import RegionTest
from region import Hub, Node, wait_until


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
        a, b, unknown = (self.customer(f"margin-{name}") for name in ("a", "b", "unknown"))
        self.sell(unknown, "coat,1,900000", at="2026-03-01")
        sold = self.sell(a, "coat,2,200000,,120000", "hat,1,30000", at="2026-03-01")
        self.sell(b, "coat,1,100000,,110000", at="2026-03-01")
        self.assertEqual({who: self.margins(self.north)[who] for who in (a, b)}, {a: 80000, b: -10000})
        # Part of it comes back on another day, then the rest: what the goods had cost comes back with them.
        self.north.run("return", sold, "--line", "coat,1,100000", "--at", "2026-03-09")
        self.assertEqual(self.margins(self.north, "--as-of", "2026-03-08")[a], 80000)
        self.assertEqual(self.margins(self.north, "--as-of", "2026-03-09")[a], 40000)
        self.north.run("return", sold, "--at", "2026-03-10")
        self.assertEqual(self.margins(self.north)[a], 0)
        *known, last = [row["customer"] for row in self.north.vip("--by", "margin")
                        if row["customer"] in (a, b, unknown)]
        self.assertEqual((known, last), ([a, b], unknown), "who lost money stands before who is not known")
        self.assertIsNone(self.margins(self.north)[unknown])
        self.assertRegex(self.north.run("vip", "--by", "margin", json=False), r" unknown  900,000 ")
        groups = self.north.run("pyramid")["profit_groups"]
        self.assertEqual(groups["none"] >= 2, True, groups)
        self.assertEqual(sum(groups[key] for key in ("high", "medium", "low", "none")),
                         len([row for row in self.north.vip("--by", "margin") if row["margin"] is not None]))
        self.assertIn("by margin", self.north.run("pyramid", json=False))
        self.north.sync()
        self.assertEqual(self.margins(self.hub)[b], -10000)
        self.assertEqual(self.hub.digest(), self.hub.run("rebuild")["digest_after"])

    def test_V2_by_those_whom_she_brought(self):
        a, b = self.customer("brings"), self.customer("brings-nobody")
        for who in (a, b, self.customer("brought", referred_by=a), self.customer("brought-too", referred_by=a)):
            self.sell(who, "hat,1,1000")
        rows = {row["customer"]: row["referrals"] for row in self.north.vip("--by", "referrals")}
        self.assertEqual((rows[a], rows[b]), (2, 0))
        head, first = self.north.run("vip", "--by", "referrals", json=False).splitlines()[:2]
        self.assertIn("brought", head)
        self.assertIn("brings", first)

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

    def test_P1_the_sales_of_nobody_are_listed_until_they_are_somebodys(self):
        who = self.customer("comes-back")
        sell = lambda day, *lines, **more: self.sell(None, *lines, at=f"2025-05-{day} 10:00", **more)
        first, second = sell("01", "scarf,2,45000", ref="receipt 1"), sell("02", "hat,1,5000", "coat,1,100000")
        self.sell(who, "hat,1,5000", at="2025-05-02 11:00")
        back = self.north.run("return", second, "--line", "hat,1,5000")["id"]
        may = ("purchases", "--from", "2025-05-01", "--to", "2025-05-31")
        nobodys = self.north.run(*may, "--customer", "none")
        self.assertEqual([row["id"] for row in nobodys], [second, first], "the latest first")
        self.assertEqual(nobodys[0] | {"items": None},
                         {"id": second, "at": "2025-05-02T10:00:00+09:00", "store": "north", "staff": None,
                          "amount": 105000, "returned": 5000, "customer": None, "name": None, "card": None,
                          "ref": None, "goods": ["hat", "coat"], "items": None})
        self.assertEqual((nobodys[1]["ref"], nobodys[1]["items"]),
                         ("receipt 1", [{"sku": "scarf", "quantity": "2.000", "amount": 45000}]))
        of = lambda *args: [row["id"] for row in self.north.run(*args)]
        self.assertEqual(len(of(*may)), 3)
        self.assertEqual(of(*may, "--customer", "none", "--latest", "1"), [second])
        self.assertEqual(of("purchases", "--customer", "none", "--from", "2025-05-02", "--to", "2025-05-02"), [second])
        self.assertEqual(of("purchases", "--customer", "none", "--from", "2025-05-03", "--to", "2025-05-31"), [])
        self.assertIn("hat, coat", self.north.run(*may, json=False))
        self.assertIn("nothing was sold", self.north.run("purchases", "--to", "2020-01-01", json=False))
        told = self.north.run("attribute", first, who)["id"]
        self.assertEqual(of(*may, "--customer", "none"), [second])
        self.assertIn(first, of(*may, "--customer", who))
        self.assertEqual(self.north.run(*may)[-1]["name"], "comes-back")
        self.north.run("void", told, "--reason", "the wrong one")
        self.assertEqual(of(*may, "--customer", "none"), [second, first])
        for event in (back, second):
            self.north.run("void", event, "--reason", "typed twice")
        self.assertEqual(of(*may, "--customer", "none"), [first])
        self.north.sync()
        self.assertEqual(self.hub.run(*may, "--customer", "none", "--store", "north"),
                         self.north.run(*may, "--customer", "none"))
        self.assertEqual(self.hub.run(*may, "--store", "south"), [])

    def test_P1_which_sales_are_meant_wrongly(self):
        for args, field in ((("--customer", "nobody"), "customer"), (("--customer", "9-999"), "customer"),
                            (("--from", "yesterday"), "from"), (("--from", "2025-05-02", "--to", "2025-05-01"), "to"),
                            (("--store", "nowhere"), "store"), (("--latest", "0"), "latest")):
            self.assertRefused(self.north, "purchases", *args, field=field)
            if field != "latest":
                told = self.north.call("export", "purchases", *args)
                self.assertEqual((told.code, told.stdout), (1, ""), str(told))

    def test_P1_an_export_of_some_purchases(self):
        who = self.customer("exported")
        self.sell(who, "hat,1,5000", at="2025-06-01")
        nobodys = self.sell(None, "coat,1,5000", "hat,1,5000", at="2025-06-02")
        self.north.run("return", nobodys, "--line", "hat,1,5000", "--at", "2025-06-03")

        def rows(*args, to="2025-06-30"):
            text = self.north.run("export", "purchases", "--csv", "--from", "2025-06-01", "--to", to, *args, json=False)
            return [(row["kind"], row["sku"], row["customer"]) for row in csv.DictReader(io.StringIO(text))]

        hers, others = [("purchase", "hat", who)], [("purchase", "coat", ""), ("purchase", "hat", ""),
                                                    ("return", "hat", "")]
        self.assertEqual(rows(), hers + others)
        self.assertEqual(rows("--customer", who), hers)
        self.assertEqual(rows("--customer", "none"), others)
        self.assertEqual(rows(to="2025-06-02"), (hers + others)[:3])

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

    def test_P2_a_sale_of_which_something_is_back_is_not_taken_back_alone(self):
        who = self.customer("both-back")
        for customer in (who, None):
            sale = self.sell(customer, "coat,1,100000", at="2026-03-01 10:00")
            back = self.north.run("return", sale, "--line", "coat,1,100000", "--at", "2026-03-02")["id"]
            self.assertRefused(self.north, "void", sale, "--reason", "typed wrong", field="event", says=back)
            self.north.run("void", back, "--reason", "typed wrong")
            self.north.run("void", sale, "--reason", "typed wrong", "--ref", f"v{customer}")
            self.assertRefused(self.north, "void", back, "--undo", "--reason", "was right", says=f"{sale}, is void")
            again = self.north.run("void", sale, "--reason", "typed wrong", "--ref", f"v{customer}")
            self.assertTrue(again["existing"])
            self.assertEqual(self.north.run("customer", who)["spend"], 0)
        self.north.run("void", sale, "--undo", "--reason", "was right")
        self.north.run("void", back, "--undo", "--reason", "was right")
        self.assertRefused(self.north, "void", sale, "--reason", "typed wrong", says=back)
        # The desk is told the same; what came back without its original stands for itself.
        self.north.sync()
        self.assertRefused(self.hub, "void", sale, "--reason", "typed wrong", says=back)
        alone = self.north.run("return", "--customer", who, "--line", "hat,1,5000")["id"]
        self.north.run("void", alone, "--reason", "typed wrong")
        self.north.run("void", alone, "--undo", "--reason", "was right")
        self.assertEqual(self.north.run("customer", who)["spend"], -5000)

    def test_P1_quantity_and_amount_of_a_line_have_one_sign(self):
        who = self.customer("signs")
        for line, part in (("hat,1,-1000", "amount"), ("hat,-1,1000", "amount"), ("hat,1,1000,-1200", "list amount"),
                           ("hat,0,-1000,1200", "list amount"), ("hat,1,1000,,-500", "cost")):
            self.assertRefused(self.north, "purchase", "--customer", who, "--line", "coat,1,5000", "--line", line,
                               field="line", says=f"'{line}': quantity and {part} have opposite signs")
        self.sell(who, "coat,1,5000", "hat,-1,-1000,-1200,-500", "coupon,0,-500", "gift,1,0")
        self.assertEqual(self.north.run("customer", who)["spend"], 3500)

    # -- P3

    def test_P3_points_are_earned_spent_and_taken_back(self):
        ago = [(datetime.now() - timedelta(days=days)).strftime("%Y-%m-%d %H:%M") for days in (3, 2, 1)]
        who = self.customer("points")
        sale = self.sell(who, "coat,1,12999", at=ago[0])
        points = self.north.run("points", who)
        self.assertEqual((points["balance"], points["spend_points"], points["redeemed"]), (12, 12, 0))
        friend = self.customer("friend", referred_by=who)
        self.assertEqual(self.north.run("points", who)["newcomers"], 0)
        self.sell(friend, "hat,1,500")
        # The hub judges that: the newcomer may buy where who brought her is not known.
        self.assertEqual(self.north.run("points", who)["referral_points"], 0)
        self.north.sync()
        wait_until(lambda: self.hub.run("points", who)["referral_points"] == 100, "the newcomer counts")
        self.north.sync()
        self.assertEqual(self.north.run("points", who)["referral_points"], 100)
        self.assertRefused(self.north, "redeem", who, 113, field="points", says="has 112 points, not 113")
        for wrong in ("0", "1.5", "many"):
            self.assertRefused(self.north, "redeem", who, wrong, field="points")
        self.assertRefused(self.north, "redeem", who, 20, "--at", ago[1], says="has 12 points, not 20")
        done = self.north.run("redeem", who, 112, "--ref", "r1")
        self.assertTrue(self.north.run("redeem", who, 112, "--ref", "r1")["existing"])
        self.assertRefused(self.north, "redeem", who, 1, says="has 0 points")
        self.north.run("return", sale, "--line", "coat,1,12000")
        points = self.north.run("points", who)
        self.assertEqual((points["balance"], points["redeemed"]), (-12, 112))
        self.assertEqual(points["redemptions"][0]["balance"], 112)
        self.assertEqual(points["redemptions"][0]["id"], done["id"])
        self.sell(who, "coat,1,20000", at=ago[2])  # a late sale gives points, and rewrites nothing
        self.assertEqual(self.north.run("points", who)["redemptions"][0]["balance"], 112)
        self.assertEqual(self.north.run("points", "--card", "points")["balance"], 8)
        self.assertIn("8 points", self.north.run("points", who, json=False))
        self.assertIsNone(points["redemptions"][0]["tier"])
        self.sell(who, "coat,1,400000")
        self.north.run("redeem", who, 400)
        self.assertEqual(self.north.run("points", who)["redemptions"][0]["tier"], "silver")
        self.assertEqual(self.north.run("points", who, "--as-of", ago[2][:10])["balance"], 32)
        self.assertRefused(self.north, "points", "9-999", field="customer")
        self.north.sync()
        self.assertEqual(self.hub.run("points", who)["balance"], 8)

    # -- P4

    def test_P4_benefits_are_noted_and_listed(self):
        who = self.customer("benefits")
        given = self.north.run("benefit", who, "--kind", "festival", "--cost", "15000", "--note", "rice cakes",
                               "--staff", "07")["id"]
        self.north.run("benefit", who, "--kind", "coupon", "--at", "2026-01-05")
        rows = self.north.run("benefits", who)
        self.assertEqual([row["kind"] for row in rows], ["festival", "coupon"])
        self.assertEqual((rows[0]["id"], rows[0]["cost"], rows[0]["note"], rows[0]["staff"], rows[0]["store"]),
                         (given, 15000, "rice cakes", "07", "north"))
        self.assertEqual([row["kind"] for row in self.north.run("benefits", who, "--from", "2026-01-05", "--to",
                                                                "2026-01-05")], ["coupon"])
        self.assertEqual(self.north.run("benefits", who, "--from", "2026-01-06", "--to", "2026-01-07"), [])
        kinds = {row["kind"]: row for row in self.north.run("report", "benefits")}
        self.assertEqual((kinds["festival"]["given"], kinds["festival"]["cost"]), (1, 15000))
        self.assertEqual([row["kind"] for row in self.north.run("report", "benefits", "--to", "2026-01-05")],
                         ["coupon"])
        table = self.north.run("export", "benefits", "--csv", json=False)
        self.assertIn("rice cakes", table)
        self.assertRefused(self.north, "benefits", "--from", "2026-01-07", "--to", "2026-01-06", field="to")
        self.assertRefused(self.north, "benefit", who, field="kind")
        self.assertRefused(self.north, "benefit", who, "--kind", "cake", field="kind")
        self.assertRefused(self.north, "benefit", who, "--kind", "tier", "--cost", "-1", field="cost")
        self.assertRefused(self.north, "benefit", "9-999", "--kind", "tier", field="customer")
        self.north.run("void", given, "--reason", "typed wrong")
        self.assertEqual(len(self.north.run("benefits", who)), 1)

    # -- P5

    def test_P5_sessions_of_a_package(self):
        who, other = self.customer("skin"), self.customer("not-hers")
        sale = self.sell(who, "facial,1,500000", "cream,1,30000", package="facial,3")
        use = ("package", "use", who, "--sale", sale, "--sku", "facial")
        self.north.run(*use, "--note", "dry around the eyes", "--ref", "s1")
        self.assertTrue(self.north.run(*use, "--ref", "s1")["existing"])
        self.assertRefused(self.north, *use, "--sessions", 3, field="sessions", says="2 of 3 sessions are left")
        self.north.run(*use, "--sessions", 2)
        self.assertRefused(self.north, *use, says="0 of 3")
        row, = self.north.run("package", "list", who)
        self.assertEqual((row["sale"], row["sku"], row["bought"], row["used"], row["left"], row["expired"]),
                         (sale, "facial", 3, 3, 0, False))
        self.assertRefused(self.north, "package", "use", who, "--sale", sale, "--sku", "cream", says="no package cream")
        self.assertRefused(self.north, "package", "use", other, "--sale", sale, "--sku", "facial", says="no package")
        self.assertRefused(self.north, "package", "use", who, "--sku", "facial", field="sale")
        self.assertRefused(self.north, "package", "use", who, "--sale", sale, field="sku")
        self.assertRefused(self.north, *use, "--sessions", 0, field="sessions")
        self.assertEqual(self.north.run("package", "list", other), [])

    def test_P5_a_package_that_is_over_or_came_back(self):
        who = self.customer("late-skin")
        old = self.sell(who, "facial,1,500000", package="facial,3", at="2025-01-31 12:00")
        use = ("package", "use", who, "--sku", "facial", "--sale")
        self.north.run(*use, old, "--at", "2026-01-31 23:59")  # the last minute of its last day
        self.assertRefused(self.north, *use, old, "--at", "2026-02-01 00:00", says="by 2026-01-31")
        self.assertRefused(self.north, *use, old, "--at", "2025-01-31 11:59", field="at")
        back = self.sell(who, "facial,1,500000", package="facial,3")
        self.north.run(*use, back)
        self.assertRefused(self.north, "return", back, field="line", says="1 of the 3 sessions of facial")
        self.north.run("return", back, "--line", "facial,1,333333")
        self.assertRefused(self.north, *use, back, says="0 of 3")
        rows = {row["sale"]: row for row in self.north.run("package", "list", who)}
        self.assertEqual((rows[back]["returned"], rows[back]["left"], rows[old]["expired"]), (3, 0, True))
        self.north.sync()
        self.assertEqual(len(self.hub.run("packages", who)), 2)


if __name__ == "__main__":
    unittest.main()
