"""Imports as a shop goes about them: a file nobody has said anything about, a mapping kept for the next day, a look
before the leap, rejected rows corrected; and the ways in which files disappoint."""
import csv
import os
import signal
import subprocess
import unittest

from cases import RegionTest
from processes import wait_until
from region import PATIENCE, Hub, Node, program
from web import account

HEADER = "Receipt No;Date;Item;Qty;Total;Member\n"
DAY = HEADER + "1;05.03.2024 10:00;a;1;3,50;77\n1;05.03.2024 10:00;b;2;4;77\n2;06.03.2024 11:00;c;1;5;\n"
DAY = DAY.replace("3,50", "3.50")
MAP = "customer=Member,basket=Receipt No,time=Date,sku=Item,quantity=Qty,amount=Total"
HOW = ("--map", MAP, "--date-format", "%d.%m.%Y %H:%M")


class Ways(RegionTest):
    def setUp(self):
        self.hub = Hub(self.region, currency="USD", timezone="UTC", country="US")
        self.node = Node(self.region, self.hub, "A")

    def read_in(self, path, *args, kind="purchases", **how):
        return self.node.run("import", kind, path, *args, **how)

    def refused(self, path, *args, kind="purchases", **how):
        return self.assertRefused(self.node, "import", kind, path, *args, **how)

    def events(self):
        return self.node.status()["events"]


class Proposals(Ways):
    def test_E15_a_file_that_nobody_has_described(self):
        path = self.region.write("day.csv", DAY)
        told = self.read_in(path, "--suggest")
        self.assertEqual((told["map"], told["missing"], told["delimiter"], told["encoding"]), (MAP, [], ";", "UTF-8"))
        self.assertEqual((told["date_format"], told["other_date_format"]), ("%d.%m.%Y %H:%M", None))
        self.assertEqual([(row["column"], row["field"]) for row in told["columns"]],
                         [("Receipt No", "basket"), ("Date", "time"), ("Item", "sku"), ("Qty", "quantity"),
                          ("Total", "amount"), ("Member", "customer")])
        self.assertEqual(told["columns"][2]["examples"], ["a", "b", "c"])
        self.assertIn(f"--map '{MAP}' --date-format '%d.%m.%Y %H:%M'", self.read_in(path, "--suggest", json=False))
        error = self.refused(path, field="map", says="--map is missing")
        self.assertIn(MAP, error["message"])
        self.assertEqual(self.events(), 0)
        told = self.read_in(path, "--map", told["map"], "--date-format", told["date_format"])
        self.assertEqual((told["written"], told["events"], told["rejected"]), (3, 3, 0))

    def test_E15_in_korean_and_chinese(self):
        files = {"cp949": ("회원번호,이름,휴대폰,생년월일\n77,김단골,202-555-0101,1990-05-01\n78,이단골,202-555-0102,\n"
                           "79,박단골,202-555-0103,\n80,최단골,202-555-0104,\n"),
                 "gb18030": "会员卡号,姓名,手机号,生日\n77,王小明,202-555-0101,1990-05-01\n78,李小红,202-555-0102,\n"}
        for encoding, text in files.items():
            path = self.region.write("people.csv", text.encode(encoding))
            told = self.read_in(path, "--suggest", kind="customers")
            self.assertEqual(told["encoding"], encoding.upper())
            columns = dict(zip(("card", "name", "phone", "birthday"), text.split("\n")[0].split(",")))
            self.assertEqual({row["field"]: row["column"] for row in told["columns"]}, columns)
            told = self.read_in(path, "--map", told["map"], "--source", encoding, kind="customers")
            self.assertEqual((told["rejected"], told["encoding"]), (0, encoding.upper()))
            name = text.split("\n")[1].split(",")[1]
            self.assertIn(name, [event["body"].get("name") for event in self.node.run("customer", "--card",
                          "77")["history"]], encoding)

    def test_E15_what_cannot_be_told_is_asked(self):
        path = self.region.write("few.csv", "card,name\n1,김단골\n".encode("cp949"))
        error = self.refused(path, "--map", "card,name", kind="customers", field="encoding", says="--encoding cp949")
        self.assertIn("김단골", error["message"], "as it would read")
        told = self.read_in(path, "--map", "card,name", "--encoding", "cp949", kind="customers")
        self.assertEqual(told["written"], 1)
        path = self.region.write("dates.csv", "Receipt,Date,Item,Total\n1,03/04/2024,a,1\n2,05/06/2024,b,1\n")
        told = self.read_in(path, "--suggest")
        self.assertEqual((told["date_format"], told["other_date_format"]), ("%d/%m/%Y", "%m/%d/%Y"))
        self.region.write("dates.csv", "Receipt,Date,Item\n1,03/24/2024,a\n")
        told = self.read_in(path, "--suggest")
        self.assertEqual((told["date_format"], told["missing"]), ("%m/%d/%Y", ["amount or unit_price"]))
        self.refused(path, field="map", says="still lacks amount or unit_price|lacks amount")


