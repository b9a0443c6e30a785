"""Exports: every list as CSV, at the hub and at a store, and what another store makes of it."""
import csv
import io
import unittest

from cases import RegionTest
from region import Hub, Node

GUARDED = ("=1+1", "'=1+1", "''-x", "@home", "'plain", "a\tb")


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
        cls.sale = run("purchase", "--card", "A1", "--line", "DRESS,1,89000,99000", "--line", "SCARF,2.5,24000",
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
            self.assertEqual(self.export(self.hub, name), self.export(self.node, name), name)
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
                           row["voided"]) for row in rows],
                         [("purchase", "A1", "DRESS", "1.000", "89000", "99000", "no"),
                          ("purchase", "A1", "SCARF", "2.500", "24000", "", "no"),
                          ("purchase", "", "HAT", "1.000", "5000", "", "no"),
                          ("return", "A1", "SCARF", "-1.000", "-9600", "", "no"),
                          ("purchase", "", "HAT", "1.000", "7000", "", "yes")])
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


if __name__ == "__main__":
    unittest.main(verbosity=2)
