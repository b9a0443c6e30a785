"""Exports: every list as CSV, at the hub and at a store, and what another store makes of it."""
import csv
import io
import pathlib
import re
import unittest

from cases import RegionTest
from region import Hub, Node

GUARDED = ("=1+1", "'=1+1", "''-x", "@home", "'plain", "a\tb")


SOURCES = pathlib.Path(__file__).resolve().parents[2]
# Who answers through `struct listing`: how often a file opens one, and the exported lists that these are. Every kind of
# report is exported with `report`.
REPORTS = "proto/command/ask_report"
LISTINGS = {
    "hub/commands_policy.c": (1, {"policy"}),
    "hub/commands_store.c": (1, {"stores"}),
    "node/import_maps.c": (1, {"mappings"}),
    "proto/command/act_user.c": (1, {"user"}),
    "proto/command/ask_access.c": (1, {"access"}),
    "proto/command/ask_alerts.c": (1, {"alerts"}),
    "proto/command/ask_complaints.c": (1, {"complaints"}),
    "proto/command/ask_duplicates.c": (1, {"duplicates"}),
    "proto/command/ask_fields.c": (2, {"fields", "monthly"}),
    "proto/command/ask_followups.c": (1, {"followups", "promise"}),
    "proto/command/ask_gatherings.c": (3, {"gathering", "findings"}),
    "proto/command/ask_loyalty.c": (3, {"points", "packages", "benefits"}),
    "proto/command/ask_sales.c": (1, {"purchases"}),
    "proto/command/ask_search.c": (1, {"search"}),
    "proto/command/ask_segments.c": (2, {"segments", "rfm"}),
    "proto/command/ask_staff.c": (2, {"staff"}),
    "proto/command/ask_tier.c": (1, set()),  # for the lists of other files
    "proto/command/ask_value.c": (1, {"vip"}),
    "proto/command/export_lists.c": (2, {"customers", "purchases", "contacts"}),
    "proto/command/recall_print.c": (1, {"tags"}),
}
# What is a list over HTTP and not for a spreadsheet.
NO_TABLE = {"log": "events, each of its own form"}
# Keys of rows that no table has: said in another column, or no single figure.
NO_COLUMN = {"covers": "whether a store speaks for itself", "value": "of vip: beside the measure's own column",
             "share": "of reports: the same is `percent`", "causes": "a table of its own"}


