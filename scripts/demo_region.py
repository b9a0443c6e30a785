#!/usr/bin/env python3
"""Plays a year of made-up trade (demo_trade.py) on real processes, a hub and three stores, and checks what they say of
it against the trade itself. `scripts/demo` builds the programs and starts this.

    scripts/demo_region.py --bin DIR [--seed N] [--keep DIR] [--no-serve]

Exit 0 only if every check holds. Python's standard library only."""
import argparse
import shlex
import shutil
import signal
import sys
import tempfile
import threading
from datetime import datetime
from pathlib import Path

from demo_counter import Counter
from demo_doors import Doors
from demo_stage import Line, Screen, Site, fit
from demo_trade import BACK, CUT, DESK_DAY, KST, OFFLINE, STORES, Trade, plain
from processes import Failed, free_port, wait_until

MID_YEAR = datetime(2024, 6, 30, 23, 59, 59, tzinfo=KST)


def moment(text):
    return datetime.fromisoformat(text) if text else None


class Demo:
    def __init__(self, programs, folder, seed):
        self.screen, self.trade = Screen(), Trade(seed)
        self.programs, self.folder = programs, folder
        self.hub = Site(programs / "dangol-hub", "hub", folder)
        self.nodes = {store.code: Site(programs / "dangol-node", store.code, folder) for store in STORES}
        self.counter = Counter(self.trade, self.hub, self.nodes)
        self.doors = Doors(folder, self.hub, self.nodes)
        self.events = self.counter.events  # that each store should have written by now
        self.line = None  # to the store whose line is cut
        self.files, self.spoilt = [], (0, 0)

    def sites(self):
        return [self.hub, *self.nodes.values()]

    # ---- 1 ----

    def found(self):
        screen = self.screen
        screen.section("A region: a hub and three stores")
        screen.say("Every store has its own book on its own machine and needs nobody to sell. The hub gathers what "
                   "the stores write. A join file, good for one store and once, brings a store in; from then on the "
                   "line is encrypted and every batch is signed.")
        port = free_port()
        self.hub.tell("init", "--region", "demo", "--currency", "KRW", "--timezone", "Asia/Seoul", "--country", "KR",
                      "--listen", f"127.0.0.1:{port}", "--http", f"127.0.0.1:{free_port()}")
        self.hub.serve()
        self.line = Line(port)
        for store in STORES:
            node, join = self.nodes[store.code], f"{store.code}.join"
            self.hub.tell("enroll", store.code, "--name", store.name, "--chain", store.chain, "-o", join)
            node.tell("init", "--join", join, "--http", f"127.0.0.1:{free_port()}")
            if store.code == OFFLINE:
                self.lead_through(node, port)
            node.serve()
        stores = wait_until(self.all_connected, "every store has said hello")
        screen.line()
        for row in stores:
            screen.line(f"     {fit(row['store'], 12)}{fit(row['name'], 18)}{fit(row['chain'], 14)}"
                        f"stream {row['stream']}  {row['state']}")
        screen.line()
        # Bytes: whoever says more is pushing events. A later greeting also tells which directory of VIPs is there.
        self.greeting = self.line.said + 3000
        screen.check("the three stores are on the line, over TLS, each with a key of its own", len(stores) == 3)

    def lead_through(self, node, port):
        """The line of one store goes by way of ours, so that it can be cut."""
        config = self.folder / node.name / "site.json"
        text = config.read_text("utf-8")
        config.write_text(text.replace(f"127.0.0.1:{port}", f"127.0.0.1:{self.line.port}"), "utf-8")

    def all_connected(self):
        rows = self.hub.ask("stores")
        return rows if all(row["state"] == "connected" for row in rows) else None

    # ---- 2 ----

    def read_tills(self, part):
        for file in self.files:
            if file.part == part and file.kind == "purchases":
                self.read_store(file.store, part)

    def read_store(self, store, part):
        """A store's three files; one line on the screen."""
        node, told = self.nodes[store.code], []
        for file in self.files:
            if file.store is store and file.part == part:
                told.append((file, node.ask("import", file.kind, file.path.name, *file.options())))
        rows, events = sum(said["rows"] for _, said in told), sum(said["events"] for _, said in told)
        rejected = [(file, said) for file, said in told if said["rejected"]]
        self.screen.line(f"     {fit(store.code, 12)}{fit(store.encoding, 9)}{rows:6,} rows  {events:6,} events"
                         + "".join(f"  {said['rejected']} rows rejected" for _, said in rejected))
        for file, said in rejected:
            events += self.correct(file, said)
        self.events[store.code] += sum(file.events for file, _ in told)
        expected = sum(file.rows for file, _ in told), sum(file.events for file, _ in told)
        if (rows, events) != expected:
            self.screen.equal(f"{store.code}: rows read and events written", (rows, events), expected)

    def correct(self, file, said):
        """Somebody looks at the rejected rows, writes what was meant, and reads them in again."""
        path = self.folder / said["rejects_file"]
        text = path.read_text("utf-8")
        for wrong, right in file.spoilt.items():
            text = text.replace(wrong, right)
        corrected = self.folder / f"{file.store.code}-corrected.csv"
        corrected.write_text(text, "utf-8")
        self.spoilt = (said["rejected"], file.spoilt_rows)
        return self.nodes[file.store.code].ask("import", file.kind, corrected.name, *file.options())["events"]

    def read_spring(self):
        screen = self.screen
        screen.section("January to 8 September, from the tills' files")
        screen.say("Three tills, three manners: other column heads, encodings, delimiters and times. `import` is told "
                   "what is what and takes customers, sales and complaints; what it cannot read it puts aside with "
                   "the reason, whole baskets only, to be corrected and read in again.")
        screen.line()
        self.files = self.trade.files(self.folder)
        shown = next(file for file in self.files if file.kind == "purchases" and file.store.delimiter != ",")
        screen.command("dangol-node", "import", shown.store.code, shown.kind, shown.path.name, *shown.options())
        screen.line()
        self.read_tills(1)
        screen.line()
        screen.equal("three spoilt cells: their baskets were put aside, corrected and taken in later", *self.spoilt)
        first = self.files[1]
        again = self.nodes[first.store.code].ask("import", first.kind, first.path.name, *first.options())
        screen.check(f"reading {first.path.name} in again writes nothing new ({again['events']} events)",
                     again["events"] == 0, again)
        self.sync_all()
        self.check_level("every event is at the hub")

    def sync_all(self):
        for node in self.nodes.values():
            node.tell("sync", "--timeout", 30)

    def check_level(self, text):
        stores = {row["store"]: row["seq"] for row in self.hub.ask("stores")}
        waiting = sum(node.ask("status")["waiting"] for node in self.nodes.values())
        total = sum(self.events.values())
        self.screen.check(f"{text}: {total:,} events, 0 waiting", stores == self.events and waiting == 0,
                          f"the hub has {stores}, {waiting} wait; written were {self.events}")

    # ---- 3 ----

    def play_week(self):
        screen, node = self.screen, self.nodes[OFFLINE]
        screen.section("The week before Chuseok, sale by sale; the line to Seogwipo is down")
        screen.say("Monday noon a storm takes the line to the island. The store goes on: it registers, sells, takes "
                   "back, calls customers, hears complaints. The other stores are on the line, and the desk works on "
                   "their complaints. All of it with commands, as the counter would.")
        self.counter.play(CUT)
        reached = self.events[OFFLINE]
        node.tell("sync")
        self.line.cut()
        cut_at = datetime.now(KST).replace(microsecond=0)
        middle = CUT + (BACK - CUT) / 2
        acts = self.counter.play(middle)
        node.kill()
        node.serve()
        acts += self.counter.play(BACK)
        offline = self.events[OFFLINE] - reached
        status = node.ask("status")
        screen.line()
        screen.command("dangol-node", "status", OFFLINE)
        screen.output(node.tell("status"))
        screen.line()
        screen.say(f"(The week took {acts} commands and a few seconds: the times of the sales are of 2024, "
                   "\"since\" is this machine's clock.)")
        screen.line()
        screen.equal(f"it sold on without the hub: {offline} events wait", status["waiting"], offline)
        since = moment(status["waiting_since"])
        screen.check("and it says since when", since and cut_at <= since <= datetime.now(KST), status)
        screen.check("on Thursday its own process was killed with kill -9: not an event is missing",
                     status["events"] == self.events[OFFLINE], status)
        screen.check("Enter pressed twice is one sale: the same --ref wrote nothing", self.counter.repeated)
        seq = next(row["seq"] for row in self.hub.ask("stores") if row["store"] == OFFLINE)
        screen.equal("the hub knows nothing of that week yet", seq, reached)

    # ---- 4 ----

    def come_back(self):
        screen, node = self.screen, self.nodes[OFFLINE]
        screen.section("The line is back, and the hub is killed in the middle of it, twice")
        screen.say("The first kill -9 comes when half a batch has arrived. The second, the nastier one, when the hub "
                   "has the batch on disk but its receipt is still on the way: the store has to ask, the hub has to "
                   "know.")
        screen.line()
        self.line.mend()
        self.line.hold(self.greeting, only_answers=False)
        sync = node.start("sync", "--timeout", "60")
        wait_until(self.line.held.is_set, "the store pushes")
        self.hub.kill()
        self.line.hold(self.greeting, only_answers=True)
        self.hub.serve()
        rows = {row["store"]: row["seq"] for row in self.hub.ask("stores")}
        screen.line("     kill -9 of the hub in the middle of a batch; the hub starts again")
        screen.check("nothing of the broken batch was taken", rows[OFFLINE] < self.events[OFFLINE], rows)
        wait_until(lambda: self.arrived() == self.events[OFFLINE], "the hub has the batch on disk")
        held_back = node.ask("status")["waiting"]
        self.hub.kill()
        screen.line("     kill -9 of the hub, batch on disk, receipt on the way; the hub starts again")
        screen.check(f"the store is still unsure of {held_back} events", held_back > 0)
        self.line.mend()
        self.hub.serve()
        if sync.wait(60) != 0:
            raise Failed(f"sync gave up; see {OFFLINE}.sync.log")
        self.sync_all()
        self.check_level("level again by itself, nothing lost, nothing twice")

    def arrived(self):
        return next(row["seq"] for row in self.hub.ask("stores") if row["store"] == OFFLINE)

    # ---- 5 ----

    def read_autumn(self):
        screen = self.screen
        screen.section("The rest of the year")
        screen.say("The tills' files again, up to New Year's Eve; the desk goes on with the complaints of the week, "
                   "those from the island among them.")
        screen.line()
        self.counter.play(DESK_DAY)
        self.read_tills(2)
        self.sync_all()
        screen.line()
        self.check_level("every event is at the hub")
        totals, status = self.trade.totals(), self.judged()
        screen.equal(f"{totals['customers']} entries in three books are {totals['persons']} people: one card or number "
                     "and one name, one person; a family with one telephone stays two",
                     (status["customers"], status["persons"]), (totals["customers"], totals["persons"]))
        for key, text in (("purchases", "sales"), ("anonymous", "of them to nobody we know"), ("returns", "returns"),
                          ("lines", "lines of goods")):
            screen.equal(f"{totals[key]:,} {text}", status[key], totals[key])

    def judged(self):
        """The hub's status once it has linked whom it will link: judgements may follow the receipts."""
        persons = self.trade.totals()["persons"]
        try:
            wait_until(lambda: self.hub.ask("status")["persons"] <= persons, "the hub has judged", 15)
        except Failed:
            pass  # the check says what is there instead
        return self.hub.ask("status")

    # ---- 6 ----

    def check_ranking(self, text, rows, standings):
        """Every row: who, to the won, visits, last visit; ties by card."""
        by_key = {}
        for standing in standings:
            by_key[plain(standing.person.card or standing.person.name)] = standing
        wrong = [f"{len(rows)} rows for {len(standings)} people"] if len(rows) != len(standings) else []
        for number, row in enumerate(rows):
            standing = by_key.pop(plain(row["card"] or row["name"] or ""), None)
            good = standing and (row["spend"], row["visits"], moment(row["last"])) == (
                standing.spend, standing.visits, standing.last) and row["rank"] == number + 1
            order = number == 0 or (-rows[number - 1]["spend"], (rows[number - 1]["card"] or "").encode()) <= (
                -row["spend"], (row["card"] or "").encode())
            if not good or not order:
                wrong.append(f"{row} should be {standing}" + ("" if order else " (order)"))
        self.screen.check(f"{text}: {len(standings)} people, spend to the won, visits, last visit", not wrong,
                          "; ".join(wrong[:3]))

    def check_pyramid(self, text, told, expected):
        close = abs(told["top_share"] - expected["top_share"]) < 1e-9
        self.screen.check(text, close and all(told[key] == expected[key] for key in expected if key != "top_share"),
                          f"it says {told}, but it should be {expected}")

    def rank(self):
        screen, trade, hub = self.screen, self.trade, self.hub
        screen.section("Who the regulars are")
        screen.command("dangol-hub", "vip", "hub", "--top", "10")
        screen.output(hub.tell("vip", "--top", 10))
        screen.line()
        screen.command("dangol-hub", "pyramid", "hub")
        screen.output(hub.tell("pyramid"))
        screen.line()
        self.check_ranking("the whole ranking", hub.ask("vip", "--top", 100000), trade.standings())
        pyramid = trade.pyramid()
        self.check_pyramid(f"the pyramid: {pyramid['total']:,} won, {100 * pyramid['top_share']:.1f}% of them from "
                           f"{pyramid['top_customers']} people", hub.ask("pyramid"), pyramid)
        for store in STORES:
            self.check_ranking(f"only {store.code}", hub.ask("vip", "--top", 100000, "--store", store.code),
                               trade.standings(store=store.code))
        self.recall()
        self.check_referrals()

    def recall(self):
        """A regular of two stores, as the desk sees her."""
        screen, hub = self.screen, self.hub
        person = next(standing.person for standing in self.trade.standings() if len(standing.person.members) > 1)
        screen.line()
        screen.say("One of them shops at two stores, and is one person:")
        screen.line()
        screen.command("dangol-hub", "customer", "hub", "--card", person.card, "--history", "4")
        screen.output(hub.tell("customer", "--card", person.card, "--history", 4))
        screen.line()
        told = hub.ask("customer", "--card", person.card)
        screen.equal(f"written {' and '.join(member.card for member in person.members.values())}: one customer, "
                     f"known under {len(person.members)} ids", len(told["ids"]), len(person.members))

    def check_referrals(self):
        screen, trade, hub = self.screen, self.trade, self.hub
        count, best = trade.referrals()[0]
        row = hub.ask("vip", "--by", "referrals", "--top", 1)[0]
        tied = [person for number, person in trade.referrals() if number == count]
        screen.check(f"who brought most new customers: {best.name}, {count}" if len(tied) == 1 else
                     f"who brought most new customers: {len(tied)} people with {count} each",
                     any(plain(row["card"] or "") == plain(person.card) for person in tied), row)

    # ---- 7 ----

    def complain(self):
        screen, hub = self.screen, self.hub
        screen.section("The complaint desk on New Year's Eve, 18:00")
        as_of = DESK_DAY.isoformat()
        rows = hub.ask("complaints", "--all", "--as-of", as_of)
        expected = self.trade.desk()
        columns = (("case", 10), ("opened", 14), ("store", 12), ("matter", 10), ("state", 8), ("step", 11),
                   ("answered", 12))
        screen.line("   " + screen.paint("1", "".join(fit(head, size) for head, size in columns).rstrip()))
        for row in rows:
            if row["state"] != "closed":
                answered = "overdue" if row["overdue"] else self.short(row["first_answer_at"])
                cells = (row["ref"], self.short(row["opened_at"]), row["store"] or "desk", row.get("topic"),
                         row["state"], row["step"] or "-", answered)
                screen.line("   " + "".join(fit(cell or "", size) for cell, (_, size) in zip(cells, columns)).rstrip())
        screen.line()
        wrong = [f"{row['ref']}: {self.figures(row)} should be {expected.get(row['ref'])}" for row in rows
                 if self.figures(row) != expected.get(row["ref"])]
        screen.check(f"all {len(expected)} cases: whose, state, step, times, satisfied, score, overdue",
                     not wrong and len(rows) == len(expected), "; ".join(wrong[:3]) or f"{len(rows)} rows")
        closed = [row for row in expected.values() if row["state"] == "closed"]
        screen.say(f"{len(closed)} are closed, {sum(row['satisfied'] for row in closed)} of them to the customer's "
                   f"satisfaction; {sum(row['overdue'] for row in expected.values())} have had no answer in 24 hours.")
        screen.equal("one was taken up at the store and at the desk at once, without knowing: both kept, and marked",
                     [row["ref"] for row in rows if row["concurrent"]], ["CASE-103"])

    def short(self, text):
        return moment(text).strftime("%d %b %H:%M") if text else "-"

    def figures(self, row):
        told = {key: row[key] for key in ("state", "step", "satisfied", "score", "store", "overdue")}
        told |= {key: moment(row[key]) for key in ("first_answer_at", "closed_at", "opened_at")}
        return told | {"card": row["card"] and plain(row["card"])}

    # ---- 8 ----

    def audit(self):
        screen, trade, hub = self.screen, self.trade, self.hub
        screen.section("Can it be trusted?")
        screen.say("The log is the only truth: everything above is folded from it. So fold it again, up to any day, "
                   "and look at every byte of it.")
        screen.line()
        rebuilt, digest = hub.ask("rebuild"), hub.ask("digest")["digest"]
        screen.check(f"rebuild: {rebuilt['events']:,} events folded anew give the same state, digest {digest[:12]}…",
                     rebuilt["digest_before"] == rebuilt["digest_after"] == digest, rebuilt)
        screen.equal("replay: so does a second model beside the serving one",
                     hub.ask("replay", "status")["digest"], digest)
        day = MID_YEAR.date().isoformat()
        mid_year = trade.standings(MID_YEAR)
        self.check_ranking(f"replay --happened-until {day} vip",
                           hub.ask("replay", "--happened-until", day, "vip", "--top", 100000), mid_year)
        self.check_pyramid(f"replay --happened-until {day} pyramid",
                           hub.ask("replay", "--happened-until", day, "pyramid"), trade.pyramid(MID_YEAR))
        self.check_ranking(f"vip --as-of {day}", hub.ask("vip", "--as-of", day, "--top", 100000), mid_year)
        reports = [site.ask("verify") for site in self.sites()]
        records = sum(report["records"] for report in reports)
        screen.check(f"verify: every chain, signature and index of hub and stores, {records:,} records",
                     all(report["ok"] for report in reports), reports)

    # ---- 9 ----

    def open_doors(self):
        screen = self.screen
        screen.section("Who may what")
        screen.say("Whoever works with the book signs in: at a store with code and PIN, at the hub with a password. "
                   "What each may do follows from the role; who looked at whom is recorded, and the auditor sees it.")
        screen.line()
        self.doors.make()
        for row in self.doors.rows():
            screen.line("     " + row)
        screen.line()
        told = [row["name"] for row in self.hub.ask("user", "list")]
        screen.equal("the hub tells who may sign in, by name", told, ["auditor", "desk", "it", "region"])

    # ---- The end ----

    def play_all(self):
        screen = self.screen
        screen.line(screen.paint("1", f"Dangol demo: a year of made-up trade (seed {self.trade.seed})"))
        screen.say("Everything is on this machine, in " + str(self.folder) + ". Nobody in it exists.", indent=0)
        self.found()
        self.read_spring()
        self.play_week()
        self.come_back()
        self.read_autumn()
        self.rank()
        self.complain()
        self.audit()
        self.open_doors()
        screen.end_section()

    def verdict(self):
        screen = self.screen
        screen.line()
        for text in screen.failed:
            screen.line("   " + screen.paint("1;31", "✗ " + text))
        if screen.failed:
            screen.line(screen.paint("1;31", f"demo: {len(screen.failed)} of {screen.checks} checks do NOT hold "
                                             f"(seed {self.trade.seed})"))
            return 1
        calls = sum(site.calls for site in self.sites())
        screen.line(screen.paint("1;32", f"demo: all {screen.checks} checks hold, to the won (seed {self.trade.seed}, "
                                         f"{calls} commands, {screen.elapsed():.0f} s)"))
        return 0

    def stay(self):
        """Serves on until Ctrl-C, and says what to try."""
        screen, best = self.screen, self.trade.standings()[0].person
        served = [(name, url) for name, url in self.doors.addresses() if url]
        if served:
            screen.line("\nHub and stores go on serving until Ctrl-C. In a browser:\n")
            for name, url in served:
                screen.line(f"  {fit(name, 12)}{url}")
            for row in self.doors.rows():
                screen.line("  " + row)
        screen.line("\nIn another terminal:\n")
        for text in (f"cd {shlex.quote(str(self.folder))}; PATH=$PATH:{shlex.quote(str(self.programs))}", "",
                     "dangol-hub stores hub", f"dangol-hub customer hub --card {best.card} --history 10",
                     "dangol-hub vip hub --as-of 2024-06-30 --window 90 --top 5",
                     "dangol-hub complaints hub --overdue",
                     f"dangol-node register {OFFLINE} --name 'Demo You' --phone 010-0000-9999",
                     f"dangol-node purchase {OFFLINE} --phone 010-0000-9999 --line HAT,1,25000",
                     f"dangol-node status {OFFLINE}", "dangol-hub customer hub --phone '+82 10 0000 9999'",
                     "dangol-hub --help"):
            screen.line(("  " + text).rstrip())
        screen.line()
        threading.Event().wait()

    def fail(self, why):
        for site in self.sites():
            for row in site.last_words():
                self.screen.line("   " + row)
        self.screen.line(self.screen.paint("1;31", f"\ndemo: FAILED (seed {self.trade.seed}): {why}"))

    def close(self):
        for site in self.nodes.values():
            site.stop()
        self.hub.stop()
        if self.line:
            self.line.cut()


