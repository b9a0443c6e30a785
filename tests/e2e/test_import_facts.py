"""Imports hold to what the counter holds to: what is void does not count, what comes back belongs to its purchase,
nothing has happened tomorrow and nothing was answered before it was asked."""
import unittest
from datetime import datetime, timedelta, timezone

from cases import RegionTest
from region import Hub, Node

PURCHASES = "basket,kind,time,customer,sku,quantity,amount,sessions,sale,voided\n"
CONTACTS = "ref,customer,kind,purpose,time,voided\n"
HOW = {"purchases": PURCHASES.strip(), "contacts": CONTACTS.strip(),
       "customers": "card,name,time", "complaints": "ref,opened,answered,closed,text,cause"}


def after(**span):
    """A time from now on, as the store writes it."""
    return (datetime.now(timezone.utc) + timedelta(**span)).strftime("%Y-%m-%d %H:%M:%S")


class Imports(RegionTest):
    def setUp(self):
        self.hub = Hub(self.region, currency="USD", timezone="UTC", country="US")
        self.node = Node(self.region, self.hub, "A")

    def read_in(self, kind, text, *args):
        path = self.region.write(f"{kind}.csv", text)
        return self.node.run("import", kind, path, "--map", HOW[kind], "--source", "till", *args)

    def wants(self, told, **expected):
        self.assertEqual({key: told[key] for key in expected}, expected, str(told))

    def rejected(self, told, field, reason):
        self.assertEqual([problem["field"] for problem in told["problems"]], [field], str(told))
        self.assertIn(reason, told["problems"][0]["reason"])

    def spend(self):
        value = self.node.run("customer", "--card", "C1")
        return value["spend"], value["visits"]


class Voids(Imports):
    def test_E15_a_void_sale_does_not_count_and_stays_void(self):
        rows = ("1,purchase,2024-03-01 10:00,C1,COAT,1,50,,,{}\n1,purchase,2024-03-01 10:00,C1,HAT,1,20,,,{}\n"
                "2,purchase,2024-03-02 10:00,C1,HAT,1,7,,,no\n")
        counts, void = PURCHASES + rows.format("no", ""), PURCHASES + rows.format("yes", "")
        dry = self.read_in("purchases", void, "--dry-run")
        self.wants(dry, written=3, events=4)
        self.assertEqual([event["type"] for event in dry["preview"]], ["registered", "sold", "voided", "sold"])
        self.wants(self.read_in("purchases", counts), written=3, events=3)
        self.assertEqual(self.spend(), (7700, 2))
        self.wants(self.read_in("purchases", void, "--dry-run"), written=2, skipped=1, events=1)
        self.wants(self.read_in("purchases", void), written=2, skipped=1, events=1, rejected=0)
        self.assertEqual(self.spend(), (700, 1))
        self.wants(self.read_in("purchases", void), written=0, skipped=3, events=0)
        # Somebody lets it count again: the same file says nothing new.
        sale, = [event["id"] for event in self.node.run("customer", "--card", "C1")["history"] if event["voided"]]
        self.node.run("void", sale, "--undo", "--reason", "it was right")
        self.wants(self.read_in("purchases", void), skipped=3, events=0)
        self.assertEqual(self.spend(), (7700, 2))

    def test_E15_a_void_row_of_other_amounts_voids_nothing(self):
        row = "1,purchase,2024-03-01 10:00,C1,COAT,1,{},,,{}\n"
        self.read_in("purchases", PURCHASES + row.format(50, "no"))
        told = self.read_in("purchases", PURCHASES + row.format(51, "yes"))
        self.rejected(told, "basket", "is here already with other lines or amounts")
        self.wants(told, events=0)
        self.assertEqual(self.spend(), (5000, 1))
        told = self.read_in("purchases", PURCHASES + row.format(5, "no") + row.format(6, "yes"))
        self.assertEqual([problem["field"] for problem in told["problems"]][1:], ["voided"], str(told))
        self.rejected(self.read_in("purchases", PURCHASES + row.format(5, "perhaps")), "voided", "neither yes nor no")

    def test_E15_a_void_contact(self):
        row = "1,C1,call,fit,2024-03-01 10:00,{}\n"
        self.wants(self.read_in("contacts", CONTACTS + row.format("no")), written=1)
        self.wants(self.read_in("contacts", CONTACTS + row.format("yes")), written=1, events=1)
        self.wants(self.read_in("contacts", CONTACTS + row.format("yes")), skipped=1, events=0)
        self.wants(self.read_in("contacts", CONTACTS + "2,C1,call,fit,2024-03-01 11:00,yes\n"), written=1, events=2)
        self.assertEqual([event["voided"] for event in self.node.run("customer", "--card", "C1")["history"]
                          if event["type"] == "contacted"], [True, True])