class Mappings(Ways):
    def test_E15_kept_used_listed_and_taken_away(self):
        path = self.region.write("day.csv", DAY)
        self.assertEqual(self.node.run("mappings"), [])
        self.assertEqual(self.read_in(path, *HOW, "--save-map", "till", "--dry-run")["events"], 3)
        kept, = self.node.run("mappings")
        self.assertEqual((kept["name"], kept["kind"], kept["options"]),
                         ("till", "purchases", {"map": [MAP], "date-format": "%d.%m.%Y %H:%M"}))
        self.assertEqual(self.read_in(path, "--use-map", "till")["events"], 3)
        self.assertEqual(self.read_in(path, "--use-map", "till")["events"], 0)
        # What is given goes before what is kept.
        late = self.region.write("late.csv", HEADER + "9;2024-03-07;a;1;1;77\n")
        self.assertEqual(self.read_in(late, "--use-map", "till")["rejected"], 1)
        self.assertEqual(self.read_in(late, "--use-map", "till", "--date-format", "%Y-%m-%d")["events"], 1)
        self.assertIn("till", self.node.run("mappings", json=False))
        self.node.run("mappings", "remove", "till")
        self.assertEqual(self.node.run("mappings"), [])
        self.assertRefused(self.node, "mappings", "remove", "till", says="no mapping till")
        self.assertRefused(self.node, "mappings", "forget", code=2)
        self.assertRefused(self.node, "mappings", "remove", code=2)

    def test_E15_that_no_longer_fits_says_what_is_missing(self):
        self.read_in(self.region.write("day.csv", DAY), *HOW, "--save-map", "till")
        path = self.region.write("new.csv", DAY.replace("Item", "Article").replace("Total", "Sum"))
        self.refused(path, "--use-map", "till", field="map",
                     says='mapping till does not fit .*no columns "item", "total" in the file; there are receipt no')
        self.refused(path, "--use-map", "tilt", field="use-map", says="there is no mapping tilt; there are: till")
        self.refused(path, "--use-map", "till", kind="contacts", field="use-map", says="is for purchases")

    def test_E15_is_not_written_over_by_accident(self):
        path = self.region.write("day.csv", DAY)
        self.read_in(path, *HOW, "--save-map", "till")
        self.read_in(path, *HOW, "--save-map", "till")  # the same
        other = (*HOW, "--where", "Item=a")
        self.refused(path, *other, "--save-map", "till", field="save-map", says="another mapping till")
        self.read_in(path, *other, "--use-map", "till", "--save-map", "till")
        self.assertEqual(self.node.run("mappings")[0]["options"]["where"], ["Item=a"])
        for name in ("", "a/b", "-x", "a b", "x" * 41):
            self.refused(path, *HOW, "--save-map", name, field="save-map", says="a name has")

    def test_E15_goes_with_the_backup_and_beside_a_serve(self):
        path = self.region.write("day.csv", DAY)
        self.node.serve()
        self.read_in(path, *HOW, "--save-map", "매장-1")
        self.assertEqual(self.read_in(path, "--use-map", "매장-1")["skipped"], 3)
        self.node.run("backup", self.region.path / "copy", json=False)
        self.node.stop()
        restored = self.region.call([program("dangol-node"), "restore", str(self.region.path / "copy"),
                                     str(self.region.path / "again")])
        self.assertEqual(restored.code, 0, str(restored))
        told = self.region.call([program("dangol-node"), "mappings", str(self.region.path / "again")])
        self.assertIn("매장-1", told.stdout)


