"""What strangers, broken programs and other sites' pages try over HTTP: tried, refused, recorded, while the store goes
on selling."""
import gzip
import http.client
import socket
import time
import unittest

from cases import RegionTest
from region import Hub, Node, wait_until
from web import BASE, Web, account, till

SLOW = 1000
LINE = [{"sku": "COAT", "quantity": 1, "amount": 100}]


class Hostile(RegionTest):
    shared = True

    @classmethod
    def build(cls):
        cls.hub = Hub(cls.region)
        cls.node = Node(cls.region, cls.hub, 12).serve()
        cls.kim = account(cls.node, "kim", "assistant")
        cls.auditor = account(cls.node, "audit", "auditor")
        cls.till = till(cls.node, "till1")
        cls.ann = cls.node.run("register", "--name", "Example Ann", "--card", "A1", "--phone", "010-0000-0001")["id"]
        cls.stranger = Web(cls.node)
        cls.port = cls.stranger.url.port

    def tearDown(self):
        super().tearDown()
        self.sells()

    def sells(self):
        """The store goes on: at the till, and at the counter's screen."""
        sale = self.till.post("/purchases", {"card": "A1", "lines": LINE})
        self.assertEqual(sale.status, 201, sale.text)
        self.assertEqual(self.kim.get("/recall", {"card": "A1"}).status, 200)

    def dial(self, timeout=20):
        return socket.create_connection(("127.0.0.1", self.port), timeout)

    def raw(self, data, timeout=20):
        """The status line of the answer to these bytes; "" when it just hangs up."""
        with self.dial(timeout) as line:
            try:
                line.sendall(data)
                line.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            answer = b""
            try:
                while b"\r\n" not in answer:
                    piece = line.recv(4096)
                    if not piece:
                        break
                    answer += piece
            except ConnectionError:
                pass
            return answer.split(b"\r\n")[0].decode("latin-1")

    def session(self):
        return f"Cookie: {self.kim.cookie}\r\nHost: x\r\n"

    # -- too much

    def test_E15_a_body_of_a_gigabyte_is_refused_before_it_is_sent(self):
        line = self.dial()
        line.sendall((f"POST {BASE}/purchases HTTP/1.1\r\n{self.session()}Content-Type: application/json\r\n"
                      f"Content-Length: {1 << 30}\r\n\r\n").encode())
        self.assertIn(b" 413 ", line.recv(4096))
        sent, chunk = 0, b"x" * 65536
        try:
            while sent < 1 << 30:
                sent += line.send(chunk)
        except OSError:
            pass
        self.assertLess(sent, 64 << 20, "nobody reads it")
        line.close()

    def test_E15_a_body_that_does_not_say_how_long_it_is_ends_at_the_limit(self):
        line = self.dial()
        line.sendall((f"POST {BASE}/purchases HTTP/1.1\r\n{self.session()}Content-Type: application/json\r\n"
                      "Transfer-Encoding: chunked\r\n\r\n").encode())
        sent, chunk = 0, b"10000\r\n" + b"x" * 65536 + b"\r\n"
        try:
            while sent < 256 << 20:
                sent += line.send(chunk)
        except OSError:
            pass
        self.assertLess(sent, 32 << 20)
        line.close()

    def test_E15_a_body_that_turns_out_too_large_is_answered_and_recorded(self):
        line = self.dial()
        line.sendall((f"POST {BASE}/purchases HTTP/1.1\r\n{self.session()}Content-Type: application/json\r\n"
                      "Transfer-Encoding: chunked\r\n\r\n").encode())
        for _ in range(48):
            line.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
        line.sendall(b"0\r\n\r\n")
        answer = b""
        while piece := line.recv(4096):
            answer += piece
        line.close()
        self.assertIn(b" 413 ", answer)
        self.assertIn(b"connection: close", answer.lower())
        wait_until(lambda: any((row["route"], row["who"], row["outcome"]) == ("/purchases", "kim", "refused")
                               for row in self.node.run("access", "--refused")), "it is recorded")

    def test_E15_what_is_turned_away_unread_is_told_and_fills_no_disk(self):
        for _ in range(200):
            self.assertIn(" 400 ", self.raw(f"GET {BASE}/../../etc HTTP/1.1\r\nHost: x\r\n\r\n".encode()))
        told = [line for line in self.node.log_since().splitlines() if "turned away unread" in line]
        self.assertTrue(told)
        self.assertLess(len(told), 20, "a line a minute")

    def test_E15_headers_are_bounded(self):
        flood = "".join(f"X-{i}: {'a' * 100}\r\n" for i in range(1000))
        one = "a" * (1 << 20)
        for head in (f"GET {BASE}/site HTTP/1.1\r\nHost: x\r\n{flood}\r\n",
                     f"GET {BASE}/site HTTP/1.1\r\nHost: x\r\nX: {one}\r\n\r\n",
                     f"GET {BASE}/{one} HTTP/1.1\r\nHost: x\r\n\r\n"):
            self.assertRegex(self.raw(head.encode()), r"^(HTTP/1.1 4|$)")

    def test_E15_json_nested_without_end(self):
        for body in ("[" * 100000, '{"a":' * 100000, '{"a":' + "[" * 9 + "]" * 9 + "}"):
            answer = self.kim.ask("POST", "/purchases", body, Content_Type="application/json")
            self.assertEqual((answer.status, answer.json["code"]), (400, "format"), body[:20])

    # -- too slow

    def slow(self, first, drip):
        """A thousand connections that begin with `first` and go on with a byte now and then."""
        lines = []
        try:
            for _ in range(SLOW):
                try:
                    line = self.dial(5)
                    line.sendall(first)
                    lines.append(line)
                except OSError:
                    pass
            self.assertGreater(len(lines), SLOW // 2, "they got in")
            for _ in range(3):
                for line in lines:
                    try:
                        line.send(drip)
                    except OSError:
                        pass
                self.sells()
            dropped = 0

            def all_dropped():
                nonlocal dropped
                for line in list(lines):
                    line.setblocking(False)
                    try:
                        line.send(drip)
                        if line.recv(65536) == b"":
                            raise ConnectionResetError
                    except BlockingIOError:
                        continue
                    except OSError:
                        lines.remove(line)
                        line.close()
                        dropped += 1
                return dropped >= SLOW // 2

            wait_until(all_dropped, "half of the slow ones are dropped", 60)
        finally:
            for line in lines:
                line.close()

    def test_E15_a_thousand_who_send_their_head_slowly(self):
        self.slow(f"GET {BASE}/site HTTP/1.1\r\nHost: x\r\nX: ".encode(), b"a")

    def test_E15_a_thousand_who_send_their_body_slowly(self):
        self.slow((f"POST {BASE}/purchases HTTP/1.1\r\n{self.session()}Content-Type: application/json\r\n"
                   "Content-Length: 1000\r\n\r\n{").encode(), b" ")

    def test_E15_who_does_not_read_the_answer_is_dropped(self):
        lines = []
        for _ in range(200):
            line = self.dial(5)
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            try:
                line.sendall(f"GET {BASE}/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n".encode() * 20)
            except OSError:
                pass
            lines.append(line)
        for _ in range(3):
            self.sells()
        for line in lines:
            line.close()

    def test_E15_one_who_listens_by_the_hundreds_leaves_the_others_room(self):
        def listen(who):
            line = self.dial()
            self.addCleanup(line.close)
            shown = f"Cookie: {who.cookie}" if who.cookie else f"Authorization: Bearer {who.token}"
            line.sendall(f"GET {BASE}/changes HTTP/1.1\r\nHost: x\r\n{shown}\r\n\r\n".encode())
            return int(line.recv(4096).split(b" ")[1])

        greedy = [listen(self.till) for _ in range(300)]
        self.assertEqual((greedy[:64], set(greedy[64:])), ([200] * 64, {429}))
        self.assertEqual(listen(self.kim), 200)

    # -- where they have no business

    def test_E15_no_path_leads_out_of_the_tree(self):
        for path in ("/../../etc/passwd", "/ui/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/secrets.json",
                     "/ui/%2e%2e%2fsecrets.json", "/ui/..%5c..%5csecrets.json", "//etc/passwd", "/ui/lib/%00",
                     "/site.json", f"{BASE}/../../secrets.json", f"{BASE}/exports/..%2f..%2fsecrets.json"):
            status = self.raw(f"GET {path} HTTP/1.1\r\n{self.session()}\r\n".encode())
            self.assertRegex(status, r"HTTP/1.1 (400|403|404|422)", path)

    def test_E15_no_option_names_a_file_of_this_pc(self):
        manager = account(self.node, "boss", "manager")
        for path, body in (("/imports/customers?map=card=Card&o=/etc/passwd", "Card\nX\n"),):
            answer = manager.ask("POST", path, body, Content_Type="text/csv")
            self.assertIn(answer.status, (400, 422), answer.text)
        answer = manager.ask("GET", "/exports/customers", query={"o": "/tmp/x"})
        self.assertEqual(answer.status, 400, answer.text)

    def test_E14_another_sites_page_cannot_write(self):
        sale = {"card": "A1", "lines": LINE}
        before = self.node.run("status")["events"]
        for headers in ({"Origin": "https://evil.example"}, {"Sec_Fetch_Site": "cross-site"}, {"Origin": "null"},
                        {"Sec_Fetch_Site": "same-site"}):
            self.assertEqual(self.kim.ask("POST", "/purchases", sale, **headers).status, 403, headers)
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "",
                     "text/plain, application/json", "text/plain; application/json"):
            answer = self.kim.ask("POST", "/purchases", '{"card": "A1"}', Content_Type=kind)
            self.assertEqual(answer.status, 415, kind)
        self.assertEqual(self.kim.get("/site").headers.get("access-control-allow-origin"), None)
        self.assertEqual(self.node.run("status")["events"], before)
        own = f"http://127.0.0.1:{self.port}"
        self.assertEqual(self.kim.ask("POST", "/purchases", sale, Origin=own, Sec_Fetch_Site="same-origin").status, 201)

    def test_E14_the_cookie_is_for_this_site_only(self):
        answer = self.stranger.post("/session", {"name": "kim", "secret": "open sesame 1"})
        cookie = answer.headers["set-cookie"]
        for word in ("HttpOnly", "SameSite=Strict", "Path=/"):
            self.assertIn(word, cookie)
        one = Web(self.node, cookie.split(";")[0])
        self.assertEqual(one.get("/session").status, 200)
        self.assertEqual(one.ask("DELETE", "/session").status, 204)
        self.assertEqual(one.get("/session").status, 401)

    def test_E14_a_session_of_another_role_is_refused_and_recorded(self):
        self.assertEqual(self.kim.get("/access").status, 403)
        self.assertEqual(self.kim.post(f"/events/{self.ann}/void", {"reason": "x"}).status, 403)
        self.assertEqual(self.till.get(f"/customers/{self.ann}/fields").status, 403)
        self.assertEqual(self.stranger.get(f"/customers/{self.ann}").status, 401)
        self.assertEqual(Web(self.node, f"dangol-{self.port}={'0' * 64}").get(f"/customers/{self.ann}").status, 401)
        wait_until(lambda: {("kim", "/events/{id}/void"), ("till1", "/customers/{id}/fields")} <= {
            (row["who"], row["route"]) for row in self.node.run("access", "--refused")}, "the refusals are recorded")
        self.kim.get(f"/customers/{self.ann}")

        def looked():
            return any(row["who"] == "kim" for row in self.auditor.get("/access", {"customer": self.ann}).json)

        wait_until(looked, "the look is recorded")

    def test_E14_scripts_in_a_customers_name_stay_text(self):
        name = "<script>alert(1)</script>\u202e'\"\\"
        made = self.kim.post("/customers", {"name": name, "card": "X1"})
        self.assertEqual(made.status, 201, made.text)
        answer = self.kim.get(f"/customers/{made.json['id']}")
        self.assertEqual(answer.json["name"], name)
        self.assertEqual(answer.headers["content-type"], "application/json")
        self.assertEqual(answer.headers["x-content-type-options"], "nosniff")
        self.assertNotIn("unsafe", answer.headers["content-security-policy"])

    def test_E14_pages_and_data_say_what_a_browser_may_do_with_them(self):
        connection = self.kim.connect()
        connection.request("GET", "/")
        page = connection.getresponse()
        self.assertIn("script-src 'self'", page.headers["content-security-policy"])
        connection.close()
        for name in ("x-frame-options", "referrer-policy", "cross-origin-opener-policy"):
            self.assertIn(name, page.headers)
        for data in (self.kim.get("/vip"), self.kim.get("/customers/1-99999")):
            self.assertEqual(data.headers["content-security-policy"], "default-src 'none'; frame-ancestors 'none'")
            self.assertEqual(data.headers["cross-origin-resource-policy"], "same-origin")
            self.assertEqual(data.headers["cache-control"], "no-store")

    def test_E14_who_guesses_waits(self):
        outsider = Web(self.node)
        seen = set()
        for i in range(400):
            seen.add(outsider.get(f"/customers/1-{i}").status)
        self.assertEqual(seen, {401, 429})
        time_to_wait = outsider.get("/customers/1-1").headers.get("retry-after")
        self.assertTrue(time_to_wait)

    # -- read in two ways

    def post(self, heads, body=b"", path="/purchases"):
        """All that comes back on the connection to a sale with these heads, by a till."""
        with self.dial() as line:
            line.sendall((f"POST {BASE}{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.till.token}\r\n"
                          f"Content-Type: application/json\r\n{heads}\r\n").encode("latin-1") + body)
            answer = b""
            try:
                while piece := line.recv(4096):
                    answer += piece
            except ConnectionError:
                pass
            return answer

    def test_E15_nobody_hides_a_request_behind_another(self):
        """Where a proxy and this server could differ on where a request ends: refused, and what follows is not read."""
        sale = b'{"card":"A1","lines":[{"sku":"S","quantity":1,"amount":1}]}'
        hidden = f"GET {BASE}/site HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        length, chunked = f"Content-Length: {len(sale)}\r\n", b"%x\r\n%s\r\n0\r\n\r\n" % (len(sale), sale)
        before = self.node.run("status")["events"]
        for heads, body in ((length * 2, sale), (length + "Content-Length: 3\r\n", sale),
                            ("Content-Length: 3\r\n" + length, sale),
                            (length + "Transfer-Encoding: chunked\r\n", chunked),
                            ("Transfer-Encoding: chunked\r\n" + length, chunked),
                            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", chunked),
                            ("Transfer-Encoding: chunked, identity\r\n", chunked),
                            ("Transfer-Encoding: xchunked\r\n", chunked),
                            ("Transfer-Encoding : chunked\r\n", chunked),
                            (length + "Host: y\r\n", sale), (length + "Content-Type: text/plain\r\n", sale),
                            (length + "Authorization: Bearer x\r\n", sale),
                            (length + "Idempotency-Key: a\r\nIdempotency-Key: b\r\n", sale),
                            (length + "Origin: http://x\r\nOrigin: http://y\r\n", sale),
                            (length + "X: a\rY: b\r\n", sale), (length + "X\x01: a\r\n", sale)):
            with self.subTest(heads=heads):
                answer = self.post(heads, body + hidden)
                self.assertEqual(answer.count(b"HTTP/1.1 "), 1, answer)
                self.assertIn(b" 400 ", answer.split(b"\r\n")[0])
        self.assertEqual(self.node.run("status")["events"], before, "none of them sold")
        told = self.post("Connection: close\r\nTransfer-Encoding: Chunked\r\n", chunked)
        self.assertIn(b" 201 ", told.split(b"\r\n")[0])

    def test_E15_a_body_that_is_packed_is_not_taken(self):
        sale = gzip.compress(b'{"card":"A1"}')
        answer = self.kim.ask("POST", "/purchases", sale, Content_Type="application/json", Content_Encoding="gzip")
        self.assertEqual((answer.status, answer.json["field"]), (415, "Content-Encoding"))

    # -- nonsense

    def test_E15_what_is_not_http(self):
        post = f"POST {BASE}/purchases HTTP/1.1\r\n{self.session()}"
        for data in (b"\x16\x03\x01\x02\x00\x01\x00", b"\x00" * 1000, b"GET\r\n\r\n", b"\r\n" * 1000,
                     b"GET / HTTP/9.9\r\n\r\n", b"A" * 100000, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                     f"{post}Content-Length: -1\r\n\r\n".encode(),
                     f"{post}Content-Length: 99999999999999999999\r\n\r\n".encode(),
                     f"{post}Transfer-Encoding: chunked\r\n\r\nzz\r\n".encode()):
            self.assertNotRegex(self.raw(data), r"HTTP/1.\d 2", data[:40])

    def test_E15_who_goes_away_in_the_middle(self):
        for _ in range(50):
            line = self.dial()
            line.sendall((f"POST {BASE}/purchases HTTP/1.1\r\n{self.session()}Content-Type: application/json\r\n"
                          "Content-Length: 100\r\n\r\n{\"card\":").encode())
            line.close()
            listening = http.client.HTTPConnection("127.0.0.1", self.port)
            listening.request("GET", BASE + "/changes", headers={"Cookie": self.kim.cookie})
            listening.getresponse()
            listening.close()

    def test_E15_serve_ends_while_many_are_there(self):
        hub = Hub(self.region, "other").serve()
        desk = account(hub, "desk", "desk")
        streams = []
        for _ in range(30):
            connection = desk.connect()
            connection.request("GET", BASE + "/changes", headers={"Cookie": desk.cookie})
            streams.append((connection, connection.getresponse()))
        halves = [socket.create_connection(("127.0.0.1", desk.url.port)) for _ in range(30)]
        start = time.monotonic()
        hub.stop()
        self.assertLess(time.monotonic() - start, 20)
        for connection, _ in streams:
            connection.close()
        for half in halves:
            half.close()


if __name__ == "__main__":
    unittest.main()
