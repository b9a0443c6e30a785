"""The same questions have the same answers at a store, for its people, and at the hub: after random trade at two stores
that are off line most of the time, whose events come in any order, with links and their undoing, voided and returned
sales, and again after a rebuild."""
import json
import unittest

from cases import RegionTest
from region import Hub, Node, seeded

# Follow-ups, clocks and tiers of one day. --as-of is later than everything that happens.
TODAY = "2024-03-02"
RATES = {"update": 2, "sale": 8, "give_back": 3, "void": 2, "contact": 4, "promise": 3, "keep_promise": 2,
         "complain": 3, "step": 4, "tag": 2, "grant": 1, "redeem": 2, "package": 2, "use": 2, "attribute": 2,
         "custodian": 1, "left": 1, "bring": 3}


class Shop:
    """One store and what it has noted, for the dice."""

    def __init__(self, node, dice):
        self.node, self.dice = node, dice
        self.people, self.sales, self.promises, self.cases, self.packages = [], [], [], [], []
        self.brought = []

    def at(self):
        """The leap day, too. Nothing happens in order, and much of it at one time."""
        return ("--at", f"2024-02-{self.dice.randrange(20, 30)} {self.dice.choice(('10', '15'))}:00")

    def act(self, name):
        result = getattr(self, name)()
        if result is not None and result.code not in (0, 1):
            raise AssertionError(f"{name}: {result}")

    def call(self, keep, *words):
        """What is refused here and now, such as points that are spent, is no matter."""
        result = self.node.call(*words, *self.at(), "--staff", self.dice.choice(("kim", "lee")), json=True)
        if result.code == 0 and keep is not None:
            keep.append(json.loads(result.stdout)["id"])
        return result

    def who(self):
        return self.dice.choice(self.people)

    def register(self, number):
        result = self.node.run("register", "--name", f"Made Up {number % 5}", "--phone", f"010-0000-000{number % 5}",
                               "--at", f"2023-12-{1 + number:02}", "--staff", "kim", "--birthday", "02-29")
        self.people.append(result["id"])

    def update(self):
        return self.call(None, "update", self.who(), "--taste", f"taste {self.dice.randrange(99)}")

    def sale(self):
        price = self.dice.choice((399999, 400000, 1000, 2000000))
        return self.call(self.sales, "purchase", "--customer", self.who(), "--line",
                         f"coat,{self.dice.randrange(1, 3)},{price},{price + self.dice.randrange(2)},{price // 2}")

    def attribute(self):
        sale = self.node.run("purchase", "--line", "hat,1,5000", *self.at())["id"]
        return self.call(None, "attribute", sale, self.who())

    def give_back(self):
        return self.call(None, "return", self.dice.choice(self.sales)) if self.sales else None

    def void(self):
        return self.call(None, "void", self.dice.choice(self.sales), "--reason", "x") if self.sales else None

    def contact(self):
        return self.call(None, "contact", self.who(), "--kind", self.dice.choice(("call", "letter", "visit")),
                         "--purpose", "care", "--outcome", self.dice.choice(("reached", "not-reached")), "--minutes", 5)

    def promise(self):
        return self.call(self.promises, "promise", "add", self.who(), "--by", "2024-03-01", "--text", "x")

    def keep_promise(self):
        return self.call(None, "promise", "keep", self.dice.choice(self.promises)) if self.promises else None

    def complain(self):
        return self.call(self.cases, "complaint", "open", "--customer", self.who(), "--channel", "phone", "--text", "x",
                         "--sku", "coat")

    def step(self):
        step = self.dice.choice(("listen", "apologise", "explain", "outcome", "compensate"))
        said = ("--satisfied", self.dice.choice(("yes", "no"))) if step == "outcome" else ()
        return self.call(None, "complaint", "step", self.dice.choice(self.cases), step, "--skip-reason", "known",
                         *said) if self.cases else None

    def tag(self):
        return self.call(None, "tag", self.who(), self.dice.choice(("trust", "vanity")))

    def grant(self):
        return self.call(None, "grant", self.who(), self.dice.choice(("silver", "gold")))

    def redeem(self):
        return self.call(None, "redeem", self.who(), self.dice.randrange(1, 300))

    def package(self):
        who = self.who()
        result = self.call(self.packages, "purchase", "--customer", who, "--line", "facial,1,90000", "--package",
                           "facial,3")
        self.packages[-1] = (who, self.packages[-1])
        return result

    def use(self):
        if not self.packages:
            return None
        who, sale = self.dice.choice(self.packages)
        return self.call(None, "package", "use", who, "--sale", sale, "--sku", "facial")

    def custodian(self):
        return self.call(None, "custodian", self.who(), self.dice.choice(("kim", "lee")))

    def bring(self):
        """A newcomer whom the other store, where who brought her may be known, never hears of."""
        name = f"{self.node.name}-{len(self.brought)}"
        result = self.call(self.brought, "register", "--name", name, "--card", name, "--referred-by", self.who())
        self.call(self.sales, "purchase", "--customer", self.dice.choice(self.brought), "--line", "hat,1,1000")
        return result

    def left(self):
        return self.call(None, "left", self.who(), "--reason", "service")