class Previews(Ways):
    def test_E15_a_dry_run_shows_what_would_be_written(self):
        path = self.region.write("day.csv", DAY + "3;no day;a;1;1;78\n4;07.03.2024 10:00;a;-1;-9;77\n")
        told = self.read_in(path, *HOW, "--dry-run")
        self.assertEqual((told["rows"], told["events"], told["rejected"], told["rejects_file"]), (5, 4, 1, None))
        problem, = told["problems"]
        self.assertEqual((problem["line"], problem["field"]), (5, "time"))
        self.assertIn("no day", problem["reason"])
        self.assertEqual([(event["type"], event["customer"], event["at"]) for event in told["preview"]],
                         [("registered", None, "2024-03-05T10:00:00+00:00"),
                          ("sold", "77", "2024-03-05T10:00:00+00:00"),
                          ("sold", None, "2024-03-06T11:00:00+00:00"), ("returned", "77", "2024-03-07T10:00:00+00:00")])
        self.assertEqual(told["preview"][1]["body"]["lines"],
                         [{"sku": "a", "quantity": 1000, "amount": 350}, {"sku": "b", "quantity": 2000, "amount": 400}])
        self.assertEqual(len(self.read_in(path, *HOW, "--dry-run", "--preview", "2")["preview"]), 2)
        self.assertIn("1 a for 3.50, 2 b for 4.00", self.read_in(path, *HOW, "--dry-run", json=False))
        self.refused(path, *HOW, "--dry-run", "--preview", "some", field="preview")
        self.assertEqual(self.events(), 0)
        wet = self.read_in(path, *HOW)
        self.assertIsNone(wet["preview"])
        written = [event for event in self.node.run("log") if event["type"] in ("registered", "sold", "returned")]
        self.assertEqual([event["type"] for event in written], [event["type"] for event in told["preview"]])
        self.assertEqual([event["body"] for event in written], [event["body"] for event in told["preview"]])


    def test_E15_a_customer_of_the_same_file_has_no_number_yet(self):
        path = self.region.write("book.csv", "card,phone,name,note,time\nC 1,202-555-0101,Example Ann,,2024-01-01\n"
                                 "C 1,,,first,2024-02-01\n,202-555-0102,Example Bob,,2024-01-01\n"
                                 ",202-555-0102,Example Bob,second,2024-02-01\nC-1,,,third,2024-03-01\n")
        how = ("--map", "card,phone,name,note,time", "--dry-run")
        told = self.read_in(path, *how, kind="customers")
        self.assertEqual([(event["type"], event["customer"], event["body"].get("note")) for event in told["preview"]],
                         [("registered", None, None), ("registered", None, None), ("updated", "C 1", "first"),
                          ("updated", "202-555-0102", "second"), ("updated", "C 1", "third")])
        self.assertIn("updated of C 1 ", self.read_in(path, *how, kind="customers", json=False))
        self.read_in(path, *how[:2], kind="customers")
        self.region.write("book.csv", "card,phone,name,note,time\nC 1,,,fourth,2024-04-01\n")
        ann = self.node.run("recall", "--card", "C1")["id"]
        told = self.read_in(path, *how, kind="customers")
        self.assertEqual([event["customer"] for event in told["preview"]], [ann])


