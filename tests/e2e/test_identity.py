"""Who may what (E14), through the real programs: staff at a store, users at the hub, tills; what is refused, and what
the auditor sees of it."""
import http.client
import json
import unittest
from urllib.parse import urlsplit

from region import Hub, Node, Refused, Region, wait_until

PASSWORD = "correct horse"
PINS = {"kim": "1234", "lee": "5678"}


class Answer:
    def __init__(self, response):
        self.status, self.headers = response.status, response.headers
        self.text = response.read().decode("utf-8", "replace")

    @property
    def json(self):
        return json.loads(self.text)


class Browser:
    """Keeps the cookie it is given, and sends with it what a browser does."""

    def __init__(self, site, token=None):
        url = urlsplit((site.dir / "http").read_text("utf-8").strip())
        self.host, self.cookie, self.token = url.netloc, None, token

    def ask(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection(self.host, timeout=30)
        sent = {"Content-Type": "application/json"} if body is not None else {}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookie:
            sent["Cookie"] = f"theme=dark; {self.cookie}"
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        connection.request(method, "/api/v1" + path, None if body is None else json.dumps(body), sent)
        answer = Answer(connection.getresponse())
        connection.close()
        if answer.headers["Set-Cookie"]:
            self.cookie = answer.headers["Set-Cookie"].split(";")[0]
        return answer

    def get(self, path):
        return self.ask("GET", path)

    def sign_in(self, name, secret):
        return self.ask("POST", "/session", {"name": name, "secret": secret})


class Identity(unittest.TestCase):
    """One store with two of staff and a customer; a hub with one user of each role that matters."""

    @classmethod
    def setUpClass(cls):
        cls.region = Region()
        cls.addClassCleanup(cls.region.close)
        cls.hub = Hub(cls.region)
        cls.node = Node(cls.region, cls.hub, "S1")
        cls.secret = cls.region.write("password", PASSWORD + "\n")
        for name, role in (("anna", "auditor"), ("reg", "region"), ("dora", "desk"), ("ida", "it")):
            cls.hub.run("user", "add", name, "--role", role, "--password-file", cls.secret)
        cls.node.run("user", "add", "anna", "--role", "auditor", "--password-file", cls.secret)
        for code, role in (("kim", "manager"), ("lee", "assistant")):
            cls.node.run("staff", "add", code, "--role", role, "--name", f"{code.title()} Testperson")
            pin = cls.region.write(f"{code}.pin", PINS[code] + "\n")
            cls.node.run("staff", "pin", code, "--pin-file", pin)
        cls.customer = cls.node.run("register", "--name", "Alice Example", "--phone", "010-1234-5678")["id"]
        cls.hub.serve()
        cls.node.serve()

    def enter(self, site, name, secret=None):
        browser = Browser(site)
        answer = browser.sign_in(name, secret or PINS.get(name, PASSWORD))
        self.assertEqual(answer.status, 200, answer.text)
        return browser

    def recorded(self, *options):
        """The rows of `access` at the store, once there are any."""
        return wait_until(lambda: self.node.run("access", *options), f"the record has rows of {options}")

    def test_E14_sign_in_and_out(self):
        browser = Browser(self.node)
        self.assertEqual(browser.get("/session").status, 401)
        answer = browser.sign_in("kim", PINS["kim"])
        told = answer.json
        self.assertEqual((told["name"], told["role"], told["store"], told["display"]),
                         ("kim", "manager", "S1", "Kim Testperson"))
        set_cookie = answer.headers["Set-Cookie"]
        for part in ("HttpOnly", "SameSite=Strict", "Path=/"):
            self.assertIn(part, set_cookie)
        self.assertNotIn(PINS["kim"], answer.text)
        self.assertIn("no-store", answer.headers["Cache-Control"])
        self.assertEqual(browser.get("/session").json["role"], "manager")
        kept = browser.cookie
        self.assertEqual(browser.ask("DELETE", "/session").status, 204)
        browser.cookie = kept
        self.assertEqual(browser.get("/session").status, 401, "the old cookie is worth nothing")
        self.assertEqual(browser.get(f"/customers/{self.customer}").status, 401)

    def test_E14_wrong_pins_wait_and_tell_nothing(self):
        browser = Browser(self.node)
        real = [browser.sign_in("lee", "0000") for _ in range(5)]
        ghost = [browser.sign_in("nobody-here", "0000") for _ in range(5)]
        self.assertEqual([a.status for a in real], [401] * 4 + [429])
        self.assertEqual([a.status for a in ghost], [401] * 4 + [429])
        self.assertEqual(real[0].json, ghost[0].json, "whether there is such a name is not told")
        self.assertEqual(real[4].json["code"], "limit")
        self.assertGreaterEqual(int(real[4].headers["Retry-After"]), 1)
        self.assertIsNone(browser.cookie)
        def tries():
            rows = [row["outcome"] for row in self.node.run("access", "--refused", "--user", "lee")
                    if row["route"] == "/session"]
            return rows if len(rows) == 5 else None

        self.assertEqual(wait_until(tries, "all are recorded"), ["wrong_secret"] * 4 + ["too_often"])
        self.assertNotIn("nobody-here", json.dumps(self.node.run("access")))
        wait_until(lambda: Browser(self.node).sign_in("lee", PINS["lee"]).status == 200, "lee gets in again")

    def test_E14_a_session_stolen_from_another_role_is_refused_and_the_auditor_sees_it(self):
        thief = Browser(self.node)
        thief.cookie = self.enter(self.node, "lee").cookie
        answer = thief.get("/pyramid")
        self.assertEqual((answer.status, answer.json["code"]), (403, "auth"))
        self.assertEqual(thief.ask("POST", f"/customers/{self.customer}/checks", {"valid": "yes"}).status, 403)
        self.assertEqual(thief.get("/access").status, 403)
        auditor = self.enter(self.node, "anna")

        def seen():
            rows = auditor.get("/access?refused=true&user=lee").json
            return [row for row in rows if row["outcome"] == "not_your_role"] or None

        rows = wait_until(seen, "the auditor sees it")
        self.assertIn(("GET", "/pyramid", "assistant"), [(r["method"], r["route"], r["role"]) for r in rows])
        self.assertIn([self.customer], [r["customers"] for r in rows])

    def test_E14_a_look_is_recorded_with_the_customer(self):
        browser = self.enter(self.node, "kim")
        self.assertEqual(browser.get(f"/customers/{self.customer}").status, 200)
        self.assertEqual(browser.get("/recall?phone=01012345678").status, 200)
        self.assertEqual(browser.get("/recall?phone=01099999999").status, 404)
        rows = wait_until(lambda: [row for row in self.node.run("access", "--customer", self.customer, "--user", "kim")
                                   if row["route"] == "/recall"], "the look is in the record")
        self.assertEqual(rows[0]["customers"], [self.customer], "her, and none of her events")
        self.assertEqual(rows[0]["outcome"], "allowed")
        self.assertEqual(rows[0]["address"], "127.0.0.1")
        refused = self.recorded("--user", "kim", "--refused")
        self.assertIn(("/recall", "refused"), [(row["route"], row["outcome"]) for row in refused])
        text = self.node.run("export", "access", "--csv", json=False)
        self.assertIn(self.customer, text)
        everything = (self.node.dir / "looks").read_bytes()
        for personal in (b"Alice", b"Example", b"010", b"1234-5678"):
            self.assertNotIn(personal, everything)

    def test_E14_the_record_shows_the_latest_first_and_goes_on_from_there(self):
        self.recorded()
        whole = self.node.run("access")
        newest = self.node.run("access", "--newest")
        self.assertEqual([row["seq"] for row in newest][-len(whole):], [row["seq"] for row in whole][::-1])
        middle = whole[len(whole) // 2]["seq"]
        before = self.node.run("access", "--newest", "--before", middle)
        self.assertEqual([row["seq"] for row in before], [row["seq"] for row in whole if row["seq"] < middle][::-1])

    def test_E14_a_token_is_a_till_until_it_is_revoked(self):
        made = self.node.run("user", "token", "till-7", "--days", "30")
        till = Browser(self.node, made["token"])
        self.assertEqual(till.get("/session").json["role"], "till")
        self.assertEqual(till.get("/recall?phone=01012345678").status, 200)
        sale = {"lines": [{"sku": "HAT", "quantity": 1, "amount": 25000}], "customer": self.customer}
        self.assertEqual(till.ask("POST", "/purchases", sale, Idempotency_Key="a").status, 201)
        for path in ("/vip", "/access", "/segments", "/users"):
            self.assertEqual(till.get(path).status, 403, path)
        self.assertEqual(Browser(self.node, made["token"][:-1] + "x").get("/session").status, 401)
        self.node.run("user", "remove", "till-7", "--token", made["id"])
        self.assertEqual(till.get("/recall?phone=01012345678").status, 401)
        self.assertNotIn(made["token"], (self.node.dir / "accounts.json").read_text("utf-8"))

    def test_E14_who_works_here_no_more_is_out_at_once(self):
        self.node.run("staff", "add", "max", "--role", "assistant")
        self.node.run("staff", "pin", "max", "--pin-file", self.region.write("max.pin", "4711\n"))
        browser = self.enter(self.node, "max", "4711")
        self.assertEqual(browser.get("/session").status, 200)
        self.node.run("staff", "off", "max")
        self.assertEqual(browser.get("/session").status, 401)
        self.assertEqual(Browser(self.node).sign_in("max", "4711").status, 401)

    def test_E14_a_manager_makes_nobody_more_and_gets_into_nobody_who_is(self):
        self.node.run("staff", "add", "audrey", "--role", "auditor")
        browser = self.enter(self.node, "kim")
        self.assertEqual(browser.ask("PUT", "/staff/zoe", {"role": "region"}).status, 403)
        self.assertEqual(browser.ask("PUT", "/staff/zoe", {"role": "assistant"}).status, 200)
        self.assertEqual(browser.ask("PUT", "/staff/zoe/pin", {"secret": "9876"}).status, 200)
        self.assertEqual(browser.ask("PUT", "/staff/audrey/pin", {"secret": "9876"}).status, 403)
        self.assertEqual(self.enter(self.node, "zoe", "9876").get("/session").json["role"], "assistant")

    def test_E14_an_account_of_one_store_sees_no_others_people(self):
        self.hub.run("user", "add", "bound", "--role", "manager", "--store", "S1", "--password-file", self.secret)
        self.node.sync()
        browser = self.enter(self.hub, "bound")
        self.assertEqual(browser.get("/vip").status, 200)
        self.assertEqual(browser.get("/vip?store=S1").status, 200)
        self.assertEqual(browser.get("/vip?store=S2").status, 403)
        self.assertEqual(browser.get(f"/customers/{self.customer}").status, 200, "of the store's own")
        self.assertEqual(browser.get("/exports/customers").status, 200)
        self.assertEqual(browser.get("/exports/customers?store=S2").status, 403)
        self.assertEqual(browser.get("/exports/segments").status, 403)

        def recorded():
            rows = self.hub.run("access", "--user", "bound", "--customer", self.customer)
            return {"/customers/{id}", "/exports/{list}"} <= {row["route"] for row in rows}

        wait_until(recorded, "both looks are recorded")

    def test_E14_pages_of_others_cannot_act(self):
        browser = self.enter(self.node, "kim")
        body = {"name": "Mallory Example", "phone": "010-7777-7777"}
        for headers in ({"Origin": "https://evil.example"}, {"Sec_Fetch_Site": "cross-site"},
                        {"Content_Type": "text/plain"}):
            self.assertIn(browser.ask("POST", "/customers", body, **headers).status, (403, 415), headers)
        self.assertEqual(browser.get("/recall?phone=01077777777").status, 404)

    def test_E14_users_are_made_and_removed_by_it_over_http_and_that_is_recorded(self):
        ida, reg = self.enter(self.hub, "ida"), self.enter(self.hub, "reg")
        fresh = {"name": "newcomer", "role": "desk", "secret": "a new password"}
        self.assertEqual(reg.ask("POST", "/users", fresh).status, 403)
        answer = ida.ask("POST", "/users", fresh)
        self.assertEqual(answer.status, 201, answer.text)
        self.assertNotIn("a new password", answer.text)
        newcomer = self.enter(self.hub, "newcomer", "a new password")
        self.assertEqual(ida.ask("DELETE", "/users/newcomer").status, 200)
        self.assertEqual(newcomer.get("/session").status, 401)
        rows = wait_until(lambda: [r for r in self.hub.run("access", "--user", "ida") if r["method"] == "DELETE"],
                          "the removal is recorded")
        self.assertEqual(rows[0]["route"], "/users/{name}")

    def test_E14_two_apps_on_one_pc_do_not_sign_each_other_out(self):
        store, hub = self.enter(self.node, "kim"), self.enter(self.hub, "reg")
        both = f"{store.cookie}; {hub.cookie}"
        store.cookie = hub.cookie = both
        self.assertEqual(store.get("/session").json["name"], "kim")
        self.assertEqual(hub.get("/session").json["name"], "reg")

    def test_E14_a_record_tampered_with_is_found(self):
        node = Node(self.region, self.hub, "S9")
        node.run("user", "add", "anna", "--role", "auditor", "--password-file", self.secret)
        node.serve()
        for _ in range(3):
            self.enter(node, "anna")
        wait_until(lambda: len(node.run("access")) == 3, "three entries are recorded")
        self.assertEqual(node.run("verify")["looks"], 3)
        node.stop()
        path = node.dir / "looks"
        whole = path.read_bytes()
        at = whole.index(b"anna", whole.index(b"anna") + 4)
        path.write_bytes(whole[:at] + b"reg " + whole[at + 4:])
        result = node.call("verify", json=True)
        self.assertEqual(result.code, 1)
        self.assertIs(json.loads(result.stdout)["ok"], False)
        self.assertIn("entry 2 ", result.error["message"])
        path.write_bytes(whole[:-60])
        self.assertIn("the record of looks", node.call("verify", json=True).error["message"])
        path.unlink()
        self.assertIn("3 were written", node.call("verify", json=True).error["message"])
        node.serve()
        self.assertEqual([row["outcome"] for row in node.run("access")], ["lost"], "and the next one says so")

    def test_E14_accounts_and_record_come_along_in_a_backup(self):
        node = Node(self.region, self.hub, "S8")
        node.run("user", "add", "anna", "--role", "auditor", "--password-file", self.secret)
        node.serve()
        self.enter(node, "anna")
        wait_until(lambda: node.run("access"), "it is recorded")
        node.run("backup", self.region.path / "S8.backup")
        node.stop()
        other = Node.__new__(Node)
        other.region, other.name, other.dir, other.server = self.region, "S8-again", self.region.path / "S8-again", None
        self.region.call([*other.argv("restore")[:2], str(self.region.path / "S8.backup"), str(other.dir)])
        self.assertEqual([row["name"] for row in other.run("user", "list")], ["anna"])
        self.assertEqual(len(other.run("access")), 1)
        self.assertTrue(other.run("verify")["ok"])
        other.serve()
        self.enter(other, "anna")

    def test_E14_bad_words_are_told_with_the_field(self):
        short = self.region.write("short", "short\n")
        for words, field in ((("add", "new", "--role", "king", "--password-file", self.secret), "role"),
                             (("add", "new", "--password-file", self.secret), "role"),
                             (("add", "new", "--role", "desk", "--password-file", short), "password"),
                             (("add", "reg", "--role", "desk", "--password-file", self.secret), "name"),
                             (("add", "a b", "--role", "desk", "--password-file", self.secret), "name"),
                             (("passwd", "ghost", "--password-file", self.secret), "name"),
                             (("remove", "ghost"), "name"), (("add",), "name")):
            with self.assertRaises(Refused) as told:
                self.hub.run("user", *words)
            self.assertEqual(told.exception.result.error["field"], field, words)


if __name__ == "__main__":
    unittest.main()
