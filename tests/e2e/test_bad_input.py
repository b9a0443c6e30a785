"""Bad input: each command says what is wrong with what, on one line, writes nothing, and goes on afterwards.

Wrong use (an unknown command or option, an option without its value, a missing operand) is exit 2. A value that is
missing, impossible or unknown, and everything the programs refuse, is exit 1. With --json the error object names the
field: the option without its dashes."""
import json
import os
import re
import subprocess
import unittest

from cases import RegionTest
from journey import COLUMNS
from region import Hub, Node, program, skip_loudly

NOBODY = "1-999999"
NAME, PHONE = ("--name", "Kim"), ("--phone", "010-1234-5678")
LINE = ("--line", "sku,1,1000")

# command and arguments → field named by the error, what the line must say (lower case)
VALUES = {
    "register": [
        (PHONE, "name", "name"),
        (NAME, None, "phone.*card.*e-?mail"),
        (("--name", "", *PHONE), "name", "name"),
        ((*NAME, "--phone", "none"), "phone", "none"),
        ((*NAME, "--phone", "12"), "phone", "12"),
        ((*NAME, "--phone", "+82 10 1234 5678 9012 3456"), "phone", "phone"),
        ((*NAME, "--email", "not-an-address"), "email", "not-an-address"),
        ((*NAME, *PHONE, "--birthday", "2023-02-29"), "birthday", "2023-02-29"),
        ((*NAME, *PHONE, "--birthday", "yesterday"), "birthday", "yesterday"),
        ((*NAME, *PHONE, "--birthday", "2399-01-01"), "birthday", "2399-01-01.*not come"),
        ((*NAME, *PHONE, "--custom", '{{"club": }}'), "custom", "not json at line 1, column 10"),
        ((*NAME, *PHONE, "--custom", '["gold"]'), "custom", "json object"),
        ((*NAME, *PHONE, "--at", "2024-13-01"), "at", "2024-13-01"),
        ((*NAME, *PHONE, "--at", "2024-01-01T25:00:00"), "at", "25:00"),
        ((*NAME, *PHONE, "--referred-by", NOBODY), "referred-by", NOBODY),
        (("--name", "x" * 5000, *PHONE), "name", "1 to 200 bytes"),
    ],
    "update": [
        ((NOBODY, "--address", "here"), None, NOBODY),
        (("twelve", "--address", "here"), None, "twelve"),
        (("{customer}",), None, "nothing|field|change"),
        (("{customer}", "--birthday", "1990-02-30"), "birthday", "1990-02-30"),
        (("{customer}", "--phone", "x"), "phone", "phone"),
        (("{customer}", "--custom", "gold"), "custom", "not json"),
        (("{customer}", "--clear", "shoe-colour"), "clear", "shoe-colour"),
        (("{sale}", "--address", "here"), None, "{sale}"),
    ],
    "purchase": [
        ((), "line", "line"),
        (("--line", "sku,1"), "line", "sku,1"),
        (("--line", "sku,1,2,3,4,5"), "line", "sku,1,2,3,4,5"),
        (("--line", "sku,1,12,8,000"), "line", "thousands"),
        (("--line", "sku,1,2000", "--package", "sku,0"), "package", "sku,0"),
        (("--line", "sku,1,2000", "--package", "sku,1001"), "package", "1001"),
        (("--line", "sku,1,2000", "--package", "other,10"), "package", "no line"),
        (("--line", ",1,1000"), "line", "sku|article"),
        (("--line", "sku,1,10.5"), "line", "10.5"),
        (("--line", "sku,1,1e3"), "line", "1e3"),
        (("--line", "sku,1,10,000.000"), "line", "line"),
        (("--line", "sku,1,99999999999999999999"), "line", "99999999999999999999"),
        (("--line", "sku,1.0005,1000"), "line", "1.0005"),
        (("--line", "sku,one,1000"), "line", "one"),
        ((*LINE, "--customer", NOBODY), "customer", NOBODY),
        ((*LINE, "--customer", "{sale}"), "customer", "{sale}"),
        ((*LINE, "--phone", "010-9999-9999"), "phone", "010-9999-9999"),
        ((*LINE, "--card", "no-such-card"), "card", "no-such-card"),
        ((*LINE, "--at", "2024-02-30"), "at", "2024-02-30"),
        ((*LINE, "--at", "1492-10-12"), "at", "1492-10-12"),
    ],
    "return": [
        ((NOBODY,), None, NOBODY),
        (("{customer}",), None, "{customer}"),
        (("--customer", "{customer}"), "line", "line"),
        (("--customer", NOBODY, *LINE), "customer", NOBODY),
        (("{sale}", "--line", "sku,1,0.5"), "line", "0.5"),
    ],
    "contact": [
        ((NOBODY, "--kind", "call", "--purpose", "fit"), None, NOBODY),
        (("{customer}", "--purpose", "fit"), "kind", "kind"),
        (("{customer}", "--kind", "pigeon", "--purpose", "fit"), "kind", "pigeon"),
        (("{customer}", "--kind", "call"), "purpose", "purpose"),
        (("{customer}", "--kind", "call", "--purpose", "fit", "--promise-by", "2024-04-31"), "promise-by",
            "2024-04-31"),
        (("{customer}", "--kind", "call", "--purpose", "fit", "--promise-by", "2024-04-30"), "promise-by",
            "2024-04-30.*--at"),
        (("{customer}", "--kind", "call", "--purpose", "fit", "--promise-by", "2024-04-30", "--at", "2024-05-01"),
            "promise-by", "2024-04-30"),
    ],
    "complaint": [
        (("open", "--text", "t"), "channel", "channel"),
        (("open", "--channel", "owl", "--text", "t"), "channel", "owl"),
        (("open", "--channel", "counter"), "text", "text"),
        (("open", "--channel", "counter", "--text", "t", "--customer", NOBODY), "customer", NOBODY),
        (("open", "--channel", "counter", "--text", "t", "--level", "galaxy"), "level", "galaxy"),
        (("step", NOBODY, "listen"), None, NOBODY),
        (("step", "{customer}", "listen"), None, "{customer}"),
        (("step", "{complaint}", "shout"), None, "shout"),
        (("step", "{complaint}", "explain", "--text", "t"), "skip-reason", "skip"),
        (("step", "{complaint}", "outcome", "--satisfied", "maybe", "--skip-reason", "r"), "satisfied", "maybe"),
        (("step", "{complaint}", "outcome", "--satisfied", "yes", "--score", "6", "--skip-reason", "r"), "score", "6"),
        (("step", "{complaint}", "compensate", "--kind", "gift", "--cost", "1.5", "--skip-reason", "r"), "cost", "1.5"),
        (("step", "{complaint}", "compensate", "--cost", "100", "--skip-reason", "r"), "kind", "what was given"),
        (("step", "{complaint}", "listen", "--text", " "), "text", "what was said"),
    ],
    "customer": [
        ((NOBODY,), None, NOBODY),
        (("--phone", "010-9999-9999"), "phone", "010-9999-9999"),
        (("--phone", "x"), "phone", "x"),
        (("--card", "no-such-card"), "card", "no-such-card"),
    ],
    "vip": [
        (("--top", "many"), "top", "many"),
        (("--top", "-1"), "top", "-1"),
        (("--by", "beauty"), "by", "beauty"),
        (("--as-of", "2023-02-29"), "as-of", "2023-02-29"),
        (("--window", "fortnight"), "window", "fortnight"),
        (("--window", "0"), "window", "0"),
        (("--store", "S9"), "store", "s9"),
        (("--store", "nowhere"), "store", "nowhere here: a store knows only its own: s1"),
        (("--chain", "beauty"), "chain", "beauty here: a store knows only its own: none"),
    ],
    "import": [
        (("purchases", "no-such.csv", "--map", COLUMNS), None, "no-such.csv"),
        (("purchases", "rows.csv"), "map", "map"),
        (("purchases", "rows.csv", "--map", "basket=household_id"), "map", "time|sku|quantity|amount"),
        (("purchases", "rows.csv", "--map", COLUMNS + ",mood=x"), "map", "mood"),
        (("purchases", "rows.csv", "--map", COLUMNS.replace("basket_id", "bucket")), "map", "bucket"),
        (("purchases", "rows.csv", "--map", COLUMNS, "--where", "planet=3"), "where", "planet"),
        (("purchases", "rows.csv", "--map", COLUMNS, "--where", "planet"), "where", "planet"),
        (("purchases", "rows.csv", "--map", COLUMNS, "--encoding", "klingon"), "encoding", "klingon"),
        (("purchases", "rows.csv", "--map", COLUMNS, "--delimiter", ";;"), "delimiter", ";;"),
        (("purchases", "empty.csv", "--map", COLUMNS), None, "empty.csv"),
    ],
    "log": [(("--stream", "x"), "stream", "x"), (("--from", "-3"), "from", "-3")],
}
HUB_VALUES = {
    "enroll": [(("S1",), None, "s1"), (("",), None, "store")],
    "revoke": [(("nowhere",), None, "nowhere")],
    "vip": [(("--store", "nowhere"), "store", "nowhere here; known here: s1$"),
            (("--chain", "beauty"), "chain", "beauty here; known here: none"),
            (("--as-of", "2023-02-29"), "as-of", "2023-02-29")],
    "pyramid": [(("--store", "nowhere"), "store", "nowhere.*s1"), (("--window", "fortnight"), "window", "fortnight")],
    "segments": [(("--as-of", "soon"), "as-of", "soon")],
    "customer": [((NOBODY,), None, NOBODY)],
    "complaints": [(("--as-of", "2023-02-29"), "as-of", "2023-02-29")],
    "complaint": [(("step", NOBODY, "listen"), None, NOBODY), (("show", NOBODY), None, NOBODY),
                  (("route", "{complaint}", "store", "--store", "nowhere"), "store", "nowhere.*s1")],
    "link": [(("{customer}", NOBODY), None, NOBODY), (("{customer}", "{customer}"), None, "{customer}|same|itself")],
    "unlink": [(("{customer}", NOBODY), None, NOBODY)],
    "void": [((NOBODY, "--reason", "r"), None, NOBODY), (("{sale}",), "reason", "reason")],
    "replay": [(("--happened-until", "2023-02-29", "vip"), "happened-until", "2023-02-29"),
               (("--received-until", "soon", "vip"), "received-until", "soon")],
    "digest": [(("--store", "nowhere"), "store", "nowhere")],
}
WRONG_USE = [("register", "--nmae", "x"), ("register", "--name"), ("update",), ("contact",), ("complaint",),
             ("complaint", "step"), ("complaint", "dance"), ("import",), ("import", "purchases"),
             ("import", "wishes", "rows.csv", "--map", COLUMNS), ("customer",), ("dance",), ("status", "extra"),
             ("sync", "--timeout"), ("vip", "--top"), ("help", "dance"),
             ("complaint", "open", "--channel", "counter", "--text", "t", "--score", "5"),
             ("complaint", "step", "1-1", "listen", "--satisfied", "yes"),
             ("complaint", "step", "1-1", "outcome", "--kind", "gift"),
             ("complaint", "show", "1-1", "--text", "t"), ("complaint", "show"),
             ("complaint", "pause", "1-1", "lunch", "--reason", "r"),
             ("complaint", "route", "1-1", "region", "--store", "S1"), ("complaints", "--open", "--all"),
             ("customer", "1-1", "--card", "C"), ("customer", "--phone", "010-5555-6666", "--card", "C"),
             ("purchase", *LINE, "--customer", "1-1", "--phone", "010-5555-6666"),
             ("return", "1-2", *LINE, "--customer", "1-1"), ("register", *NAME, *PHONE, "--name", "Lee"),
             ("contact", "1-1", "--kind", "call", "--purpose", "fit", "--kind", "sms"),
             ("contact", "1-1", "--kind", "call", "--purpose", "fit", "--note", "--outcome", "reached")]
