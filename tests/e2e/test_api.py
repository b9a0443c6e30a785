"""The API of both programs, by its own document: every route is called, and answers what is promised.

To write the documents in the tree anew after a change: python3 tests/e2e/test_api.py --write (with DANGOL_BIN set).
"""
import json
import pathlib
import re
import sys
import threading
import unittest
import urllib.parse
from datetime import datetime

from cases import RegionTest
from region import Hub, Node, Region, program
from web import BASE, SECRET, Web, account, faults, resolve, till

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


class Calls:
    """One call of every route. The things that a call needs are made by those before it; `{name}` in a path or body is
    one of them, by what it was called when it was made."""

    LINES = [{"sku": "COAT-3", "quantity": 1, "amount": 180000, "list_amount": 200000},
             {"sku": "FACIAL", "quantity": 1, "amount": 90000}]

    # (who, method, path, body or query, what the answer's id is called)
    NODE = [
        ("assistant", "PUT", "/staff/{staff}", None, None),
        ("manager", "PUT", "/staff/kim", {"role": "assistant", "name": "Kim Made-Up"}, None),
        ("manager", "PUT", "/staff/lee", {"role": "manager"}, None),
        ("manager", "PUT", "/staff/kim/pin", {"secret": "4711"}, None),
        ("assistant", "POST", "/customers", {"name": "Example Ann", "phone": "010-0000-0001", "card": "A1",
                                             "birthday": "1990-02-28", "told": True, "rules_shown": True}, "ann"),
        ("till", "POST", "/customers", {"name": "Example Bob", "card": "B1"}, "bob"),
        ("till", "POST", "/purchases", {"card": "A1", "lines": LINES, "package": ["FACIAL,10"]}, "sale"),
        ("till", "POST", "/purchases", {"lines": LINES[:1]}, "anonymous"),
        ("till", "POST", "/purchases", {"lines": LINES[:1]}, "another"),
        ("assistant", "POST", "/purchases/{anonymous}/customer", {"customer": "{ann}"}, None),
        ("assistant", "POST", "/purchases/{sale}/returns", {"lines": [{"sku": "COAT-3", "quantity": 1,
                                                                       "amount": 180000}]}, "return"),
        ("assistant", "POST", "/returns", {"card": "A1", "lines": LINES[:1]}, None),
        ("manager", "POST", "/events/{return}/void", {"reason": "typed by mistake"}, None),
        ("assistant", "PATCH", "/customers/{ann}", {"taste": "green", "email": "ann@example.org"}, None),
        ("assistant", "POST", "/customers/{ann}/contacts", {"kind": "call", "purpose": "care", "outcome": "reached",
                                                            "note": "liked the coat"}, None),
        ("assistant", "POST", "/customers/{ann}/consents", {"purpose": "news", "given": True}, None),
        ("assistant", "POST", "/customers/{ann}/tags", {"label": "opera"}, None),
        ("assistant", "POST", "/customers/{ann}/relations", {"kind": "companion", "other": "{bob}"}, None),
        ("manager", "POST", "/customers/{ann}/custodian", {"custodian": "kim"}, None),
        ("manager", "POST", "/customers/{ann}/grants", {"tier": "gold"}, None),
        ("assistant", "POST", "/customers/{bob}/left", {"reason": "no-care"}, None),
        ("assistant", "POST", "/customers/{ann}/benefits", {"kind": "coupon", "cost": 5000}, None),
        ("till", "POST", "/customers/{ann}/redemptions", {"points": 1}, None),
        ("assistant", "POST", "/customers/{ann}/sessions", {"sale": "{sale}", "sku": "FACIAL"}, None),
        ("manager", "POST", "/customers/{ann}/checks", {"valid": "yes"}, None),
        ("manager", "POST", "/handovers", {"from": "kim", "to": "lee"}, None),
        ("manager", "POST", "/reviews", {"files": 2}, None),
        ("assistant", "POST", "/complaints", {"card": "A1", "channel": "counter", "text": "a button came off"},
         "complaint"),
        ("assistant", "POST", "/complaints/{complaint}/steps/listen", {"text": "heard out"}, None),
        ("assistant", "POST", "/complaints/{complaint}/pause", {"reason": "abroad"}, None),
        ("assistant", "POST", "/complaints/{complaint}/resume", {}, None),
        ("assistant", "POST", "/complaints/{complaint}/steps/outcome",
         {"text": "is content", "satisfied": "yes", "score": 5, "skip_reason": "settled at once"}, None),
        ("manager", "POST", "/complaints/{complaint}/reopen", {"text": "it came off again"}, None),
        ("manager", "POST", "/complaints/{complaint}/route", {"level": "region"}, None),
        ("assistant", "POST", "/promises", {"customer": "{ann}", "by": "2031-01-31", "text": "a new button"},
         "promise"),
        ("assistant", "POST", "/promises/{promise}/keep", {}, None),
        ("assistant", "POST", "/marks", {"kind": "rainy"}, None),
        ("manager", "POST", "/gatherings", {"name": "Tea", "cost": 30000}, "gathering"),
        ("manager", "POST", "/imports/customers", "Name,Card\nExample Cid,C1\n,\n", None),
        ("manager", "DELETE", "/staff/lee", None, None),
        ("it", "POST", "/users", {"name": "new", "role": "assistant", "secret": SECRET}, None),
        ("it", "PUT", "/users/new", {"role": "manager"}, None),
        ("it", "PUT", "/users/new/secret", {"secret": SECRET + "2"}, None),
        ("it", "POST", "/users/till2/tokens", {"days": 7}, None),
        ("it", "DELETE", "/users/new", None, None),
        ("manager", "DELETE", "/mappings/till", None, None),
        ("manager", "POST", "/verify", {}, None),
        ("desk", "DELETE", "/session", None, None),
    ]
    HUB = [
        ("region", "PUT", "/staff/desk9", {"role": "desk"}, None),
        ("region", "PUT", "/staff/desk9/pin", {"secret": "4711"}, None),
        ("region", "DELETE", "/staff/desk9", None, None),
        ("desk", "POST", "/customers/{ann}/contacts", {"kind": "call", "purpose": "care"}, None),
        ("desk", "POST", "/customers/{ann}/consents", {"purpose": "news", "withdrawn": True}, None),
        ("desk", "POST", "/customers/{ann}/tags", {"label": "theatre"}, None),
        ("desk", "PATCH", "/customers/{ann}", {"taste": "plain"}, None),
        ("desk", "POST", "/customers/{ann}/relations", {"kind": "family", "other": "{bob}"}, None),
        ("desk", "POST", "/customers/{ann}/custodian", {"custodian": "kim"}, None),
        ("region", "POST", "/customers/{ann}/grants", {"tier": "platinum"}, None),
        ("desk", "POST", "/customers/{bob}/left", {"reason": "service"}, None),
        ("desk", "POST", "/handovers", {"from": "kim", "to": "lee"}, None),
        ("manager", "POST", "/customers/{ann}/checks", {"valid": "no", "findings": "has moved"}, None),
        ("region", "POST", "/links", {"a": "{ann}", "b": "{bob}"}, None),
        ("region", "POST", "/unlinks", {"a": "{ann}", "b": "{bob}"}, None),
        ("manager", "POST", "/purchases/{another}/customer", {"customer": "{bob}"}, None),
        ("desk", "POST", "/events/{return}/void", {"reason": "no, it was right", "undo": True}, None),
        ("desk", "POST", "/complaints", {"channel": "hotline", "text": "nobody called back"}, "complaint"),
        ("desk", "POST", "/complaints/{complaint}/steps/listen", {"text": "heard out"}, None),
        ("desk", "POST", "/complaints/{complaint}/pause", {"reason": "abroad"}, None),
        ("desk", "POST", "/complaints/{complaint}/resume", {}, None),
        ("desk", "POST", "/complaints/{complaint}/steps/outcome",
         {"text": "is not content", "satisfied": "no", "score": 2, "skip_reason": "settled at once"}, None),
        ("desk", "POST", "/complaints/{complaint}/reopen", {"text": "again"}, None),
        ("desk", "POST", "/complaints/{complaint}/route", {"level": "company"}, None),
        ("desk", "POST", "/promises", {"customer": "{ann}", "by": "2031-01-31", "text": "a call"}, "promise"),
        ("desk", "POST", "/promises/{promise}/keep", {}, None),
        ("region", "POST", "/gatherings", {"name": "Tea"}, None),
        ("region", "PUT", "/policy", {"set": {"answer-hours": 12}}, None),
        ("region", "POST", "/policy/preview", {"kind": "vip", "set": {"answer-hours": 6}}, None),
        ("region", "POST", "/policy/preview/reports/inactive", {"set": {"inactive-months": "3,12"}}, None),
        ("it", "POST", "/stores", {"store": "77", "name": "Seventy-Seven Street"}, None),
        ("it", "POST", "/stores/77/revoke", {"reason": "never opened"}, None),
        ("it", "POST", "/stores/12/clock", {"from": 1, "to": 1, "ms": 1000}, None),
        ("it", "POST", "/users", {"name": "new", "role": "desk", "secret": SECRET}, None),
        ("it", "PUT", "/users/new", {"role": "region"}, None),
        ("it", "PUT", "/users/new/secret", {"secret": SECRET + "2"}, None),
        ("it", "POST", "/users/till2/tokens", {"days": 7}, None),
        ("it", "DELETE", "/users/new", None, None),
        ("it", "POST", "/verify", {}, None),
        ("region", "POST", "/customers/{bob}/erase", {}, None),
        ("assistant", "DELETE", "/session", None, None),
    ]
    QUERIES = {"/recall": {"card": "A1"}, "/customers": {"text": "Example"}, "/replay/{kind}": {},
               "/customers/{id}/points": {}}
    PLACES = {"kind": {"/reports/{kind}": "gained-lost", "/replay/{kind}": "vip",
                       "/replay/reports/{kind}": "gained-lost"}, "list": {"/exports/{list}": "vip"}}
    IMPORT = {"map": "name=Name,card=Card", "save_map": "till"}
    # What is refused for a reason of the test's own data, and is a problem then.
    REFUSED = {("PUT", "/staff/{staff}"): 403, ("PUT", "/staff/desk9/pin"): 409}


