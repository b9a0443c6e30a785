"""Imports: files of the test's own making with every oddity CLI.md names, and the real complaint files."""
import csv
import unittest
from collections import Counter
from datetime import datetime

import journey
from cases import RegionTest
from journey import COLUMNS, Journey
from region import Hub, Node, data

HEADER = "household_id,store_id,basket_id,quantity,product_id,sales_value,transaction_timestamp\n"
ODD = HEADER + """\
77,A,1,1,sku-1,10.005,2024-02-29 10:00:00
78,A,2,1,sku-1,1.5e1,2024-03-01 09:00:00
77,A,1,2,sku-2,0.0049,2024-02-29 09:59:00
79,A,3,-1,sku-1,-10.005,2024-03-02 08:00:00
,A,4,1,sku-3,99.99,2024-03-02 08:00:00
80,A,5,0,sku-4,0,2024-03-03 08:00:00
81,A,6,1,sku-1,5,2024-03-04 08:00:00
81,A,6,-1,sku-2,-7,2024-03-04 08:00:00
81,A,7,1,sku-1,3,2024-03-04 09:00:00
81,A,7,1,sku-1,3,2024-03-04 09:00:00
9,A,8,1.5,sku-1,4.00,2024-03-05 08:00:00
10,A,9,1,sku-1,4.00,2024-03-05 08:00:00
"78",B,10,1,"with, comma ""and"" quote",1,2024-03-05 08:00:00
"""
BAD = HEADER + """\
1,A,1,1,sku-1,5,2024-01-01 08:00:00
2,A,2,1,sku-1,5,2024-01-01 08:00:00
1,A,1,1,sku-2,five,2024-01-01 08:00:00
3,A,3,1,sku-1,5,2024-02-30 08:00:00
4,A,4,many,sku-1,5,2024-01-01 08:00:00
5,A,5,1,sku-1,5
1,A,6,1,sku-1,1,2024-01-02 08:00:00
"""
RESOLVED = ("resolved=Resolvida:yes,Não Resolvida:no,N\ufffdo Resolvida:no,Não Avaliada:,N\ufffdo Avaliada:")
COMPLAINTS = ("opened=opened_on,answered=answered_on,closed=closed_on,resolved=resolved,score=score,subject=subject,"
              "text=problem,segment=segment,company=company")


