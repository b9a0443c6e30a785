"""The customer file as the shop uses it: recall card, consents, tags, relations, custodians, duplicates, the monthly
list."""
import unittest
from datetime import datetime, timedelta, timezone

from cases import RegionTest
from region import Hub, Node

ANN = ("--name", "Example Ann", "--phone", "010-0000-0001", "--card", "A1")


def day(days=0):
    """A day of the region's, whatever zone the machine is in."""
    return (datetime.now(timezone(timedelta(hours=9))) + timedelta(days=days)).date().isoformat()


class File(RegionTest):
    def setUp(self):
        self.hub = Hub(self.region).serve()
        self.north = Node(self.region, self.hub, "north", join=self.hub.enroll("north", "--chain", "beauty"))
        self.south = Node(self.region, self.hub, "south")

    def register(self, node, *args):
        return node.run("register", *args)["id"]

    def recall(self, node, *args):
        return node.run("recall", *args)

    def test_C6_the_recall_card_by_every_way_of_asking(self):
        ann = self.register(self.north, *ANN, "--size", "M", "--birthday", "1990-01-01")
        self.register(self.north, "--name", "Example Anna", "--phone", "010-0000-0002")
        self.north.run("purchase", "--card", "A1", "--line", "OLD,1,1000", "--at", day(-400))
        sale = self.north.run("purchase", "--card", "A1", "--line", "COAT,1,89000", "--line", "HAT,2,5000", "--staff",
                              "kim", "--at", day(-3))["id"]
        dead = self.north.run("purchase", "--card", "A1", "--line", "GLOVE,1,7000", "--at", day(-1))["id"]
        self.north.run("void", dead, "--reason", "typed wrong")
        self.north.run("contact", ann, "--kind", "call", "--purpose", "fit", "--promise-by", day(3), "--note",
                       "ring back")
        complaint = self.north.run("complaint", "open", "--customer", ann, "--channel", "counter", "--text", "a button")
        card = self.recall(self.north, ann)
        self.assertEqual([item["sku"] for item in card["items"]], ["COAT", "HAT", "OLD"])
        self.assertEqual((card["last_visit"]["sale"], card["last_visit"]["staff"], card["last_visit"]["store"]),
                         (sale, "kim", "north"))
        self.assertEqual((card["spend"], card["visits"], card["size"]), (95000, 2, "M"))
        self.assertEqual([(p["text"], p["overdue"]) for p in card["promises"]], [("ring back", False)])
        self.assertEqual([c["id"] for c in card["complaints"]], [complaint["id"]])
        self.assertEqual(card["ask_next"], "address")
        for way in (("--phone", "０１０ ００００ ０００１"), ("--card", "a-1"), ("--name", "example ann")):
            self.assertEqual(self.recall(self.north, *way), card, way)
        self.assertRefused(self.north, "recall", "--name", "exam", field="name", says="several")
        self.assertRefused(self.north, "recall", "--name", "Nobody", field="name", says="nobody")
        self.assertRefused(self.north, "recall", "--card", "A1", "--phone", "1", code=2)
        self.north.run("complaint", "step", complaint["id"], "outcome", "--satisfied", "yes", "--skip-reason", "done")
        self.assertEqual(self.recall(self.north, ann)["complaints"], [])
        page = self.north.run("customer", ann)
        self.assertEqual((page["items"], page["ask_next"]), (card["items"], "address"))
        self.assertIn("bought", self.north.run("customer", ann, json=False))

    def test_C6_what_came_back_is_not_shown_as_hers(self):
        def items():
            card = self.recall(self.north, ann)
            return [(item["sku"], float(item["quantity"]), item["amount"]) for item in card["items"]]

        ann = self.register(self.north, *ANN)
        buy = ("purchase", "--card", "A1")
        self.north.run(*buy, "--line", "HAT,1,3000", "--at", day(-30))
        sale = self.north.run(*buy, "--line", "COAT,1,89000", "--line", "HAT,2,5000", "--at", day(-9))["id"]
        self.north.run("return", sale, "--line", "HAT,1,2500", "--at", day(-8))
        self.assertEqual(items(), [("COAT", 1, 89000), ("HAT", 1, 2500), ("HAT", 1, 3000)])
        back = self.north.run("return", sale, "--at", day(-7))["id"]
        self.assertEqual(items(), [("HAT", 1, 3000)])
        self.assertEqual(self.recall(self.north, ann)["last_visit"]["sale"], sale, "she was there all the same")
        self.north.run("void", back, "--reason", "typed wrong")
        self.assertEqual(items(), [("COAT", 1, 89000), ("HAT", 1, 2500), ("HAT", 1, 3000)])
        # Without the original it is of the latest it can be; an exchange brings back, too.
        self.north.run("return", "--card", "A1", "--line", "HAT,1,2500", "--at", day(-6))
        self.assertEqual(items(), [("COAT", 1, 89000), ("HAT", 1, 3000)])
        self.north.run(*buy, "--line", "GLOVE,1,7000", "--line", "COAT,-1,-89000", "--at", day(-5))
        self.assertEqual(items(), [("GLOVE", 1, 7000), ("HAT", 1, 3000)])

    def test_C3_the_desk_corrects_a_file(self):
        self.hub.run("policy", "--set", "custom-fields=beauty:skin")
        ann = self.register(self.north, *ANN, "--size", "M")
        twin = self.register(self.south, "--name", "Example Ann", "--phone", "010-0000-0001")
        other = self.register(self.south, "--name", "Example Bob", "--phone", "010-0000-0009", "--card", "B9")
        for node in (self.north, self.south):
            node.sync()
        self.assertEqual(self.hub.run("recall", twin)["id"], self.hub.run("recall", ann)["id"], "linked by the number")
        card = self.hub.run("update", ann, "--phone", "010-0000-0005", "--size", "L", "--custom", "skin=dry", "--staff",
                            "lee", "--ref", "letter-1")["id"]
        self.assertEqual(self.hub.run("update", ann, "--size", "XL", "--ref", "letter-1")["id"], card, "done once")
        self.hub.run("update", twin, "--phone", "010-0000-0005")  # the same on her other file is no double
        self.assertRefused(self.hub, "update", ann, "--card", "B9", field="card", says=other)
        self.assertRefused(self.hub, "update", ann, "--custom", "hair=red", field="custom", says="skin")
        self.assertRefused(self.hub, "update", ann, "--birthday", "1990-13-01", field="birthday")
        self.assertRefused(self.hub, "update", ann, "--clear", "name", field="clear")
        self.assertRefused(self.hub, "update", ann, says="nothing to change")
        self.assertRefused(self.hub, "update", "99-99", "--size", "S", says="no customer 99-99")
        for node in (self.north, self.south):
            node.sync()
            for phone in ("010-0000-0005", "+82 10 0000 0005"):
                self.assertEqual(self.recall(node, "--phone", phone)["size"], "L", node.name)
        field = next(row for row in self.north.run("fields", ann) if row["field"] == "size")
        self.assertEqual((field["value"], field["staff"]), ("L", "lee"))
        self.assertRefused(self.north, "recall", "--phone", "010-0000-0001", says="no customer")
        self.assertEqual(self.north.digest(), self.hub.run("digest", "--store", "north")["digest"])

    def test_C6_search_finds_by_what_is_typed_at_a_counter(self):
        ann = self.register(self.north, *ANN, "--email", "ann@example.org")
        anna = self.register(self.north, "--name", "Example Anna", "--phone", "010-0000-0102")
        kim = self.register(self.north, "--name", "김예시", "--phone", "010-7777-0001")

        def found(text, *args):
            return [row["customer"] for row in self.north.run("search", text, *args)]
        for text in ("010-0000-0001", "０１０ ００００ ０００１", "+82 10 0000 0001", "a-1", "ANN@example.org"):
            self.assertEqual(found(text), [ann], text)
        self.assertEqual(found("김예시"), [kim])
        self.assertEqual(found("예"), [kim], "a part of a name")
        self.assertEqual(found("example ann"), [ann, anna], "a whole name stands before its beginning")
        self.assertEqual(found("ANNA"), [anna])
        self.assertEqual(found("example", "--limit", "1"), [ann])
        self.assertEqual(sorted(found("001")), sorted([ann, kim]), "the end of a number")
        self.assertEqual(found("01"), [], "two digits are no end of a number")
        self.assertEqual(found("nobody"), [])
        self.assertEqual(self.north.run("search", "a1")[0]["phone"], "010-0000-0001")
        self.assertRefused(self.north, "search", "x", "--limit", "0", field="limit")

    def test_C6_a_birthday_is_near_from_the_policy_day_on(self):
        for days, near in ((0, 0), (7, 7), (8, None), (-1, None)):
            month_and_day = day(days)[5:]
            if month_and_day == "02-29":
                continue  # its neighbours are the unit test's
            who = self.register(self.north, "--name", f"Example {days}", "--card", f"B{days}", "--birthday",
                                month_and_day)
            self.assertEqual(self.recall(self.north, who)["birthday_in_days"], near, days)

    def test_C2_completeness_follows_the_file(self):
        ann = self.register(self.north, *ANN)
        self.assertAlmostEqual(self.recall(self.north, ann)["completeness"], 0.05)
        self.north.run("update", ann, "--taste", "plain", "--education", "school", "--staff", "kim")
        self.assertAlmostEqual(self.recall(self.north, ann)["completeness"], 0.13)
        self.north.run("update", ann, "--clear", "taste")
        self.assertAlmostEqual(self.recall(self.north, ann)["completeness"], 0.05)
        self.north.sync()
        self.assertAlmostEqual(self.recall(self.hub, "--card", "A1")["completeness"], 0.05)
        self.assertEqual(self.hub.run("rebuild")["digest_before"], self.hub.digest())

    def test_C2_a_birthday_or_a_part_of_it_or_the_age(self):
        this = int(day()[:4])
        for i, told in enumerate(("1990-02-28", "02-29", "1990", str(this), "42", "0", "130", str(this - 130))):
            who = self.register(self.north, "--name", "Example Age", "--card", f"G{i}", "--birthday", told)
            card = self.recall(self.north, who)
            self.assertEqual((card["birthday"], card["hardware"]), (told, 2), told)
            self.assertNotEqual(card["ask_next"], "birthday")
            if "-" not in told:
                self.assertIsNone(card["birthday_in_days"])
        for told in ("131", str(this - 131), str(this + 1), "19900", "4 2", "-1", "1990-02-29", "02-30", "old"):
            self.assertRefused(self.north, "register", "--name", "Example Age", "--card", "G9", "--birthday", told,
                               field="birthday")
        book = self.region.write("ages.csv", "name,card,birthday\nExample Age,H1,1990\nExample Age,H2,131\n")
        told = self.north.run("import", "customers", book, "--map", "name=name,card=card,birthday=birthday")
        self.assertEqual((told["events"], told["rejected"]), (1, 1))
        self.north.sync()
        self.assertEqual(self.hub.run("duplicates"), [], "an age and a name are no birthday and a name")

    def test_C3_who_told_a_field_and_when(self):
        ann = self.register(self.north, *ANN, "--temperament", "calm", "--at", day(-800))
        self.north.run("update", ann, "--work", "baker", "--source", "manager", "--staff", "kim", "--at", day(-10))
        rows = {row["field"]: row for row in self.north.run("fields", ann)}
        self.assertEqual({name: row["by"] for name, row in rows.items()},
                         {"name": "customer", "phone": "customer", "card": "customer", "temperament": "staff",
                          "work": "manager"})
        work = rows["work"]
        self.assertEqual((work["value"], work["staff"], work["at"][:10]), ("baker", "kim", day(-10)))
        self.assertEqual({name for name, row in rows.items() if row["stale"]}, {"name", "phone", "card", "temperament"})
        self.assertEqual(self.recall(self.north, ann)["stale"], ["name", "phone", "card", "temperament"])
        self.assertRefused(self.north, "update", ann, "--work", "x", "--source", "aunt", field="source")

    def test_C3_a_change_card_has_only_what_changed(self):
        ann = self.register(self.north, *ANN, "--taste", "plain", "--at", day(-10))

        def card(*args):
            """What the change wrote, {} for nothing."""
            before = self.north.status()["events"]
            told = self.north.run("update", ann, *args)
            rows = self.north.run("log")[before:]
            self.assertEqual(told["existing"], rows == [], args)
            return rows[0]["body"] if rows else {}

        self.assertEqual(card("--taste", "plain"), {}, "the file says so")
        self.assertEqual(card("--taste", "plain", "--work", "baker", "--phone", ANN[3]), {"work": "baker"})
        self.assertEqual(card("--taste", "Plain"), {"taste": "Plain"}, "another way of writing is a change")
        self.assertEqual(card("--clear", "hobbies"), {}, "there are none")
        self.assertEqual(card("--clear", "work")["work"], None)
        self.assertEqual(card("--clear", "work"), {})
        self.assertEqual(card("--taste", "Plain", "--source", "manager")["taste"], "Plain", "it says who knew")
        said = self.north.run("update", ann, "--taste", "Plain", json=False)
        self.assertRegex(said, r"\A\d+-\d+ says so already: nothing changed\n\Z", "no ref was given")
        self.hub.run("policy", "--set", "stale-months=1")
        self.north.sync()
        old = self.register(self.north, "--name", "Example Old", "--card", "O1", "--taste", "plain", "--at", day(-70))
        self.assertEqual(self.recall(self.north, old)["stale"], ["name", "card", "taste"])
        self.north.run("update", old, "--taste", "plain")
        self.assertEqual(self.recall(self.north, old)["stale"], ["name", "card"], "confirmed after long is news")

    def test_C3_what_any_store_was_told_last_is_shown_at_every_one(self):
        here = self.register(self.north, *ANN[:4], "--address", "1 Old Street", "--size", "M", "--at", day(-1200))
        there = self.register(self.south, *ANN[:4], "--address", "2 New Street")

        def shown(site, who):
            return [site.run("customer", who)["file"].get(key) for key in ("address", "size")]

        for node in (self.north, self.south, self.north):
            node.sync()
        for site in (self.north, self.south, self.hub):
            for who in (here, there):
                self.assertEqual(shown(site, who), ["2 New Street", "M"], site.name)
                self.assertEqual(self.recall(site, who)["stale"], ["size"], "the rest was confirmed elsewhere")
        self.south.run("update", there, "--clear", "address")
        self.assertEqual(shown(self.south, here), [None, "M"], "what was taken off there is not put back from here")
        self.assertEqual(self.recall(self.south, here)["ask_next"], "birthday")
        self.hub.run("unlink", here, there)
        self.south.sync()
        self.assertEqual(shown(self.hub, here), ["1 Old Street", "M"])
        self.assertEqual(shown(self.hub, there), [None, None])

    def test_C5_a_key_is_shown_as_it_was_first_written(self):
        first = self.register(self.south, "--name", "Example Ann", "--phone", "010 0000 0001", "--card", "A-1",
                              "--email", "Ann@Example.org", "--at", day(-30))
        later = self.register(self.north, "--name", "Example Ann", "--phone", "+82-10-0000-0001", "--card", "a1",
                              "--email", "ann@example.ORG")
        for node in (self.north, self.south, self.north):
            node.sync()
        for site in (self.north, self.south, self.hub):
            for who in (first, later):
                card = site.run("customer", who)
                self.assertEqual((card["phone"], card["card"], card["file"]["email"]),
                                 ("010 0000 0001", "A-1", "Ann@Example.org"), site.name)
        self.north.run("update", later, "--phone", "010-0000-0002")
        self.assertEqual(self.recall(self.north, first)["phone"], "010-0000-0002", "another number, told last")

    def test_C4_consent_is_given_and_withdrawn_and_the_rules_are_shown(self):
        self.hub.run("policy", "--set", "tier-rules=gold: alterations are free")
        self.north.sync()
        said = self.north.run("register", *ANN, "--told", "--rules-shown", json=False)
        self.assertIn("to serve you better", said)
        self.assertIn("gold: alterations are free", said)
        self.assertEqual([tier["tier"] for tier in self.north.run("rules")["tiers"]], ["silver", "gold", "platinum"])
        ann = self.recall(self.north, "--card", "A1")["id"]
        self.assertTrue(self.north.run("customer", ann)["history"][0]["body"]["rules_shown"])
        self.north.run("consent", ann, "--purpose", "news", "--given", "--ref", "c1")
        self.assertTrue(self.north.run("consent", ann, "--purpose", "news", "--given", "--ref", "c1")["existing"])
        self.north.run("consent", ann, "--purpose", "news", "--withdrawn")
        self.assertEqual([(c["purpose"], c["given"]) for c in self.recall(self.north, ann)["consents"]],
                         [("news", False)])
        self.assertIn("WITHDRAWN", self.north.run("recall", ann, json=False))
        self.assertRefused(self.north, "consent", ann, "--given", field="purpose")
        self.assertRefused(self.north, "consent", ann, "--purpose", "news", field="given")
        self.assertRefused(self.north, "consent", ann, "--purpose", "spam", "--given", field="purpose")

    def test_C4_who_agrees_when_registered_has_consented_in_the_same_write(self):
        ann = self.register(self.north, *ANN)
        words = ["--name", "Sample Sue", "--phone", "010-0000-0009", "--agrees", "--referred-by", ann, "--ref", "r1"]
        sue = self.north.run("register", *words)
        again = self.north.run("register", *words)
        self.assertEqual((again["id"], again["existing"]), (sue["id"], True))
        card = self.north.run("customer", sue["id"])
        self.assertEqual([e["type"] for e in card["history"]].count("consent"), 1, "once, however often it is sent")
        self.assertTrue([e for e in card["history"] if e["type"] == "registered"][0]["body"]["told"])
        self.assertEqual([(c["purpose"], c["given"]) for c in self.recall(self.north, sue["id"])["consents"]],
                         [("service", True)])
        self.assertEqual(self.recall(self.north, ann)["consents"], [], "hers alone, not of who brought her")

    def test_C7_tags_with_hints_and_free_ones(self):
        ann = self.register(self.north, *ANN)
        self.assertEqual(len(self.north.run("tags")), 17)
        self.assertIn("praise taste", self.north.run("tag", ann, "vanity", json=False))
        self.north.run("tag", ann, "--label", "golf")
        self.north.run("tag", ann, "--label", "opera")
        self.north.run("tag", ann, "--label", "golf", "--remove")
        tags = self.recall(self.north, ann)["tags"]
        self.assertEqual([tag["tag"] for tag in tags], ["vanity", "opera"])
        self.assertIn("praise", tags[0]["hint"])
        self.north.run("tag", ann, "vanity", "--remove", "--ref", "t")
        self.north.run("tag", ann, "vanity", "--remove", "--ref", "t")
        self.assertEqual([tag["tag"] for tag in self.recall(self.north, ann)["tags"]], ["opera"])
        self.assertRefused(self.north, "tag", ann, "vanity", "--remove", field="tag", says="no tag")
        self.assertRefused(self.north, "tag", ann, "nice", field="tag")
        self.assertRefused(self.north, "tag", ann, field="tag")
        self.assertRefused(self.north, "tag", ann, "--label", " ", field="label", says="empty")
        self.assertRefused(self.north, "tag", ann, "--label", "x" * 65, field="label")

    def test_C6_occasions_of_the_family_and_the_end_of_a_tier(self):
        ann = self.register(self.north, *ANN, "--occasions", f"wedding 2010{day(3)[4:]}; father {day(1)[5:]}")
        self.north.run("grant", ann, "gold", "--until", day(30))
        card = self.recall(self.north, ann)
        self.assertEqual((card["tier"], card["tier_until"][:10]), ("gold", day(30)))
        if "02-29" not in (day(1)[5:], day(3)[5:]):
            self.assertEqual(card["occasion_in_days"], 1)
        said = self.north.run("recall", ann, json=False)
        self.assertIn(f"gold by hand until {day(30)}", said)
        self.assertIn("in 1 day\n", said)
        bob = self.register(self.north, "--name", "Example Bob", "--card", "B1", "--occasions", f"wedding {day(8)}")
        self.assertIsNone(self.recall(self.north, bob)["occasion_in_days"], "a day before it is near")
        self.north.run("grant", bob, "gold")
        self.assertIsNone(self.recall(self.north, bob)["tier_until"], "for good")

    def test_C8_custom_fields_are_those_of_the_chain(self):
        told = self.hub.call("policy", "--set", "custom-fields=beauty:skin,beauty:hair,shoes:last")
        self.assertEqual(told.stderr.count("no store is of chain"), 1, str(told))
        self.assertIn("no store is of chain shoes: nobody is asked for shoes:last until one is enrolled", told.stderr)
        self.north.sync()
        ann = self.register(self.north, *ANN, "--custom", "skin=dry")
        self.north.run("update", ann, "--custom", "hair=grey=ish")
        self.assertEqual(self.north.run("customer", ann)["file"]["custom"], '{"hair":"grey=ish","skin":"dry"}')
        self.north.run("update", ann, "--custom", "skin=")
        self.assertEqual(self.north.run("customer", ann)["file"]["custom"], '{"hair":"grey=ish"}')
        self.assertEqual(self.north.run("rules")["custom"], ["skin", "hair"], "what a form may ask here")
        self.north.run("update", ann, "--custom", "skin=oily", "--custom", "hair=")
        self.assertEqual(self.north.run("customer", ann)["file"]["custom"], '{"skin":"oily"}')
        self.assertRefused(self.north, "update", ann, "--custom", "last=wide", field="custom", says="keeps: skin, hair")
        self.assertRefused(self.north, "update", ann, "--custom", '{"last": "wide"}', field="custom", says="keeps")
        self.assertRefused(self.south, "register", *ANN, "--custom", "skin=dry", field="custom", says="none")
        # A field is asked for from its day on.
        self.hub.run("policy", "--set", "custom-fields=beauty:skin,beauty:hair,beauty:nails", "--from", day(2))
        self.north.sync()
        self.assertRefused(self.north, "update", ann, "--custom", "nails=red", field="custom", says="keeps: skin, hair")
        self.hub.run("policy", "--set", "custom-fields=beauty:skin,beauty:hair,beauty:nails", "--from", day(-1))
        self.north.sync()
        self.north.run("update", ann, "--custom", "nails=red")
        self.north.run("update", ann, "--custom", "nails=")
        book = self.region.write("book.csv", 'name,phone,custom\nMade Up,010-0000-0007,"{""skin"": ""oily""}"\n'
                                 'Made Down,010-0000-0008,"{""last"": ""wide""}"\n')
        told = self.north.run("import", "customers", book, "--map", "name=name,phone=phone,custom=custom")
        self.assertEqual((told["rows"], told["events"], told["rejected"]), (2, 1, 1))
        self.assertIn("keeps: skin, hair", (self.region.path / told["rejects_file"]).read_text())

    def test_C8_what_two_stores_note_of_different_fields_stays(self):
        self.hub.run("policy", "--set", "custom-fields=beauty:skin,beauty:hair,shoes:last")
        shoes = Node(self.region, self.hub, "shoes", join=self.hub.enroll("shoes", "--chain", "shoes"))
        east = Node(self.region, self.hub, "east", join=self.hub.enroll("east", "--chain", "beauty"))
        for node in (self.north, shoes, east):
            node.sync()
        ann = self.register(self.north, *ANN, "--custom", "skin=dry", "--at", day(-2))
        there = self.register(shoes, "--name", "Example Ann", "--phone", ANN[3], "--custom", "last=wide",
                              "--at", day(-1))
        for node in (self.north, shoes, self.north):
            node.sync()

        def kept(site, who=ann):
            return site.run("customer", who)["file"].get("custom")

        for site in (self.north, shoes, self.hub):
            self.assertEqual(kept(site), '{"last":"wide","skin":"dry"}', site.name)
        # The other store of the chain serves her off line, while this one notes something, too.
        self.register(east, "--name", "Example Ann", "--phone", ANN[3])
        east.sync()
        east.sync()
        east.run("update", ann, "--custom", "hair=grey")
        self.north.run("update", ann, "--custom", "skin=oily")
        for node in (east, self.north, east):
            node.sync()
        for site in (self.north, east, self.hub):
            self.assertEqual(kept(site), '{"hair":"grey","last":"wide","skin":"oily"}', site.name)
        self.north.run("update", ann, "--custom", "hair=")
        self.north.sync()
        self.assertEqual(kept(self.hub), '{"last":"wide","skin":"oily"}', "taken away is no loss of the others")
        self.hub.run("unlink", ann, there)
        self.assertEqual((kept(self.hub), kept(self.hub, there)), ('{"skin":"oily"}', '{"last":"wide"}'))

    def test_C9_relations_are_on_both_files(self):
        ann = self.register(self.north, *ANN)
        bob = self.register(self.north, "--name", "Example Bob", "--card", "B1", "--referred-by", ann)
        self.north.run("relation", ann, "leader", bob)
        self.assertEqual([(r["relation"], r["customer"]) for r in self.recall(self.north, ann)["relations"]],
                         [("leader", bob)])
        back = self.recall(self.north, bob)
        self.assertEqual([(r["relation"], r["customer"]) for r in back["relations"]], [("follower", ann)])
        self.assertEqual(back["referred_by"], {"customer": ann, "name": "Example Ann"})
        self.north.run("relation", bob, "follower", ann, "--remove")
        self.assertEqual(self.recall(self.north, ann)["relations"], [])
        # Of two companions one leads.
        carl = self.register(self.north, "--name", "Example Carl", "--card", "C1")
        self.north.run("relation", ann, "leader", bob, "--ref", "lead")
        self.assertRefused(self.north, "relation", bob, "leader", ann, field="relation", says=f"{bob} is the leader")
        self.assertRefused(self.north, "relation", ann, "follower", bob, field="relation", says=f"{bob} is the leader")
        self.north.run("relation", carl, "leader", ann)
        self.assertRefused(self.north, "relation", bob, "leader", carl, field="relation", says=f"{bob} is the leader")
        self.north.run("relation", ann, "leader", bob, "--remove")
        self.north.run("relation", bob, "leader", ann)
        self.assertRefused(self.north, "relation", ann, "family", ann, field="other", says="same person")
        self.assertRefused(self.north, "relation", ann, "family", "99-99", field="other")
        self.assertRefused(self.north, "relation", ann, "enemy", bob, field="relation")

    def test_C10_custodians_are_handed_over_once(self):
        people = [self.register(self.north, "--name", f"Example {i}", "--card", f"C{i}") for i in range(70)]
        for who in people[:69]:
            self.north.run("custodian", who, "kim")
        self.north.run("custodian", people[69], "lee")
        self.assertEqual(self.north.run("handover", "kim", "park", "--ref", "h1")["customers"], 69)
        again = self.north.run("handover", "kim", "park", "--ref", "h1")
        self.assertEqual((again["customers"], again["left"]), (0, 0))
        self.assertEqual(self.recall(self.north, people[0])["custodian"], {"staff": "park", "store": "north"})
        self.assertEqual(self.recall(self.north, people[69])["custodian"]["staff"], "lee")
        self.north.run("custodian", people[0], "--none")
        self.assertIsNone(self.recall(self.north, people[0])["custodian"])
        self.assertRefused(self.north, "custodian", people[0], field="custodian")
        self.assertRefused(self.north, "handover", "park", "park", field="to")
        self.north.run("review", "--files", 70, "--staff", "park")
        self.assertEqual(self.north.run("log")[-1]["body"]["files"], 70)
        self.assertRefused(self.north, "review", "--files", -1, field="files")

    def test_C10_the_ranking_of_one_custodian(self):
        people = [self.register(self.north, "--name", f"Example {i}", "--card", f"C{i}") for i in range(4)]
        for i, amount in ((0, 10000), (1, 30000), (2, 20000)):
            self.north.run("purchase", "--customer", people[i], "--line", f"COAT,1,{amount}")
        for who in people[:1] + people[2:]:
            self.north.run("custodian", who, "kim")
        self.north.run("custodian", people[1], "lee")

        def ranked(site, *args):
            return [(row["rank"], row["customer"], row["spend"]) for row in site.run("vip", *args)]

        mine = [(1, people[2], 20000), (2, people[0], 10000), (3, people[3], 0)]
        self.assertEqual(ranked(self.north, "--custodian", "kim"), mine, "who bought nothing stands behind")
        self.assertEqual(ranked(self.north, "--custodian", "kim", "--top", 1), mine[:1])
        self.assertEqual(ranked(self.north, "--custodian", "nobody"), [])
        self.north.run("custodian", people[0], "--none")
        self.assertEqual([row[1] for row in ranked(self.north, "--custodian", "kim")], [people[2], people[3]])
        self.north.sync()
        self.assertEqual(ranked(self.hub, "--custodian", "lee", "--store", "north"), [(1, people[1], 30000)])
        self.assertEqual(ranked(self.hub, "--custodian", "lee", "--store", "south"), [], "another store's lee")
        self.assertRefused(self.hub, "vip", "--custodian", "lee", field="store")

    def test_C10_whoever_leaves_leaves_customers_and_the_keeper_reviews_monthly(self):
        for code in ("kim", "lee"):
            self.north.run("staff", "add", code, "--role", "assistant", *(("--keeper",) if code == "lee" else ()),
                           "--at", "2024-01-01")
        ann = self.register(self.north, *ANN, "--at", "2024-01-02")
        self.north.run("custodian", ann, "kim")
        gone = self.north.call("staff", "off", "kim")
        self.assertIn("1 customer to be handed over: `handover kim`", gone.stdout)
        for at in ("2024-01-31 23:59", "2024-02-29", "2024-02-29 23:59", "2024-04-01"):
            self.north.run("review", "--files", 1, "--staff", "lee", "--at", at)
        self.assertRefused(self.north, "review", "--staff", "kim", field="staff", says="keeper: --staff lee")
        self.north.sync()

        def told(site, quarter):
            return {row["staff"]: (row["custody"], row["reviews"]) for row in site.run("staff", "--quarter", quarter)}

        for site in (self.north, self.hub):
            self.assertEqual(told(site, "2024Q1"), {"kim": (1, None), "lee": (0, 2)}, site.name)
            self.assertEqual(told(site, "2024Q2")["lee"], (0, 1), site.name)
            self.assertEqual(told(site, "2024Q3")["lee"], (0, 0), "a keeper who did not review")
        self.north.run("handover", "kim", "lee")
        self.assertEqual(told(self.north, "2024Q1"), {"kim": (0, None), "lee": (1, 2)})
        self.assertEqual(self.north.run("staff", "off", "lee", "--ref", "off")["customers"], 1)
        self.assertTrue(self.north.run("staff", "off", "lee", "--ref", "off")["existing"])

    def test_C5_likely_duplicates_until_somebody_decides(self):
        a = self.register(self.north, "--name", "Example Eve", "--card", "D1", "--birthday", "1980-02-29")
        b = self.register(self.south, "--name", "EXAMPLE  eve", "--card", "D2", "--birthday", "1980-02-29")
        c = self.register(self.north, "--name", "Example Fay", "--phone", "010-0000-0003")
        d = self.register(self.south, "--name", "Example Gus", "--phone", "+82 10 0000 0003")
        e = self.register(self.south, "--name", "Example Hal", "--card", "D3", "--email", "Hal@Example.com")
        f = self.register(self.north, "--name", "Example Hal", "--card", "D4", "--email", "hal@example.COM ")
        for node in (self.north, self.south):
            node.sync()
        self.hub.settled(persons=5)  # the two Hals are one by their e-mail
        self.assertEqual(self.hub.run("customer", e)["id"], self.hub.run("customer", f)["id"])

        def pairs():
            return {(row["customer"], row["other"], row["reason"]) for row in self.hub.run("duplicates")}

        self.assertEqual(pairs(), {(a, b, "name and birthday"), (c, d, "phone")})
        self.assertEqual({row["value"] for row in self.hub.run("duplicates")}, {"1980-02-29", "010-0000-0003"})
        twin = self.register(self.north, "--name", "Example Ida", "--phone", "010 00000003")
        self.assertEqual([(row["customer"], row["other"], row["reason"], row["value"], row["other_name"])
                          for row in self.north.run("duplicates")],
                         [(c, twin, "phone", "010-0000-0003", "Example Ida")], "a store sees its own people")
        self.north.run("update", twin, "--phone", "010-0000-0044")
        self.assertEqual(self.north.run("duplicates"), [])
        self.north.sync()
        self.hub.run("link", a, b)
        self.assertEqual(pairs(), {(c, d, "phone")})
        self.hub.run("link", c, d)
        self.hub.run("unlink", c, d)
        self.assertEqual(pairs(), set(), "barred is decided")

    def test_C12_the_monthly_list_in_full_and_then_changes(self):
        self.hub.run("policy", "--set", "monthly-day=10")
        old = self.register(self.north, *ANN, "--at", "2024-03-05")
        edge = self.register(self.north, "--name", "Example Bob", "--card", "B1", "--at", "2024-03-10 23:59:59")
        new = self.register(self.north, "--name", "Example Cid", "--card", "B2", "--at", "2024-03-11")
        self.register(self.south, "--name", "Example Dan", "--card", "B3", "--at", "2024-03-20")
        self.north.run("update", old, "--taste", "plain", "--at", "2024-04-10")
        self.north.run("tag", edge, "trust", "--at", "2024-04-11")
        for node in (self.north, self.south):
            node.sync()

        def told(month, *args):
            rows = self.hub.run("monthly", "--month", month, "--store", "north", *args)
            return [(row["customer"], row["change"], row["changed"]) for row in rows]

        self.assertEqual(told("2024-02"), [])
        self.assertEqual(told("2024-03"), [(old, "new", ""), (edge, "new", "")])
        self.assertEqual(told("2024-04"), [(old, "changed", "taste"), (new, "new", "")])
        self.assertEqual(told("2024-05"), [(edge, "changed", "tags")])
        self.assertEqual(told("2024-05", "--full"), [(old, "same", ""), (edge, "changed", "tags"), (new, "same", "")])
        self.assertEqual(len(self.hub.run("monthly", "--month", "2024-04")), 3, "every store")
        self.assertRefused(self.hub, "monthly", "--month", "2999-01", field="month")
        self.assertRefused(self.hub, "monthly", "--month", "2999-01-10", field="month", says="no month")
        table = self.hub.run("export", "monthly", "--month", "2024-04", "--csv", json=False).splitlines()
        self.assertEqual(len(table), 4)
        self.assertIn("Example Cid", table[2] + table[3])
        self.assertEqual(self.north.run("monthly", "--month", "2024-03", "--full")[0]["name"], "Example Ann")

    def test_C12_the_figures_are_those_of_the_list_s_day(self):
        self.hub.run("policy", "--set", "monthly-day=10")
        ann = self.register(self.north, "--name", "Example Ann", "--card", "A1", "--at", "2024-03-05")
        self.north.run("custodian", ann, "kim", "--at", "2024-03-10 23:59:59")

        def figures(month):
            row = self.north.run("monthly", "--month", month, "--full")[0]
            return row["complete"], row["completeness"], row["custodian"]

        self.assertEqual(figures("2024-03"), (3, 0.025, "kim"))
        self.north.run("update", ann, "--taste", "plain", "--work", "baker", "--at", "2024-03-11")
        self.north.run("custodian", ann, "lee", "--at", "2024-03-11")
        self.assertEqual(figures("2024-03"), (3, 0.025, "kim"), "the day after")
        self.assertEqual(figures("2024-04"), (19, 0.185, "lee"))
        self.assertIn(" 19% complete", self.north.run("recall", ann, json=False))


if __name__ == "__main__":
    unittest.main()
