"""The main job on real data: five stores of The Complete Journey through their nodes into a hub, to the cent.

Everything is compared with the independent oracle in journey.py.
"""
import unittest
from datetime import date, datetime, timedelta
from itertools import zip_longest

import journey
from cases import RegionTest
from journey import COLUMNS, STORES, UTC, Journey
from region import EVERYONE, Hub, Node, data, seeded, wait_until

HALF_YEAR = date(2017, 6, 30)
# Month ends, both sides of a year's end, the first and the last day of the file, and a day before any trade.
DAYS = [date(2016, 12, 31), date(2017, 1, 1), date(2017, 2, 28), HALF_YEAR, date(2017, 9, 30), date(2017, 12, 31),
        date(2018, 1, 1), date(2020, 2, 29)]
WINDOWS = ["all", "year", "1", "30", "90", "365"]


def time_of(text):
    return None if text is None else datetime.fromisoformat(text)


def as_told(row):
    """A row of `vip` or `segments` in the oracle's form."""
    return journey.Standing(row["card"], row["spend"], row["visits"], time_of(row["last"]))


def now_exactly():
    """A moment of this machine's clock with whole milliseconds strictly before and after it for everyone."""
    start = datetime.now(UTC)
    middle = start + timedelta(milliseconds=20)
    wait_until(lambda: datetime.now(UTC) > middle + timedelta(milliseconds=20), "the clock moves on")
    return middle.strftime("%Y-%m-%dT%H:%M:%S.") + f"{middle.microsecond // 1000:03}Z"


class Oracle(RegionTest):
    """The oracle itself, against figures known from elsewhere."""

    def test_facts_of_the_file(self):
        whole = Journey(journey.read(data("journey", "transactions.csv")))
        self.assertEqual(len(whole.rows), 75_000)
        self.assertEqual(len(whole.stores), 293)
        self.assertEqual(len(whole.baskets), 47_243)
        self.assertEqual(len(whole.households), 2_377)
        five = whole.of(*STORES)
        self.assertEqual(len(five.ranking()), 425)
        self.assertEqual(len(five.ranking(as_of=HALF_YEAR)), 343)

    def test_meanings_by_hand(self):
        def line(customer, basket, quantity, amount, day, store="s"):
            return {"household_id": customer, "store_id": store, "basket_id": basket, "quantity": quantity,
                    "sales_value": amount, "transaction_timestamp": f"2017-01-{day:02} 10:00:00"}

        made = Journey([line("a", "1", "1", "0.005", 5), line("a", "1", "1", "0.0049", 4), line("a", "2", "0", "0", 9),
                        line("b", "3", "-1", "-0.125", 7), line("c", "4", "-1", "0.50", 7), line("", "5", "1", "9", 7),
                        line("B", "1", "2", "1e1", 1, "t")])
        self.assertEqual([s.card for s in made.ranking()], ["B", "c", "a", "b"])
        self.assertEqual({card: (s.spend, s.visits, s.last and s.last.day) for card, s in made.standings().items()},
                         {"a": (1, 1, 4), "b": (-13, 0, None), "c": (50, 0, None), "B": (1000, 1, 1)})
        self.assertEqual((made.purchases, made.returns, made.anonymous, made.lines), (5, 1, 1, 6))
        self.assertEqual([s.card for s in made.ranking(by="visits")], ["B", "a", "b", "c"])
        self.assertEqual(made.pyramid(), journey.Pyramid(3, 1, 1000 / 1051, 1, 1051))
        self.assertEqual(set(made.standings("3", date(2017, 1, 9))), {"a", "b", "c"})
        self.assertEqual(made.standings("3", date(2017, 1, 9))["a"].visits, 0)


