"""An account of the hub's that is bound to a store (E14): by every route of the served document, in every role, it gets
what is of its store and nothing else. What it gets is the same before and after another store and the region have
written all there is to write."""
import csv
import io
import json
import re
import unittest

from calls import Calls, fill
from cases import RegionTest
from region import Hub, Node, wait_until
from web import BASE, Web, account, till

ROLES = ("assistant", "manager", "desk", "region", "auditor", "it")
OWN, OTHER = "12", "34"
# How the other store's things are called: whatever is there is called otherwise than at the own store.
NAMES = {"Example": "Zzq", "COAT-3": "ZZQCOAT", "FACIAL": "ZZQFACIAL", "kim": "zzqkim", "lee": "zzqlee",
         "010-0000-0001": "010-9999-0001", "A1": "Z1", "B1": "Z2", "C1": "Z3", "opera": "zzqopera", "Tea": "Zzqtea",
         "button": "zzqbutton", "coat": "zzqcoat", "bob": "zzqbob", "ann": "zzqann",
         "180000": "280000", "200000": "300000"}
MARKS = re.compile(r"(?i)zzq|9999-?0001|\bZ[123]\b|\+8210999")
# How long something has waited, or a session lasts, by now; and an employee's place in the contest of the region.
PASSING = re.compile(r"_ms$|^(expires|rank_region|place)$")
KINDS = {"/reports/{kind}": ("inactive", "back", "gained-lost", "cohorts", "returning", "leaving", "complaints",
                             "benefits")}
# What a list of somebody's is asked with.
QUERIES = {"/customers": {"text": "a"}, "/recall": {"card": "A1"}}
# Exports that are of the store, and those that are of the region.
EXPORTS = ("customers", "purchases", "contacts", "complaints", "vip", "benefits", "monthly", "followups", "findings",
           "staff", "tags", "policy", "report/inactive", "staff/sample", "search/a")
REGIONAL = ("segments", "rfm", "duplicates", "stores", "points", "packages", "promise/list", "gathering/list", "alerts")
WRITES = ("POST", "PUT", "PATCH", "DELETE")


def steady(value):
    if isinstance(value, dict):
        return {key: steady(item) for key, item in value.items() if not PASSING.search(key)}
    return [steady(item) for item in value] if isinstance(value, list) else value


