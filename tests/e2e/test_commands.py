"""Every command of both programs the ordinary way, alone and beside a running `serve`; what they print is the
contract."""
import csv
import io
import re
import signal
import time
import unittest
from datetime import datetime, timedelta, timezone

from cases import RegionTest
from region import EVERYONE, Hub, Node, program

ID = re.compile(r"\d+-\d+")
HUB_COMMANDS = ("init enroll revoke serve stores status vip pyramid segments customer complaints complaint link unlink "
                "void replay rebuild digest verify log export").split()
NODE_COMMANDS = ("init register update purchase return contact complaint import sync serve status log verify digest "
                 "customer "
                 "vip").split()
STEPS = ["listen", "empathise", "apologise", "cause", "explain", "propose", "compensate", "outcome", "follow-up"]


class Help(RegionTest):
    def test_version(self):
        for tool in ("dangol-hub", "dangol-node"):
            result = self.region.call([program(tool), "--version"])
            self.assertEqual((result.code, result.stderr), (0, ""), str(result))
            self.assertRegex(result.stdout, r"\d+\.\d+")

    def test_help_of_the_programs_and_of_each_command(self):
        for tool, commands in (("dangol-hub", HUB_COMMANDS), ("dangol-node", NODE_COMMANDS)):
            whole = self.region.call([program(tool), "--help"])
            self.assertEqual((whole.code, whole.stderr), (0, ""), str(whole))
            for command in commands:
                self.assertRegex(whole.stdout, rf"\b{command}\b", f"{tool} --help does not name {command}")
                result = self.region.call([program(tool), command, "--help"])
                self.assertEqual((result.code, result.stderr), (0, ""), str(result))
                self.assertIn(command, result.stdout, str(result))
                self.assertEqual(self.region.call([program(tool), "help", command]).stdout, result.stdout)
            self.assertEqual(self.region.call([program(tool), "help"]).stdout, whole.stdout)

    def test_help_explains_the_words(self):
        told = self.region.call([program("dangol-node"), "help", "complaint"]).stdout
        for word in ("open", "show ID", "route ID LEVEL", *(f"step ID {step}" for step in STEPS)):
            self.assertRegex(told, rf"(?m)^  {word} +\S", word)
        told = self.region.call([program("dangol-node"), "help", "import"]).stdout
        for word in ("purchases", "customers", "contacts", "complaints"):
            self.assertRegex(told, rf"(?m)^  {word} +\S.*FIELDs", word)
        for field in ("basket", "list_price", "discount", "unit_price", "satisfaction", "resolved", "segment"):
            self.assertIn(field, told)