class Fields(Ways):
    def spend(self):
        return {row["card"]: row["spend"] for row in self.node.vip()}

    def test_E15_returns_that_the_file_names(self):
        path = self.region.write("kinds.csv", "b,t,k,c,s,q,a\n1,2024-03-01,S,77,x,2,10\n2,2024-03-02,R,77,x,1,5\n"
                                              "3,2024-03-03,R,77,x,-1,-2\n4,2024-03-04,?,77,x,1,1\n"
                                              "5,2024-03-05,S,77,x,1,1\n5,2024-03-05,R,77,y,1,1\n")
        how = ("--map", "basket=b,time=t,kind=k,customer=c,sku=s,quantity=q,amount=a",
               "--value", "kind=S:purchase,R:return")
        told = self.read_in(path, *how)
        self.assertEqual((told["written"], told["rejected"]), (3, 3))
        self.assertEqual([problem["field"] for problem in told["problems"]], ["kind", None, "kind"])
        self.assertEqual(self.spend(), {"77": 1000 - 500 - 200})
        self.assertEqual(self.read_in(path, *how)["skipped"], 3)

    def test_P1_E15_signs_of_quantity_and_amount(self):
        """What comes back has both below zero; half of it is asked about, unless the file says that it is a return. A
        coupon as a line of its own takes off a sale."""
        path = self.region.write("signs.csv", "b,t,k,c,s,q,a\n1,2024-03-01,S,77,x,1,10\n1,2024-03-01,S,77,coupon,1,-3\n"
                                              "2,2024-03-02,S,77,x,1,-10\n3,2024-03-03,S,77,x,-1,10\n"
                                              "4,2024-03-04,R,77,x,1,-2\n5,2024-03-05,R,77,x,-1,2\n"
                                              "6,2024-03-06,S,77,x,1,5\n6,2024-03-06,S,77,y,-1,1\n")
        how = ("--map", "basket=b,time=t,kind=k,customer=c,sku=s,quantity=q,amount=a",
               "--value", "kind=S:purchase,R:return")
        told = self.read_in(path, *how)
        self.assertEqual((told["written"], told["rejected"]), (4, 4))
        self.assertEqual([(problem["line"], problem["field"]) for problem in told["problems"]][:2],
                         [(4, "amount"), (5, "amount")])
        self.assertIn("another sign than the quantity", told["problems"][0]["reason"])
        row, = self.node.vip()
        self.assertEqual((row["spend"], row["visits"]), (1000 - 300 - 200 - 200, 1))
        self.assertEqual(self.read_in(path, *how)["skipped"], 4)

    def test_E15_by_phone_where_there_is_no_card(self):
        self.node.run("register", "--name", "Mother", "--phone", "202-555-0101", "--at", "2024-01-01")
        self.node.run("register", "--name", "Son", "--phone", "202-555-0102", "--card", "S1", "--at", "2024-01-01")
        self.node.run("register", "--name", "Father", "--phone", "202-555-0103", "--at", "2024-01-01")
        self.node.run("register", "--name", "Daughter", "--phone", "202-555-0103", "--at", "2024-01-01")
        path = self.region.write("phones.csv", "t,c,p,s,a\n2024-03-01,,(202) 555-0101,x,1\n"
                                               "2024-03-01,S1,202-555-0101,x,2\n"
                                               "2024-03-01,,202-555-0103,x,4\n2024-03-01,,202-555-0104,x,8\n"
                                               "2024-03-02,,+1 202 555 0104,x,16\n2024-03-02,,none,x,32\n")
        how = ("--map", "time=t,customer=c,phone=p,sku=s,amount=a")
        dry = self.read_in(path, *how, "--dry-run")
        told = self.read_in(path, *how)
        self.assertEqual((told["written"], told["registered"], told["rejected"]), (4, 1, 2))
        self.assertEqual((dry["written"], dry["registered"], dry["events"]), (4, 1, told["events"]))
        self.assertEqual([(problem["line"], problem["field"]) for problem in told["problems"]], [(4, "phone"),
                         (7, "phone")])
        self.assertIn("several customers", told["problems"][0]["reason"])
        self.assertEqual({row["name"] or row["card"]: row["spend"] for row in self.node.vip()},
                         {"Mother": 100, "Son": 200, None: 2400})
        self.assertEqual(self.node.run("customer", "--phone", "202-555-0104")["spend"], 2400)
        self.assertEqual(self.read_in(path, *how)["events"], 0)

    def test_E15_columns_that_are_one_field_together(self):
        path = self.region.write("parts.csv", "day,clock,first,last,sku,sum,card\n05.03.2024,10:30,Ann,Example,a,1,7\n"
                                              "06.03.2024,,,Single,a,2,8\n")
        told = self.read_in(path, "--map", "time=day+clock,sku,amount=sum,customer=card", "--date-format",
                            "%d.%m.%Y %H:%M", "--dry-run")
        self.assertEqual((told["written"], told["rejected"]), (1, 1))
        self.assertEqual(told["preview"][1]["at"], "2024-03-05T10:30:00+00:00")
        self.read_in(path, "--map", "card,name=first+last", kind="customers")
        self.assertEqual([event["body"]["name"] for event in self.node.run("log")], ["Ann Example", "Single"])

    def test_E15_texts_that_were_guarded_come_back(self):
        path = self.region.write("guard.csv", "card,name,note\n1,'=1+1,''=x\n2,'plain,'-\n")
        self.read_in(path, "--map", "card,name,note", kind="customers")
        bodies = [event["body"] for event in self.node.run("log")]
        self.assertEqual([(body["name"], body["note"]) for body in bodies], [("=1+1", "'=x"), ("'plain", "-")])


