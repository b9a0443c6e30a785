"""Value on real data: R, F, M, tiers, types, bands, the pyramid, who stays away and the months, for every household of
The Complete Journey, against what this file computes from the CSV itself; and tiers by hand and other policies by a
person at the counter.
"""
import csv
import io
import unittest
from calendar import monthrange
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal

import journey
from cases import RegionTest
from journey import COLUMNS, Journey, minor_units
from region import EVERYONE, Hub, Node, data

DAYS = [date(2017, 6, 30), date(2017, 12, 31), date(2018, 6, 30)]
TIERS = [("silver", 10000), ("gold", 50000), ("platinum", 100000)]
BANDS = [("key", 12), ("potential", 4), ("low", 0)]
TYPES = ("discount", "frequency", "amount")


def groups(worths):
    """V4 as it is written: 1 + floor(5 × customers strictly worse / n)."""
    return {key: 1 + 5 * sum(other < own for other in worths.values()) // len(worths) for key, own in worths.items()}


def months_after(day, months):
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def month_number(at):
    return at.year * 12 + at.month - 1


def month_name(number):
    return f"{number // 12:04}-{number % 12 + 1:02}"


class Worth:
    """Everything of one day."""

    def __init__(self, oracle, reduced, day):
        self.day = day
        self.all, self.year = oracle.standings(as_of=day), oracle.standings("365", day)
        self.reduced = defaultdict(int)
        for basket in oracle.cut(as_of=day):
            self.reduced[basket.customer] += basket.visit and basket.key in reduced
        self.r = groups({card: s.last.date() if s.last else date.min for card, s in self.all.items()})
        self.f = groups({card: s.visits for card, s in self.all.items()})
        self.m = groups({card: s.spend for card, s in self.all.items()})

    def tier(self, card, tiers=tuple(TIERS)):
        spend = self.year[card].spend if card in self.year else 0
        return max((name for name, least in tiers if spend >= least), key=dict(tiers).get, default=None)

    def to_next(self, card):
        spend = self.year[card].spend if card in self.year else 0
        return min((least - spend for name, least in TIERS if least > spend), default=None)

    def band(self, card):
        visits = self.year[card].visits if card in self.year else 0
        return next(name for name, least in BANDS if visits >= least)

    def type(self, card):
        visits = self.all[card].visits
        if visits and self.reduced[card] * 2 >= visits:
            return "discount"
        return "frequency" if self.f[card] > self.m[card] else "amount"

    def expected(self, card):
        s = self.all[card]
        full = s.visits - self.reduced[card]
        return {"card": card, "r": self.r[card], "f": self.f[card], "m": self.m[card], "tier": self.tier(card),
                "tier_earned": self.tier(card), "tier_granted": None, "to_next": self.to_next(card),
                "type": self.type(card), "band": self.band(card), "valid": s.visits >= 2,
                "candidate": s.visits >= 2 and full * 5 >= s.visits * 4, "visits": s.visits, "spend": s.spend,
                "last": s.last}

    def away(self):
        """[(card, months)] of those without a visit for 6 or 12 months, longest away first."""
        found = []
        for card, s in self.all.items():
            spans = [n for n in (6, 12) if s.last and months_after(s.last.date(), n) <= self.day]
            if spans:
                found.append((s.last, card, max(spans)))
        return sorted(found)


class Households(RegionTest):
    """All 2,377 of them in the book of one store, and its hub."""

    shared = True

    @classmethod
    def build(cls):
        file = data("journey", "transactions.csv")
        cls.oracle = Journey(journey.read(file))
        cls.reduced = {row["basket_id"] for row in cls.oracle.rows
                       if minor_units(row["retail_disc"]) > 0 and Decimal(row["quantity"]) >= 0}
        cls.hub = Hub(cls.region, currency="USD", timezone="UTC", country="US")
        cls.node = Node(cls.region, cls.hub, "1")
        cls.node.run("import", "purchases", file, "--map", COLUMNS + ",discount=retail_disc", timeout=300)
        # The tiers of the defaults are too high for what this file has of each household.
        cls.hub.run("policy", "--set", "tiers=silver:100,gold:500,platinum:1000")
        cls.hub.serve()
        cls.node.sync(timeout=240)
        cls.worth = {day: Worth(cls.oracle, cls.reduced, day) for day in DAYS}

    def rows(self, site, day, *args):
        return {row["card"]: row for row in site.run(*args, "--as-of", day)}

    def compare(self, told, worth):
        self.assertEqual(set(told), set(worth.all))
        for card, row in told.items():
            expected = worth.expected(card)
            seen = {key: row[key] for key in expected}
            seen["last"] = None if row["last"] is None else datetime.fromisoformat(row["last"])
            self.assertEqual(seen, expected, f"household {card} as of {worth.day}")

    def test_V3_V4_V5_V6_of_every_household_at_three_dates(self):
        for day, worth in self.worth.items():
            for site in (self.node, self.hub):
                self.compare(self.rows(site, day, "segments"), worth)
        found = [worth.expected(card) for worth in self.worth.values() for card in worth.all]
        for key, values in (("type", set(TYPES)), ("band", {"key", "potential", "low"}), ("r", {1, 2, 3, 4, 5}),
                            ("tier", {None, "silver", "gold", "platinum"}), ("valid", {True, False}),
                            ("candidate", {True, False})):
            self.assertLessEqual(values, {row[key] for row in found}, f"the data has too little of {key}")

    def test_V3_tier_in_vip_is_that_of_the_day(self):
        day = DAYS[1]
        for card, row in self.rows(self.hub, day, "vip", *EVERYONE, "--window", "30").items():
            self.assertEqual(row["tier"], self.worth[day].tier(card), card)

    def test_V1_pyramid_at_three_dates(self):
        for day in DAYS:
            told, by_hand = self.hub.run("pyramid", "--as-of", day), self.oracle.pyramid(as_of=day)
            self.assertEqual((told["customers"], told["top_customers"], told["total"]),
                             (by_hand.customers, by_hand.top_customers, by_hand.total))
            spends = [s.spend for s in self.oracle.ranking(as_of=day) if s.spend > 0]
            large, medium = -(-len(spends) * 20 // 100), -(-len(spends) * 50 // 100)
            for name, part in (("large", spends[:large]), ("medium", spends[large:medium]), ("small", spends[medium:])):
                self.assertEqual(told[name], {"customers": len(part), "spend": sum(part)}, f"{name} as of {day}")
            best = self.oracle.ranking("year", day)
            self.assertEqual(told["year_top"] and told["year_top"]["card"], best[0].card if best else None)

    def test_V1_who_is_in_the_top_share_at_three_dates(self):
        for day in DAYS:
            ranking = [s.card for s in self.oracle.ranking(as_of=day) if s.spend > 0]
            top = {card for card, row in self.rows(self.node, day, "segments").items() if row["top"]}
            self.assertEqual(top, set(ranking[:-(-len(ranking) * 20 // 100)]), f"as of {day}")

    def test_V1_V2_top_percent_and_score_under_another_policy(self):
        file = self.region.write("other.txt", "# what if\n\ntop-percent=10\r\nscore-weights=visits:3,spend:1\n")
        day = DAYS[0]
        told = self.hub.run("replay", "--policy", file, "pyramid", "--as-of", day)
        self.assertEqual((told["top_percent"], told["top_customers"]), (10, -(-told["customers"] // 10)))
        worth = self.worth[day]
        rows = self.hub.run("replay", "--policy", file, "vip", *EVERYONE, "--by", "score", "--as-of", day)
        scores = {card: 3 * worth.f[card] + worth.m[card] for card in worth.all}
        self.assertEqual([(row["card"], row["value"]) for row in rows],
                         sorted(scores.items(), key=lambda item: (-item[1], item[0].encode())))

    def test_V7_who_stays_away_at_three_dates(self):
        for day, worth in self.worth.items():
            told = self.node.run("report", "inactive", "--to", day)
            self.assertEqual(sorted((datetime.fromisoformat(r["last"]), r["card"], r["months"]) for r in told),
                             worth.away(), f"as of {day}")
            self.assertEqual([r["last"] for r in told], sorted(r["last"] for r in told), "longest away first")

    def test_V8_months(self):
        visits = defaultdict(set)
        for basket in self.oracle.baskets:
            if basket.visit:
                visits[basket.customer].add(month_number(basket.at))
        # A year without a visit is too long for this file to show: three months here, by policy.
        self.hub.run("policy", "--set", "lost-months=3", "--from", "2017-01-01")
        first, last = month_number(date(2016, 12, 1)), month_number(date(2018, 4, 1))
        span = ("--from", "2016-12-15", "--to", "2018-04-30")
        for row, month in zip(self.hub.run("report", "gained-lost", *span), range(first, last + 1), strict=True):
            gained = sum(min(own) == month for own in visits.values())
            lost = sum(month - 3 in own and not own & {month - 2, month - 1, month} for own in visits.values())
            back = sum(month in own and min(own) < month and not own & {month - 3, month - 2, month - 1}
                       for own in visits.values())
            active = sum(month in own for own in visits.values())
            self.assertEqual(row, {"month": month_name(month), "active": active, "gained": gained, "lost": lost,
                                   "won_back": back, "change": gained + back - lost})
        self.assertGreater(row["lost"], 0)
        running = self.hub.run("report", "gained-lost", *span[:3], "2018-04-29")[-1]
        self.assertEqual((running["month"], running["lost"]), ("2018-04", 0), "the month is not over")
        cohorts = {(r["cohort"], r["month"]): (r["customers"], r["retained"])
                   for r in self.hub.run("report", "cohorts", *span)}
        for cohort in range(first, last + 1):
            own = [months for months in visits.values() if min(months) == cohort]
            for month in range(cohort, last + 1 if own else cohort):
                self.assertEqual(cohorts.pop((month_name(cohort), month_name(month))),
                                 (len(own), sum(month in months for months in own)))
        self.assertEqual(cohorts, {})
        for row, month in zip(self.hub.run("report", "returning", *span), range(first, last + 1), strict=True):
            sales = [b for b in self.oracle.baskets if month_number(b.at) == month]
            returning = sum(b.amount for b in sales if min(visits[b.customer], default=month) < month)
            self.assertEqual((row["all_sales"], row["sales"], row["returning_sales"], row["reference"]),
                             (sum(b.amount for b in sales), sum(b.amount for b in sales), returning, 65))

    def test_E8_who_would_change_tier(self):
        day, tiers = DAYS[1], (("silver", 20000), ("gold", 50000), ("diamond", 80000))
        file = self.region.write("next.txt", "tiers=silver:200,gold:500,diamond:800\n")
        told = {r["card"]: r for r in self.hub.run("replay", "--policy", file, "segments", "--as-of", day)}
        worth, changed = self.worth[day], 0
        for card, row in told.items():
            was, now = worth.tier(card), worth.tier(card, tiers)
            self.assertEqual(row["tier"], now, card)
            self.assertEqual(row.get("tier_was"), None if was == now else was or "none", card)
            changed += was != now
        self.assertGreater(changed, 100)
        text = self.hub.run("replay", "--policy", file, "segments", "--as-of", day, json=False)
        self.assertTrue(text.endswith(f"\n{changed:,} customers change tier\n") or
                        text.endswith(f"\n{changed} customers change tier\n"), text[-200:])
        self.assertNotIn("tier_was", self.rows(self.hub, day, "segments")[next(iter(told))], "nothing was set")

    def test_E8_policy_files_with_mistakes(self):
        for text, says in (("tiers=gold:5\nnonsense\n", r"line 2: is not key=value"),
                           ("# x\nno-such=1\n", r"line 2: there is no policy 'no-such'"),
                           ("top-percent=99", r"line 1: top-percent: takes a whole number from 1 to 50")):
            file = self.region.write("wrong.txt", text)
            self.assertRefused(self.hub, "replay", "--policy", file, "vip", field="policy", says=says)
        self.assertRefused(self.hub, "replay", "--policy", "missing.txt", "vip")


class ByHand(RegionTest):
    """At the counter."""

    def setUp(self):
        self.hub = Hub(self.region)
        self.node = Node(self.region, self.hub, "7")
        self.ann = self.node.run("register", "--name", "Example Ann", "--card", "A1")["id"]

    def tier(self, site=None):
        row = (site or self.node).run("customer", self.ann)
        return [row[key] for key in ("tier", "tier_earned", "tier_granted", "tier_next", "to_next")]

    def test_V3_given_by_hand_and_earned(self):
        self.assertEqual(self.tier(), [None, None, None, "silver", 400000])
        self.node.run("purchase", "--card", "A1", "--line", "X,1,399999")
        self.assertEqual(self.tier(), [None, None, None, "silver", 1])
        self.node.run("purchase", "--card", "A1", "--line", "X,1,1")
        self.assertEqual(self.tier(), ["silver", "silver", None, "gold", 1600000])
        first = self.node.run("grant", self.ann, "gold", "--until", "2099-12-31", "--reason", "made up", "--ref", "g1")
        again = self.node.run("grant", self.ann, "gold", "--until", "2099-12-31", "--reason", "made up", "--ref", "g1")
        self.assertEqual((again["id"], again["existing"]), (first["id"], True))
        self.assertEqual(self.tier(), ["gold", "silver", "gold", "gold", 1600000])
        self.hub.serve()
        self.node.sync()
        self.assertEqual(self.tier(self.hub), self.tier())
        self.assertIn("gold (gold by hand until 2099-12-31, earned: silver), 1,600,000 more for gold",
                      self.node.run("customer", self.ann, json=False))
        self.hub.run("policy", "--set", "tiers=silver:400000,platinum:5000000")
        self.node.sync()
        for site in (self.hub, self.node):
            self.assertEqual(self.tier(site), ["silver", "silver", None, "platinum", 4600000])
            self.assertEqual(site.run("customer", self.ann)["tier_lapsed"], "gold")
            self.assertIn("gold by hand, which is no tier any more", site.run("customer", self.ann, json=False))
        self.hub.run("policy", "--set", "tiers=silver:400000,gold:2000000")
        self.assertIsNone(self.hub.run("customer", self.ann)["tier_lapsed"])
        self.hub.run("grant", self.ann, "--none")
        self.assertEqual(self.tier(self.hub), ["silver", "silver", None, "gold", 1600000])

    def test_V1_the_top_share_at_its_edge(self):
        def top(*args):
            rows = {row["card"][0]: row["top"] for row in self.node.run("segments", *args)}
            return "".join(sorted(card for card in rows if rows[card]))

        for card in "FEDCB":  # later ids have smaller cards
            self.node.run("register", "--name", "Example", "--card", f"{card}1")
            self.node.run("purchase", "--card", f"{card}1", "--line", "X,1,1000", "--at", "2024-02-28 12:00")
        self.assertEqual(top(), "B", "one of five that bought; of equals the first by card, as vip has it")
        self.assertEqual(self.node.vip()[0]["card"], "B1")
        self.node.run("purchase", "--card", "A1", "--line", "X,1,1", "--at", "2024-02-29 12:00")
        self.assertEqual((top("--as-of", "2024-02-28"), top("--as-of", "2024-02-29")), ("B", "BC"), "two of six")
        sale = self.node.run("purchase", "--card", "F1", "--line", "X,1,1", "--at", "2024-03-01 12:00")["id"]
        self.assertEqual(top(), "BF")
        back = self.node.run("return", sale, "--at", "2024-03-02 12:00")["id"]
        self.assertEqual((top("--as-of", "2024-03-01"), top()), ("BF", "BC"))
        self.node.run("void", back, "--reason", "typed wrong")
        self.assertEqual((top(), self.node.run("pyramid")["top_customers"]), ("BF", 2))
        self.assertEqual(top("--as-of", "2024-02-29", "--r", "5"), "", "of everybody, not of the group asked for")
        self.hub.serve()
        self.node.sync()
        self.hub.run("policy", "--set", "top-percent=50")
        self.node.sync()
        self.assertEqual(top(), "BCF")

    def test_V3_given_by_hand_is_shown_in_every_list(self):
        bob = self.node.run("register", "--name", "Example Bob", "--card", "B1")["id"]
        self.node.run("purchase", "--card", "A1", "--line", "X,1,400000")
        self.node.run("purchase", "--card", "B1", "--line", "X,1,2000000")
        lists = (("vip",), ("vip", "--by", "score"), ("vip", "--by", "margin"), ("vip", "--by", "referrals"),
                 ("segments",), ("search", "Example"))
        for args in lists:
            self.assertNotIn("by hand", self.node.run(*args, json=False), args)
        self.node.run("grant", self.ann, "gold")
        self.hub.serve()
        self.node.sync()
        self.hub.settled(customers=2)
        keys = ("tier", "tier_earned", "tier_granted", "tier_next", "to_next")
        for site in (self.node, self.hub):
            for args in lists:
                if site is self.hub and args[0] == "search":
                    continue
                lines = site.run(*args, json=False).splitlines()
                self.assertRegex(lines[0], r"\btier +earned +by hand\b", args)
                ann, bobs = (next(line for line in lines if card in line.split()) for card in ("A1", "B1"))
                self.assertRegex(ann, r"\bgold +silver +gold\b", args)
                self.assertRegex(bobs, r"\bgold +gold\b(?! +gold)", args)
                rows = list(csv.DictReader(io.StringIO(site.run("export", *args, "--csv", json=False))))
                told = {row["customer"]: tuple(row[key] for key in keys) for row in rows}
                self.assertEqual(told, {self.ann: ("gold", "silver", "gold", "gold", "1600000"),
                                        bob: ("gold", "gold", "", "platinum", "4000000")}, args)
        self.hub.run("grant", self.ann, "--none")
        self.assertNotIn("by hand", self.hub.run("vip", json=False))

    def test_V1_V4_S1_K6_a_store_says_that_it_speaks_for_itself(self):
        self.node.run("purchase", "--card", "A1", "--line", "X,1,1000")
        self.node.run("staff", "add", "kim", "--role", "assistant")
        self.node.run("gathering", "add", "Tea")
        self.hub.serve()
        self.node.sync()
        for site, covers in ((self.node, "store"), (self.hub, "region")):
            for words in (("staff",), ("gathering", "list"), ("gathering", "year"), ("segments",), ("rfm",)):
                rows = site.run(*words)
                self.assertTrue(rows, words)
                self.assertEqual({row["covers"] for row in rows}, {covers}, words)
                self.assertEqual("what this store knows alone" in site.run(*words, json=False), covers == "store")
            self.assertEqual(site.run("pyramid")["covers"], covers)
            self.assertEqual("what this store knows alone" in site.run("pyramid", json=False), covers == "store")
        self.assertIn("top of the year of whom this store knows", self.node.run("pyramid", json=False))
        self.assertIn("top of the year in the region", self.hub.run("pyramid", json=False))

    def test_V1_the_top_of_the_year_from_its_first_to_its_last_minute(self):
        bob = self.node.run("register", "--name", "Example Bob", "--card", "B1")["id"]

        def bought(card, amount, at):
            return self.node.run("purchase", "--card", card, "--line", f"X,1,{amount}", "--at", at)["id"]

        def top(as_of):
            found = self.node.run("pyramid", "--as-of", as_of)["year_top"]
            return found and (found["customer"], found["spend"])

        bought("A1", 1000, "2023-12-31 23:59:59")
        sale = bought("A1", 500, "2024-01-01")
        most = bought("B1", 501, "2024-12-31 23:59:59")
        bought("A1", 900, "2025-01-01")
        self.assertEqual([top(day) for day in ("2023-12-31", "2024-01-01", "2024-12-30", "2024-12-31", "2025-01-01")],
                         [(self.ann, 1000), (self.ann, 500), (self.ann, 500), (bob, 501), (self.ann, 900)])
        back = self.node.run("return", most, "--line", "X,1,2", "--at", "2024-12-31 23:59:59")["id"]
        self.assertEqual(top("2024-12-31"), (self.ann, 500))
        self.node.run("void", back, "--reason", "typed wrong")
        self.assertEqual(top("2024-12-31"), (bob, 501))
        self.node.run("void", most, "--reason", "typed wrong")
        self.node.run("return", sale, "--at", "2024-02-29")
        self.assertEqual((top("2024-02-28"), top("2024-02-29")), ((self.ann, 500), None))

    def test_V3_grants_with_mistakes(self):
        self.assertRefused(self.node, "grant", self.ann, "goldd", field="tier", says="silver, gold or platinum")
        self.assertRefused(self.node, "grant", self.ann, field="tier", code=2)
        self.assertRefused(self.node, "grant", self.ann, "gold", "--none", field="none", code=2)
        self.assertRefused(self.node, "grant", self.ann, "--none", "--until", "2099-01-01", field="until", code=2)
        self.assertRefused(self.node, "grant", self.ann, "gold", "--until", "2020-01-01", field="until")
        self.assertRefused(self.node, "grant", "9-99", "gold", field="customer")

    def test_V7_who_came_back_after_a_contact(self):
        def bought(at, card="A1"):
            self.node.run("purchase", "--card", card, "--line", "X,1,1000", "--at", at)

        for card in ("B1", "C1"):
            self.node.run("register", "--name", f"Example {card}", "--card", card)
        for card in ("A1", "B1", "C1"):
            bought("2025-01-10", card)
        for row in self.node.run("segments"):
            if row["card"] != "C1":  # whom nobody called
                self.node.run("contact", row["customer"], "--kind", "call", "--purpose", "miss-you",
                              "--at", "2025-07-20")
        bought("2025-09-18")           # the 60th day
        bought("2025-09-19", "B1")     # the 61st
        self.assertEqual([(r["months"], r["contacted"], r["back"]) for r in self.node.run("report", "back")],
                         [(6, 2, 1), (12, 0, 0)])

    def test_V7_who_went_without_a_word(self):
        for card in ("B1", "C1"):
            self.node.run("register", "--name", f"Example {card}", "--card", card)
        for card in ("A1", "B1", "C1"):
            self.node.run("purchase", "--card", card, "--line", "X,1,1000", "--at", "2024-02-29 12:00")
        self.node.run("complaint", "open", "--card", "B1", "--channel", "phone", "--text", "made up",
                      "--at", "2024-03-01")
        gone = self.node.run("recall", "--card", "C1")["id"]
        self.node.run("left", gone, "--reason", "no-care", "--at", "2024-12-01")

        def silent(day):
            return {row["card"] for row in self.node.run("report", "inactive", "--to", day) if row["silent"]}

        self.assertEqual(silent("2024-11-30"), {"A1", "C1"})
        self.assertEqual(silent("2024-12-01"), {"A1"})

    def test_V10_why_they_leave(self):
        other = self.node.run("register", "--name", "Example Bob", "--card", "B1")["id"]
        self.assertRefused(self.node, "left", self.ann, field="reason", says="quality")
        self.assertRefused(self.node, "left", self.ann, "--reason", "moon", field="reason")
        self.node.run("left", self.ann, "--reason", "quality", "--at", "2026-01-05")
        self.node.run("left", self.ann, "--reason", "no-care", "--at", "2026-01-06")
        word = self.node.run("left", other, "--reason", "competitor", "--note", "made up", "--at", "2026-01-07")["id"]

        def told(*span):
            rows = self.node.run("report", "leaving", *span)
            return {r["reason"]: r["customers"] for r in rows if r["customers"]}

        self.assertEqual(told(), {"no-care": 1, "competitor": 1}, "the latest word of each")
        self.assertEqual(told("--to", "2026-01-05"), {"quality": 1})
        self.assertEqual(told("--from", "2026-01-07"), {"competitor": 1})
        self.node.run("void", word, "--reason", "mistaken")
        self.assertEqual(told(), {"no-care": 1})

    def test_reports_with_mistakes(self):
        self.assertRefused(self.node, "report", "weather", field="kind", code=2, says="inactive, back, gained-lost")
        self.assertRefused(self.node, "report", "inactive", "--from", "2026-02-01", "--to", "2026-01-31", field="from")
        self.assertRefused(self.node, "report", "inactive", "--to", "2026-02-30", field="to")
        self.assertRefused(self.node, "report", "inactive", "--store", "99", field="store")


if __name__ == "__main__":
    unittest.main()