def lists(site, people):
    """Every list with one answer for each person or thing of these people, without what is only of the list."""
    def of(rows, *without):
        kept = [{key: value for key, value in row.items() if key not in without} for row in rows
                if row["customer"] in people]
        return sorted(kept, key=str)

    today = ("--as-of", TODAY)
    clocks = ("left_ms", "answer_left_ms", "resolve_left_ms", "answer_ms", "resolve_ms")
    answers = {"recall": [site.run("recall", who) for who in sorted(people)],
               "customer": [site.run("customer", who) for who in sorted(people)],
               "points": [site.run("points", who) for who in sorted(people)],
               "packages": [site.run("packages", who) for who in sorted(people)],
               "fields": [site.run("fields", who) for who in sorted(people)],
               "vip": of(site.vip(*today), "rank"),
               # groups of five, so the type, and the top share are against everybody whom the site knows
               "segments": of(site.run("segments", *today), "r", "f", "m", "type", "top", "covers"),
               "followups": of(site.run("followups", "--all", *today)),
               "promises": of(site.run("promise", "list")),
               "complaints": of(site.run("complaints", "--all", *today), *clocks),
               "benefits": of(site.run("benefits")),
               "findings": of(site.run("findings"))}
    for card in (*answers["recall"], *answers["customer"]):
        card.pop("directory")  # a store's own: what the region knows of her number, which may be another person's
    for page in answers["customer"]:
        for event in page["history"]:
            event.pop("received")  # a store's own was not received
            event.pop("position", None)
    return answers


class SameAnswers(RegionTest):
    def test_E8_C6_V3_K2_P3_P5_X7_at_store_and_hub(self):
        dice = seeded("same answers")
        hub = Hub(self.region).serve()
        hub.run("policy", "--set", "thank-amount=400000", "--set", "letter-spend=800000,2000000")
        shops = [Shop(Node(self.region, hub, code), dice) for code in ("north", "south")]
        for number, shop in enumerate(shops):
            for person in range(4):  # the phones 1 to 4 are known at both
                shop.register(person + number)
            shop.node.sync()
        kinds = [name for name, rate in RATES.items() for _ in range(rate)]
        for turn in range(60):
            shop = dice.choice(shops)
            shop.act(dice.choice(kinds))
            if dice.randrange(12) == 0:
                shop.node.sync()
            if turn in (20, 40):
                self.desk(hub, dice, shops)
        for _ in range(2):
            for shop in shops:
                shop.node.sync()
        for shop in shops:
            node = shop.node
            self.assertEqual(node.digest(), hub.run("digest", "--store", node.store)["digest"], node.name)
            known = {node.run("recall", who)["id"] for who in shop.people + shop.brought}
            there, here = lists(hub, known), lists(node, known)
            for what, rows in there.items():
                self.assertEqual(here[what], rows, f"{what} at {node.name}")
            self.assertGreater(len(there["vip"]), 0)
            for listed in (node.vip(), *(node.run(*words) for words in (("segments",), ("followups", "--all"),
                                                                        ("complaints", "--all")))):
                strangers = {row["customer"] for row in listed} - known - {None}
                self.assertEqual(strangers, set(), f"whom {node.name} serves no more")
            self.again(hub, node, known, there)

    def again(self, hub, node, known, answers):
        """Folded anew: beside a serve, and by a program that starts."""
        self.assertEqual(hub.run("rebuild")["digest_before"], hub.digest())
        self.compare(lists(hub, known), answers, "hub, rebuilt")
        hub.stop()
        self.compare(lists(hub, known), answers, "hub, opened anew by each command")
        hub.serve()
        node.serve()  # until now each command opened the store's directory anew
        self.compare(lists(node, known), answers, f"{node.name}, served")
        node.stop()

    def compare(self, got, wanted, where):
        for what, rows in wanted.items():
            self.assertEqual(got[what], rows, f"{what} at {where}")

    def desk(self, hub, dice, shops):
        """Links are undone and made, and the hub has its own word on customers."""
        for shop in shops:
            shop.node.sync()
        a, b = shops[0].people[1], shops[1].people[0]  # one phone
        hub.call("unlink" if hub.run("recall", a)["id"] == hub.run("recall", b)["id"] else "link", a, b)
        hub.run("contact", dice.choice(shops[0].people), "--kind", "visit", "--purpose", "tea", "--at", "2024-02-29")
        hub.run("promise", "add", dice.choice(shops[1].people), "--by", "2024-02-29", "--text", "y", "--at",
                "2024-02-28")
        hub.run("tag", dice.choice(shops[0].people), "novelty", "--at", "2024-02-01")


if __name__ == "__main__":
    unittest.main()
