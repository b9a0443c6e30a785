"""The API of both programs, by its own document: every route is called, and answers what is promised.

To write the documents in the tree anew after a change: python3 tests/e2e/test_api.py --write (with DANGOL_BIN set).
"""
import base64
import gzip
import json
import pathlib
import re
import sys
import threading
import unittest
import urllib.parse
from datetime import datetime

from calls import Calls, fill
from cases import RegionTest
from region import Hub, Node, Region, program
from web import BASE, Web, account, faults, resolve, till

TREE = pathlib.Path(__file__).resolve().parents[2] / "proto" / "api"
PROGRAMS = ("node", "hub")


def document_path(program):
    return TREE / f"openapi-{program}.json"


def as_kept(document):
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def build(case):
    """A hub and a store on the line, both with somebody of every role."""
    case.hub = Hub(case.region).serve()
    case.node = Node(case.region, case.hub, 12).serve()
    case.sites = {"hub": case.hub, "node": case.node}
    case.who = {name: {role: account(site, f"{role}1", role) for role in
                       ("assistant", "manager", "desk", "region", "auditor", "it")}
                for name, site in case.sites.items()}
    for name, site in case.sites.items():
        case.who[name]["till"] = till(site, "till1")


class Document(RegionTest):
    shared = True

    @classmethod
    def build(cls):
        build(cls)
        cls.documents = {name: Web(site).get("/openapi.json").json for name, site in cls.sites.items()}
        cls.made = {}

    def operation(self, program, method, path):
        """(template, operation) of a path, constant parts before named ones."""
        pieces = path.split("/")
        found = []
        for template, operations in self.documents[program]["paths"].items():
            parts = template.split("/")
            if len(parts) == len(pieces) and method.lower() in operations and all(
                    part.startswith("{") or part == piece for part, piece in zip(parts, pieces)):
                found.append((template.count("{"), template, operations[method.lower()]))
        self.assertTrue(found, f"{program} has no {method} {path}")
        return min(found, key=lambda entry: entry[0])[1:]

    def check(self, program, method, template, operation, answer):
        """The answer is one that the document promises: its status, its form and what stands in it."""
        status, document = str(answer.status), self.documents[program]
        what = f"{program} {method} {template}: {status} {answer.text[:500]}"
        promised = operation["responses"].get(status)
        if answer.status >= 400:
            promised = promised or operation["responses"]["default"]
        self.assertIsNotNone(promised, f"not in the document: {what}")
        promised = resolve(document, promised)
        contents = promised.get("content", {})
        kind = answer.headers.get("content-type", "").split(";")[0]
        self.assertEqual(bool(answer.body), bool(contents), what)
        if contents:
            self.assertIn(kind, contents, what)
            if kind.endswith("json"):
                self.assertEqual(faults(document, contents[kind]["schema"], answer.json), [], what)
        for name in ("etag", "link", "idempotent-replay", "retry-after"):
            if name in answer.headers:
                self.assertIn(name, {header.lower() for header in promised.get("headers", {})}, what)
        for name in ("content-security-policy", "x-content-type-options", "cross-origin-resource-policy"):
            self.assertIn(name, answer.headers, what)

    def call(self, program, who, method, path, body, name):
        path, body = fill(path, self.made), fill(body, self.made)
        template, operation = self.operation(program, method, path)
        web = self.who[program][who]
        if method in ("PUT", "POST", "PATCH") and isinstance(body, dict):
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            known = schema["properties"]
            dashed = {key if key in known else key.replace("_", "-"): value for key, value in body.items()}
            self.assertEqual(faults(self.documents[program], schema, dashed), [], f"{method} {path}: the request")
        if isinstance(body, str):
            answer = web.ask(method, path, body, query=Calls.IMPORT, Content_Type="text/csv")
        else:
            answer = web.ask(method, path, body if body is not None or method == "DELETE" else {})
        self.check(program, method, template, operation, answer)
        expected = Calls.REFUSED.get((method, path), 0)
        what = f"{program} {who} {method} {path} {body}: {answer.status} {answer.text[:500]}"
        self.assertTrue(answer.status == expected if expected else answer.status < 300, what)
        if name:
            self.made[name] = answer.json["id"]

    def operation_of(self, program, call):
        return self.operation(program, call[1], fill(call[2], self.made))[0], call[1]

    def reads(self, program):
        """Every GET that is no stream, by somebody who may."""
        seen = set()
        for template, operations in self.documents[program]["paths"].items():
            if "get" not in operations or template == "/changes":
                continue
            operation = operations["get"]
            path = template
            for name in re.findall(r"\{(\w+)\}", template):
                place = Calls.PLACES.get(name, {}).get(template)
                thing = ("complaint" if "/complaints/" in template else
                         "gathering" if "/gatherings/" in template else "ann")
                path = path.replace("{%s}" % name, place or self.made[thing])
            roles = operation["x-roles"] or ["it"]
            web = self.who[program][roles[0]]
            answer = web.get(path, Calls.QUERIES.get(template))
            with self.subTest(program=program, call=("GET", template)):
                self.check(program, "GET", template, operation, answer)
                self.assertEqual(answer.status, 200, f"{program} {roles[0]} GET {path}: {answer.text[:500]}")
                self.forms(program, template, operation, answer, web, path)
            seen.add((template, "GET"))
        return seen

    def forms(self, program, template, operation, first, web, path):
        """As CSV, and when it has not changed: what the document offers is to be had, and nothing else."""
        query, offered = Calls.QUERIES.get(template), operation["responses"]["200"]["content"]
        table = web.get(path, query, Accept="text/csv")
        self.check(program, "GET", template, operation, table)
        if "x-command" in operation:
            self.assertEqual(table.status, 200 if "text/csv" in offered else 406, f"{program} {template}")
        if "etag" not in first.headers:
            self.assertNotIn("304", operation["responses"], f"{program} {template}")
            return
        for _ in range(3):  # a minute may end in between, or somebody looks
            again = web.get(path, query, If_None_Match=web.get(path, query).headers["etag"])
            self.check(program, "GET", template, operation, again)
            if again.status == 304:
                return
        self.fail(f"{program} {template} has changed three times")

    def test_E15_the_document_leaves_nothing_open(self):
        for program, document in self.documents.items():
            self.assertGreater(len(document["info"]["description"]), 100)
            summaries = {}
            for path, operations in document["paths"].items():
                for method, operation in operations.items():
                    what = f"{program} {method} {path}"
                    self.assertGreater(len(operation["summary"]), 5, what)
                    summaries.setdefault(operation["summary"], []).append(what)
                    for status, answer in operation["responses"].items():
                        for kind, content in resolve(document, answer).get("content", {}).items():
                            schema = resolve(document, content["schema"])
                            schema = resolve(document, schema.get("items", schema))
                            said = schema.get("properties") or schema.get("anyOf") or schema["type"] != "object"
                            self.assertTrue(said, f"{what} {status} {kind}: {schema}")
                    for entry in (resolve(document, one) for one in operation["parameters"]):
                        self.assertTrue(entry["schema"], f"{what}: {entry}")
                        if entry["name"] in ("step", "kind", "list") and entry["in"] == "path":
                            self.assertGreater(len(entry["schema"]["enum"]), 1, what)
            said_twice = {text: where for text, where in summaries.items() if len(where) > 1}
            self.assertEqual(said_twice, {}, "each route says what it does")

    def test_E15_every_route_answers_as_the_document_says(self):
        for program, calls in (("node", Calls.NODE), ("hub", Calls.HUB)):
            called = {("/changes", "GET"), ("/session", "POST")}  # each has its own test
            if program == "hub":
                self.node.sync()
            early = self.reads(program) if program == "hub" else set()
            for call in calls:
                with self.subTest(program=program, call=call[:3]):
                    called.add(self.operation_of(program, call))
                    self.call(program, *call)
            called |= early or self.reads(program)
            every = {(path, method.upper()) for path, operations in self.documents[program]["paths"].items()
                     for method in operations}
            self.assertEqual(every - called, set(), f"routes of the {program} that nobody has called")

    def test_E15_the_documents_in_the_tree_are_those_that_are_served(self):
        for program in PROGRAMS:
            with self.subTest(program=program):
                kept = document_path(program).read_text(encoding="utf-8")
                self.assertEqual(kept, as_kept(self.documents[program]), "see the head of this file")

    def test_E15_operations_and_their_parameters_have_names_of_their_own(self):
        for program, document in self.documents.items():
            ids = []
            for path, operations in document["paths"].items():
                for method, operation in operations.items():
                    ids.append(operation["operationId"])
                    names = [(entry["in"], entry["name"]) for entry in
                             (resolve(document, one) for one in operation["parameters"])]
                    self.assertEqual(len(names), len(set(names)), f"{program} {method} {path}: {names}")
            self.assertEqual(len(ids), len(set(ids)), program)
            self.assertTrue(all(ids), program)

    def test_E15_every_command_has_a_route_or_a_reason(self):
        without = {"init", "serve", "restore", "recover", "backup", "rebuild", "sync"}  # the reasons: routes.c
        for name, site in self.sites.items():
            commands = self.commands_of(site)
            routed = {operation["x-command"].split()[0] for operations in self.documents[name]["paths"].values()
                      for operation in operations.values() if "x-command" in operation}
            self.assertEqual(commands - routed, without & commands, name)

    def test_E15_every_option_of_a_command_is_a_field(self):
        """But for files of that PC, and for what never ends or the request says itself."""
        without = {"json", "help", "csv", "follow", "latest", "line", "pin-file", "password-file", "policy", "o"}
        for name, site in self.sites.items():
            fields = {}
            for operations in self.documents[name]["paths"].values():
                for operation in operations.values():
                    known = {resolve(self.documents[name], one)["name"] for one in operation["parameters"]}
                    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
                    known |= set(body.get("schema", {}).get("properties", ()))
                    command = operation.get("x-command", "").split(" ")[0]
                    command = {"packages": "package"}.get(command, command)  # `package list` is `packages`
                    fields[command] = fields.get(command, set()) | known
            for command in sorted(self.commands_of(site) & fields.keys()):
                text = self.region.call([program(site.tool), "help", command]).stdout
                options = set(re.findall(r"^  --?([a-z][a-z-]*)", text, re.M))
                self.assertEqual(options - without - fields[command], set(), f"{name} {command}")

    def commands_of(self, site):
        text = self.region.call([program(site.tool), "--help"]).stdout
        return set(re.findall(r"^  ([a-z][a-z-]*) ", text, re.M))


