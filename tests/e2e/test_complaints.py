"""Complaints as a desk lives with them: routing, clocks, alerts, reports; and a year of real ones, whose figures an own
reckoning of the file must equal."""
import csv
import io
import statistics
import unittest
from collections import defaultdict
from datetime import datetime, timedelta

import journey
from cases import RegionTest
from region import Hub, Node, data
from test_import import COMPLAINTS, RESOLVED


class Desk(RegionTest):
    def setUp(self):
        self.hub = Hub(self.region)
        self.one, self.two = Node(self.region, self.hub, "S1"), Node(self.region, self.hub, "S2")

    def open(self, site, at, *args):
        return site.run("complaint", "open", "--channel", "counter", "--text", "made up", "--at", at, *args)["id"]

    def gather(self):
        if not getattr(self, "serving", False):
            self.hub.serve()
            self.serving = True
        self.one.sync()
        self.two.sync()

    def queue(self, *args, site=None):
        return [row["id"] for row in (site or self.hub).run("complaints", *args)]

    def test_X1_anybody_opens_one_anywhere_and_says_how_it_came(self):
        made_up = self.one.run("register", "--name", "Made Up", "--phone", "010-0000-0001", "--at", "2024-02-01")["id"]
        opened, at = {}, "2024-02-29 10:00"
        for channel, site in (("counter", self.one), ("phone", self.two), ("hotline", self.hub),
                              ("third-party", self.hub)):
            opened[channel] = site.run("complaint", "open", "--channel", channel, "--text", f"by {channel}", "--at",
                                       at)["id"]
        by_phone = self.one.run("complaint", "open", "--phone", "010 0000 0001", "--channel", "counter", "--text",
                                "the dye came off", "--at", at, "--ref", "x1")["id"]
        again = self.one.run("complaint", "open", "--phone", "010 0000 0001", "--channel", "counter", "--text",
                             "the dye came off", "--at", at, "--ref", "x1")
        self.assertEqual((again["id"], again["existing"]), (by_phone, True), "opened once")
        # Both stores have been off line until now; each has what it opened.
        self.assertEqual(set(self.queue(site=self.one)), {opened["counter"], by_phone})
        self.assertEqual(self.queue(site=self.two), [opened["phone"]])
        self.gather()
        self.assertEqual(set(self.queue()), {by_phone, *opened.values()}, "one desk for all")
        for channel, case in opened.items():
            row = self.hub.run("complaint", "show", case)
            self.assertEqual((row["channel"], row["state"], row["customer"]), (channel, "open", None))
            self.assertEqual(row["opened_at"][:16], "2024-02-29T10:00", "on a leap day")
        self.assertEqual(self.hub.run("complaint", "show", by_phone)["customer"], made_up)
        self.assertRefused(self.one, "complaint", "open", "--text", "x", field="channel", says="counter")
        self.assertRefused(self.one, "complaint", "open", "--channel", "pigeon", "--text", "x", field="channel")
        self.assertRefused(self.one, "complaint", "open", "--channel", "phone", field="text")
        self.assertRefused(self.hub, "complaint", "open", "--channel", "phone", "--text", "x", "--customer", "1-99999")
        self.assertEqual(len(self.queue()), 5, "what was refused was not opened")

    def test_X2_order_is_kept_and_what_was_left_out_shows(self):
        case = self.open(self.one, "2024-03-01 10:00")
        step = ("complaint", "step", case)
        self.assertRefused(self.one, *step, "explain", says="the next step is listen")
        self.one.run(*step, "listen", "--at", "2024-03-01 10:05")
        self.one.run(*step, "cause", "--cause", "sewing", "--skip-reason", "a queue", "--at", "2024-03-01 10:10")
        self.assertRefused(self.one, *step, "listen", says="was made already")
        self.assertRefused(self.one, *step, "explain", "--cause", "fit", code=2, says="--cause")
        row = self.one.run("complaint", "show", case)
        self.assertEqual((row["left_out"], row["cause"], row["step"]), (["empathise", "apologise"], "sewing", "cause"))
        self.one.run(*step, "apologise", "--at", "2024-03-01 10:20")
        self.assertEqual(self.one.run("complaint", "show", case)["left_out"], ["empathise"])
        self.assertIn("left out: empathise", self.one.run("complaint", "show", case, json=False))

    def test_X6_a_last_offer_on_the_spot_or_a_second_cycle(self):
        case = self.open(self.one, "2024-03-01 10:00")
        step = ("complaint", "step", case)
        self.one.run(*step, "compensate", "--kind", "repair", "--cost", "3000", "--skip-reason", "at once",
                     "--at", "2024-03-01 10:30")
        self.one.run(*step, "outcome", "--satisfied", "no", "--score", "1", "--at", "2024-03-01 11:00")
        self.assertRefused(self.one, *step, "explain", says="last offer")
        self.assertRefused(self.one, *step, "outcome", says="is closed")
        self.assertEqual((self.queue(site=self.one), self.queue("--unsatisfied", site=self.one)), ([], [case]))
        self.assertIn("not satisfied: a last offer", self.one.run("complaint", "show", case, json=False))
        self.one.run(*step, "compensate", "--kind", "gift", "--cost", "2000", "--at", "2024-03-01 11:10")
        self.one.run(*step, "outcome", "--satisfied", "yes", "--score", "4", "--at", "2024-03-01 11:20")
        row = self.one.run("complaint", "show", case)
        self.assertEqual([row[key] for key in ("last_offer", "satisfied", "score", "cost", "settlement", "cycles")],
                         [True, True, 4, 5000, "gift", 1])
        self.assertEqual(self.queue("--unsatisfied", site=self.one), [])
        self.assertIn("the customer is satisfied\n", self.one.run("complaint", "show", case, json=False))
        self.assertRefused(self.one, *step, "compensate", says="is closed")
        self.one.run("complaint", "reopen", case, "--at", "2024-03-02 10:00")
        self.one.run(*step, "outcome", "--satisfied", "no", "--skip-reason", "moved", "--at", "2024-03-02 11:00")
        self.assertEqual(self.queue("--unsatisfied", site=self.one), [case], "again, of the second cycle")
        self.gather()
        self.assertEqual(self.queue("--unsatisfied"), [case])
        exported = list(csv.DictReader(io.StringIO(self.hub.run("export", "complaints", "--unsatisfied", json=False))))
        self.assertEqual([row["id"] for row in exported], [case], "what is asked for, not all there are")
        self.assertRefused(self.hub, "complaints", "--unsatisfied", "--overdue", code=2, says="do not go together")
        self.one.run("complaint", "reopen", case, "--at", "2024-03-02 12:00")
        self.assertEqual(self.queue("--unsatisfied", site=self.one), [])
        row = self.one.run("complaint", "show", case)
        self.assertEqual([row[key] for key in ("state", "cycles", "last_offer", "cost")], ["open", 3, False, 5000])

    def test_X6_the_outcome_is_asked_before_it_closes(self):
        case = self.open(self.one, "2024-03-01 10:00")
        step = ("complaint", "step", case, "outcome", "--skip-reason", "at once")
        for site in (self.one, self.hub):
            self.gather()
            self.assertRefused(site, *step, "--text", "done", field="satisfied", says="is missing")
            self.assertRefused(site, *step, "--score", "5", field="satisfied", says="is missing")
        self.assertEqual(self.queue("--open", site=self.one), [case])
        self.assertFalse(self.one.run("complaint", "show", case)["business_hours"], "every hour counts, by default")
        self.one.run(*step, "--satisfied", "no")
        self.assertEqual(self.queue("--open", site=self.one), [])

    def test_X2_X4_what_a_complaint_is_changes_in_the_order_of_time(self):
        def at(clock):
            return ("--at", f"2024-03-01 {clock}")

        case = self.open(self.one, "2024-03-01 10:00")
        step, resume = ("complaint", "step", case), ("complaint", "resume", case)
        self.assertRefused(self.one, *step, "listen", *at("09:59"), says="when the complaint was opened")
        self.one.run("complaint", "pause", case, "--reason", "the factory", *at("10:30"))
        self.assertRefused(self.one, *resume, *at("10:29"), says="when the complaint was paused")
        self.one.run(*resume, *at("10:30"), "--ref", "back")
        self.assertRefused(self.one, "complaint", "pause", case, "--reason", "x", *at("10:29"), says="was resumed")
        self.one.run(*step, "listen", *at("12:00"))
        self.one.run(*step, "empathise", *at("11:00"))  # noted later, done before
        self.assertRefused(self.one, *step, "outcome", "--satisfied", "no", "--skip-reason", "x", *at("11:59"),
                           says="last acted on")
        self.one.run(*step, "outcome", "--satisfied", "no", "--skip-reason", "x", *at("12:00"))
        self.assertRefused(self.one, *step, "compensate", "--kind", "gift", *at("11:59"), says="was closed")
        self.assertRefused(self.one, "complaint", "reopen", case, *at("11:59"), says="was closed")
        self.one.run("complaint", "reopen", case, *at("13:00"))
        self.assertRefused(self.one, *step, "listen", *at("12:59"), says="was reopened")
        self.one.run(*step, "listen", *at("13:00"))
        again = self.one.run(*resume, *at("10:30"), "--ref", "back")
        self.assertTrue(again["existing"], "sent again, it is what it was")
        row = self.one.run("complaint", "show", case)
        self.assertEqual((row["state"], row["cycles"]), ("open", 2))

    def test_X3_X4_the_queue_by_urgency_level_and_store(self):
        now = datetime.now().astimezone()

        def ago(**span):
            return (now - timedelta(**span)).isoformat()

        fresh = self.open(self.one, ago(hours=1))
        late = self.open(self.two, ago(hours=30))
        region = self.open(self.two, ago(hours=60))
        answered = self.open(self.one, ago(hours=200))
        self.one.run("complaint", "step", answered, "explain", "--skip-reason", "known", "--at", ago(hours=199))
        paused = self.open(self.one, ago(hours=26))
        self.one.run("complaint", "pause", paused, "--reason", "the factory", "--at", ago(hours=25))
        self.gather()
        self.assertEqual(self.queue(), [region, answered, late, fresh, paused])
        self.assertEqual(self.queue("--overdue"), [region, late])
        self.assertEqual(self.queue("--level", "region"), [region])
        self.assertEqual(self.queue("--level", "company"), [answered])
        self.assertEqual(self.queue("--store", "S2"), [region, late])
        self.assertEqual(self.queue("--vip"), [])
        rows = {row["id"]: row for row in self.hub.run("complaints")}
        self.assertEqual((rows[region]["level"], rows[region]["escalated"]), ("region", True))
        self.assertEqual(rows[paused]["due_at"], None)
        self.assertTrue(rows[answered]["answered_in_time"] and rows[answered]["resolve_overdue"])
        self.assertLess(rows[late]["left_ms"], 0)
        self.hub.run("complaint", "route", fresh, "store", "--store", "S2")
        self.assertEqual(self.queue("--store", "S2"), [region, late, fresh])
        self.assertEqual(self.queue("--store", "S1"), [answered, fresh, paused])
        self.assertRefused(self.hub, "complaints", "--level", "boss", says="--level")

    def test_X4_business_hours_of_the_region(self):
        self.assertRefused(self.hub, "policy", "--set", "business-hours=Mon-Fry 10:00-20:00", says="takes days")
        self.assertRefused(self.hub, "policy", "--set", "holidays=2024-02-30", says="takes dates")
        self.hub.run("policy", "--set", "business-hours=Mon-Fri 10:00-13:00 14:00-20:00, Sat 10:00-18:00",
                     "--set", "holidays=2024-03-01", "--set", "answer-hours=4")
        case = self.open(self.one, "2024-02-29 18:00")  # a Thursday; the Friday is a holiday
        self.gather()
        row, = self.hub.run("complaints", "--all", "--as-of", "2024-03-02T12:00:00")
        self.assertEqual((row["id"], row["answer_due_at"], row["overdue"], row["answer_left_ms"]),
                         (case, "2024-03-02T12:00:00+09:00", False, 0))
        told, = self.one.run("complaints", "--all", "--as-of", "2024-03-02T12:00:00")
        self.assertEqual(told["answer_due_at"], row["answer_due_at"], "the store knows the policy, too")
        row, = self.hub.run("complaints", "--all", "--as-of", "2024-03-02T12:01:00")
        self.assertEqual((row["overdue"], row["answer_left_ms"]), (True, -60000))
        # 29 hours of business are no day and five hours: two hours on Thursday, nine a day until the Wednesday.
        self.one.run("complaint", "step", case, "apologise", "--skip-reason", "busy", "--at", "2024-03-06T11:00:00")
        self.assertIn("after 29 h 0 min of business hours: too late",
                      self.one.run("complaint", "show", case, json=False))
        self.assertTrue(self.one.run("complaint", "show", case)["business_hours"])

    def test_X7_steps_of_two_places_off_line_are_one_thread(self):
        who = self.one.run("register", "--name", "Example Ann", "--card", "A1")["id"]
        case = self.open(self.one, "2024-03-01 10:00", "--card", "A1")
        self.gather()
        self.hub.run("complaint", "step", case, "explain", "--skip-reason", "by telephone", "--at", "2024-03-02 11:00")
        self.one.run("complaint", "step", case, "listen", "--at", "2024-03-01 12:00")
        self.gather()
        for site in (self.hub, self.one):
            row = site.run("complaint", "show", case)
            self.assertEqual((row["customer"], row["concurrent"], row["step"]), (who, True, "explain"), site.name)
            self.assertEqual([(step["where"], step["concurrent"]) for step in row["thread"]],
                             [("S1", False), ("desk", True), ("S1", True)], site.name)
            self.assertEqual(site.run("complaint", "show", case, json=False).count("(at the same time)"), 2)

    def test_P1_a_complaint_of_nobody_s_becomes_somebody_s(self):
        case = self.open(self.one, "2024-03-01 10:00")
        who = self.one.run("register", "--name", "Example Ann", "--card", "A1")["id"]
        self.one.run("attribute", case, "--card", "A1")
        self.gather()
        for site in (self.one, self.hub):
            row, = site.run("complaints")
            self.assertEqual((row["customer"], row["card"]), (who, "A1"), site.name)

    def test_X8_articles_that_several_complain_about(self):
        for day in ("01", "15", "30"):
            self.open(self.one if day == "15" else self.two, f"2024-03-{day} 10:00", "--sku", "coat")
        self.open(self.one, "2024-03-02 10:00", "--sku", "hat")
        self.open(self.one, "2024-03-03 10:00", "--sku", "hat")
        self.gather()
        row, = self.hub.run("alerts", "--as-of", "2024-03-30")
        self.assertEqual([row[key] for key in ("sku", "complaints", "open")], ["coat", 3, 3])
        self.assertEqual(sorted(row["stores"]), ["S1", "S2"])
        self.assertEqual(self.hub.run("alerts", "--as-of", "2024-03-31"), [], "30 days: the first is a day too old")
        self.assertEqual(self.hub.run("alerts", "--as-of", "2024-03-29"), [], "before the third")
        self.hub.run("policy", "--set", "alert-count=2")
        self.assertEqual([row["sku"] for row in self.hub.run("alerts", "--as-of", "2024-03-30")], ["coat", "hat"])
        self.assertIn("coat", self.hub.run("export", "alerts", "--as-of", "2024-03-30", "--csv", json=False))

    def test_X9_a_report_by_week_of_all_and_of_vips(self):
        for card, price in (("A1", 2000000), ("A2", 1999999), ("A3", 1000), ("A4", 1000), ("A5", 1000)):
            self.one.run("register", "--name", f"Example {card}", "--card", card)
            self.one.run("purchase", "--card", card, "--line", f"coat,1,{price}", "--at", "2024-03-05 10:00")
        vip = self.open(self.one, "2024-03-06 10:00", "--card", "A1")
        self.one.run("complaint", "step", vip, "cause", "--cause", "fit", "--skip-reason", "known",
                     "--at", "2024-03-06 12:00")
        self.one.run("complaint", "step", vip, "compensate", "--kind", "gift", "--cost", "700",
                     "--skip-reason", "known", "--at", "2024-03-06 12:00")
        self.open(self.one, "2024-03-07 10:00", "--card", "A2")
        self.open(self.one, "2024-03-18 10:00")
        self.gather()
        weeks = self.hub.run("report", "complaints", "--by", "week", "--to", "2024-03-24")
        self.assertEqual([(row["period"], row["complaints"], row["purchases"], row["per_1000"]) for row in weeks],
                         [("2024-W10", 2, 5, 400.0), ("2024-W11", 0, 0, None), ("2024-W12", 1, 0, None)])
        self.assertEqual([weeks[0][key] for key in ("causes", "cost", "answer_hours", "answer_in_time", "resolved")],
                         [{"fit": 1}, 700, 2.0, 0.5, None])
        row, = self.hub.run("report", "complaints", "--vip", "--by", "quarter", "--to", "2024-03-24")
        self.assertEqual([row[key] for key in ("period", "complaints", "purchases", "per_1000")],
                         ["2024-Q1", 1, 1, 1000.0])
        self.assertEqual([row["period"] for row in self.hub.run("report", "complaints")], ["2024-03"],
                         "nothing has happened since")
        days = self.hub.run("report", "complaints", "--by", "day", "--from", "2024-03-06", "--to", "2024-03-07")
        self.assertEqual([(row["from"], row["complaints"]) for row in days], [("2024-03-06", 1), ("2024-03-07", 1)])
        self.assertRefused(self.hub, "report", "complaints", "--by", "fortnight", says="no period")
        self.assertRefused(self.hub, "report", "leaving", "--by", "day", code=2, says="--by")