# Of each kind: header, the field of the ref, the mapping, what is meant by `?` and `!`, and the rows.
ROUNDS = {
    "purchases": ("card,no,when,sku,total", "basket", "customer=card,time=when,sku=sku,amount=total", ("8", "9"), [
        "1,{},2024-03-01 10:00,a,7", "1,{},2024-03-01 10:00,a,?", "2,{},2024-03-01 12:00,a,!"]),
    "contacts": ("card,no,when,kind,purpose", "ref", "customer=card,time=when,kind=kind,purpose=purpose",
                 ("call", "12"), [
        "1,{},2024-03-01 10:00,call,care", "1,{},2024-03-01 11:00,?,care", "2,{},2024-03-!,call,care"]),
    "customers": ("card,no,name,birthday", "ref", "card=card,name=name,birthday=birthday", ("12", "11"), [
        "1,{},Example Ann,1990-01-02", "2,{},Example Bea,1990-?-01", "3,{},Example Cho,1990-!-01"]),
    "complaints": ("card,no,when,about,closed", "ref", "customer=card,opened=when,subject=about,closed=closed",
                   ("2024-03-05", "2024-03-06"), [
        "1,{},2024-03-01,button,2024-03-04", "1,{},2024-03-02,button,?", "2,{},2024-03-03,seam,!"])}


class Corrections(Ways):
    """Every row of a rejects file, corrected, is written exactly once."""

    def rounds(self, kind, with_refs, take):
        """Corrects one row, then the other one in the same file and in the new one; `take(name, text)` imports and
        gives what became of it and the rejects."""
        header, ref, mapping, meant, rows = ROUNDS[kind]
        name = f"{kind}-{with_refs}.csv"
        rows = [("K" if with_refs else "L") + row.format(f"R{n}" if with_refs else "") for n, row in enumerate(rows)]
        text = "\n".join([header, *rows]) + "\n"
        how = ("--map", mapping + f",{ref}=no")
        told, rejects = take(kind, name, text, *how)
        self.assertEqual((told["written"], told["rejected"]), (1, 2), name)
        once = rejects.replace("?", meant[0])
        told, more = take(kind, "once-" + name, once, *how)
        self.assertEqual((told["written"], told["skipped"], told["rejected"]), (1, 0, 1), name)
        told, _ = take(kind, "once-" + name, once.replace("!", meant[1]), *how)
        self.assertEqual((told["written"], told["skipped"], told["rejected"]), (1, 1, 0), name)
        told, again = take(kind, "more-" + name, more.replace("!", meant[1]), *how)
        self.assertEqual((told["written"], told["skipped"], told["rejected"]), (0, 1, 0), name)
        self.assertFalse(again)
        told, rejects = take(kind, name, text, *how)
        self.assertEqual((told["written"], told["skipped"], told["rejected"]), (0, 1, 2), name)
        told, _ = take(kind, "last-" + name, rejects.replace("?", meant[0]).replace("!", meant[1]), *how)
        self.assertEqual((told["written"], told["skipped"], told["events"]), (0, 2, 0), name)

    def test_E15_corrected_in_two_rounds_with_a_ref_and_without(self):
        def take(kind, name, text, *how):
            told = self.read_in(self.region.write(name, text), *how, kind=kind)
            return told, (self.region.path / told["rejects_file"]).read_text() if told["rejected"] else ""

        for kind in ROUNDS:
            for with_refs in (True, False):
                with self.subTest(kind=kind, with_refs=with_refs):
                    self.rounds(kind, with_refs, take)
        sales = [row["amount"] for row in self.node.run("purchases")]
        self.assertEqual(sorted(sales), [700, 700, 800, 800, 900, 900], "once of each file")

    def test_E15_corrected_in_two_rounds_over_http(self):
        web = account(self.node.serve(), "manager1", "manager")

        def take(kind, name, text, *how):
            answer = web.ask("POST", f"/imports/{kind}", text, query={"map": how[1]}, Content_Type="text/csv")
            self.assertEqual(answer.status, 200, answer.json)
            return answer.json, answer.json.get("rejects") or ""

        for kind in ROUNDS:
            with self.subTest(kind=kind):
                self.rounds(kind, False, take)

    def test_E15_rejects_corrected_and_imported_again(self):
        rows = ["1;05.03.2024 10:00;a;1;x;77", "1;05.03.2024 10:00;b;1;2;77", "2;05.33.2024 10:00;c;1;4;77",
                "3;06.03.2024 10:00;\"d;\"\"e\"\"\";1;8;77", "4;06.03.2024 10:00;f;1;16",
                "5;06.03.2024 10:00;g;1;32;77"]
        path = self.region.write("bad.csv", HEADER + "\r\n".join(rows) + "\r\n")
        told = self.read_in(path, *HOW)
        self.assertEqual((told["written"], told["rejected"]), (2, 4))
        rejects = self.region.path / told["rejects_file"]
        self.assertEqual(os.stat(rejects).st_mode & 0o777, 0o600, "it holds personal data")
        table = list(csv.reader(rejects.read_text().splitlines(), delimiter=";"))
        self.assertEqual(table[0][:2], ["rejected_line", "rejected_reason"])
        self.assertEqual([row[0] for row in table[1:]], ["2", "3", "4", "6"])
        self.assertIn("line 2", table[2][1], "goes with the other row of its basket")
        fixed = rejects.read_text().replace(";x;77", ";1;77").replace("05.33", "05.03").replace("f;1;16", "f;1;16;77")
        again = self.read_in(self.region.write("fixed.csv", fixed), *HOW)
        self.assertEqual((again["written"], again["skipped"], again["rejected"]), (4, 0, 0))
        for file in ("fixed.csv", "bad.csv"):
            self.assertEqual(self.read_in(self.region.path / file, *HOW)["events"], 0, file)
        row, = self.node.vip()
        self.assertEqual((row["spend"], row["visits"]), (6300, 5))
        self.assertEqual(self.events(), 6)

    def test_E15_rejects_of_a_detected_encoding_say_which(self):
        people = "".join(f"{n},2024-13-01,서울시 중구 단골로 {n}번지\n" for n in range(20))
        path = self.region.write("k.csv", ("card,time,address\n" + people).encode("cp949"))
        text = self.read_in(path, "--map", "card,time,address", kind="customers", json=False)
        self.assertIn("with --encoding CP949", text)
        fixed = (self.region.path / "k.csv.rejects.csv").read_bytes().replace(b"2024-13", b"2024-12")
        again = self.read_in(self.region.write("fixed.csv", fixed), "--map", "card,time,address", "--encoding", "cp949",
                             kind="customers")
        self.assertEqual((again["written"], again["rejected"]), (20, 0))


