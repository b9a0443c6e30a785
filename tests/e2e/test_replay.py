"""A replay asks what its questions ask, with all of their options, and is a list like theirs: for people, as JSON and
as CSV."""
import csv
import io
import re
import unittest
from datetime import UTC, datetime

from cases import RegionTest
from region import Hub, Node, program
from web import account

QUESTIONS = ("vip", "pyramid", "segments", "complaints", "alerts", "followups", "report", "staff", "status")
WRITES = {"staff": {"--role", "--name", "--keeper", "--pin-file", "--at", "--ref"}}  # what `staff add` takes
SHOWN = re.compile(r"^  (--?[a-z-]+)", re.M)
THEN = ("--happened-until", "2024-03-31")


def table(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


class Replays(RegionTest):
    shared = True

    @classmethod
    def build(cls):
        cls.hub = Hub(cls.region)
        cls.node = Node(cls.region, cls.hub, "7")
        run = cls.node.run
        for code in ("kim", "lee"):
            run("staff", "add", code, "--role", "assistant", "--at", "2024-01-01")
        cls.ann, cls.bob = (run("register", "--name", f"김 {name}", "--card", card, "--at", "2024-01-02")["id"]
                            for name, card in (("Ann", "A1"), ("Bob", "B1")))
        run("purchase", "--card", "A1", "--line", "COAT,1,500000", "--at", "2024-02-01 10:00")
        run("purchase", "--card", "B1", "--line", "HAT,1,30000", "--at", "2024-02-02 10:00")
        run("custodian", cls.ann, "kim", "--at", "2024-02-03")
        cls.case = run("complaint", "open", "--card", "B1", "--channel", "counter", "--text", "made up", "--at",
                       "2024-03-01 10:00")["id"]
        run("complaint", "step", cls.case, "outcome", "--skip-reason", "made up", "--satisfied", "no", "--at",
            "2024-03-02 10:00")
        cls.hub.serve()
        cls.node.sync()
        cls.hub.settled(customers=2)
        cls.heard = datetime.now(UTC).isoformat(timespec="milliseconds")
        # Later all of it is otherwise.
        run("custodian", cls.ann, "lee", "--at", "2024-04-10")
        run("complaint", "reopen", cls.case, "--text", "made up", "--at", "2024-04-11 10:00")
        cls.node.sync()

    def options(self, command):
        return set(SHOWN.findall(self.region.call([program("dangol-hub"), "help", command]).stdout))

    def test_E8_every_option_of_the_questions(self):
        own = self.options("replay")
        for name in QUESTIONS:
            asked = self.options(name)
            self.assertIn("--json", asked, name)
            self.assertEqual(asked - own - WRITES.get(name, set()), set(), name)

    def test_E8_C10_whom_an_employee_looked_after_then(self):
        def held(*args):
            return [row["card"] for row in self.hub.run(*args, "--store", "7")]

        for code, now, then in (("kim", [], ["A1"]), ("lee", ["A1"], [])):
            self.assertEqual(held("vip", "--custodian", code), now)
            self.assertEqual(held("replay", "--received-until", self.heard, "vip", "--custodian", code), then)
        self.assertRefused(self.hub, "replay", *THEN, "vip", "--custodian", "kim", field="store", says="is missing")

    def test_E8_X6_who_was_not_satisfied_then(self):
        def cases(*args):
            return [row["id"] for row in self.hub.run(*args, "complaints", "--unsatisfied")]

        self.assertEqual(cases("replay", "--happened-until", "2024-03-01"), [])
        self.assertEqual(cases("replay", *THEN), [self.case])
        self.assertEqual([row["id"] for row in self.hub.run("complaints", "--unsatisfied")], [])

    def test_E8_E15_a_replay_as_csv(self):
        span = ("--from", "2024-01-01", "--to", "2024-03-31")
        for args in (("vip",), ("segments",), ("complaints",), ("alerts",), ("followups",), ("report", "inactive"),
                     ("report", "complaints", *span), ("staff", "--quarter", "2024Q1")):
            then = self.hub.run("replay", *THEN, *args, "--csv", json=False)
            now = self.hub.run("export", *args, "--csv", json=False)
            self.assertEqual(then.splitlines()[0], now.splitlines()[0], f"{args}: the same columns")
        rows = table(self.hub.run("replay", *THEN, "complaints", "--csv", json=False))
        self.assertEqual([row["id"] for row in rows], [self.case], "whole: closed ones, too")
        rows = table(self.hub.run("replay", "--happened-until", "2024-02-01", "vip", "--csv", json=False))
        self.assertEqual([(row["card"], row["spend"]) for row in rows], [("A1", "500000")])
        raw = self.hub.run("replay", *THEN, "vip", "--csv", "--encoding", "utf-8-bom", json=False)
        self.assertTrue(raw.startswith("\ufeffrank,"), raw)
        for args, code, says in ((("vip", "--csv", "--encoding", "klingon"), 1, "gb18030"),
                                 (("vip", "--encoding", "cp949"), 2, "goes with --csv"),
                                 (("pyramid", "--csv"), 2, "pyramid is no list"),
                                 (("status", "--csv"), 2, "status is no list")):
            told = self.hub.call("replay", *THEN, *args)
            self.assertEqual((told.code, told.stdout), (code, ""), str(told))
            self.assertIn(says, told.stderr)
        told = self.hub.call("replay", *THEN, "vip", "--csv", json=True)
        self.assertEqual((told.code, told.error["field"]), (2, "json"), str(told))

    def test_E8_V3_who_changes_tier_as_csv(self):
        file = self.region.write("other.txt", "tiers=silver:20000,gold:500001\n")
        rows = table(self.hub.run("replay", "--policy", file, "segments", "--as-of", "2024-03-31", "--changed", "--csv",
                                  json=False))
        self.assertEqual([(row["card"], row["tier"], row["tier_was"]) for row in rows], [("B1", "silver", "none")])

    def test_E8_E14_E15_over_http(self):
        web = account(self.hub, "region1", "region")
        answer = web.ask("GET", "/replay/vip", query={"happened_until": "2024-02-01"}, Accept="text/csv")
        self.assertEqual(answer.status, 200, answer.text)
        self.assertTrue(answer.headers["content-type"].startswith("text/csv"))
        self.assertEqual([row["card"] for row in table(answer.text)], ["A1"])
        rows = web.ask("GET", "/replay/vip", query={"received_until": self.heard, "custodian": "kim", "store": "7"})
        self.assertEqual([row["card"] for row in rows.json], ["A1"])
        answer = web.ask("GET", "/replay/reports/inactive", query={"happened_until": "2024-03-31"}, Accept="text/csv")
        self.assertEqual(answer.status, 200, answer.text)
        answer = web.ask("GET", "/replay/pyramid", query={"happened_until": "2024-03-31"}, Accept="text/csv")
        self.assertEqual((answer.status, answer.json["field"]), (400, "csv"), answer.text)
        answer = web.ask("GET", "/replay/vip", query={"csv": "true"})
        self.assertEqual(answer.status, 400, answer.text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