HUB_WRONG_USE = [("replay",), ("replay", "dance"), ("export",), ("export", "secrets", "--csv"), ("link", "1-1"),
    ("void",),
                 ("enroll",), ("vip", "--sotre", "x"), ("replay", "status", "--as-of", "2024-01-01"),
                 ("replay", "pyramid", "--top", "5"), ("export", "purchases", "--as-of", "2024-01-01"),
                 ("export", "customers", "--top", "5"), ("complaint", "open", "--skip-reason", "r")]


class BadValues(RegionTest):
    def setUp(self):
        self.hub = Hub(self.region)
        self.node = Node(self.region, self.hub, "S1")
        run = self.node.run
        self.ids = {"customer": run("register", "--name", "Lee", "--phone", "010-5555-6666")["id"]}
        self.ids["sale"] = run("purchase", "--customer", self.ids["customer"], "--line", "sku,1,1000")["id"]
        self.ids["complaint"] = run("complaint", "open", "--channel", "counter", "--text", "t")["id"]
        self.region.write("rows.csv", "household_id,store_id,basket_id,quantity,product_id,sales_value,"
                                      "transaction_timestamp\n1,A,1,1,s,5,2024-01-01 08:00:00\n")
        self.region.write("empty.csv", "")

    def go_through(self, site, table):
        """Each bad call of the table: refused with the right words, and not a byte of the log changed."""
        def written():
            status = site.status()
            return status["events"], status["digest"]

        before = written()
        for command, calls in table.items():
            for args, field, says in calls:
                args = [arg.format(**self.ids) for arg in args]
                with self.subTest(command=command, args=args):
                    error = self.assertRefused(site, command, *args, field=field,
                                               says=re.sub(r"\{(\w+)\}", lambda m: self.ids[m[1]], says).lower())
                    self.assertNotEqual(error["code"], "usage", "a value was wrong, not the use of the command")
        self.assertEqual(written(), before, "something was written all the same")
        self.assertSound(site)

    def test_values_at_the_store(self):
        self.go_through(self.node, VALUES)

    def test_values_at_the_store_beside_its_daemon(self):
        """The line to the hub is down, so that nothing but the commands could change the status."""
        self.node.serve()
        self.go_through(self.node, VALUES)

    def test_of_many_stores_the_nearest_is_told(self):
        for number in range(15):
            self.hub.enroll(f"Street-{number}")
        self.assertRefused(self.hub, "pyramid", "--store", "Steet-7", field="store", says="did you mean street-7")
        self.assertRefused(self.hub, "pyramid", "--store", "elsewhere", field="store", says="s1, street-0.* and 4 more")

    def test_values_at_the_hub(self):
        self.hub.serve()
        self.node.sync()
        self.hub.settled(purchases=1)
        self.go_through(self.hub, HUB_VALUES)

    def check_wrong_use(self, site, args):
        with self.subTest(tool=site.tool, args=args):
            if args[-1].startswith("--") and args[-1] != "--csv":  # would take --json for its value
                result = site.call(*args)
                self.assertEqual((result.code, result.stdout), (2, ""), str(result))
                self.assertIn(args[-1].strip("-"), result.stderr, str(result))
            else:
                self.assertEqual(self.assertRefused(site, *args, code=2)["code"], "usage")

    def test_wrong_use(self):
        for args in WRONG_USE:
            self.check_wrong_use(self.node, args)
        for args in HUB_WRONG_USE:
            self.check_wrong_use(self.hub, args)
        for argv in ([program("dangol-node")], [program("dangol-hub")], [program("dangol-hub"), "status"]):
            result = self.region.call(argv)
            self.assertEqual((result.code, result.stdout), (2, ""), str(result))
            self.assertTrue(result.stderr, str(result))

    def test_money_has_the_decimals_of_the_currency(self):
        hub = Hub(self.region, "dollars", currency="USD", timezone="UTC", country="US")
        node = Node(self.region, hub, "D1")
        node.run("purchase", "--line", "sku,1,10.25")
        self.assertRefused(node, "purchase", "--line", "sku,1,10.255", field="line",
            says="10.255.*decimal|decimal.*10.255")
        self.assertEqual(node.status()["events"], 1)