class Purchases(RegionTest):
    def setUp(self):
        self.hub = Hub(self.region, currency="USD", timezone="UTC", country="US")
        self.node = Node(self.region, self.hub, "A")

    def read_in(self, path, *args, store="A"):
        return self.node.run("import", "purchases", path, "--map", COLUMNS, "--where", f"store_id={store}", *args)

    def compare(self, told, oracle):
        self.assertEqual([(row["card"], row["spend"], row["visits"],
            row["last"] and datetime.fromisoformat(row["last"]))
                          for row in told], [(s.card, s.spend, s.visits, s.last) for s in oracle.ranking()])

    def test_every_oddity_of_a_file(self):
        path = self.region.write("odd.csv", ODD)
        oracle = Journey(journey.read(path), ["A"])
        told = self.read_in(path)
        self.assertEqual((told["rows"], told["rejected"]), (12, 0))
        self.assertEqual(told["events"], oracle.purchases + oracle.returns + oracle.registrations)
        self.compare(self.node.vip(), oracle)
        self.hub.serve()
        self.node.sync()
        self.hub.settled(persons=len(oracle.households))
        self.compare(self.hub.vip(), oracle)
        status = self.hub.status()
        self.assertEqual([status[key] for key in ("purchases", "returns", "anonymous")], [8, 1, 1])
        told = self.hub.run("pyramid")
        self.assertEqual(told["top_customers"], oracle.pyramid().top_customers)
        self.assertAlmostEqual(told["top_share"], oracle.pyramid().top_share, 6)

    def test_the_rows_of_others_are_left_to_others(self):
        path = self.region.write("odd.csv", ODD)
        self.assertEqual(self.read_in(path, store="B")["rows"], 1)
        self.assertEqual([row["card"] for row in self.node.vip()], ["78"])
        none = self.read_in(path, store="nowhere")
        self.assertEqual((none["rows"], none["events"], none["rejected"]), (0, 0, 0))

    def test_dry_run_tells_the_same_and_writes_nothing(self):
        path = self.region.write("odd.csv", ODD)
        before = self.node.status()
        dry = self.read_in(path, "--dry-run")
        self.assertEqual(self.node.status(), before)
        wet = self.read_in(path)
        for key in ("rows", "events", "rejected"):
            self.assertEqual(dry[key], wet[key], key)

    def test_a_bad_row_takes_its_basket_into_the_rejects(self):
        path = self.region.write("bad.csv", BAD)
        told = self.read_in(path)
        # Rows 1 and 3 are one basket; rows 4, 5 and 6 are bad by themselves; 2 and 7 stay.
        self.assertEqual((told["rows"], told["rejected"]), (7, 5))
        self.assertEqual(sorted((row["card"], row["spend"]) for row in self.node.vip()), [("1", 100), ("2", 500)])
        for card in ("3", "4", "5"):  # nobody is registered for rows that were not written
            self.assertRefused(self.node, "customer", "--card", card)
        rejects = (self.region.path / told["rejects_file"]).read_text("utf-8")
        self.assertEqual(len(list(csv.reader(rejects.splitlines()))), 1 + 5, "a header and the rejected rows")
        for reason in ("five", "2024-02-30", "many"):
            self.assertIn(reason, rejects)

        def correct(text):
            return text.replace(",five,", ",5,").replace("2024-02-30", "2024-02-29").replace(",many,", ",1,")

        again = self.read_in(self.region.write("corrected.csv", correct(rejects)))
        self.assertEqual(again["rejected"], 1, "the short row is still short")
        self.assertEqual({row["card"]: row["spend"] for row in self.node.vip()}, {"1": 1100, "2": 500, "3": 500,
            "4": 500})
        whole = self.read_in(self.region.write("whole.csv", correct(BAD)))
        self.assertEqual(whole["events"], 0, "what came in by the corrected rows is known by its basket")

    def test_growing_file_adds_only_what_is_new(self):
        lines = ODD.splitlines(keepends=True)
        first = self.read_in(self.region.write("one.csv", "".join(lines[:9])))
        second = self.read_in(self.region.write("two.csv", ODD))
        oracle = Journey(journey.read(self.region.path / "two.csv"), ["A"])
        self.assertEqual(first["events"] + second["events"], oracle.purchases + oracle.returns + oracle.registrations)
        self.compare(self.node.vip(), oracle)

    def test_unit_price_times_quantity(self):
        path = self.region.write("unit.csv", "card;when;art;n;price\nK1;05.03.2024 08:00;a;2.5;1.01\n"
                                             "K1;05.03.2024 08:00;b;-1;0.02\n")
        self.node.run("import", "purchases", path, "--delimiter", ";", "--date-format", "%d.%m.%Y %H:%M",
                      "--map", "customer=card,time=when,sku=art,quantity=n,unit_price=price,basket=when")
        self.assertEqual([(row["card"], row["spend"], row["visits"]) for row in self.node.vip()], [("K1", 253 - 2, 1)])

    def test_customers_in_korean_and_chinese_encodings(self):
        names = {"utf-8": "김단골", "cp949": "똠방각하", "gb18030": "王㐀小明", "utf-8-sig": "이영희"}  # the last with a BOM
        for number, (encoding, name) in enumerate(names.items()):
            text = f"name,phone,card\n{name},202-555-014{number},K {number}\n"
            path = self.region.write(f"{encoding}.csv", text.encode(encoding))
            how = ("--map", "name=name,phone=phone,card=card", "--encoding", encoding.removesuffix("-sig"))
            told = self.node.run("import", "customers", path, *how)
            self.assertEqual((told["rows"], told["rejected"], told["events"]), (1, 0, 1), encoding)
            shown = self.node.run("customer", "--card", f"K{number}")
            self.assertEqual((shown["name"], shown["card"]), (name, f"K {number}"), "as first written")
            self.assertEqual(self.node.run("import", "customers", path, *how)["events"], 0, encoding)