class Conventions(RegionTest):
    shared = True

    @classmethod
    def build(cls):
        build(cls)
        cls.kim = cls.who["node"]["assistant"]
        cls.lee = cls.who["node"]["manager"]
        for i in range(5):
            cls.node.run("register", "--name", f"Example {i}", "--card", f"A{i}")
            cls.node.run("purchase", "--card", f"A{i}", "--line", f"COAT,1,{1000 - i}")

    def problem(self, answer, status, code, field=None):
        self.assertEqual((answer.status, answer.json["code"], answer.json["field"]), (status, code, field), answer.text)
        self.assertEqual(answer.headers["content-type"], "application/problem+json")

    def test_X2_X5_X6_a_step_says_what_was_done_given_and_answered(self):
        case = self.kim.post("/complaints", {"channel": "counter", "text": "a button came off"}).json["id"]
        step = f"/complaints/{case}/steps/"
        for text in ({}, {"text": ""}, {"text": " \n"}):
            self.problem(self.kim.post(step + "listen", text), 422, "invalid", "text")
        skipping = {"text": "sewn on", "skip_reason": "at once"}
        self.problem(self.kim.post(step + "compensate", skipping), 422, "invalid", "kind")
        self.problem(self.kim.post(step + "compensate", {**skipping, "cost": 100}), 422, "invalid", "kind")
        self.problem(self.kim.post(step + "outcome", skipping), 422, "invalid", "satisfied")
        self.problem(self.kim.post(step + "outcome", {**skipping, "score": 5}), 422, "invalid", "satisfied")
        shown = self.kim.get(f"/complaints/{case}").json
        self.assertEqual((shown["step"], len(shown["thread"])), (None, 1), "nothing of it was written")
        for name, more in (("listen", {"text": "heard"}), ("compensate", {**skipping, "kind": "none"}),
                           ("outcome", {**skipping, "satisfied": "no"})):
            self.assertEqual(self.kim.post(step + name, more).status, 201, name)
        thread = self.kim.get(f"/complaints/{case}").json["thread"]
        self.assertEqual([(row["actor"], row["body"]["text"]) for row in thread[1:]],
                         [("assistant1", "heard"), ("assistant1", "sewn on"), ("assistant1", "sewn on")])

    def test_E15_errors_name_the_field(self):
        self.problem(self.kim.get("/recall", {"phon": "1"}), 400, "usage", "phon")
        self.problem(self.kim.get("/customers/xx"), 422, "invalid", "customer")
        self.problem(self.kim.get("/customers/99-1"), 404, "not_found", "customer")
        self.problem(self.kim.post("/customers", {"name": "x", "phone": "abc"}), 422, "invalid", "phone")
        line, sell = {"sku": "a", "quantity": 1, "amount": 10}, lambda *lines: self.kim.post("/purchases",
                                                                                             {"lines": lines})
        self.problem(sell(line | {"amount": "1.5"}), 422, "invalid", "lines[0].amount")
        self.problem(sell(line, line | {"quantity": 0.0001}), 422, "invalid", "lines[1].quantity")
        self.problem(sell(line, line | {"amount": -1}), 422, "invalid", "lines[1]")
        self.problem(sell(), 422, "invalid", "lines")
        ann = self.kim.get("/recall", {"card": "A0"}).json["id"]
        self.assertIn("say given or withdrawn", self.kim.post(f"/customers/{ann}/consents", {"purpose": "news"}).text)
        self.problem(self.kim.post("/complaints", "{"), 415, "format", "Content-Type")
        self.problem(self.kim.ask("POST", "/complaints", "{", Content_Type="application/json"), 400, "format")
        self.problem(self.kim.get("/nothing"), 404, "not_found")
        self.problem(self.kim.ask("PUT", "/recall", {}), 405, "usage")
        self.problem(self.kim.get("/vip", {"limit": 0}), 422, "invalid", "limit")
        self.problem(self.kim.get("/vip", {"cursor": "!"}), 422, "invalid", "cursor")

    def test_E15_money_is_minor_units(self):
        sale = self.lee.post("/purchases", {"card": "A0", "lines": [{"sku": "X", "quantity": 2.5, "amount": 1250}]})
        self.assertEqual(sale.status, 201, sale.text)
        customer = self.lee.get("/recall", {"card": "A0"}).json["id"]
        history = self.lee.get(f"/customers/{customer}").json["history"]
        line = next(row for row in history if row["id"] == sale.json["id"])["body"]["lines"][0]
        self.assertEqual((line["amount"], line["quantity"]), (1250, 2500))
        self.lee.post(f"/events/{sale.json['id']}/void", {"reason": "a test"})

    def test_E15_lists_come_in_pages(self):
        whole = [row["customer"] for row in self.lee.get("/vip").json]
        path, seen = "/vip?limit=2", []
        for _ in range(10):
            answer = self.lee.get(path)
            seen += [row["customer"] for row in answer.json]
            path = answer.next()
            if not path:
                break
            path = path.removeprefix(BASE)
        self.assertEqual(seen, whole)
        self.assertEqual(len(seen), 5)
        first = self.who["node"]["it"].get("/log", {"limit": 3})
        self.assertEqual(len(first.json), 3)
        self.assertTrue(first.next())

    def test_E15_a_list_that_grows_at_its_head_is_read_to_its_end(self):
        whole = [row["customer"] for row in self.lee.get("/vip").json]
        first = self.lee.get("/vip", {"limit": 2})
        for i in range(4):
            self.node.run("register", "--name", f"Example Richer {i}", "--card", f"R{i}")
            self.node.run("purchase", "--card", f"R{i}", "--line", f"COAT,1,{10000000 + i}")
        seen, page = [row["customer"] for row in first.json], first
        while page.next():
            page = self.lee.get(page.next())
            seen += [row["customer"] for row in page.json]
        self.assertEqual(seen, whole)
        for i in range(4):  # the other tests know who is there
            richer = self.lee.get("/recall", {"card": f"R{i}"}).json["id"]
            for sale in self.lee.get("/purchases", {"customer": richer}).json:
                self.lee.post(f"/events/{sale['id']}/void", {"reason": "a test"})
            self.lee.post(f"/events/{richer}/void", {"reason": "a test"})

    def test_P1_sales_of_nobody_in_pages_while_some_get_their_customer(self):
        """What a page begins behind may have gone from the list: the next one neither repeats nor leaves out."""
        sell = lambda i: self.node.run("purchase", "--line", f"SCARF,1,{i}", "--at", f"2025-03-{i:02}")["id"]
        sales = [sell(i) for i in range(1, 8)]
        nobodys = {"customer": "none", "from": "2025-03-01", "to": "2025-03-31", "limit": 3}
        first = self.kim.get("/purchases", nobodys)
        self.assertEqual([row["id"] for row in first.json], sales[:3:-1])
        ann = self.kim.get("/recall", {"card": "A0"}).json["id"]
        for sale in (sales[6], sales[4]):
            said = self.kim.post(f"/purchases/{sale}/customer", {"customer": ann})
            self.assertEqual(said.status, 201, said.text)
        late = sell(9)
        second = self.kim.get(first.next())
        self.assertEqual([row["id"] for row in second.json], sales[3:0:-1])
        third = self.kim.get(second.next())
        self.assertEqual(([row["id"] for row in third.json], third.next()), (sales[:1], None))
        self.assertEqual([row["id"] for row in self.kim.get("/purchases", nobodys).json], [late, sales[5], sales[3]])
        lines = self.kim.get("/purchases", {"customer": "none", "from": "2025-03-01", "to": "2025-03-02"},
                             Accept="text/csv").text.splitlines()
        self.assertEqual(len(lines), 3, lines)
        other = base64.urlsafe_b64encode(b"3 x").decode().rstrip("=")
        self.problem(self.kim.get("/purchases", {"cursor": other}), 422, "invalid", "cursor")
        self.problem(self.kim.get("/purchases", {"customer": "who"}), 422, "invalid", "customer")
        for web in (self.who["node"]["it"], self.who["node"]["till"]):
            self.assertEqual(web.get("/purchases").status, 403)

    def test_E15_csv_by_accept_and_not_where_there_is_none(self):
        answer = self.lee.get("/vip", Accept="text/csv")
        self.assertTrue(answer.headers["content-type"].startswith("text/csv"))
        self.assertIn("customer", answer.text.splitlines()[0])
        self.assertEqual(len(answer.text.splitlines()), 6)
        self.problem(self.lee.get("/status", Accept="text/csv"), 406, "usage")
        self.assertTrue(self.lee.get("/exports/customers").headers["content-type"].startswith("text/csv"))

    def test_E15_an_export_shows_nobody_more_than_the_list(self):
        for site in (self.node, self.hub):
            who = {role: Web(site).sign_in(f"{role}1") for role in ("manager", "auditor")}
            for path in ("/access", "/exports/access"):
                self.assertEqual(who["manager"].get(path).status, 403, path)
                self.assertEqual(who["auditor"].get(path).status, 200)
            self.assertEqual(who["auditor"].get("/exports/followups").status, 403)
            self.assertEqual(who["manager"].get("/exports/followups").status, 200)
            self.assertEqual(who["auditor"].get("/exports/purchases").status, 200)

    def test_E15_what_has_not_changed_is_not_sent_again(self):
        for _ in range(3):  # a minute may end in between
            first = self.lee.get("/vip")
            again = self.lee.get("/vip", If_None_Match=first.headers["etag"])
            if again.status == 304:
                break
        self.assertEqual((again.status, again.body), (304, b""))
        self.node.run("purchase", "--card", "A4", "--line", "SCARF,1,1", "--ref", "etag")
        self.assertEqual(self.lee.get("/vip", If_None_Match=first.headers["etag"]).status, 200)
        other = self.lee.get("/vip", {"limit": 1}, If_None_Match=first.headers["etag"])
        self.assertEqual(other.status, 200, "another question")

    def test_E15_long_answers_are_packed_for_who_can_unpack_them(self):
        plain = self.lee.get("/openapi.json")
        self.assertNotIn("content-encoding", plain.headers)
        for accepted, way in (("zstd", "zstd"), ("gzip", "gzip"), ("gzip, deflate, br, zstd", "zstd"),
                              ("gzip, zstd;q=0", "gzip"), ("br", None), ("gzip;q=0", None)):
            packed = self.lee.get("/openapi.json", Accept_Encoding=accepted)
            self.assertEqual(packed.headers.get("content-encoding"), way, accepted)
            if way:
                self.assertLess(len(packed.body), len(plain.body) / 3)
            if way == "gzip":
                self.assertEqual(gzip.decompress(packed.body), plain.body)

    def test_E15_a_till_that_asks_again_sells_once(self):
        sale = {"card": "A1", "lines": [{"sku": "HAT", "quantity": 1, "amount": 10}]}
        machine = self.who["node"]["till"]
        first = machine.post("/purchases", sale, key="receipt-1")
        again = machine.post("/purchases", sale, key="receipt-1")
        self.assertEqual((first.status, again.status), (201, 201))
        self.assertEqual(again.body, first.body)
        self.assertNotIn("idempotent-replay", first.headers)
        self.assertEqual(again.headers["idempotent-replay"], "true")
        other = machine.post("/purchases", {**sale, "card": "A2"}, key="receipt-1")
        self.problem(other, 409, "conflict", "Idempotency-Key")
        somebody = self.lee.post("/purchases", sale, key="receipt-1")
        self.assertNotEqual(somebody.json["id"], first.json["id"], "another's key is another sale")
        self.problem(machine.post("/purchases", sale, key="a b"), 400, "invalid", "Idempotency-Key")
        second = machine.post("/purchases", sale, key="receipt-2")
        self.node.stop()
        self.node.serve()
        machine = Web(self.node, token=machine.token)
        later = machine.post("/purchases", sale, key="receipt-1")
        self.assertEqual((later.status, later.json["id"]), (200, first.json["id"]), "the log knows it for good")
        self.assertEqual(later.headers["idempotent-replay"], "true")
        other = machine.post("/purchases", {**sale, "card": "A2"}, key="receipt-2")
        self.assertEqual((other.status, other.json["id"]), (200, second.json["id"]), "as documented: no other sale")
        type(self).kim, type(self).lee = (Web(self.node).sign_in(f"{role}1") for role in ("assistant", "manager"))
        type(self).who["node"]["it"] = Web(self.node).sign_in("it1")

    def test_E15_two_tills_with_the_ref_of_one_receipt_sell_once(self):
        sale = {"card": "A1", "ref": "receipt 4711", "lines": [{"sku": "HAT", "quantity": 1, "amount": 10}]}
        first = self.who["node"]["till"].post("/purchases", sale, key="till-1")
        other = till(self.node, "till9").post("/purchases", sale, key="till-9")
        self.assertEqual((first.status, other.status), (201, 200), other.text)
        self.assertEqual(other.json["id"], first.json["id"])
        self.assertEqual(other.headers["idempotent-replay"], "true")

    def test_E15_what_failed_may_be_tried_again_with_its_key(self):
        bad = self.lee.post("/purchases", {"lines": []}, key="again-1")
        self.assertEqual(bad.status, 422)
        good = self.lee.post("/purchases", {"lines": [{"sku": "a", "quantity": 1, "amount": 1}]}, key="again-1")
        self.assertEqual(good.status, 201, good.text)

    def test_E14_writes_carry_who_wrote(self):
        made = self.kim.post("/customers", {"name": "Example Dora", "card": "D1"}).json["id"]
        history = self.kim.get(f"/customers/{made}").json["history"]
        self.assertEqual(history[0]["actor"], "assistant1")
        self.problem(self.kim.post("/customers", {"name": "x", "card": "D2", "staff": "lee"}), 403, "auth", "staff")

    def test_E15_changes_are_told(self):
        connection = self.lee.connect()
        connection.request("GET", BASE + "/changes", headers={"Cookie": self.lee.cookie})
        response = connection.getresponse()
        self.assertEqual(response.getheader("Content-Type"), "text/event-stream")
        self.assertEqual(response.readline(), b": welcome\n")
        self.lee.post("/purchases", {"lines": [{"sku": "a", "quantity": 1, "amount": 1}]})
        told = set()
        while not {b"event: tip\n", b"event: status\n"} <= told:
            line = response.readline()
            self.assertTrue(line, "the stream has ended")
            if line.startswith(b"event"):
                told.add(line)
                data = json.loads(response.readline().removeprefix(b"data: "))
                self.assertIn("position" if line == b"event: tip\n" else "waiting", data)
        connection.close()

    def test_E14_a_stream_ends_with_its_session(self):
        kim = Web(self.node).sign_in("assistant1")
        connection = kim.connect()
        connection.request("GET", BASE + "/changes", headers={"Cookie": kim.cookie})
        response = connection.getresponse()
        self.assertEqual(response.readline(), b": welcome\n")
        self.assertEqual(kim.ask("DELETE", "/session").status, 204)
        response.read()  # to the end of the stream; else the line's own limit fails it
        connection.close()
        self.assertEqual(kim.get("/session").status, 401)

    def test_E14_what_an_app_asks_by_itself_is_no_use_of_a_session(self):
        kim = Web(self.node).sign_in("assistant1")

        def expires(**headers):
            return datetime.fromisoformat(kim.get("/session", **headers).json["expires"])

        first = expires()
        # A password is compared in between, which takes its time.
        self.assertEqual(Web(self.node).post("/session", {"name": "assistant1", "secret": "wrong"}).status, 401)
        looked = expires(Dangol_Unattended="true")
        used = expires()
        self.assertLess(abs(looked - first), (used - first) / 2)

    def test_E15_an_import_answers_with_the_rows_that_it_rejected(self):
        rows = "Card,Name\nZ1,Example Zoe\n,Nobody\n"
        answer = self.lee.ask("POST", "/imports/customers", rows, query={"map": "card=Card,name=Name"},
                              Content_Type="text/csv")
        self.assertEqual((answer.status, answer.json["rejected"], answer.json["rejects_file"]), (200, 1, None))
        self.assertIn("Nobody", answer.json["rejects"])
        self.assertEqual(list(self.region.path.glob("**/*.rejects*")), [])