class Directories(RegionTest):
    def test_second_init(self):
        hub = Hub(self.region)
        node = Node(self.region, hub, "S1")
        node.run("register", "--name", "Lee", "--phone", "010-5555-6666")
        for site, args in ((hub, ()), (node, ("--join", hub.enroll("S2")))):
            before = site.digest()
            self.assertRefused(site, "init", *args, says="already|exist")
            self.assertEqual(site.digest(), before)

    def test_init_where_something_else_lies(self):
        hub = Hub(self.region)
        photos = self.region.path / "photos"
        photos.mkdir()
        (photos / "holiday.jpg").write_text("not ours")
        result = self.region.call([program("dangol-node"), "init", str(photos), "--join", str(hub.enroll("S1"))])
        self.assertEqual(result.code, 1, str(result))
        self.assertIn("photos", result.stderr, str(result))
        self.assertEqual([path.name for path in photos.iterdir()], ["holiday.jpg"])

    def test_no_directory(self):
        hub = Hub(self.region)
        for tool in ("dangol-hub", "dangol-node"):
            result = self.region.call([program(tool), "status", str(self.region.path / "nowhere")])
            self.assertEqual(result.code, 1, str(result))
            self.assertIn("nowhere", result.stderr)
        self.assertEqual(self.region.call([program("dangol-node"), "status", str(hub.dir)]).code, 1, "a hub is no node")

    def test_another_version(self):
        """DIR/site.json tells which version wrote the directory."""
        hub = Hub(self.region)
        node = Node(self.region, hub, "S1")
        for site in (hub, node):
            path = site.dir / "site.json"
            ours = path.read_text()
            later = json.dumps(json.loads(ours) | {"format": json.loads(ours)["format"] + 1})
            for text, says in ((later, "version"), ("{}", "version"), ("", "site.json"), (ours[:len(ours) // 2],
                "site.json")):
                path.write_text(text)
                for command in ("status", "vip", "verify", "serve"):
                    self.assertRefused(site, command, says=says)
            path.write_text(ours)
            self.assertSound(site)

    def test_join_file_that_is_none(self):
        hub = Hub(self.region)
        for name, content in (("empty", b""), ("text", b"hello\n"), ("noise", os.urandom(4096))):
            path = self.region.write(f"{name}.join", content)
            target = self.region.path / f"n-{name}"
            result = self.region.call([program("dangol-node"), "init", str(target), "--join", str(path)])
            self.assertEqual(result.code, 1, str(result))
            self.assertRegex(result.stderr.lower(), "join", str(result))
            self.assertFalse(target.exists() and list(target.iterdir()), "half an init was left behind")
        Node(self.region, hub, "S1", name="n-empty")  # the same directory, with a good file

    def test_join_files_are_not_written_over(self):
        hub = Hub(self.region)
        precious = self.region.write("precious.join", "another store's")
        self.assertRefused(hub, "enroll", "S1", "-o", precious, says="precious.join is there already")
        self.assertEqual((precious.read_text(), hub.run("stores")), ("another store's", []))
        self.assertRefused(hub, "enroll", "S1", "-o", self.region.path / "nowhere" / "j", says="nowhere")
        fresh = self.region.path / "fresh.join"
        hub.run("enroll", "S1", "-o", fresh, json=False)
        self.assertEqual(fresh.stat().st_mode & 0o777, 0o600)

    def test_one_owner(self):
        hub = Hub(self.region)
        node = Node(self.region, hub, "S1")
        for site in (hub, node):
            site.serve()
            self.assertRefused(site, "serve", says="already|another|running")
            self.assertTrue(site.server.running())
            self.assertTrue(site.digest())


class FullDisk(RegionTest):
    """A real, small file system: tmpfs, which needs root."""

    def setUp(self):
        self.mounted = self.region.path / "small"
        self.mounted.mkdir()
        if os.geteuid() != 0:
            skip_loudly("a full disk needs a small file system, mounting one needs root")
        try:
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "none", self.mounted], check=True,
                capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            skip_loudly(f"a full disk needs a small file system: {error}")
        self.addCleanup(subprocess.run, ["umount", "-l", self.mounted], check=False)

    def fill(self):
        """Takes every byte that is left."""
        with open(self.mounted / "ballast", "ab", buffering=0) as file:
            for size in (65536, 4096, 1):
                try:
                    while file.write(b"\0" * size) == size:
                        pass
                except OSError:
                    continue

    def empty(self):
        (self.mounted / "ballast").unlink()

    def place(self, site):
        """Moves a site's directory onto the small disk."""
        target = self.mounted / site.name
        subprocess.run(["cp", "-a", str(site.dir), str(target)], check=True)
        site.dir = target

    def rows(self, count):
        lines = [f"H{n % 50},K,{n},1,sku,{n + 1},2024-01-01 08:00:00" for n in range(count)]
        header = "household_id,store_id,basket_id,quantity,product_id,sales_value,transaction_timestamp"
        return self.region.write("many.csv", "\n".join([header, *lines]) + "\n")

    def check_store(self, daemon):
        hub = Hub(self.region)
        node = Node(self.region, hub, "K")
        self.place(node)
        node.run("register", "--name", "Lee", "--phone", "010-5555-6666")
        if daemon:
            node.serve()
        before = node.status()["events"]
        self.fill()
        path = self.rows(20_000)
        self.assertRefused(node, "import", "purchases", path, "--map", COLUMNS, says="disk|space|full|room")
        written = node.status()["events"]
        self.assertSound(node)
        self.assertEqual(sum(row["visits"] for row in node.vip()) + len(node.vip()), written - before,
                         "a basket or a customer by halves")
        for number in range(3):
            late = node.call("register", "--name", "Late", "--card", f"late{number}", json=True)
            if late.code == 1:  # a page may still have been free
                self.assertRegex(late.error["message"].lower(), "disk|space|full|room")
                self.assertNotEqual(node.call("customer", "--card", f"late{number}").code, 0, "half a registration")
        self.empty()
        for number in range(3):
            node.run("register", "--name", "Late", "--card", f"again{number}")
        count = 2_000  # what fits
        path = self.rows(count)
        node.run("import", "purchases", path, "--map", COLUMNS)
        self.assertGreaterEqual(sum(row["visits"] for row in node.vip()), count)
        self.assertSound(node)
        hub.serve()
        (node.level if daemon else node.sync)()
        self.assertLevel(hub, node)

    def test_at_the_store(self):
        self.check_store(daemon=False)

    def test_at_the_store_beside_its_daemon(self):
        self.check_store(daemon=True)

    def test_at_the_hub(self):
        hub = Hub(self.region)
        node = Node(self.region, hub, "K")
        self.place(hub)
        node.run("import", "purchases", self.rows(3_000), "--map", COLUMNS)
        hub.serve()
        self.fill()
        refused = node.call("sync", "--timeout", 3)
        self.assertEqual(refused.code, 1, str(refused))
        self.assertRegex(hub.log_since().lower(), "disk|space|full|room")
        self.assertGreater(node.status()["waiting"], 0)
        self.assertTrue(hub.server.running(), "the hub stays up")
        self.assertTrue(hub.status(), "and answers")
        self.empty()
        node.sync(timeout=90)
        self.assertLevel(hub, node)
        hub.settled(purchases=3_000)


if __name__ == "__main__":
    unittest.main(verbosity=2)