class OneStore(RegionTest):
    shared = True

    @classmethod
    def build(cls):
        cls.hub = Hub(cls.region).serve()
        cls.own, cls.other = (Node(cls.region, cls.hub, code).serve() for code in (OWN, OTHER))
        cls.fill_store(cls.own, {})
        cls.own.level()
        cls.bound = {role: account(cls.hub, f"bound-{role}", role, "--store", OWN) for role in ROLES}
        cls.bound["till"] = Web(cls.hub, token=cls.hub.run("user", "token", "bound-till", "--store", OWN)["token"])
        cls.document = cls.bound["it"].get("/openapi.json").json
        cls.before = cls.everything()
        cls.exported = cls.exports()
        cls.made = cls.fill_store(cls.other, NAMES)
        cls.other.level()
        region = account(cls.hub, "zzqregion", "region")
        for method, path, body in (("PUT", "/staff/zzqdesk", {"role": "desk"}),
                                   ("POST", "/gatherings", {"name": "Zzq tea"}),
                                   ("POST", f"/customers/{cls.made['zzqann']}/grants", {"tier": "platinum"})):
            assert region.ask(method, path, body).status < 300, path
        desk = account(cls.hub, "zzqdesk1", "desk")
        for body in ({"text": "zzq nobody called back"}, {"card": "Z1", "text": "zzq it rained in"}):
            assert desk.post("/complaints", {"channel": "hotline"} | body).status == 201

    @staticmethod
    def fill_store(node, names):
        """Everything that a store can write, by the calls of test_api; {what was made: its id}."""
        def call_it(text):
            return re.sub(r"[A-Za-z0-9-]+", lambda word: names.get(word.group(0), word.group(0)), text)

        who = {role: account(node, f"{role}-{node.store}", role) for role in ROLES}
        who["till"] = till(node, f"till-{node.store}")
        made = {}
        for role, method, path, body, name in Calls.NODE:
            path = fill(call_it(path), made)
            body = fill(json.loads(call_it(json.dumps(body))), made)
            if "user" in path or "mapping" in path or "session" in path or "imports" in path:
                continue
            answer = who[role].ask(method, path, {} if body is None else body)
            assert answer.status < 300 or (method, path.split("/")[1]) == ("PUT", "staff"), (path, answer.text)
            if name:
                made[call_it(name)] = answer.json["id"]
        return made

    # -- every route

    @classmethod
    def operations(cls):
        for template, operations in cls.document["paths"].items():
            for method, operation in operations.items():
                yield method.upper(), template, operation

    @classmethod
    def reads(cls):
        """(role, template, path) of every GET that a bound account may ask, and that ends."""
        for method, template, operation in cls.operations():
            if method != "GET" or operation["x-bound-account"] == "refused" or template == "/changes":
                continue
            if "{" in template and template not in KINDS:
                continue  # one thing, by its number: has a test of its own
            for role in operation["x-roles"]:  # none: for whoever asks
                for kind in KINDS.get(template, [""]):
                    yield role, template, re.sub(r"\{kind\}", kind, template)

    @classmethod
    def everything(cls):
        answers = {}
        for role, template, path in cls.reads():
            for form in ("application/json", "text/csv"):
                answer = cls.bound[role].get(path, QUERIES.get(path), Accept=form)
                if form == "text/csv" and answer.status in (200, 406):
                    rows = csv.DictReader(io.StringIO(answer.text)) if answer.status == 200 else ()
                    answers[role, path, form] = answer.status, steady(list(rows))
                else:
                    answers[role, path, form] = answer.status, steady(answer.json)
        return answers

    @classmethod
    def exports(cls):
        answers = {name: cls.bound["manager"].get(f"/exports/{name}") for name in EXPORTS}
        return {name: (answer.status, steady(list(csv.DictReader(io.StringIO(answer.text)))))
                for name, answer in answers.items()}

    def somebody_elses(self, template):
        """The path with the other store's things in it."""
        things = {"/customers/": "zzqann", "/complaints/": "complaint", "/purchases/": "sale", "/events/": "return",
                  "/promises/": "promise", "/gatherings/": "gathering"}
        thing = next((name for part, name in things.items() if template.startswith(part)), "zzqann")
        words = {"{id}": self.made[thing], "{code}": "zzqkim", "{store}": OTHER, "{name}": "zzqregion",
                 "{step}": "listen", "{list}": "customers",
                 "{kind}": {"/replay/{kind}": "vip", "/imports/{kind}": "customers"}.get(template, "gained-lost")}
        return re.sub(r"\{\w+\}", lambda found: words.get(found.group(0), self.made[thing]), template)

    def test_E14_a_bound_account_is_refused_whatever_says_nothing_of_it(self):
        for method, template, operation in self.operations():
            path = self.somebody_elses(template)
            for role in operation["x-roles"]:
                if operation["x-bound-account"] != "refused":
                    continue
                body = "Name,Card\nMade Up,M1\n" if "/imports" in path else {} if method in WRITES else None
                answer = self.bound[role].ask(method, path, body)
                with self.subTest(role=role, call=(method, template)):
                    self.assertEqual(answer.status, 403, answer.text)
                    self.assertIsNone(MARKS.search(answer.text), answer.text)

    def test_E14_a_bound_account_writes_at_its_store_and_not_at_the_hub(self):
        for method, template, operation in self.operations():
            if method in WRITES and template != "/session":
                self.assertEqual(operation["x-bound-account"], "refused", f"{method} {template}")

    def test_E14_what_a_bound_account_reads_is_the_same_whatever_others_write(self):
        after = self.everything()
        self.assertEqual(after.keys(), self.before.keys())
        seen = set()
        for (role, path, form), (status, answer) in after.items():
            with self.subTest(role=role, path=path, form=form):
                self.assertIn(status, (200, 406) if form == "text/csv" else (200,), answer)
                self.assertEqual(self.before[role, path, form], (status, answer))
                self.assertIsNone(MARKS.search(json.dumps(answer)))
            seen |= {path} if "Example Ann" in json.dumps(answer) else set()
        self.assertLessEqual({"/complaints", "/vip", "/benefits", "/staff/sample"}, seen, "it sees its own store")

    def test_E14_whoever_is_not_bound_is_told_of_both(self):
        whole = account(self.hub, "zzqmanager", "manager")
        for path in ("/complaints", "/vip", "/pyramid", "/benefits", "/staff", "/staff/sample"):
            with self.subTest(path=path):
                self.assertIsNotNone(MARKS.search(whole.get(path).text))

    def test_E14_a_bound_account_names_no_other_store(self):
        for role, template, path in self.reads():
            if template == "/session":
                continue
            for query in ({"store": OTHER}, {"store": [OWN, OTHER]}, {"store": [OTHER, OWN]}, {"store": ""}):
                answer = self.bound[role].get(path, QUERIES.get(path, {}) | query)
                with self.subTest(role=role, path=path, query=query):
                    self.assertIn(answer.status, (400, 403), answer.text)

    def test_E14_a_bound_account_exports_the_lists_of_its_store(self):
        after = self.exports()
        for name, (status, rows) in after.items():
            with self.subTest(name=name):
                self.assertEqual(status, 200)
                self.assertEqual((status, rows), self.exported[name], "the same before others wrote")
                self.assertIsNone(MARKS.search(json.dumps(rows)))
        ids = {row["id"] for row in after["customers"][1]}
        at_the_store = csv.DictReader(io.StringIO(self.own.run("export", "customers", "--csv", json=False)))
        self.assertEqual(ids, {row["id"] for row in at_the_store}, "whom it serves")
        self.assertTrue(after["contacts"][1] and after["purchases"][1] and after["vip"][1])
        for name in REGIONAL:
            self.assertEqual(self.bound["manager"].get(f"/exports/{name}").status, 403, name)
        for name in ("customers", "vip", "report/inactive"):
            for query in ({"store": OTHER}, {"store": [OWN, OTHER]}):
                self.assertEqual(self.bound["manager"].get(f"/exports/{name}", query).status, 403, name)
            for role in ("assistant", "desk", "it", "till"):
                self.assertEqual(self.bound[role].get(f"/exports/{name}").status, 403, (name, role))

        def recorded():
            looks = self.hub.run("access", "--user", "bound-manager")
            return any((row["route"], row["outcome"]) == ("/exports/{list}", "allowed")
                       and ids <= set(row["customers"]) for row in looks)

        wait_until(recorded, "whom it exported is recorded")

    def test_E14_a_bound_account_finds_the_customers_of_its_store(self):
        """As at the store's own counter: whom it serves, all of her; and of nobody else is it told even that she is."""
        desk, ann = self.bound["desk"], self.own.run("search", "A1")[0]["customer"]
        pages = (("/customers/{id}", {}), ("/customers/{id}/recall", {}), ("/customers/{id}/fields", {}),
                 ("/customers/{id}/points", {}), ("/customers/{id}/packages", {}), ("/customers/{id}/benefits", {}),
                 ("/purchases", {"customer": "{id}"}))
        for path, query in pages:
            at = lambda who: desk.get(path.replace("{id}", who), {key: who for key in query})
            with self.subTest(path=path):
                self.assertEqual(at(ann).status, 200)
                theirs, nobodys = at(self.made["zzqann"]), at("2-999999")
                self.assertEqual((theirs.status, theirs.json), (nobodys.status, nobodys.json))
                self.assertEqual(theirs.status, 403)
        for number, own in (({"card": "A1"}, 200), ({"phone": "010-0000-0001"}, 200), ({"card": "Z1"}, 403),
                            ({"phone": "010-9999-0001"}, 403), ({"card": "nobody's"}, 403)):
            self.assertEqual(desk.get("/recall", number).status, own, number)
        found = lambda text: [row["customer"] for row in desk.get("/customers", {"text": text}).json]
        for text in ("Example Ann", "xamp", "A1", "0001", "010-0000-0001"):
            self.assertIn(ann, found(text), text)
        for text in ("Zzq", "Z1", "010-9999-0001", "99990001"):
            self.assertEqual(found(text), [], text)

    def test_E14_who_is_one_person_with_a_customer_of_the_store_is_its_customer(self):
        card = self.other.run("register", "--name", "Example Twin", "--card", "T1", "--phone", "010-0000-0077")["id"]
        self.other.level()
        manager = self.bound["manager"]
        self.assertEqual(manager.get(f"/customers/{card}").status, 403)
        mine = self.own.run("register", "--name", "Example Twin", "--card", "T2", "--phone", "010-0000-0077")["id"]
        self.own.level()
        wait_until(lambda: manager.get(f"/customers/{card}").status == 200, "they are found to be one")
        self.assertEqual(sorted(manager.get(f"/customers/{mine}").json["ids"]), sorted([card, mine]))

    def test_E14_one_complaint_is_seen_by_its_store_and_by_that_it_is_routed_to(self):
        own = self.bound["manager"].get("/complaints", {"all": "true"}).json[0]["id"]
        theirs = self.made["complaint"]
        for role in ("assistant", "manager", "desk", "region", "auditor"):
            with self.subTest(role=role):
                self.assertEqual(self.bound[role].get(f"/complaints/{own}").json["name"], "Example Ann")
                refused = [self.bound[role].get(f"/complaints/{id}") for id in (theirs, "2-999999")]
                self.assertEqual([answer.status for answer in refused], [403, 403])
                self.assertEqual(refused[0].json, refused[1].json, "nor is it told whether there is one")
                self.assertIsNone(MARKS.search(refused[0].text))

    def listen(self, who):
        connection = who.connect(timeout=60)
        self.addCleanup(connection.close)
        connection.request("GET", BASE + "/changes", headers={"Cookie": who.cookie})
        stream = connection.getresponse()
        self.assertIn(b"welcome", stream.readline())
        return stream

    def events(self, stream, wanted):
        """[(name, data)] of events, up to the first that is wanted; a stream without it for eight beats has none."""
        told, beats = [], 0
        while beats < 8:
            line = stream.readline().decode()
            self.assertTrue(line, "the stream has ended")
            beats += line.startswith(": beat")
            if line.startswith("event: "):
                told.append((line[7:].strip(), json.loads(stream.readline().decode().removeprefix("data: "))))
                if wanted(*told[-1]):
                    return told
        raise AssertionError(f"it did not come; what came is {told}")

    def test_E14_a_bound_account_hears_that_something_is_new_and_no_figures(self):
        one, whole = self.listen(self.bound["manager"]), self.listen(account(self.hub, "zzqwhole", "manager"))
        Node(self.region, self.hub, "56").sync()  # one stream more: the status is another one
        self.events(whole, lambda name, data: name == "status" and data["streams"] >= 3)
        self.hub.run("complaint", "open", "--channel", "hotline", "--text", "zzq")
        events = self.hub.status()["events"]
        told = self.events(one, lambda name, data: name == "tip" and data["position"] >= events)
        self.assertEqual({name for name, data in told}, {"tip"}, "the status came before, to those who are told")


if __name__ == "__main__":
    unittest.main()