class Unhappy(Ways):
    def test_E15_files_that_are_not_there_or_no_tables(self):
        self.refused("gone.csv", *HOW, says="gone.csv")
        self.refused(self.region.path, *HOW, says="director")
        for name, text, says in (("empty.csv", "", "is empty"), ("blank.csv", "\n\n\r\n", "is empty"),
                                 ("wide.csv", HEADER.encode("utf-16"), "utf-16"),
                                 ("quote.csv", '"Receipt No;Date\n', "header .* cannot be read"),
                                 ("nul.csv", b"\0\0\0\0", "utf-16|empty|header|no columns")):
            self.refused(self.region.write(name, text), *HOW, says=says)
        told = self.read_in(self.region.write("header.csv", HEADER), *HOW)
        self.assertEqual((told["rows"], told["events"], told["rejected"], told["rejects_file"]), (0, 0, 0, None))
        self.assertEqual(self.events(), 0)

    def test_E15_columns_twice(self):
        path = self.region.write("twice.csv", DAY.replace("Qty", "Total", 1))
        self.refused(path, "--map", MAP.replace("quantity=Qty,", ""), "--date-format", "%d.%m.%Y %H:%M", field="map",
                     says='"total" is in the file twice')
        path = self.region.write("unused.csv", DAY.replace("Qty", "Item", 1))
        told = self.read_in(path, "--map", "time=Date,sku=Receipt No,amount=Total", "--date-format", "%d.%m.%Y %H:%M")
        self.assertEqual(told["written"], 3, "what is not asked for may be there twice")

    def test_E15_odd_bytes_cost_their_row_only(self):
        rows = [b"1;05.03.2024 10:00;a\0b;1;1;77", b"2;05.03.2024 10:00;" + b"x" * 2_000_000 + b";1;1;77",
                b"3;05.03.2024 10:00;\xff;1;1;77", b"4;05.03.2024 10:00;good;1;1;77", b"\0" * 50]
        path = self.region.write("odd.csv", HEADER.encode() + b"\n".join(rows) + b"\n")
        told = self.read_in(path, *HOW, "--encoding", "utf-8")
        self.assertEqual((told["rows"], told["written"], told["rejected"]), (5, 1, 4))
        self.assertEqual([problem["line"] for problem in told["problems"]], [2, 3, 4, 6])
        for problem, says in zip(told["problems"], ("not in the encoding", "larger than", "not in the encoding",
                                                    "1 field")):
            self.assertIn(says, problem["reason"])

    def test_E15_files_put_together(self):
        marked = "\ufeff" + DAY
        other = "\ufeff" + DAY.replace("\n1;", "\n7;").replace("\n2;", "\n8;")
        told = self.read_in(self.region.write("both.csv", marked + other), *HOW)
        self.assertEqual((told["rows"], told["written"], told["rejected"]), (7, 6, 1))
        self.assertIn("header stands here once more", told["problems"][0]["reason"])
        path = self.region.write("mark.csv", DAY.replace("\n1;", "\n\ufeff1;"))
        self.assertEqual(self.read_in(path, *HOW)["skipped"], 3, "the mark is no part of the basket's number")

    def test_E15_the_wrong_encoding_named(self):
        text = "card,name\n" + "".join(f"{n},김단골 {n}\n" for n in range(20))
        path = self.region.write("utf8.csv", text)
        for encoding in ("latin1", "windows-1252", "gb18030", "cp949"):
            self.refused(path, "--map", "card,name", "--encoding", encoding, kind="customers", field="encoding",
                         says="is in utf-8")
        path = self.region.write("cp949.csv", text.encode("cp949"))
        told = self.read_in(path, "--map", "card,name", "--encoding", "utf-8", kind="customers")
        self.assertEqual((told["written"], told["rejected"]), (0, 20))
        self.assertIn("is --encoding right?", told["problems"][0]["reason"])
        told = self.read_in(path, "--map", "card,name", "--encoding", "cp949", kind="customers")
        self.assertEqual(told["written"], 20)

    def test_E15_the_wrong_delimiter_named(self):
        self.refused(self.region.write("day.csv", DAY), *HOW, "--delimiter", ",", field="map", says="no columns")

    def test_E15_where_no_rejects_file_can_be_written(self):
        path = self.region.write("bad.csv", DAY + "9;never;a;1;1;77\n")
        told = self.node.call("import", "purchases", path, *HOW, cwd="/proc")
        self.assertEqual((told.code, told.stdout), (1, ""), str(told))
        self.assertRegex(told.stderr, r"3 events written, but the rejected rows could not be: .*tries again")
        again = self.read_in(path, *HOW)
        self.assertEqual((again["skipped"], again["rejected"], again["events"]), (3, 1, 0))
        self.assertTrue((self.region.path / again["rejects_file"]).exists())

    def test_E15_stopped_and_run_again(self):
        lines = "".join(f"{n};05.03.2024 10:00;sku;1;1;{n % 500}\n" for n in range(150_000))
        path = self.region.write("large.csv", HEADER + lines)
        argv = self.node.argv("import", "purchases", path, *HOW)
        self.events()  # makes the log
        log = self.node.dir / "log" / "data.mdb"
        size = log.stat().st_size
        process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.region.path)
        wait_until(lambda: process.poll() is not None or log.stat().st_size > size + 2_000_000, "something is written")
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60 * PATIENCE)
        self.assertEqual(process.returncode, 1, f"done before it could be stopped? {said}")
        self.assertRegex(said.decode(), r"\A[^\n]*stopped; [\d,]+ events of .* so far, the same command goes on")
        self.assertGreater(self.events(), 0)
        self.assertSound(self.node)
        told = self.read_in(path, *HOW)
        self.assertEqual((told["written"] + told["skipped"], told["rejected"]), (150_000, 0))
        self.assertGreater(told["skipped"], 0)
        self.assertEqual(self.events(), 150_000 + 500)
        self.assertEqual(sum(row["visits"] for row in self.node.vip()), 150_000)

    def test_E15_from_the_standard_input(self):
        argv = self.node.argv("import", "purchases", "-", *HOW, "--json")
        done = subprocess.run(argv, input=DAY.encode(), capture_output=True, cwd=self.region.path)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.events(), 3)


if __name__ == "__main__":
    unittest.main(verbosity=2)