def fill(value, made):
    """`{name}` in texts, at any depth."""
    if isinstance(value, str):
        return re.sub(r"\{(\w+)\}", lambda found: made.get(found.group(1), found.group(0)), value)
    if isinstance(value, dict):
        return {key: fill(item, made) for key, item in value.items()}
    if isinstance(value, list):
        return [fill(item, made) for item in value]
    return value


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
        """The answer is one that the document promises."""
        status = str(answer.status)
        promised = operation["responses"].get(status, operation["responses"]["default"])
        if "$ref" in promised:
            promised = self.documents[program]["components"]["responses"]["Problem"]
        what = f"{program} {method} {template}: {status} {answer.text[:500]}"
        for kind, content in promised.get("content", {}).items():
            self.assertTrue(answer.headers["content-type"].startswith(kind), what)
            if kind.endswith("json"):
                self.assertEqual(faults(self.documents[program], content["schema"], answer.json), [], what)
        for name in ("content-security-policy", "x-content-type-options", "referrer-policy"):
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
            seen.add((template, "GET"))
        return seen

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
        self.problem(self.kim.post("/purchases", {"lines": [{"sku": "a", "quantity": 1, "amount": "1.5"}]}), 422,
                     "invalid", "line")
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
        packed = self.lee.get("/openapi.json", Accept_Encoding="zstd")
        plain = self.lee.get("/openapi.json")
        self.assertEqual(packed.headers["content-encoding"], "zstd")
        self.assertLess(len(packed.body), len(plain.body) / 3)
        self.assertNotIn("content-encoding", plain.headers)

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