class Commands:
    """The tests; run twice, see below."""

    beside_serve = False

    def setUp(self):
        self.hub = Hub(self.region)
        self.one, self.two = Node(self.region, self.hub, "S1"), Node(self.region, self.hub, "S2")
        if self.beside_serve:
            for site in (self.hub, self.one, self.two):
                site.serve()

    def gather(self, **figures):
        """Everything the stores know is at the hub, and its status shows these figures."""
        if not self.beside_serve:
            self.hub.serve()
        for node in (self.one, self.two):
            node.level() if self.beside_serve else node.sync()
        self.hub.settled(**figures)
        if not self.beside_serve:
            self.hub.stop()
        return self.hub

    def register(self, node=None, name="김단골", phone="010-1234-5678", *args):
        """A customer from before the trade of the test, unless `args` say another time."""
        when = () if "--at" in args else ("--at", "2024-01-01")
        return (node or self.one).run("register", "--name", name, "--phone", phone, *when, *args)["id"]

    def rows(self, site, *args):
        return {row["name"]: row["spend"] for row in site.vip(*args)}

    # -- customers

    def test_register_and_customer(self):
        who = self.register(self.one, "김단골", "010-1234-5678", "--card", "DG 0001", "--email", "Kim@Example.com",
                            "--birthday", "1990-05-01", "--address", "서울특별시 중구 1", "--staff", "07",
                            "--at", "2024-02-29T10:00:00")
        self.assertRegex(who, ID)
        for how in ((who,), ("--phone", "010-1234-5678"), ("--phone", "+82 10 1234 5678"),
                    ("--phone", "０１０ １２３４ ５６７８"), ("--card", "DG 0001"), ("--card", "dg-0001")):
            told = self.one.run("customer", *how)
            self.assertEqual({key: told[key] for key in ("id", "name", "card", "phone", "spend", "visits", "last")},
                             {"id": who, "name": "김단골", "card": "DG 0001", "phone": "010-1234-5678", "spend": 0,
                              "visits": 0, "last": None}, how)
            self.assertEqual(len(told["history"]), 1)
        self.assertEqual(self.gather().run("customer", "--card", "DG 0001")["name"], "김단골")
        self.assertEqual(self.hub.run("customer", who)["phone"], "010-1234-5678")

    def test_names_of_all_scripts_come_back_byte_for_byte(self):
        names = ["김단골", "王小明", "Zoë O'Brien-Smith", "𠮷野家", "Ａ　Ｂ", "e\u0301", "\"quoted\", \\ and, comma", "👩‍👩‍👧"]
        for number, name in enumerate(names):
            self.register(self.one, name, f"010-0000-{number:04}")
        for number, name in enumerate(names):
            self.assertEqual(self.one.run("customer", "--phone", f"010-0000-{number:04}")["name"], name)
        self.gather()
        for number, name in enumerate(names):
            self.assertEqual(self.hub.run("customer", "--phone", f"010-0000-{number:04}")["name"], name)

    def test_update(self):
        who = self.register()
        self.assertRegex(self.one.run("update", who, "--name", "김단골이", "--card", "DG2")["id"], ID)
        told = self.one.run("customer", "--card", "DG2")
        self.assertEqual((told["id"], told["name"], told["phone"]), (who, "김단골이", "010-1234-5678"))
        self.one.run("update", who, "--clear", "card")
        self.assertIsNone(self.one.run("customer", who)["card"])
        self.assertEqual(self.gather().run("customer", who)["name"], "김단골이")
        self.assertEqual(len(self.hub.run("customer", who)["history"]), 3)

    def test_referral(self):
        friend = self.register()
        newcomer = self.register(self.one, "Lee", "010-9876-5432", "--referred-by", friend)
        self.assertIn(newcomer, str(self.one.run("customer", friend)["history"]))

    # -- trade

    def test_purchase_and_return(self):
        who, run = self.register(), self.one.run
        sale = run("purchase", "--customer", who, "--line", "coat,1,250000,300000", "--line", "scarf,2,60000",
                   "--staff", "07", "--at", "2024-03-01T18:30:00")["id"]
        run("purchase", "--phone", "01012345678", "--line", "hat,1,15000", "--at", "2024-03-02 09:00")
        run("purchase", "--line", "socks,1.5,9000")
        run("return", sale, "--line", "scarf,1,30000", "--at", "2024-03-10")
        run("return", "--customer", who, "--line", "hat,1,15000", "--at", "2024-03-11")
        for site in (self.one, self.gather()):
            told = site.run("customer", who)
            self.assertEqual((told["spend"], told["visits"], told["last"]), (280000, 2, "2024-03-02T09:00:00+09:00"))
            self.assertEqual(self.rows(site), {"김단골": 280000})
            self.assertEqual(self.rows(site, "--as-of", "2024-03-01"), {"김단골": 310000})
            self.assertEqual(self.rows(site, "--as-of", "2024-03-10", "--window", 2), {"김단골": -30000})
            self.assertEqual(self.rows(site, "--as-of", "2024-02-29"), {})
        status = self.hub.status()
        self.assertEqual([status[key] for key in ("customers", "persons", "purchases", "returns", "anonymous")],
                         [1, 1, 3, 2, 1])

    def test_return_of_a_whole_purchase(self):
        who = self.register()
        sale = self.one.run("purchase", "--customer", who, "--line", "a,1,1000", "--line", "b,2,3000")["id"]
        self.one.run("return", sale)
        for site in (self.one, self.gather()):
            self.assertEqual(self.rows(site), {"김단골": 0})

    def test_return_of_the_rest(self):
        who, run = self.register(), self.one.run
        sale = run("purchase", "--customer", who, "--line", "a,3,3000", "--line", "b,1,500,700", "--line", "c,0,200",
                   "--line", "a,1,900")["id"]
        run("return", sale, "--line", "a,1,1000")
        run("return", sale)
        lines = run("customer", who)["history"][0]["body"]["lines"]
        self.assertEqual([(line["sku"], line["quantity"], line["amount"]) for line in lines],
                         [("a", 3000, 2900), ("b", 1000, 500), ("c", 0, 200)])
        self.assertRefused(self.one, "return", sale, field="purchase", says="all of .* came back before")
        self.assertEqual(self.rows(self.gather()), {"김단골": 0})

    def test_as_of_a_day_to_come(self):
        who = self.register()
        self.one.run("purchase", "--customer", who, "--line", "a,1,1000")
        today = datetime.now().astimezone(timezone(timedelta(hours=9))).date()
        for command in ("vip", "segments", "complaints"):
            told = self.one.call(command, "--as-of", today.replace(year=today.year + 1, day=1), json=True)
            self.assertEqual((told.code, told.stdout), (0, self.one.call(command, json=True).stdout), str(told))
            self.assertRegex(told.stderr, r"\A[^\n]*--as-of.*nothing is known beyond[^\n]*\n\Z")
            self.assertEqual(self.one.call(command, "--as-of", today).stderr, "")

    def test_a_complaint_goes_to_a_store_that_the_store_does_not_know(self):
        case = self.one.run("complaint", "open", "--channel", "phone", "--text", "t")["id"]
        told = self.one.call("complaint", "route", case, "store", "--store", "S2")
        self.assertEqual(told.code, 0, str(told))
        self.assertRegex(told.stderr, "store S2 is not checked")
        self.assertEqual(self.one.call("complaint", "route", case, "store", "--store", "S1").stderr, "")
        self.assertEqual(self.one.vip("--store", "S1"), [], "its own it knows")

    def test_days_are_days_of_the_region(self):
        who = self.register()
        self.one.run("purchase", "--customer", who, "--line", "a,1,1000", "--at",
            "2024-03-01T15:30:00Z")  # the 2nd in Seoul
        self.one.run("purchase", "--customer", who, "--line", "a,1,1", "--at", "2024-03-01T23:59:59.999")
        self.assertEqual(self.rows(self.one, "--as-of", "2024-03-01"), {"김단골": 1})
        self.assertEqual(self.rows(self.one, "--as-of", "2024-03-02"), {"김단골": 1001})
        self.assertEqual(self.one.run("customer", who)["last"], "2024-03-02T00:30:00+09:00")

    def test_ref_makes_every_command_repeatable(self):
        who = self.register()
        calls = [("register", "--name", "Lee", "--phone", "010-2222-2222"), ("update", who, "--address", "here"),
                 ("purchase", "--customer", who, "--line", "a,1,1000"), ("return", "--customer", who, "--line",
                     "a,1,500"),
                 ("contact", who, "--kind", "sms", "--purpose", "thanks"),
                 ("complaint", "open", "--channel", "phone", "--text", "t")]
        for call in calls:
            with self.subTest(call[0]):
                first = self.one.run(*call, "--ref", f"key-{call[0]}")
                events = self.one.status()["events"]
                self.assertEqual(self.one.run(*call, "--ref", f"key-{call[0]}")["id"], first["id"])
                self.assertEqual(self.one.status()["events"], events)
        self.assertEqual(self.rows(self.gather()), {"김단골": 500})

    def test_import_by_a_relative_name(self):
        """The daemon lives elsewhere; names of files are those of whoever calls."""
        folder = self.region.path / "elsewhere"
        folder.mkdir()
        (folder / "day.csv").write_text("c,b,s,q,a,t\nK7,1,hat,1,15000,2024-05-05 12:00:00\n"
                                        "K7,2,hat,x,1,2024-05-05 12:00:00\n")
        told = self.one.run("import", "purchases", "day.csv", "--map",
                            "customer=c,basket=b,sku=s,quantity=q,amount=a,time=t", cwd=folder)
        self.assertEqual((told["rows"], told["events"], told["rejected"]), (2, 2, 1))
        self.assertTrue((folder / told["rejects_file"]).exists(), told)

    # -- contacts and complaints

    def test_contact(self):
        who = self.register()
        told = self.one.run("contact", who, "--kind", "call", "--purpose", "fit", "--outcome", "reached", "--note",
                            "옷이 잘 맞는대요", "--promise-by", "2024-12-31", "--at", "2024-12-30")
        self.assertRegex(told["id"], ID)
        for site in (self.one, self.gather()):
            self.assertIn("옷이 잘 맞는대요", str(site.run("customer", who)["history"]), site.name)

    def test_complaint_through_all_steps_at_two_stores_and_the_desk(self):
        who = self.register(self.one, "김단골", "010-1234-5678", "--card", "DG1")
        case = self.one.run("complaint", "open", "--customer", who, "--channel", "counter", "--text", "단추가 떨어졌어요",
                            "--sku", "coat", "--at", "2024-03-01T10:00:00")["id"]
        self.one.run("complaint", "step", case, "listen", "--at", "2024-03-01T10:05:00")
        self.one.run("complaint", "step", case, "apologise", "--skip-reason", "in a hurry", "--at",
            "2024-03-01T11:00:00")
        self.gather()
        row = self.hub.run("complaints", "--open")[0]
        self.assertEqual({key: row[key] for key in ("id", "customer", "card", "store", "step", "closed_at",
            "satisfied")},
                         {"id": case, "customer": who, "card": "DG1", "store": "S1", "step": "apologise",
                             "closed_at": None,
                          "satisfied": None})
        self.assertEqual((row["opened_at"], row["first_answer_at"]),
                         ("2024-03-01T10:00:00+09:00", "2024-03-01T11:00:00+09:00"))
        for hour, step in enumerate(STEPS[3:6], 12):
            self.hub.run("complaint", "step", case, step, "--text", f"desk: {step}", "--at", f"2024-03-01T{hour}:00:00")
        self.hub.run("complaint", "step", case, "compensate", "--kind", "refund", "--cost", "25000",
                     "--at", "2024-03-01T15:00:00")
        self.hub.run("complaint", "step", case, "outcome", "--satisfied", "yes", "--score", 4,
                     "--at", "2024-03-02T10:00:00")
        row = self.hub.run("complaints", "--all")[0]
        self.assertEqual((row["closed_at"], row["satisfied"], row["score"]), ("2024-03-02T10:00:00+09:00", True, 4))
        self.assertEqual(self.hub.run("complaints", "--open"), [])
        self.hub.run("complaint", "step", case, "follow-up", "--text", "called", "--at", "2024-03-05T10:00:00")
        self.hub.run("complaint", "reopen", case, "--text", "the button again", "--at", "2024-03-06T10:00:00")
        row = self.hub.run("complaints", "--open")[0]
        self.assertEqual((row["id"], row["closed_at"]), (case, None))

    def test_one_complaint_as_it_went(self):
        who = self.register(self.one, "김단골", "010-1234-5678", "--card", "DG1")
        case = self.one.run("complaint", "open", "--customer", who, "--channel", "counter", "--topic", "단추",
                            "--text", "단추가 떨어졌어요", "--at", "2024-03-01T10:00:00")["id"]
        self.one.run("complaint", "step", case, "listen", "--text", "-5% promised", "--staff", "07",
                     "--at", "2024-03-01T10:05:00")
        self.gather()
        self.hub.run("complaint", "step", case, "empathise", "--at", "2024-03-01T11:00:00")
        for site, count in ((self.one, 2), (self.hub, 3)):
            told = site.run("complaint", "show", case)
            self.assertEqual((told["id"], told["state"], told["topic"], told["store"]), (case, "open", "단추", "S1"))
            self.assertEqual([(row["type"], row["where"], row.get("actor")) for row in told["thread"]],
                             [("complained", "S1", None), ("stepped", "S1", "07"), ("stepped", "desk", None)][:count])
            self.assertEqual(told["thread"][1]["body"]["text"], "-5% promised")
            lines = site.run("complaint", "show", case, json=False).splitlines()
            self.assertRegex(lines[0], f"complaint {case} of {who}: open after")
            self.assertTrue(any(re.match(r"2024-03-01 10:05 +S1 +07 +stepped +step: listen; text: -5% promised$", line)
                                for line in lines), lines)
            self.assertRegex(site.run("complaints", json=False), r"topic\n.*단추")

    def test_history_and_log_for_people(self):
        who = self.register()
        sale = self.one.run("purchase", "--customer", who, "--line", "coat,1,250000", "--line", "socks,1.5,9000",
                            "--at", "2024-03-01T18:30:00")["id"]
        self.one.run("return", sale, "--line", "coat,1,250000", "--at", "2024-03-02")
        self.gather()
        for site in (self.one, self.hub):
            for text in (site.run("customer", who, json=False), site.run("log", json=False)):
                self.assertRegex(text, rf"2024-03-01 18:30  {sale} +sold +259,000 KRW: 1 coat for 250,000, "
                                       r"1\.5 socks for 9,000\n")
                self.assertRegex(text, rf"returned +250,000 KRW: 1 coat for 250,000; sale: {sale}\n|"
                                       rf"returned +sale: {sale}; 250,000 KRW: 1 coat for 250,000\n")

    def test_complaint_without_customer_and_overdue(self):
        self.one.run("complaint", "open", "--channel", "hotline", "--text", "t", "--at", "2024-03-01T10:00:00")
        self.gather()
        self.assertFalse(self.hub.run("complaints", "--all", "--as-of", "2024-03-02T09:59:00")[0]["overdue"])
        self.assertTrue(self.hub.run("complaints", "--all", "--as-of", "2024-03-02T10:01:00")[0]["overdue"])
        self.assertEqual(len(self.hub.run("complaints", "--overdue")), 1)
        self.assertEqual(self.hub.run("complaints", "--all", "--as-of", "2024-02-29"), [])

    # -- the hub's own

    def shop_at_both(self):
        first = self.register(self.one, "김단골", "010-1234-5678", "--card", "DG1")
        second = self.register(self.two, "이영희", "010-7777-8888")
        self.one.run("purchase", "--customer", first, "--line", "a,1,1000", "--at", "2024-03-01")
        self.wrong = self.two.run("purchase", "--customer", second, "--line", "b,1,500", "--at", "2024-04-01")["id"]
        self.gather(customers=2)
        return first, second

    def test_the_same_phone_at_two_stores_is_one_person(self):
        first = self.register(self.one, "김단골", "010-1234-5678")
        second = self.register(self.two, "김단골", "+82 10-1234-5678")
        self.one.run("purchase", "--customer", first, "--line", "a,1,1000")
        self.two.run("purchase", "--customer", second, "--line", "b,1,500")
        self.gather(customers=2, persons=1)
        self.assertEqual([(row["customer"], row["spend"], row["visits"]) for row in self.hub.vip()], [(first, 1500, 2)])
        self.assertEqual([row["spend"] for row in self.hub.vip("--store", "S2")], [500])
        self.assertEqual(self.hub.run("customer", second)["spend"], 1500, "asked by either id, the person answers")

    def test_same_phone_but_another_name_is_not_linked(self):
        self.register(self.one, "김단골", "010-1234-5678")
        self.register(self.two, "박다른", "010-1234-5678")
        self.gather(customers=2, persons=2)

    def test_link_and_unlink(self):
        first, second = self.shop_at_both()
        self.assertEqual(self.hub.status()["persons"], 2)
        self.hub.run("link", first, second)
        self.assertEqual([row["spend"] for row in self.hub.vip()], [1500])
        self.assertEqual(self.hub.run("customer", second)["visits"], 2)
        self.hub.run("unlink", first, second)
        self.assertEqual([row["spend"] for row in self.hub.vip()], [1000, 500])
        self.hub.run("link", second, first)
        self.assertEqual([row["spend"] for row in self.hub.vip()], [1500])
        self.assertEqual(self.hub.run("rebuild")["digest_after"], self.hub.digest())

    def test_void(self):
        self.shop_at_both()
        before = self.hub.digest()
        self.hub.run("void", self.wrong, "--reason", "typed twice")
        self.assertEqual([row["spend"] for row in self.hub.vip()], [1000])
        self.assertEqual(self.hub.status()["purchases"], 1)
        self.assertNotEqual(self.hub.digest(), before)
        self.assertEqual(self.hub.run("rebuild")["digest_after"], self.hub.digest())

    def test_scopes_and_windows(self):
        chain = Node(self.region, self.hub, "S3", join=self.hub.enroll("S3", "--name", "명동점", "--chain", "beauty"))
        who = self.register(chain, "박서준", "010-4444-4444")
        chain.run("purchase", "--customer", who, "--line", "c,1,700", "--at", "2024-04-02")
        self.shop_at_both()
        if not self.beside_serve:
            self.hub.serve()
        chain.sync()
        self.hub.settled(purchases=3)
        self.assertEqual(self.rows(self.hub, "--chain", "beauty"), {"박서준": 700})
        self.assertEqual(self.rows(self.hub, "--as-of", "2024-04-02", "--window", 2), {"박서준": 700, "이영희": 500})
        self.assertEqual(self.rows(self.hub, "--as-of", "2023-12-31"), {})
        row = self.hub.store("S3")
        self.assertEqual((row["name"], row["chain"]), ("명동점", "beauty"))
        self.assertEqual(self.hub.run("pyramid", "--chain", "beauty")["total"], 700)

    def test_replay(self):
        self.shop_at_both()
        self.assertEqual(self.hub.run("replay", "vip", *EVERYONE), self.hub.vip())
        self.assertEqual(self.hub.run("replay", "status")["digest"], self.hub.digest())
        self.assertEqual([row["spend"] for row in self.hub.run("replay", "--happened-until", "2024-03-31", "vip")],
            [1000])
        self.assertEqual(self.hub.run("replay", "complaints"), [])

    def test_export_is_harmless_in_a_spreadsheet(self):
        who = self.register(self.one, "=HYPERLINK(1)", "+82 10-1234-5678")
        self.one.run("purchase", "--customer", who, "--line", "@a,1,1000", "--line", "b,-1,-400")
        self.gather(customers=1)
        row = next(csv.DictReader(io.StringIO(self.hub.run("export", "customers", json=False))))
        self.assertEqual((row["name"], row["phone"], row["spend"]), ("'=HYPERLINK(1)", "'+82 10-1234-5678", "600"))
        rows = list(csv.DictReader(io.StringIO(self.hub.run("export", "purchases", json=False))))
        self.assertEqual([(row["sku"], row["quantity"], row["amount"]) for row in rows],
                         [("'@a", "1.000", "1000"), ("b", "-1.000", "-400")])

    def test_export(self):
        first, _ = self.shop_at_both()
        for kind, count in (("customers", 2), ("purchases", 2), ("vip", 2), ("complaints", 0)):
            table = list(csv.DictReader(io.StringIO(self.hub.run("export", kind, "--csv", json=False))))
            self.assertEqual(len(table), count, kind)
            if kind == "customers":
                self.assertIn((first, "김단골", "DG1"), {(row["id"], row["name"], row["card"]) for row in table})
            if kind == "vip":
                self.assertEqual([row["name"] for row in table], ["김단골", "이영희"])

    def test_log_and_verify(self):
        self.shop_at_both()
        for node in (self.one, self.two):
            status = node.status()
            self.assertLevel(self.hub, node)
            rows = self.hub.run("log", "--stream", status["stream"])
            self.assertEqual([(row["id"], row["stream"]) for row in rows],
                             [(f"{status['stream']}-{seq}", status["stream"]) for seq in range(1,
                                 status["events"] + 1)])
            self.assertEqual([row["type"] for row in rows], ["registered", "sold"])
            self.assertEqual(self.hub.run("log", "--stream", status["stream"], "--from", 2), rows[1:])
        everything = self.hub.run("log")
        self.assertEqual(len(everything), self.hub.status()["events"])
        self.assertEqual(self.hub.run("verify")["records"], len(everything))

    def test_stores_and_status(self):
        self.shop_at_both()
        told = self.hub.run("stores")
        self.assertEqual([row["store"] for row in told], ["S1", "S2"])
        for row, node in zip(told, (self.one, self.two)):
            self.assertEqual((row["stream"], row["seq"], row["lag"]), (node.status()["stream"],
                node.status()["events"], 0))
            self.assertLess(abs(row["skew_ms"]), 60_000)
            self.assertEqual(node.status()["store"], row["store"])
            seen = datetime.fromisoformat(row["last_seen"])
            self.assertEqual(seen.utcoffset(), timedelta(hours=9))
            self.assertLess(abs(time.time() - seen.timestamp()), 600)

    def test_digest_of_one_store(self):
        self.shop_at_both()
        self.assertEqual(self.hub.run("digest", "--store", "S1")["digest"], self.one.digest(), "invariant 4")
        self.assertNotEqual(self.hub.digest(), self.one.digest())

    def test_tables_for_people(self):
        """Without --json the same facts, readable."""
        self.shop_at_both()
        for command in ("vip", "pyramid", "segments", "stores", "status", "log", "verify", "digest"):
            self.assertTrue(self.hub.run(command, json=False).strip(), command)
        self.assertIn("김단골", self.hub.run("vip", json=False))
        self.assertIn("in 1 visit, ", self.hub.run("customer", "--card", "DG1", json=False))
        self.assertIn("2 events", self.one.run("status", json=False))
        self.assertIn("1 customer\n", self.hub.run("pyramid", "--store", "S1", json=False))

    def test_directory_from_the_environment(self):
        result = self.region.call([program("dangol-node"), "status", "--json"], env={"DANGOL_DIR": str(self.one.dir)})
        self.assertEqual(result.code, 0, str(result))
        self.assertIn('"S1"', result.stdout)


class Alone(Commands, RegionTest):
    pass


class BesideServe(Commands, RegionTest):
    beside_serve = True


class Endings(RegionTest):
    def test_interrupt_and_terminate_end_serve_in_order(self):
        hub = Hub(self.region)
        node = Node(self.region, hub, "S1")
        for number in (signal.SIGINT, signal.SIGTERM):
            hub.serve()
            node.serve()
            node.run("register", "--name", "Kim", "--card", f"C{number}")
            node.level()
            node.stop(number)
            hub.stop(number)
            self.assertLevel(hub, node)
            for site in (hub, node):
                for line in site.log_since().splitlines():
                    self.assertRegex(line, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z ")

    def test_a_killed_daemon_does_not_block_the_directory(self):
        hub = Hub(self.region)
        node = Node(self.region, hub, "S1")
        for site in (hub, node):
            site.serve()
            site.kill()
            self.assertSound(site)
            site.serve().stop()


if __name__ == "__main__":
    unittest.main(verbosity=2)
