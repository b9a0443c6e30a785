"""What the hub decides and people overrule: duplicates, wrong clocks; and what a later version wrote."""
import unittest
from datetime import datetime, timedelta

from cases import RegionTest
from region import Hub, Node, program

EXPORT = "card,basket,sku,n,amount,at\nC1,b1,coat,1,250000,2024-05-05 12:00:00\nC2,b2,hat,1,15000,2024-05-06 12:00:00\n"
MAPPING = "customer=card,basket=basket,sku=sku,quantity=n,amount=amount,time=at"


class Judgements(RegionTest):
    def setUp(self):
        self.hub = Hub(self.region).serve()
        self.north, self.south = (Node(self.region, self.hub, code) for code in ("north", "south"))

    def take_in(self, node, source):
        file = self.region.write("export.csv", EXPORT)
        node.run("import", "purchases", file, "--map", MAPPING, "--source", source)
        node.sync()

    def test_one_export_taken_in_at_two_stores(self):
        self.hub.run("policy", "--set", "regional-sources=loyalty")
        rows = {row["key"]: row for row in self.hub.run("policy")}
        self.assertEqual((rows["regional-sources"]["value"], rows["regional-sources"]["default"]), ("loyalty", "none"))
        self.take_in(self.north, "loyalty")
        self.take_in(self.south, "loyalty")
        self.hub.settled(purchases=2, persons=2)
        self.take_in(self.south, "till")
        self.hub.settled(purchases=4)
        # The hub takes back what came second; who takes that back has the last word.
        voids = [row for row in self.hub.run("log", "--stream", 0) if row["type"] == "voided"]
        self.assertEqual(len(voids), 2)
        self.assertTrue(all("came twice" in row["body"]["reason"] for row in voids))
        self.hub.run("void", voids[0]["body"]["event"], "--undo", "--reason", "it is two")
        self.hub.stop()
        self.hub.serve()
        self.hub.settled(purchases=4)  # that one instead of the first
        self.assertSound(self.hub)

    def test_values_of_the_policy_are_checked(self):
        for wrong in ("regional-sources=", "regional-sources=a,,b", "clock-tolerance=5", "clock-tolerance=1h", "x=1",
                      "x"):
            self.assertRefused(self.hub, "policy", "--set", wrong, says="policy|takes|key=value")
        for wrong, why in (("contest-q4=foo", "completeness"), ("ask-order=phone,foo", "no field 'foo'"),
                           ("custom-fields=skin", "chain:field"), ("tiers=a:1,a:2", "twice"), ("tiers=none:1", "none"),
                           ("level-hours=48", "two numbers"), ("bands=4", "two numbers"),
                           ("profit-groups=10,20,30", "two numbers")):
            self.assertRefused(self.hub, "policy", "--set", wrong, says=why)
        self.hub.run("policy", "--set", "clock-tolerance=600", "--from", "2024-01-01", "--ref", "p1")
        again = self.hub.run("policy", "--set", "clock-tolerance=600", "--from", "2024-01-01", "--ref", "p1")
        self.assertTrue(again["existing"])
        rows = {row["key"]: row["value"] for row in self.hub.run("policy")}
        self.assertEqual(rows["clock-tolerance"], "600")

    def test_X4_C8_as_much_as_the_range_says_can_be_set(self):
        ranges = {row["key"]: row["range"] for row in self.hub.run("policy")}
        self.assertEqual(ranges["holidays"], "up to 166, up to 1000 bytes, or none")
        self.assertEqual(ranges["custom-fields"], "up to 40, up to 1000 bytes, or none")
        self.assertEqual(ranges["contest-q4"], "up to 1, or none")
        every_year, dated = ["12-25"] * 167, [f"20{year:02}-05-05" for year in range(92)]
        short, long = [f"a:{number:022}" for number in range(40)], [f"a:{number:023}" for number in range(40)]
        for key, fits, over, why in (("holidays", every_year[:166], every_year, "at most 166"),
                                     ("holidays", dated[:90], dated, "at most 1000 bytes, not 1011"),
                                     ("custom-fields", short, long, "at most 1000 bytes, not 1039")):
            self.hub.run("policy", "--set", f"{key}={','.join(fits)}")
            self.assertEqual({row["key"]: row["value"] for row in self.hub.run("policy")}[key], ",".join(fits))
            wrong = f"{key}={','.join(over)}"
            self.assertRefused(self.hub, "policy", "--set", wrong, field="set", says=f"{key}.*{why}")
            file = self.region.write("over.txt", wrong + "\n")
            self.assertRefused(self.hub, "replay", "--policy", file, "complaints", field="policy",
                               says=f"{key}.*{why}")

    def heard(self, *words):
        """What a command that succeeds says beside its answer."""
        result = self.hub.call(*words)
        self.assertEqual(result.code, 0, result)
        return result.stderr

    def test_a_value_that_a_later_one_stands_before_is_told_so(self):
        self.hub.run("policy", "--set", "alert-count=4", "--from", "2025-01-01")
        self.assertIn("alert-count is 4 all the same", self.heard("policy", "--set", "alert-count=9"))
        self.assertEqual(self.heard("policy", "--set", "alert-count=9", "--from", "2025-01-02"), "")
        self.assertEqual(self.heard("policy", "--set", "alert-count=9", "--from", "2025-01-01"), "", "the same value")

    def test_a_clock_corrected_by_hand(self):
        self.north.run("purchase", "--line", "coat,1,1000")
        self.north.run("purchase", "--line", "hat,1,1000")
        self.north.sync()
        stream = self.hub.store("north")["stream"]
        self.assertEqual(self.hub.store("north")["clock"], "right")
        before = self.hub.run("log", "--stream", stream)
        told = self.hub.run("clock", "north", "--from", 2, "--ms", -3600000)
        self.assertEqual((told["stream"], told["from"], told["to"]), (stream, 2, 2))
        after = self.hub.run("log", "--stream", stream)
        self.assertEqual(after[0], before[0])
        moved = datetime.fromisoformat(before[1]["at"]) - datetime.fromisoformat(after[1]["at"])
        self.assertEqual(moved, timedelta(hours=1))
        self.assertEqual((after[1]["hlc"], after[1]["received"]), (before[1]["hlc"], before[1]["received"]))
        self.assertRefused(self.hub, "clock", "north", "--from", 3, "--ms", 5, says="from")
        self.assertRefused(self.hub, "clock", "north", "--since", "2001-01-01", "--until", "2001-01-02", "--ms", 5,
                           says="no event")
        self.assertEqual(self.hub.run("rebuild")["digest_before"], self.hub.digest())
        self.assertIn("clock_offset_ms", self.north.status())

    def test_what_a_later_version_wrote(self):
        join = self.hub.enroll("later")
        done = self.region.call([program("stranger"), "--hub", self.hub.address, "--join", str(join), "--attack",
                                 "later-events"])
        self.assertEqual(done.code, 0, str(done))
        row = self.hub.store("later")
        self.assertEqual((row["events"], row["seq"]), (3, 3))
        events = self.hub.run("log", "--stream", row["stream"])
        self.assertEqual([(event["type"], event["standing"]) for event in events], [(9999, "unknown")] * 3)
        self.assertTrue(all(event["hash"] and event["received"] for event in events))
        self.assertSound(self.hub)
        self.hub.stop()
        self.hub.serve()
        self.assertSound(self.hub)


if __name__ == "__main__":
    unittest.main()
