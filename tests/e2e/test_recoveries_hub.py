"""What people do when the hub broke: a backup restored, an image of yesterday, a directory rebuilt from its stores."""
import shutil
import unittest
from datetime import datetime, timezone

from cases import RegionTest
from processes import wait_until
from region import Hub, Node


class Recoveries(RegionTest):
    def setUp(self):
        self.root = self.region.path / "root.json"
        self.hub = Hub(self.region, root=str(self.root)).serve()
        self.nodes = [Node(self.region, self.hub, code).serve() for code in ("north", "south")]
        self.trade(1)

    def trade(self, day):
        for number, node in enumerate(self.nodes):
            card = f"C{number}{day}"
            node.run("register", "--name", f"Dangol {day}", "--phone", f"010-0000-{day:04d}", "--card", card)
            node.run("purchase", "--card", card, "--line", f"coat,1,{day}000")
        self.nodes[0].run("complaint", "open", "--card", f"C0{day}", "--channel", "counter", "--text", "a button")
        for node in self.nodes:
            node.sync()
        self.hub.settled(persons=day)  # both stores' customer is one person: the judge has spoken
        for node in self.nodes:
            node.sync()

    def answers(self, hub, until):
        stores = [(row["store"], row["stream"], row["events"]) for row in hub.run("stores")]
        # Times that run while a complaint is open go on between the two askings.
        complaints = [{k: v for k, v in row.items() if not k.endswith("_ms")} for row in hub.run("complaints")]
        return (hub.digest(), hub.vip(), complaints, stores,
                hub.run("replay", "--received-until", until, "vip"))

    def back(self, expected, until):
        wait_until(lambda: self.hub.status()["recovery"] is None and self.hub.digest() == expected[0],
                   "the hub has everything back", 90)
        self.assertEqual(self.answers(self.hub, until), expected)
        for node in self.nodes:
            node.sync()
        self.assertSound(self.hub)

    def now(self):
        return datetime.now(timezone.utc).isoformat(timespec="milliseconds")

    def test_a_backup_made_beside_serve_is_restored(self):
        backup, until = self.region.path / "backup", self.now()
        self.hub.run("backup", backup)
        self.assertRefused(self.hub, "backup", backup, says="there already")
        self.trade(2)
        before = self.answers(self.hub, until)
        self.hub.stop()
        shutil.rmtree(self.hub.dir)
        done = self.region.call([self.hub.argv("restore")[0], "restore", str(backup), str(self.hub.dir)])
        self.assertEqual(done.code, 0, str(done))
        self.hub.serve()
        self.back(before, until)
        self.assertEqual(self.hub.status()["incarnation"], 1)

    def test_an_image_of_yesterday(self):
        self.hub.stop()
        image, until = self.region.path / "image", self.now()
        shutil.copytree(self.hub.dir, image)
        self.hub.serve()
        self.trade(2)
        before = self.answers(self.hub, until)
        self.hub.stop()
        shutil.rmtree(self.hub.dir)
        shutil.copytree(image, self.hub.dir)
        self.hub.serve()
        wait_until(lambda: (self.hub.status()["recovery"] or {}).get("state") == "restored", "it is found out", 60)
        self.assertIn("dangol-hub recover", self.hub.run("status", json=False))
        self.assertIn("dangol-hub recover", str(self.nodes[0].status()["trouble"]) + self.hub.log_since())
        self.hub.stop()
        self.hub.run("recover")
        self.hub.serve()
        for node in self.nodes:
            node.sync()
        self.back(before, until)

    def test_a_directory_rebuilt_from_its_stores(self):
        until = self.now()
        self.trade(2)
        before = self.answers(self.hub, until)
        self.hub.stop()
        shutil.rmtree(self.hub.dir)
        self.hub.run("init", "--recover", "--root", self.root, "--listen", self.hub.address, "--region", "hub",
                     json=False)
        self.hub.serve()
        self.assertRefused(self.hub, "enroll", "west", says="first store")
        for node in self.nodes:
            node.sync()
        self.back(before, until)


if __name__ == "__main__":
    unittest.main()
