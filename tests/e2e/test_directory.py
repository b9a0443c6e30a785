"""E4: any store recognises any VIP of the region by telephone number, without a line and without holding anything of
hers. Who a VIP is changes: up, down, another number, erased, another policy; and copies, restarts and rebuilt sides."""
import copy
import unittest

from cases import RegionTest
from processes import wait_until
from region import Hub, Node

ANN = ("Example Ann", "010-0000-0001")
BEA = ("Example Bea", "010-0000-0002")
CEA = ("Example Cea", "010-0000-0003")


class Directory(RegionTest):
    def setUp(self):
        self.hub = Hub(self.region).serve()
        self.north, self.south = (Node(self.region, self.hub, code) for code in ("north", "south"))

    def customer(self, node, who, amount=None):
        name, phone = who
        customer = node.run("register", "--name", name, "--phone", phone)["id"]
        if amount:
            node.run("purchase", "--customer", customer, "--line", f"COAT,1,{amount}")
        return customer

    def over(self, directory):
        """The south's program over another directory."""
        other = copy.copy(self.south)
        other.name, other.dir, other.server = directory.name, directory, None
        return other

    def tier(self, node, who):
        """The tier by which a store that does not know her recognises her number; None: it does not."""
        told = node.call("recall", "--phone", who[1], json=True)
        if told.code != 0:
            self.assertEqual(told.error["code"], "not_found", told)
            return None
        answer = node.run("recall", "--phone", who[1])
        self.assertIsNone(answer["id"], f"{node.name} has her in its own book")
        self.assertEqual(set(answer), {"id", "directory"})
        return answer["directory"]["tier"]

    def recognises(self, node, who, tier):
        """Sooner or later, with a line."""
        wait_until(lambda: self.tier(node.sync(), who) == tier, f"{node.name} recognises {who[1]} as {tier}")

    def test_E4_a_vip_of_another_store_is_recognised_offline_and_her_history_comes(self):
        ann = self.customer(self.north, ANN, 2_000_000)
        self.customer(self.north, BEA, 1_999_999)
        self.north.sync()
        self.recognises(self.south, ANN, "gold")
        self.assertEqual(self.south.status()["directory"], {"numbers": 1, "complete": True})
        self.assertEqual(self.hub.status()["directory"], {"ready": True, "numbers": 1, "waiting": 0})
        self.hub.stop()
        self.assertEqual(self.tier(self.south, ANN), "gold")
        self.assertEqual(self.tier(self.south, ("", "+82 10-0000-0001")), "gold")
        self.assertIsNone(self.tier(self.south, BEA))
        said = self.south.run("recall", "--phone", ANN[1], json=False)
        self.assertIn("the region knows this number: tier gold", said)
        self.assertEqual(self.south.run("customer", "--phone", ANN[1])["directory"], {"tier": "gold"})
        self.assertRefused(self.south, "purchase", "--phone", ANN[1], "--line", "HAT,1,1000", says="register her")
        self.assertRefused(self.south, "recall", "--phone", "12", says="phone")
        # nothing of her is here: no event, no name, no key
        self.assertEqual(self.south.vip(), [])
        self.assertRefused(self.south, "customer", ann, says="no customer")
        told = self.south.run("register", "--name", ANN[0], "--phone", ANN[1])
        self.assertEqual(told["directory"], {"tier": "gold"})
        card = self.south.run("recall", "--phone", ANN[1])
        self.assertEqual((card["spend"], card["tier"], card["directory"]), (0, None, {"tier": "gold"}))
        self.assertIn("the region knows her number: gold", self.south.run("recall", "--phone", ANN[1], json=False))
        self.hub.serve()
        self.south.sync()
        wait_until(lambda: self.south.sync().run("recall", "--phone", ANN[1])["spend"] == 2_000_000, "her history came")
        card = self.south.run("recall", "--phone", ANN[1])
        self.assertEqual((card["tier"], card["directory"]), ("gold", None))
        self.assertSound(self.south)
        self.assertSound(self.hub)

    def test_E4_up_down_another_number_and_gone(self):
        ann = self.customer(self.north, ANN, 2_000_000)
        bea = self.customer(self.north, BEA, 7_000_000)
        cea = self.customer(self.north, CEA, 10)
        self.north.sync()
        self.recognises(self.south, ANN, "gold")
        self.recognises(self.south, BEA, "platinum")
        self.assertIsNone(self.tier(self.south, CEA))
        sale = self.north.run("purchase", "--customer", ann, "--line", "COAT,1,4000000")["id"]
        self.north.run("grant", cea, "gold")
        self.north.sync()
        self.recognises(self.south, ANN, "platinum")
        self.recognises(self.south, CEA, "gold")
        self.north.run("void", sale, "--reason", "typed twice")
        self.north.run("return", "--customer", bea, "--line", "COAT,1,5500000")
        self.north.run("update", cea, "--phone", "010-0000-0033")
        self.north.sync()
        self.recognises(self.south, ANN, "gold")
        self.recognises(self.south, BEA, None)
        self.recognises(self.south, CEA, None)
        self.recognises(self.south, (CEA[0], "010-0000-0033"), "gold")

    def test_E4_whoever_is_erased_leaves_every_store(self):
        ann = self.customer(self.north, ANN, 3_000_000)
        self.north.sync()
        self.recognises(self.south, ANN, "gold")
        self.hub.run("erase", ann)
        self.recognises(self.south, ANN, None)
        self.assertEqual(self.south.status()["directory"], {"numbers": 0, "complete": True})
        self.assertSound(self.hub)

    def test_E4_which_tiers_are_vips_is_a_policy(self):
        self.customer(self.north, ANN, 400_000)
        self.customer(self.north, BEA, 6_000_000)
        self.north.sync()
        self.recognises(self.south, BEA, "platinum")
        self.assertIsNone(self.tier(self.south, ANN))
        self.hub.run("policy", "--set", "vip-tiers=3", json=False)
        self.recognises(self.south, ANN, "silver")
        self.hub.run("policy", "--set", "tiers=good:100000,best:5000000", "--set", "vip-tiers=1", json=False)
        self.recognises(self.south, BEA, "best")
        self.assertIsNone(self.tier(self.south, ANN))
        self.hub.run("policy", "--set", "vip-tiers=0", json=False)
        self.recognises(self.south, BEA, None)

    def test_E4_survives_restarts_backups_and_recoveries(self):
        self.customer(self.north, ANN, 2_000_000)
        self.north.sync()
        self.recognises(self.south, ANN, "gold")
        # the hub comes back: what was hashed is not hashed again, and the store gets what is new only
        self.hub.stop()
        self.hub.serve()
        self.customer(self.north, BEA, 2_000_000)
        self.north.sync()
        self.recognises(self.south, BEA, "gold")
        self.assertEqual(self.tier(self.south, ANN), "gold")
        # a backup of the store, put somewhere else, recognises her at once
        saved = self.region.path / "saved"
        self.south.run("backup", saved, json=False)
        self.assertEqual(self.tier(self.over(saved), ANN), "gold")
        # and the store itself after a recovery, when it has been told again
        old = self.south.twin("store-old")
        self.customer(self.south, CEA)
        self.south.sync()
        old.call("sync")
        self.assertEqual(self.tier(old, ANN), "gold")
        old.run("recover")
        self.recognises(old, ANN, "gold")
        self.assertSound(old)

    def test_E4_the_hub_made_anew(self):
        root = self.region.path / "hub" / "root.json"
        self.customer(self.north, ANN, 2_000_000)
        self.north.sync()
        self.recognises(self.south, ANN, "gold")
        kept = self.region.write("root.json", root.read_bytes())
        self.hub.stop()
        self.region.call(["rm", "-rf", str(self.hub.dir)])
        self.hub.run("init", "--recover", "--root", kept, "--listen", self.hub.address, "--advertise",
                     self.hub.address, "--region", "hub", json=False)
        self.hub.serve()
        self.assertEqual(self.tier(self.south, ANN), "gold")
        self.south.sync()
        self.north.sync()
        wait_until(lambda: (self.hub.status()["directory"] or {}).get("numbers") == 1, "it is hashed with another key")
        self.recognises(self.south, ANN, "gold")
        self.assertSound(self.south)


if __name__ == "__main__":
    unittest.main()