class FiveStores(RegionTest):
    shared = True

    @classmethod
    def build(cls):
        cls.file = data("journey", "transactions.csv")
        cls.oracle = Journey(journey.read(cls.file), STORES)
        cls.hub = Hub(cls.region, currency="USD", timezone="UTC", country="US")
        cls.nodes = [Node(cls.region, cls.hub, store) for store in STORES]
        cls.imported = {node.store: cls.read_in(node) for node in cls.nodes}
        # The same hub and the same logs of the stores, from before their first contact.
        cls.twins = [site.twin(f"twin-{site.name}") for site in (cls.hub, *cls.nodes)]
        cls.hub.serve()
        for node in cls.nodes[:2]:
            node.sync()
        cls.first_two = cls.oracle.of(*STORES[:2])
        cls.hub.settled(persons=len(cls.first_two.households))
        cls.between = now_exactly()
        for node in cls.nodes[2:]:
            node.sync()
        cls.hub.settled(persons=len(cls.oracle.households))

    @classmethod
    def read_in(cls, node):
        return node.run("import", "purchases", cls.file, "--map", COLUMNS, "--where", f"store_id={node.store}")

    # -- comparisons

    def compare_ranking(self, told, ranking, what):
        for place, (row, standing) in enumerate(zip_longest(told, ranking), 1):
            if row is None or row["rank"] != place or as_told(row) != standing:
                self.fail(f"{what}: {len(told)} customers told, {len(ranking)} expected; rank {place} differs:\n"
                          f"told     {row}\nexpected {standing}")

    def compare_pyramid(self, told, pyramid, what):
        for key in ("customers", "top_customers", "customers_for_80_percent", "total"):
            self.assertEqual(told[key], getattr(pyramid, key), f"{what}: {key}")
        self.assertAlmostEqual(told["top_share"], pyramid.top_share, 6, what)

    # -- what was taken in

    def test_import_accounts_for_every_row(self):
        for node in self.nodes:
            own, told = self.oracle.of(node.store), self.imported[node.store]
            self.assertEqual(told["rows"], len(own.rows), node.name)
            self.assertEqual(told["rejected"], 0, node.name)
            self.assertEqual(told["events"], own.purchases + own.registrations, node.name)

    def test_stores_and_hub_hold_the_same_bytes(self):
        self.assertLevel(self.hub, *self.nodes)

    def test_figures_of_status(self):
        status = self.hub.status()
        self.assertEqual(status["persons"], 425)
        self.assertEqual(status["customers"], self.oracle.registrations)
        for key in ("purchases", "lines", "returns", "anonymous"):
            self.assertEqual(status[key], getattr(self.oracle, key), key)

    def test_stores(self):
        told = {row["store"]: row for row in self.hub.run("stores")}
        self.assertEqual(set(told), set(STORES))
        for node in self.nodes:
            row = told[node.store]
            self.assertEqual(row["events"], self.imported[node.store]["events"], node.name)
            self.assertEqual(row["lag"], 0, node.name)
            self.assertLess(abs(row["skew_ms"]), 60_000, node.name)

    def test_importing_again_writes_nothing(self):
        before = self.hub.digest()
        for node in self.nodes[:2]:
            events, digest = node.status()["events"], node.digest()
            again = self.read_in(node)
            self.assertEqual((again["rows"], again["events"], again["rejected"]),
                             (len(self.oracle.of(node.store).rows), 0, 0), node.name)
            self.assertEqual((node.status()["events"], node.digest()), (events, digest), node.name)
            node.sync()
        self.assertEqual(self.hub.digest(), before)

    # -- ranking

    def test_ranking_of_the_region(self):
        self.compare_ranking(self.hub.vip(), self.oracle.ranking(), "vip")

    def test_top_cuts_and_names_everyone_by_id(self):
        everyone = self.hub.vip()
        self.assertEqual(self.hub.run("vip"), everyone[:100])
        self.assertEqual(self.hub.run("vip", "--top", 7), everyone[:7])
        self.assertEqual(len({row["customer"] for row in everyone}), 425)

    def test_ranking_by_visits(self):
        self.compare_ranking(self.hub.vip("--by", "visits"), self.oracle.ranking(by="visits"), "by visits")

    def test_ranking_of_one_store_at_the_hub_and_at_the_store(self):
        for node in self.nodes:
            ranking = self.oracle.ranking(store=node.store)
            self.compare_ranking(self.hub.vip("--store", node.store), ranking, f"hub, store {node.store}")
            self.compare_ranking(node.vip("--store", node.store), ranking, node.name)

    def test_ranking_as_of(self):
        self.assertEqual(len(self.hub.vip("--as-of", HALF_YEAR)), 343)
        for day in DAYS:
            self.compare_ranking(self.hub.vip("--as-of", day), self.oracle.ranking(as_of=day), f"as of {day}")

    def test_ranking_of_a_window(self):
        for day in (HALF_YEAR, date(2017, 12, 31), date(2018, 1, 1)):
            for kind in WINDOWS:
                self.compare_ranking(self.hub.vip("--window", kind, "--as-of", day), self.oracle.ranking(kind, day),
                                     f"window {kind} as of {day}")

    def test_ranking_with_everything_at_once(self):
        dice = seeded(self.id())
        for _ in range(12):
            day = date(2017, 1, 1) + timedelta(days=dice.randrange(366))
            kind, by, store = dice.choice(WINDOWS), dice.choice(["spend", "visits"]), dice.choice(STORES)
            args = ("--as-of", day, "--window", kind, "--by", by, "--store", store)
            self.compare_ranking(self.hub.vip(*args), self.oracle.ranking(kind, day, by=by, store=store), f"vip {args}")

    def test_last_is_told_in_the_zone_of_the_region(self):
        for row in self.hub.run("vip"):
            self.assertEqual(time_of(row["last"]).utcoffset(), timedelta(0), row)

    # -- pyramid and segments

    def test_pyramid(self):
        self.compare_pyramid(self.hub.run("pyramid"), self.oracle.pyramid(), "pyramid")
        for day in (HALF_YEAR, date(2017, 12, 31)):
            for kind in ("all", "90"):
                self.compare_pyramid(self.hub.run("pyramid", "--as-of", day, "--window", kind),
                                     self.oracle.pyramid(kind, day), f"pyramid {kind} as of {day}")
        for store in STORES:
            self.compare_pyramid(self.hub.run("pyramid", "--store", store), self.oracle.pyramid(store=store),
                                 f"pyramid of {store}")

    def test_segments_have_a_row_a_customer(self):
        for args, cut in (((), {}), (("--as-of", HALF_YEAR), {"as_of": HALF_YEAR})):
            told, standings = self.hub.run("segments", *args), self.oracle.standings(**cut)
            self.assertEqual(len(told), len(standings), args)
            self.assertEqual({row["card"]: as_told(row) for row in told}, standings, args)

    def test_customer_shows_the_same_figures(self):
        for standing in (self.oracle.ranking()[0], self.oracle.ranking()[200], self.oracle.ranking()[-1]):
            self.assertEqual(as_told(self.hub.run("customer", "--card", standing.card)), standing)

    # -- rebuild, replay

    def test_rebuild_gives_the_same_digest(self):
        before = self.hub.digest()
        for _ in range(2):
            told = self.hub.run("rebuild")
            self.assertEqual((told["digest_before"], told["digest_after"]), (before, before))
            self.assertEqual(told["events"], self.hub.status()["events"])
        self.compare_ranking(self.hub.vip(), self.oracle.ranking(), "vip after rebuild")

    def test_restart_gives_the_same_digest_with_and_without_a_daemon(self):
        before = self.hub.digest()
        self.hub.stop()
        try:
            self.assertEqual(self.hub.digest(), before, "without a daemon")
        finally:
            self.hub.serve()
        self.assertEqual(self.hub.digest(), before, "after a restart")

    def test_replay_gives_the_same_answers(self):
        self.assertEqual(self.hub.run("replay", "status")["digest"], self.hub.digest())
        self.assertEqual(self.hub.run("replay", "vip", *EVERYONE), self.hub.vip())
        self.assertEqual(self.hub.run("replay", "pyramid"), self.hub.run("pyramid"))
        self.assertEqual(self.hub.run("replay", "segments"), self.hub.run("segments"))

    def test_replay_until_it_happened(self):
        for day in (HALF_YEAR, date(2017, 1, 31)):
            told = self.hub.run("replay", "--happened-until", day, "vip", *EVERYONE)
            self.compare_ranking(told, self.oracle.ranking(as_of=day), f"replay until {day}")
            self.compare_pyramid(self.hub.run("replay", "--happened-until", day, "pyramid"),
                                 self.oracle.pyramid(as_of=day), f"replay until {day}")
        self.assertEqual(len(self.hub.run("replay", "--happened-until", HALF_YEAR, "vip", *EVERYONE)), 343)

    def test_replay_until_it_was_received(self):
        told = self.hub.run("replay", "--received-until", self.between, "vip", *EVERYONE)
        self.compare_ranking(told, self.first_two.ranking(), "what the hub knew between the syncs")
        both = self.hub.run("replay", "--received-until", self.between, "--happened-until", HALF_YEAR, "vip", *EVERYONE)
        self.compare_ranking(both, self.first_two.ranking(as_of=HALF_YEAR), "both axes")
        self.assertEqual(self.hub.run("replay", "--received-until", "2016-01-01", "vip"), [])

    def test_another_order_of_arrival_gives_the_same_answers(self):
        """The twins: now all five push at once, the last one first."""
        hub, *nodes = self.twins
        before = [row | {"tier": None} for row in self.hub.vip()]
        self.hub.stop()
        try:
            hub.serve()
            for push in [node.start("sync", "--timeout", 120) for node in reversed(nodes)]:
                self.assertEqual(push.wait(180), 0, str(push.result()))
            hub.settled(persons=425)
            self.compare_ranking(hub.vip(), self.oracle.ranking(), "vip of the twin")
            self.assertEqual([row | {"tier": None} for row in hub.vip()], before, "the same persons under the same ids")
            for node, twin in zip(self.nodes, nodes):
                stream = node.status()["stream"]
                self.assertEqual(hub.stream_log(stream), node.stream_log(stream), "the same bytes of each store")
                self.assertLevel(hub, twin)
            self.assertEqual(hub.run("rebuild")["digest_after"], hub.digest())
        finally:
            hub.stop()
            self.hub.serve()


if __name__ == "__main__":
    unittest.main(verbosity=2)
