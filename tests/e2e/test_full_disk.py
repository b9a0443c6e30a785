"""Full disks, real ones: a store's, the hub's, with and without a daemon. A command that finds no room says so and
leaves nothing; whoever sends to a full hub is told, keeps its events and sends them again; with room again both go on
by themselves, and nothing that was acknowledged is missing."""
import ctypes
import os
import subprocess
import unittest

from cases import RegionTest
from journey import COLUMNS
from region import Hub, Node, program, skip_loudly, wait_until

NEW_MOUNTS = 0x00020000  # CLONE_NEWNS
HEADER = "household_id,store_id,basket_id,quantity,product_id,sales_value,transaction_timestamp"


def own_mounts():
    """From now on this process and its children see mounts of their own, which end with them."""
    if os.geteuid() != 0:
        skip_loudly("not root: full disks are not tried")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(NEW_MOUNTS) != 0:
        skip_loudly(f"no mounts of its own ({os.strerror(ctypes.get_errno())}): full disks are not tried")
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)


class SmallDisk:
    """A file system of so many MiB at a path, which can be filled to the last page."""

    def __init__(self, path, size=32):
        self.path, self.ballast = path, path / "ballast"
        path.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}m,mode=700", "dangol", str(path)],
                              capture_output=True, text=True)
        if done.returncode != 0:
            skip_loudly(f"no small file system ({done.stderr.strip()}): full disks are not tried")

    def fill(self, pages_left=0):
        with open(self.ballast, "wb", buffering=0) as file:
            while (left := os.statvfs(self.path).f_bavail - pages_left) > 0:
                file.write(bytes(4096 * min(left, 256)))

    def clear(self):
        self.ballast.unlink(missing_ok=True)

    def end(self):
        subprocess.run(["umount", "-l", str(self.path)])


