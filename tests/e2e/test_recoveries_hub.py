"""What people do when the hub broke: a backup restored, an image of yesterday, a directory rebuilt from its stores."""
import fcntl
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

    def complained(self, site):
        return sorted(row["topic"] for row in site.run("complaints") if row["topic"])

    def restored(self):
        wait_until(lambda: (self.hub.status()["recovery"] or {}).get("state") == "restored", "it is found out", 90)
        reason = self.hub.run("status", json=False)
        self.hub.stop()
        return reason

    def takes_when_closed(self, node):
        """Another process has the directory as soon as `serve` lets go of it, until the file is closed: its lock is on
        the file of that name from now on, that of serve on the one that had the name before."""
        other = node.dir / "lock.other"
        file = other.open("w")
        fcntl.flock(file, fcntl.LOCK_EX)
        other.rename(node.dir / "lock")
        self.addCleanup(file.close)
        return file

    def test_an_old_image_that_wrote_before_anybody_called(self):
        """Numbers of the hub's were used twice: what stores were told counts, what the copy wrote moves (section 6)."""
        west = Node(self.region, self.hub, "west").serve()
        west.run("register", "--name", "Dangol 1", "--phone", "010-0000-0001")
        west.sync()
        west.stop()  # it hears nothing of the time that is lost
        self.hub.stop()
        image = self.region.path / "image"
        shutil.copytree(self.hub.dir, image)
        self.hub.serve()
        self.trade(2)
        self.hub.run("complaint", "open", "--card", "C01", "--channel", "hotline", "--topic", "of the lost time",
                     "--text", "a seam")
        self.hub.run("policy", "--set", "lost-months=9")
        for node in self.nodes:
            node.sync()
            node.stop()
        self.hub.stop()
        shutil.rmtree(self.hub.dir)
        shutil.copytree(image, self.hub.dir)
        self.hub.run("complaint", "open", "--card", "C01", "--channel", "hotline", "--topic", "on the older copy",
                     "--text", "a zip")
        self.hub.serve()
        self.hub.run("policy", "--set", "back-days=50")
        west.serve()
        west.sync()
        self.assertEqual(self.complained(west), ["on the older copy"])
        self.assertIsNone(self.hub.status()["recovery"])
        for node in self.nodes:
            node.serve()
        self.assertIn("dangol-hub recover", self.restored())
        self.assertEqual(self.hub.run("recover")["rehomed"], 0, "nobody has brought the other events yet")
        self.hub.serve()
        self.assertRegex(self.restored(), "other events of the hub's former stream.*dangol-hub recover")
        done = self.hub.run("recover")
        self.assertGreaterEqual(done["rehomed"], 2)
        self.assertTrue((self.hub.dir / done["aside"] / "log" / "data.mdb").exists())
        somebody = self.takes_when_closed(west)
        self.hub.serve()
        wait_until(lambda: self.hub.status()["recovery"] is None, "the hub has everything back", 90)
        wait_until(lambda: "waits until it can open again" in west.log_since(), "west is closed for a moment", 90)
        self.assertEqual(list(west.dir.glob("before-*")), [], "another process has its directory")
        somebody.close()
        wait_until(lambda: list(west.dir.glob("before-*")), "west puts aside what the copy had told", 90)
        for node in (*self.nodes, west):
            wait_until(lambda: node.call("sync", "--timeout", "20").code == 0, f"{node.name} is level", 90)
        both = ["of the lost time", "on the older copy"]
        self.assertEqual(self.complained(self.hub), both)
        self.assertEqual(self.complained(west), both)
        values = {row["key"]: row["value"] for row in self.hub.run("policy")}
        self.assertEqual((values["lost-months"], values["back-days"]), ("9", "50"))
        self.assertSound(self.hub)
        self.assertSound(west)

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