class Returns(Imports):
    def test_E15_a_return_finds_its_purchase_wherever_it_stands(self):
        text = PURCHASES + ("9,return,2024-03-02 10:00,,FACIAL,-1,-60,10,8,no\n"
                            "8,purchase,2024-03-02 10:00,C1,FACIAL,2,120,10,,no\n")
        self.wants(self.read_in("purchases", text, "--dry-run"), written=2, events=3, rejected=0)
        self.wants(self.read_in("purchases", text), written=2, events=3, rejected=0)
        self.wants(self.read_in("purchases", text), skipped=2, events=0)
        self.assertEqual(self.spend(), (6000, 1))
        customer = self.node.run("recall", "--card", "C1")["id"]
        package, = self.node.run("package", "list", customer)
        self.assertEqual((package["bought"], package["returned"], package["left"]), (10, 5, 5))
        # The other half is in a file of the next day; then the counter has nothing left to take back.
        self.read_in("purchases", PURCHASES + "10,return,2024-03-03 10:00,,FACIAL,-1,-60,10,8,no\n")
        self.assertEqual(self.spend(), (0, 1))
        self.assertRefused(self.node, "return", package["sale"], says="came back before")

    def test_E15_returns_of_what_is_not_here(self):
        row = "9,{},2024-03-02 10:00,C1,FACIAL,{},{},{},{},no\n"
        for kind, quantity, amount, sessions, sale, field, reason in (
                ("return", -1, -60, 10, "8", "sale", "is not here"),
                ("purchase", 1, 60, 10, "8", "sale", "this is a purchase"),
                ("purchase", -1, -60, 10, "", "sessions", "of a package that is sold"),
                ("return", -1, -60, -10, "", "sessions", "below zero")):
            told = self.read_in("purchases", PURCHASES + row.format(kind, quantity, amount, sessions, sale))
            self.rejected(told, field, reason)
            self.wants(told, events=0)
        self.wants(self.read_in("purchases", PURCHASES + row.format("return", -1, -60, 10, "")), written=1)
        # A purchase, but rejected: its return goes with it.
        told = self.read_in("purchases", PURCHASES + "11,purchase,2024-03-01 10:00,C1,FACIAL,one,60,,,no\n"
                            "12,return,2024-03-02 10:00,C1,FACIAL,-1,-60,,11,no\n")
        self.assertEqual([problem["field"] for problem in told["problems"]], ["quantity", "sale"])


class Times(Imports):
    def test_E15_nothing_has_happened_yet(self):
        late, rows = after(days=1, hours=1), {
            "purchases": ("time", PURCHASES + "1,purchase,{},C1,COAT,1,50,,,no\n"),
            "contacts": ("time", CONTACTS + "1,C1,call,fit,{},no\n"),
            "customers": ("time", "card,name,time\nC1,Example Ann,{}\n")}
        complaint = "ref,opened,answered,closed,text,cause\n1,{},{},{},a button,\n"
        for kind, (field, text) in rows.items():
            self.rejected(self.read_in(kind, text.format(late)), field, "has not happened yet")
        now = after(hours=-1)
        for field, times in {"opened": (late, "", ""), "answered": (now, late, ""),
                             "closed": (now, now, late)}.items():
            self.rejected(self.read_in("complaints", complaint.format(*times)), field, "has not happened yet")
        self.assertEqual(self.node.status()["events"], 0)
        # Within a day it is another clock, as where it is typed.
        self.wants(self.read_in("purchases", rows["purchases"][1].format(after(hours=23))), written=1)

    def test_V1_what_is_dated_later_counts_later_everywhere(self):
        self.node.run("register", "--name", "Example Ann", "--phone", "202-555-0101", "--card", "C1")
        self.read_in("purchases", PURCHASES + f"1,purchase,{after(hours=-1)},C1,COAT,1,50,,,no\n"
                     f"2,purchase,{after(hours=23)},C1,GOLD,1,9000,,,no\n")
        recalled = self.node.run("recall", "--card", "C1")
        self.assertEqual((recalled["spend"], recalled["visits"]), (5000, 1))
        self.assertEqual([item["sku"] for item in recalled["items"]], ["COAT"])
        self.assertEqual(recalled["last"], recalled["last_visit"]["at"])
        self.assertEqual(self.spend(), (5000, 1))
        self.assertEqual([(row["spend"], row["visits"]) for row in self.node.vip()], [(5000, 1)])
        self.assertIn(" 50.00 ", self.node.run("customer", "--card", "C1", json=False))

    def test_X4_an_answer_before_the_complaint(self):
        text = "ref,opened,answered,closed,text,cause\n1,2026-05-03 10:00,{},{},a button,{}\n"
        for answered, closed, cause, field, reason in (
                ("2026-05-03 09:00", "", "", "answered", "before the complaint was opened"),
                ("2026-05-03 09:59:59", "2026-05-04", "", "answered", "before the complaint was opened"),
                ("", "2026-05-03 09:00", "", "closed", "before the complaint was opened"),
                ("", "", "seam", "answered", "although the row tells the cause")):
            self.rejected(self.read_in("complaints", text.format(answered, closed, cause)), field, reason)
        self.assertEqual(self.node.run("complaints", "--all"), [])
        told = self.read_in("complaints", text.format("2026-05-03 10:00", "2026-05-03 10:00", "seam"))
        self.wants(told, written=1, events=4)
        self.wants(self.read_in("complaints", text.format("2026-05-03 10:00", "2026-05-03 10:00", "seam")), skipped=1)
        row, = self.node.run("complaints", "--all")
        self.assertEqual((row["cause"], row["state"]), ("seam", "closed"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