class FullDisk(RegionTest):
    @classmethod
    def setUpClass(cls):
        own_mounts()
        super().setUpClass()

    def setUp(self):
        self.disks = {}
        for name in ("hub", "store"):
            self.disks[name] = disk = SmallDisk(self.region.path / f"disk-{name}")
            self.addCleanup(disk.end)
        self.hub = Hub(self.region, "disk-hub/hub", timezone="UTC")
        self.node = Node(self.region, self.hub, "S1", name="disk-store/store")
        self.full, self.hub_full = self.disks["store"], self.disks["hub"]

    def make_rows(self, count):
        rows = [f"H{n % 40:03},S1,B{n},1,sku{n % 7},{1000 + n},2024-03-{1 + n % 28:02} 10:00:00" for n in range(count)]
        return self.region.write("rows.csv", "\n".join([HEADER, *rows]) + "\n")

    def assertNoRoom(self, *command):
        error = self.assertRefused(self.node, *command, says="no space left|full")
        self.assertEqual(error["code"], "no_space")

    def register(self, number):
        return self.node.run("register", "--name", f"손님 {number}", "--phone", f"010-5555-{number:04}")

    def done_or_no_room(self, *command):
        """Whether it was done: a small event may still fit into pages of the log that were free, and a store that is
        served frees some whenever the hub has taken something."""
        result = self.node.call(*command, json=True)
        if result.code != 0:
            self.assertEqual(result.error["code"], "no_space", str(result))
        return result.code == 0

    def fill_pages(self):
        for done in range(200):
            result = self.node.call("purchase", "--line", "sku,1,1000")
            if result.code != 0:
                self.assertRegex(result.stderr.lower(), "no space left|full", str(result))
                return done
        return self.fail("there was room for everything")

    def check_store_on_a_full_disk(self, rows):
        node = self.node
        before = node.status()["events"]
        self.full.fill()
        events = before + self.fill_pages()
        events += self.done_or_no_room("register", "--name", "Kim", "--phone", "010-1234-5678")
        events += self.done_or_no_room("purchase", "--line", "sku,1,1000")
        events += self.done_or_no_room("complaint", "open", "--channel", "phone", "--text", "no room")
        self.assertNoRoom("import", "purchases", rows, "--map", COLUMNS)
        self.assertEqual(node.status()["events"], events)
        self.assertSound(node)
        # With a little room something may fit; what says it is written is.
        self.full.fill(8)
        done = [node.call("purchase", "--line", "sku,1,1000", "--ref", f"little:{n}") for n in range(30)]
        good = sum(result.code == 0 for result in done)
        for result in done:
            self.assertIn(result.code, (0, 1), str(result))
        self.assertEqual(node.status()["events"], events + good)
        self.full.clear()
        self.assertSound(node)
        return events + good - before

    def test_a_store_alone(self):
        rows = self.make_rows(3000)
        self.register(1)
        good = self.check_store_on_a_full_disk(rows)
        # An import that finds the end of the room goes on where it stopped.
        self.full.fill(40)
        self.assertNoRoom("import", "purchases", rows, "--map", COLUMNS)
        self.assertSound(self.node)
        self.full.clear()
        self.node.run("import", "purchases", rows, "--map", COLUMNS)
        again = self.node.run("import", "purchases", rows, "--map", COLUMNS)
        self.assertEqual(again["events"], 0)
        self.register(2)
        self.assertEqual(self.node.status()["events"], 1 + good + 3000 + 40 + 1)
        self.assertReadable(self.node)
        self.hub.serve()
        self.node.sync()
        self.assertLevel(self.hub, self.node)

    def test_a_serving_store(self):
        rows = self.make_rows(300)
        self.hub.serve()
        self.register(1)
        self.node.serve().level()
        self.check_store_on_a_full_disk(rows)
        self.register(2)
        self.node.run("import", "purchases", rows, "--map", COLUMNS)
        self.node.level(timeout=90)
        self.assertLevel(self.hub, self.node)
        self.assertReadable(self.hub)

    def test_a_store_that_cannot_keep_its_receipts(self):
        """The hub takes everything; the store has no room to write down that it did."""
        self.hub.serve()
        for number in range(5):
            self.register(number)
        self.full.fill()
        self.node.call("sync", "--timeout", "2")
        self.assertSound(self.node)
        self.full.clear()
        self.node.sync()
        self.assertLevel(self.hub, self.node)
        self.assertEqual(self.hub.status()["persons"], 5)

    def check_full_hub(self, pages_left):
        hub, node, before = self.hub, self.node, self.hub.store("S1")["seq"]
        self.hub_full.fill(pages_left)
        mark = len(hub.log_since())
        for number in range(20):
            self.register(before + number)
        node.run("import", "purchases", self.make_rows(2000 + before), "--map", COLUMNS)
        wait_until(lambda: "cannot take events" in node.log_since() or "no space" in hub.log_since(mark).lower()
                   or node.call("sync", "--timeout", "1").code != 0, "somebody is told that the hub is full")
        self.assertGreater(node.status()["waiting"], 0)
        self.assertGreaterEqual(hub.store("S1")["seq"], node.status()["acked"], "an acked event is lost")
        self.assertSound(hub)
        self.assertReadable(hub)
        self.hub_full.clear()
        node.level(timeout=120)
        self.assertLevel(hub, node)
        self.assertReadable(hub)

    def test_a_hub_that_is_full(self):
        self.hub.serve()
        self.register(9000)
        self.node.serve().level()
        self.check_full_hub(0)
        self.check_full_hub(12)  # the key ring finds room, the log does not
        persons = self.hub.status()["persons"]
        self.hub.stop()
        self.hub_full.fill()
        self.hub.serve()  # and starts on a full disk
        self.node.run("purchase", "--line", "late,1,1000")
        self.hub_full.clear()
        self.node.level(timeout=120)
        self.assertLevel(self.hub, self.node)
        self.assertEqual(self.hub.status()["persons"], persons)

    def test_a_hub_of_its_own_commands(self):
        """What the hub itself writes: a store is enrolled."""
        self.hub_full.fill()
        path = self.region.path / "second.join"
        error = self.assertRefused(self.hub, "enroll", "S2", "-o", path, says="no space left")
        self.assertEqual(error["code"], "no_space")
        self.assertFalse(path.exists())
        self.assertEqual([row["store"] for row in self.hub.run("stores")], ["S1"])
        self.assertSound(self.hub)
        self.hub_full.clear()
        Node(self.region, self.hub, "S2")
        self.assertEqual([row["store"] for row in self.hub.run("stores")], ["S1", "S2"])

    def test_init_without_room(self):
        join = self.hub.enroll("S3")
        beside = self.node.dir.parent
        for pages in range(40):
            self.full.fill(pages)
            done = self.region.call([program("dangol-node"), "init", str(beside / "third"), "--join", str(join)])
            if done.code == 0:
                break
            self.assertRegex(done.stderr.lower(), "no space left", str(done))
            self.full.clear()
        self.assertGreater(pages, 0)
        self.assertEqual(done.code, 0, str(done))
        self.full.clear()
        called = self.region.call([program("dangol-node"), "register", str(beside / "third"), "--name", "Kim",
                                   "--phone", "010-1234-5678"])
        self.assertEqual(called.code, 0, str(called))


if __name__ == "__main__":
    unittest.main(verbosity=2)