class RealOnes(RegionTest):
    """consumidor.gov.br, retail 2014, reckoned here from the file alone."""

    def setUp(self):
        self.hub = Hub(self.region, currency="BRL", timezone="UTC", country="BR")
        self.node = Node(self.region, self.hub, "desk")

    @staticmethod
    def reckon(rows):
        def hours(later, row):
            def moment(name):
                return datetime.strptime(row[name], "%d/%m/%Y")
            return max((moment(later) - moment("opened_on")).total_seconds() / 3600, 0)

        # Where nobody explained, the outcome is the first answer.
        answers = [hours("answered_on" if row["answered_on"] else "closed_on", row) for row in rows
                   if row["answered_on"] or row["closed_on"]]
        closings = [hours("closed_on", row) for row in rows if row["closed_on"]]
        said = [row["resolved"] == "Resolvida" for row in rows if not row["resolved"].endswith("Avaliada")]
        scores = [int(row["score"]) for row in rows if row["score"]]
        late = len(rows) - len(answers)  # all of it was long ago
        return {"complaints": len(rows), "answered": len(answers), "closed": len(closings), "asked": len(said),
                "scored": len(scores),
                "answer_hours": statistics.fmean(answers), "answer_hours_median": statistics.median(answers),
                "answer_in_time": sum(spent <= 24 for spent in answers) / (len(answers) + late),
                "resolve_hours": statistics.fmean(closings), "resolve_hours_median": statistics.median(closings),
                "resolve_in_time": sum(spent <= 168 for spent in closings) / len(rows),
                "resolved": sum(said) / len(said) if said else None,
                "score": statistics.fmean(scores) if scores else None}

    def compare(self, told, rows):
        by_month = defaultdict(list)
        for row in rows:
            by_month[datetime.strptime(row["opened_on"], "%d/%m/%Y").strftime("%Y-%m")].append(row)
        told = {row["period"]: row for row in told if row["complaints"] > 0}
        self.assertEqual(sorted(told), sorted(by_month))
        for month, its_rows in by_month.items():
            for key, wanted in self.reckon(its_rows).items():
                got = told[month][key]
                if wanted is None or got is None:
                    self.assertEqual(got, wanted, f"{month} {key}")
                else:
                    self.assertAlmostEqual(got, wanted, delta=1e-6, msg=f"{month} {key}")

    def test_X9_times_shares_and_scores_by_month_and_segment(self):
        path = data("complaints", "retail-2014.csv")
        rows = journey.read(path, "utf-8", ";")
        self.node.run("import", "complaints", path, "--delimiter", ";", "--date-format", "%d/%m/%Y",
                      "--map", COMPLAINTS, "--value", RESOLVED)
        self.compare(self.node.run("report", "complaints"), rows)
        segments = {row["segment"] for row in rows}
        self.assertGreater(len(segments), 0)
        for segment in sorted(segments):
            self.compare(self.node.run("report", "complaints", "--segment", segment),
                         [row for row in rows if row["segment"] == segment])


if __name__ == "__main__":
    unittest.main(verbosity=2)