class Certificates(RegionTest):
    def test_E14_other_machines_are_served_over_tls_only(self):
        hub = Hub(self.region)
        node = Node(self.region, hub, 12)
        for site, own in ((hub, True), (node, False)):
            site.server = site.start("serve", "--http", "0.0.0.0:0")
            site.server.says("is open" if site is node else "serving region")
            web = Web(site)
            self.assertEqual(web.url.scheme, "https")
            web.url = urllib.parse.urlsplit(f"https://127.0.0.1:{web.url.port}")
            answer = web.get("/site")
            self.assertEqual(answer.json["program"], "hub" if own else "node")
            self.assertIn("show the fingerprint", site.log_since())
            self.assertEqual((site.dir / "http.pem").exists(), not own)
            site.stop()
            self.assertFalse((site.dir / "http").exists())

    def test_a_taken_port_is_told(self):
        hub = Hub(self.region).serve()
        taken = Web(hub).url.port
        node = Node(self.region, hub, 12)
        asked = node.start("serve", "--http", f"127.0.0.1:{taken}")
        asked.ends(1) if hasattr(asked, "ends") else asked.process.wait(30)
        self.assertIn("--http", node.log_since())


class Together(RegionTest):
    def test_E15_two_tills_retrying_the_same_sale_at_once_sell_once(self):
        build(self)
        machine = self.who["node"]["till"]
        self.node.run("register", "--name", "Example Ann", "--card", "A1")
        sale = {"card": "A1", "lines": [{"sku": "COAT", "quantity": 1, "amount": 100}]}
        answers = []

        def sell():
            answers.append(machine.post("/purchases", sale, key="one"))

        threads = [threading.Thread(target=sell) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual({answer.status for answer in answers}, {201})
        self.assertEqual(len({answer.json["id"] for answer in answers}), 1)
        self.assertEqual(self.node.run("recall", "--card", "A1")["visits"], 1)


def write():
    region = Region()
    try:
        holder = type("Holder", (), {"region": region})
        build(holder)
        for program, site in holder.sites.items():
            document = Web(site).get("/openapi.json").json
            document_path(program).write_text(as_kept(document), encoding="utf-8")
    finally:
        region.close()


if __name__ == "__main__":
    write() if "--write" in sys.argv else unittest.main()