def interrupt(number, frame):
    raise KeyboardInterrupt


def parse(argv):
    parser = argparse.ArgumentParser(description="A year of made-up trade on a hub and three stores, checked.")
    parser.add_argument("--bin", type=Path, required=True, help="where dangol-hub and dangol-node are")
    parser.add_argument("--seed", type=int, default=1, help="another seed is another year")
    parser.add_argument("--keep", type=Path, help="keep the data here: a directory that is new or empty")
    parser.add_argument("--no-serve", action="store_true", help="end when the demo is over")
    options = parser.parse_args(argv)
    if options.keep and options.keep.exists() and (not options.keep.is_dir() or any(options.keep.iterdir())):
        parser.error(f"--keep: {options.keep} is there already, and not empty")
    return options


def main(argv):
    options = parse(argv)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
    folder = options.keep.resolve() if options.keep else Path(tempfile.mkdtemp(prefix="dangol-demo-"))
    demo, code = Demo(options.bin.resolve(), folder, options.seed), 1
    try:
        demo.play_all()
        code = demo.verdict()
        if code == 0 and not options.no_serve:
            demo.stay()
    except Failed as why:
        demo.fail(why)
        code = 1
    except KeyboardInterrupt:
        demo.screen.line("\nstopped")
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        demo.close()
        if options.keep:
            demo.screen.line(f"the data is in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