class Complaints(RegionTest):
    """consumidor.gov.br: every row becomes a complaint, identical rows included, damaged text included."""

    def setUp(self):
        self.hub = Hub(self.region, currency="BRL", timezone="America/Sao_Paulo", country="BR")
        self.node = Node(self.region, self.hub, "desk")

    def read_in(self, path, *args):
        return self.node.run("import", "complaints", path, "--delimiter", ";", "--date-format", "%d/%m/%Y",
                             "--map", COMPLAINTS, "--value", RESOLVED, *args)

    def compare(self, rows):
        """The list of the desk, as a bag, against the rows of the file."""
        def day(text):
            return None if not text else datetime.strptime(text, "%d/%m/%Y").date().isoformat()

        def local_day(text):
            return None if text is None else text[:10]

        expected = Counter()
        for row in rows:
            said = row["resolved"]
            satisfied = None if said.endswith("Avaliada") else said == "Resolvida"
            # The first answer is the first step from `apologise` on: the explanation, else the outcome.
            expected[day(row["opened_on"]), day(row["answered_on"] or row["closed_on"]), day(row["closed_on"]),
                     satisfied, int(row["score"]) if row["score"] else None, row["problem"]] += 1
        told = self.hub.run("complaints", "--all")
        self.assertEqual(len(told), len(rows))
        found = Counter((local_day(c["opened_at"]), local_day(c["first_answer_at"]), local_day(c["closed_at"]),
                         c["satisfied"], c["score"], c["text"]) for c in told)
        self.assertEqual(found - expected, Counter(), "complaints that no row tells of")
        self.assertEqual(expected - found, Counter(), "rows that no complaint tells of")
        self.assertEqual(len({c["id"] for c in told}), len(rows))
        self.assertEqual(len({str(c["ref"]) for c in told}), len(rows), "a ref of its own for each row")
        self.assertEqual({c["store"] for c in told}, {"desk"})
        self.assertEqual({c["card"] for c in told}, {None}, "anonymous")

    def check_file(self, path, encoding, *args):
        rows = journey.read(path, encoding, ";")
        told = self.read_in(path, *args)
        self.assertEqual((told["rows"], told["rejected"]), (len(rows), 0))
        self.assertGreaterEqual(told["events"], len(rows))
        events = self.node.status()["events"]
        self.assertEqual(events, told["events"])
        again = self.read_in(path, *args)
        self.assertEqual((again["rows"], again["events"], again["rejected"]), (len(rows), 0, 0))
        self.assertEqual(self.node.status()["events"], events)
        self.hub.serve()
        self.node.sync()
        self.compare(rows)
        self.assertLevel(self.hub, self.node)
        self.assertEqual(self.hub.run("rebuild")["digest_after"], self.hub.digest())
        self.assertEqual(self.hub.run("complaints", "--open"), [])
        overdue = {c["id"] for c in self.hub.run("complaints", "--all") if c["overdue"]}
        self.assertEqual({c["id"] for c in self.hub.run("complaints", "--overdue")}, overdue)

    def test_a_year_in_utf_8(self):
        self.check_file(data("complaints", "retail-2014.csv"), "utf-8")

    def test_december_in_windows_1252(self):
        self.check_file(data("complaints", "retail-2014-12.latin1.csv"), "cp1252", "--encoding", "windows-1252")

    def test_E15_december_without_a_word_on_its_encoding_and_delimiter(self):
        path = data("complaints", "retail-2014-12.latin1.csv")
        rows = journey.read(path, "cp1252", ";")
        told = self.node.run("import", "complaints", path, "--date-format", "%d/%m/%Y", "--map", COMPLAINTS,
                             "--value", RESOLVED)
        self.assertEqual((told["rows"], told["rejected"], told["encoding"], told["delimiter"]),
                         (len(rows), 0, "windows-1252", ";"))
        self.hub.serve()
        self.node.sync()
        self.compare(rows)

    def test_december_in_latin_1(self):
        path = data("complaints", "retail-2014-12.latin1.csv")
        rows = len(journey.read(path, "cp1252", ";"))
        told = self.read_in(path, "--encoding", "latin1")
        self.assertEqual((told["rows"], told["rejected"]), (rows, 0))

    def test_the_wrong_encoding_accounts_for_every_row_too(self):
        path = data("complaints", "retail-2014-12.latin1.csv")
        rows = len(journey.read(path, "cp1252", ";"))
        told = self.read_in(path, "--encoding", "utf-8")  # which it is not
        self.assertEqual(told["rows"], rows)
        self.assertGreater(told["rejected"], 0)
        self.hub.serve()
        self.node.sync()
        self.assertEqual(len(self.hub.run("complaints", "--all")), rows - told["rejected"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