def table(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


class Exports(RegionTest):
    shared = True

    @classmethod
    def build(cls):
        cls.hub = Hub(cls.region)
        cls.node = Node(cls.region, cls.hub, "S1")
        run = cls.node.run
        cls.ann = run("register", "--name", "김단골", "--phone", "010-0000-0001", "--card", "A1", "--hobbies",
                      "line one\nline \"two\", end", "--at", "2024-01-01")["id"]
        cls.bob = run("register", "--name", "Example Bob", "--phone", "+82 10-0000-0002", "--note", GUARDED[0],
                      "--at", "2024-01-02")["id"]
        cls.sale = run("purchase", "--card", "A1", "--line", "DRESS,1,89000,99000", "--line", "SCARF,2.5,24000,,15000",
                       "--at", "2024-02-01 10:00", "--staff", "E1")["id"]
        run("purchase", "--line", "HAT,1,5000", "--at", "2024-02-02 10:00")
        run("return", cls.sale, "--line", "SCARF,1,9600", "--at", "2024-02-03 10:00")
        wrong = run("purchase", "--customer", cls.bob, "--line", "HAT,1,7000", "--at", "2024-02-04 10:00")["id"]
        run("void", wrong, "--reason", "typed twice")
        run("contact", cls.ann, "--kind", "call", "--purpose", "fit", "--note", "all, well", "--outcome", "reached",
            "--at", "2024-02-08 10:00")
        thread = run("complaint", "open", "--card", "A1", "--channel", "counter", "--text", "a button",
                     "--sku", "DRESS", "--at", "2024-02-09 10:00")["id"]
        run("complaint", "step", thread, "outcome", "--skip-reason", "settled at once", "--satisfied", "yes",
            "--score", "4", "--at", "2024-02-09 12:00")
        run("complaint", "open", "--channel", "phone", "--text", "nobody answers", "--at", "2024-02-10 10:00")
        cls.hub.serve()
        cls.node.sync()
        cls.hub.settled(customers=2)

    def export(self, site, *args):
        return table(site.run("export", *args, "--csv", json=False))

    def test_E15_every_list_at_both(self):
        counts = {"customers": 2, "purchases": 5, "contacts": 1, "complaints": 2, "vip": 1, "segments": 2}
        for site in (self.hub, self.node):
            for name, count in counts.items():
                rows = self.export(site, name)
                self.assertEqual(len(rows), count, f"{site.name}: {name}")
                self.assertEqual({len(row) for row in rows}, {len(rows[0])}, name)
        for name in counts:
            then = ("--as-of", "2024-03-01") if name == "complaints" else ()  # the clocks of open ones go on
            self.assertEqual(self.export(self.hub, name, *then), self.export(self.node, name, *then), name)
        self.assertEqual([row["store"] for row in self.export(self.hub, "stores")], ["S1"])
        self.assertRefused(self.node, "export", "stores", code=2, says="one of customers, purchases")

    def test_E15_each_field_of_a_customer(self):
        ann, bob = self.export(self.node, "customers")
        self.assertEqual((ann["id"], ann["name"], ann["card"], ann["hobbies"]),
                         (self.ann, "김단골", "A1", "line one\nline \"two\", end"))
        self.assertEqual((ann["spend"], ann["visits"], ann["time"]), ("103400", "1", "2024-01-01T00:00:00+09:00"))
        self.assertEqual((bob["phone"], bob["note"], bob["card"], bob["visits"]),
                         ("'+82 10-0000-0002", "'=1+1", "", "0"))

    def test_E15_lines_of_purchases(self):
        rows = self.export(self.node, "purchases")
        self.assertEqual([(row["kind"], row["card"], row["sku"], row["quantity"], row["amount"], row["list_amount"],
                           row["cost"], row["voided"]) for row in rows],
                         [("purchase", "A1", "DRESS", "1.000", "89000", "99000", "", "no"),
                          ("purchase", "A1", "SCARF", "2.500", "24000", "", "15000", "no"),
                          ("purchase", "", "HAT", "1.000", "5000", "", "", "no"),
                          ("return", "A1", "SCARF", "-1.000", "-9600", "", "-6000", "no"),
                          ("purchase", "", "HAT", "1.000", "7000", "", "", "yes")])
        self.assertEqual([row["sale"] for row in rows], ["", "", "", self.sale, ""])
        self.assertEqual([row["staff"] for row in rows], ["E1", "E1", "", "", ""])

    def test_E15_contacts_and_complaints(self):
        row, = self.export(self.node, "contacts")
        self.assertEqual([row[key] for key in ("card", "kind", "purpose", "outcome", "note")],
                         ["A1", "call", "fit", "reached", "all, well"])
        closed, still_open = self.export(self.node, "complaints")
        self.assertEqual([closed[key] for key in ("card", "sku", "channel", "satisfied", "score", "text", "state")],
                         ["A1", "DRESS", "counter", "yes", "4", "a button", "closed"])
        self.assertEqual([still_open[key] for key in ("card", "satisfied", "closed_at")], ["", "", ""])

    def test_E15_options_of_the_list_go_with_it(self):
        self.assertEqual([row["text"] for row in self.export(self.node, "complaints", "--open")], ["nobody answers"])
        self.assertEqual(self.export(self.node, "complaints", "--as-of", "2024-02-08"), [])
        self.assertEqual([row["spend"] for row in self.export(self.hub, "vip", "--as-of", "2024-02-01", "--top", "1")],
                         ["113000"])
        early = self.export(self.node, "customers", "--as-of", "2024-01-01")
        self.assertEqual([row["id"] for row in early], [self.ann])
        wrong = {("vip", "--overdue"): "no option --overdue", ("customers", "--top", "5"): "no option --top",
                 ("purchases", "--window", "all"): "no option --window", ("vip", "--bogus"): "no option --bogus",
                 ("complaints", "--open", "--all"): "do not go together", ("vip", "more"): "argument too many",
                 ("secrets",): "cannot be exported", ("vip", "--top"): "needs a value"}
        for args, says in wrong.items():
            self.assertRefused(self.node, "export", *args, code=2, says=says)
        bad = {("--top", "none"): "--top takes a whole number", ("--encoding", "klingon"): "gb18030"}
        for args, says in bad.items():
            told = self.node.call("export", "vip", *args)
            self.assertEqual((told.code, told.stdout), (1, ""), str(told))
            self.assertIn(says, told.stderr)
        told = self.node.call("export", "vip", json=True)
        self.assertEqual((told.code, told.error["field"]), (2, "json"), str(told))

    def bytes_of(self, *args):
        path = self.region.path / "out.csv"
        line = " ".join([*self.node.argv("export", *args), ">", str(path)])
        result = self.region.call(["sh", "-c", line])
        self.assertEqual(result.code, 0, str(result))
        return path.read_bytes(), result.stderr

    def test_E15_encodings(self):
        whole, _ = self.bytes_of("customers")
        marked, _ = self.bytes_of("customers", "--encoding", "utf-8-bom")
        self.assertEqual(marked, b"\xef\xbb\xbf" + whole)
        for name in ("cp949", "gb18030"):
            text, said = self.bytes_of("customers", "--encoding", name)
            self.assertEqual((text.decode(name), said), (whole.decode(), ""), name)
        text, said = self.bytes_of("customers", "--encoding", "latin1")
        self.assertIn(b"\r\n" + self.ann.encode() + b",???,", text)
        self.assertRegex(said, r"\A[^\n]*\b3 characters[^\n]*\n\Z")


class Lists(RegionTest):
    """Every list that there is can be had as CSV."""
    shared = True

    @classmethod
    def build(cls):
        cls.hub = Hub(cls.region)
        cls.node = Node(cls.region, cls.hub, "S1")
        run = cls.node.run
        cls.ann = run("register", "--name", "김단골", "--phone", "010-0000-0001", "--card", "A1", "--at",
                      "2024-01-01")["id"]
        cls.bob = run("register", "--name", "Example Bob", "--phone", "010-0000-0002", "--at", "2024-01-02")["id"]
        run("purchase", "--card", "A1", "--line", "COAT,1,103000", "--at", "2024-02-01 10:00")
        run("purchase", "--card", "A1", "--line", "FACIAL,1,0", "--package", "FACIAL,10", "--at", "2024-02-01 11:00")
        cls.tea = run("gathering", "add", "Tea", "--at", "2024-02-11 10:00")["id"]
        run("contact", cls.ann, "--gathering", cls.tea, "--purpose", "tea", "--at", "2024-02-11 10:00")
        run("complaint", "open", "--channel", "phone", "--text", "nobody answers", "--at", "2024-02-10 10:00")
        cls.hub.serve()
        cls.node.sync()
        cls.hub.settled(customers=2)

    def export(self, site, *args):
        return table(site.run("export", *args, "--csv", json=False))

    def lists(self, site):
        """What `export` says that it has."""
        words = site.run("export", "--help", json=False).split("Words:")[1].split("Options:")[0]
        return re.findall(r"^  (\S+)", words, re.M)

    def test_E15_no_list_is_forgotten(self):
        """Whoever adds a list says so in proto/command/export.c, and here."""
        opened = re.compile(r"(?:=|return) (?:listing_open|ask_tier_listing)\(")
        found = {str(path.relative_to(SOURCES)): len(opened.findall(path.read_text(encoding="utf-8")))
                 for room in ("proto", "node", "hub") for path in sorted((SOURCES / room).rglob("*.c"))}
        self.assertEqual({name: count for name, count in found.items() if count > 0 and not name.startswith(REPORTS)},
                         {name: count for name, (count, _) in LISTINGS.items()})
        exported = set(self.lists(self.hub)) | set(self.lists(self.node))
        self.assertEqual({"report"}.union(*(names for _, names in LISTINGS.values())), exported)
        routes = (SOURCES / "proto/api/routes.c").read_text(encoding="utf-8")
        entry = re.compile(r'(?:READ\(|\{HTTP_GET, )"[^"]+", "([a-z-]+)[^"]*", [A-Z |]+, [A-Z_ |]*\bLIST\b')
        listed = set(entry.findall(routes)) - {"export"}
        self.assertEqual(listed - exported - {"replay"}, set(NO_TABLE), "a replay is a table by itself")

    def test_E15_every_list_is_a_table(self):
        words = {"search": ("Example",), "fields": ("--card", "A1"), "promise": ("list",), "gathering": ("list",),
                 "user": ("list",), "report": ("leaving", "--from", "2024-01-01", "--to", "2024-12-31")}
        rows = {}
        for site in (self.hub, self.node):
            for name in self.lists(site):
                text = site.run("export", name, *words.get(name, ()), "--csv", json=False)
                columns = next(csv.reader(io.StringIO(text, newline="")))
                self.assertEqual(len(columns), len(set(columns)), f"{name}: {columns}")
                rows[name] = table(text)
        self.assertEqual([row["customer"] for row in rows["search"]], [self.bob])
        self.assertIn(("card", "A1"), [(row["field"], row["value"]) for row in rows["fields"]])
        self.assertEqual([(row["customer"], row["balance"]) for row in rows["points"]],
                         [(self.ann, "103"), (self.bob, "0")])
        one, = self.export(self.node, "points", "--card", "A1")
        self.assertEqual((one["name"], one["balance"]), ("김단골", "103"))
        self.assertEqual(rows["packages"], self.export(self.node, "packages", self.ann))
        self.assertEqual([(row["customer"], row["sku"], row["left"]) for row in rows["packages"]],
                         [(self.ann, "FACIAL", "10")])
        self.assertEqual(self.export(self.node, "packages", self.bob), [])
        self.assertEqual([(row["name"], row["attended"]) for row in rows["gathering"]], [("Tea", "1")])
        self.assertEqual([row["held"] for row in self.export(self.node, "gathering", "year", "--year", "2024")], ["1"])
        self.assertEqual([row["name"] for row in self.export(self.node, "gathering", "guests", self.tea)], ["김단골"])
        self.assertIn("vip-tiers", [row["key"] for row in rows["policy"]])
        self.assertIn("kinship", [row["tag"] for row in rows["tags"]])
        self.assertEqual(self.node.run("points", "--card", "A1")["balance"], 103)
        self.assertEqual([row["balance"] for row in self.node.run("points")], [103, 0])

    def test_E15_V3_V5_rows_are_exported_whole(self):
        self.node.run("promise", "add", self.bob, "--text", "the coat in blue", "--by", "2099-01-01", "--ref", "coat")
        words = {"search": ("Example",), "fields": ("--card", "A1"), "promise": ("list",), "gathering": ("list",),
                 "user": ("list",), "monthly": ("--month", "2024-02"), "staff": ("--quarter", "2024Q1")}
        words = {name: (words.get(name, ()),) for name in {*self.lists(self.hub), *self.lists(self.node)}}
        words["report"] = tuple((kind, "--from", "2024-01-01", "--to", "2024-12-31") for kind in (
            "inactive", "back", "leaving", "gained-lost", "returning", "cohorts", "retention", "complaints"))
        found = set()
        for site in (self.hub, self.node):
            for name in set(self.lists(site)) - {"customers", "purchases", "contacts"}:
                for args in words[name]:
                    rows = site.run(name, *args)
                    text = site.run("export", name, *args, "--csv", json=False)
                    columns = set(next(csv.reader(io.StringIO(text, newline=""))))
                    keys = {key for row in rows for key in row}
                    self.assertEqual(keys - columns - set(NO_COLUMN), set(), f"{site.name}: {name} {args}")
                    found |= {name} if rows else set()
        self.assertTrue({"vip", "segments", "complaints", "stores", "points", "search", "promise"} <= found, found)

    def test_E15_an_export_writes_nothing(self):
        before = self.node.status()["events"], self.hub.status()["events"]
        for args, says in {("gathering", "add", "Ball"): "gathering add is no list; these are: list|year|guests",
                           ("staff", "add", "kim", "--role", "assistant", "--name", "Example Kim"):
                               "staff add is no list; these are: sample",
                           ("mappings", "remove", "till"): "mappings remove is no list",
                           ("user", "add", "boss", "--role", "manager"): "user add is no list",
                           ("promise", "keep", "1-1"): "promise keep is no list"}.items():
            self.assertRefused(self.node, "export", *args, code=2, says=re.escape(says))
        self.assertRefused(self.hub, "export", "policy", "--set", "vip-tiers=1", code=2, says="it writes")
        self.assertEqual((self.node.status()["events"], self.hub.status()["events"]), before)


def figures(hub):
    """What a region's book adds up to, told without the ids of this region."""
    def without(row, *keys):
        return {key: value for key, value in row.items() if key not in keys}

    ids = ("id", "customer", "ref", "sale")
    of_now = ("left_ms", "answer_ms", "answer_left_ms", "resolve_ms", "resolve_left_ms", "escalated")
    vip = [without(row, "customer") for by in ("spend", "visits", "margin", "referrals") for row in hub.vip("--by", by)]
    customers = table(hub.run("export", "customers", "--csv", json=False))
    purchases = table(hub.run("export", "purchases", "--csv", json=False))
    contacts = table(hub.run("export", "contacts", "--csv", json=False))
    complaints = [without(row, *ids, "store", "step", "steps", *of_now) for row in hub.run("complaints", "--all")]
    returns = [row for row in purchases if row["sale"] != ""]
    for row in returns:
        sold = {one["id"]: (one["time"], one["sku"]) for one in purchases if one["id"] == row["sale"]}
        row["of"] = str(sold)[len(row["sale"]) + 3:]
    span = ("--from", "2024-01-01", "--to", "2024-12-31")
    return {"vip": vip, "pyramid": hub.run("pyramid"), "causes": hub.run("report", "complaints", *span),
            "recalled": [without(hub.run("recall", "--phone", f"010-0000-010{number}"), "id", "last_visit", "items",
                                 "complaints", "custodian") for number in range(5)],
            "customers": sorted((without(row, "id", "store") for row in customers), key=str),
            "purchases": sorted((without(row, *ids, "store") for row in purchases), key=str),
            "contacts": sorted((without(row, *ids, "store") for row in contacts), key=str),
            "complaints": sorted(complaints, key=str)}


class RoundTrip(RegionTest):
    """What one region exports, a store of an empty one imports, by the mapping that it proposes itself."""

    def trade(self, one, two):
        names = ["김단골", "Example Ann", GUARDED[0], "王小明", "O'Example, \"Bob\""]
        people = []
        for number, name in enumerate(names):
            card = ("--card", f"K {number}") if number % 2 == 0 else ()
            node = (one, two)[number % 2]
            people.append((node, node.run("register", "--name", name, "--phone", f"010-0000-010{number}", *card,
                                          "--note", GUARDED[number], "--at", f"2024-01-0{number + 1} 10:00")["id"]))
        one.run("register", "--name", "Example Newcomer", "--phone", "010-0000-0199", "--referred-by", people[0][1],
                "--told", "--at", "2024-01-08 10:00")
        # The same person at both stores, under one phone; she buys at both.
        other = two.run("register", "--name", names[0], "--phone", "+82 10 0000 0100", "--hobbies", "tea\nand cake",
                        "--at", "2024-01-09")["id"]
        two.run("purchase", "--customer", other, "--line", "TEA,2,18000", "--at", "2024-03-01 11:00")
        for number, (node, who) in enumerate(people):
            for visit in range(number + 1):
                node.run("purchase", "--customer", who, "--line", f"SKU-{number},1,{1000 * (visit + 1)},5000", "--line",
                         "@half,0.5,333", "--at", f"2024-02-0{visit + 1} 1{number}:00:05", "--staff", f"E{number}")
        node, who = people[1]
        sale = node.run("purchase", "--customer", who, "--line", "COAT,2,90000,,50000", "--line",
                        "FACIAL,1,30000", "--package", "FACIAL,10", "--at", "2024-02-20 10:00")["id"]
        node.run("return", sale, "--line", "COAT,1,45000", "--at", "2024-02-21 10:00")
        node.run("return", "--customer", who, "--line", "HAT,1,2000", "--at", "2024-02-22 10:00")
        self.take_back(one, two, people)
        late = one.run("purchase", "--line", "GLOVE,1,4000", "--at", "2024-02-23 10:00")["id"]
        one.run("purchase", "--line", "GLOVE,1,4000", "--at", "2024-02-23 10:00")
        one.run("void", late, "--reason", "twice")
        node.run("contact", who, "--kind", "call", "--purpose", "fit", "--outcome", "reached", "--note", "-well-",
                 "--minutes", 12, "--matter", "company",
                 "--at", "2024-02-25 10:00", "--staff", "E9")
        self.complain(one, two, people)

    def take_back(self, one, two, people):
        """Whatever is sold and does not stay sold: a package in part, a whole one, sales and returns that are void."""
        node, who = people[1]
        part = node.run("purchase", "--customer", who, "--line", "FACIAL,2,60000", "--package", "FACIAL,10", "--line",
                        "SOAP,1,900", "--at", "2024-02-20 11:00")["id"]
        node.run("return", part, "--line", "FACIAL,1,30000", "--at", "2024-02-21 11:00")
        whole = node.run("purchase", "--customer", who, "--line", "SPA,1,70000", "--package", "SPA,5",
                         "--at", "2024-02-20 12:00")["id"]
        node.run("return", whole, "--at", "2024-02-20 12:00")
        kept = node.run("purchase", "--customer", who, "--line", "NAIL,1,8000", "--package", "NAIL,4",
                        "--at", "2024-02-20 13:00")["id"]
        back = node.run("return", kept, "--at", "2024-02-22 13:00")["id"]
        node.run("void", back, "--reason", "it stayed")
        hers = node.run("purchase", "--line", "DRESS,1,50000", "--at", "2024-02-20 14:00")["id"]
        node.run("attribute", hers, who)
        node.run("void", hers, "--reason", "typed twice")
        nobodys = one.run("purchase", "--line", "SHOE,1,20000", "--at", "2024-02-20 15:00")["id"]
        one.run("return", nobodys, "--at", "2024-02-21 15:00")
        call = node.run("contact", who, "--kind", "call", "--purpose", "fit", "--at", "2024-02-26 10:00")["id"]
        node.run("void", call, "--reason", "it was somebody else")

    def complain(self, one, two, people):
        one.run("complaint", "open", "--customer", people[0][1], "--channel", "hotline", "--text",
                "a \"button\", again", "--sku", "SKU-0", "--at", "2024-03-02 09:00")
        node, who = people[3]
        thread = node.run("complaint", "open", "--customer", who, "--channel", "counter", "--text", "no answer",
                          "--at", "2024-03-03 09:00")["id"]
        step = ("complaint", "step", thread)
        node.run(*step, "cause", "--skip-reason", "at once", "--cause", "seam", "--text", "the seam", "--staff", "E9",
                 "--at", "2024-03-03 10:00")
        node.run(*step, "explain", "--skip-reason", "at once", "--at", "2024-03-03 10:00")
        node.run(*step, "outcome", "--skip-reason", "at once", "--satisfied", "no", "--score", "2",
                 "--at", "2024-03-05 10:00")
        two.run("complaint", "open", "--channel", "third-party", "--text", "=anonymous", "--at", "2024-03-04 09:00")

    def packages(self, node):
        """What is left of the packages of the second customer, without their ids."""
        customer = node.run("recall", "--phone", "010-0000-0101")["id"]
        rows = node.run("package", "list", customer)
        return sorted(({key: row[key] for key in row if key not in ("sale", "customer")} for row in rows),
                      key=lambda row: (row["sku"], row["left"] != 10, row["bought"]))

    def test_E15_an_export_is_an_import(self):
        first = Hub(self.region, "first")
        one, two = Node(self.region, first, "S1"), Node(self.region, first, "S2")
        self.trade(one, two)
        first.serve()
        one.sync()
        two.sync()
        first.settled(customers=7, persons=6)
        second = Hub(self.region, "second")
        node = Node(self.region, second, "N")
        for kind in ("customers", "purchases", "contacts", "complaints"):
            path = self.region.write(f"{kind}.csv", first.run("export", kind, "--csv", json=False))
            proposed = node.run("import", kind, path, "--suggest")
            self.assertEqual((proposed["missing"], proposed["date_format"]), ([], None), kind)
            how = ("--map", proposed["map"])
            dry = node.run("import", kind, path, *how, "--dry-run")
            told = node.run("import", kind, path, *how)
            self.assertEqual((told["rejected"], told["skipped"]), (0, 0), f"{kind}: {told}")
            self.assertEqual((dry["rows"], dry["events"]), (told["rows"], told["events"]), kind)
            again = node.run("import", kind, path, *how)
            self.assertEqual((again["events"], again["written"], again["rejected"]), (0, 0, 0), f"{kind} again")
        second.serve()
        node.sync()
        second.settled(customers=6, persons=6)
        self.assertEqual(self.packages(node), self.packages(two))
        self.assertEqual([(row["sku"], row["bought"], row["returned"], row["left"]) for row in self.packages(node)],
                         [("FACIAL", 10, 0, 10), ("FACIAL", 10, 5, 5), ("NAIL", 4, 0, 4), ("SPA", 5, 5, 0)])
        before, after = figures(first), figures(second)
        for what, rows in before.items():
            self.assertEqual(after[what], rows, what)
        self.assertEqual(len(before["vip"]), 4 * 5)
        self.assertEqual(len(before["complaints"]), 3)
        self.assertIn("seam", str(before["causes"]))
        self.assertLevel(second, node)


if __name__ == "__main__":
    unittest.main(verbosity=2)
