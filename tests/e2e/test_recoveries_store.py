"""A store's PC that is put back from an older copy, cloned or destroyed: noticed at first contact, mended with one
command, and in the end nothing is lost or counted twice."""
import contextlib
import shutil
import signal
import unittest

from cases import RegionTest
from region import Hub, Node, wait_until

COPY = "restored or cloned: run dangol-node recover"


class StorePc(RegionTest):
    def setUp(self):
        self.hub = Hub(self.region)
        self.node = Node(self.region, self.hub, "S1")
        self.hub.serve()

    def day(self, node, name, phone, amount, ref=None):
        """A customer, two sales, a return, a complaint and a note; returns the customer's id."""
        id = node.run("register", "--name", name, "--phone", phone)["id"]
        sale = node.run("purchase", "--customer", id, "--line", f"coat,1,{amount}",
                        *(("--ref", ref) if ref else ()))["id"]
        node.run("purchase", "--line", "socks,1,10")
        node.run("return", sale, "--line", f"coat,1,{amount // 10}")
        trouble = node.run("complaint", "open", "--customer", id, "--channel", "counter", "--text", "a button")["id"]
        node.run("complaint", "step", trouble, "listen", "--text", "listened")
        node.run("contact", id, "--kind", "call", "--purpose", "fit", "--note", "happy")
        return id

    def copy_of(self, node, name):
        target = self.region.path / name
        shutil.copytree(node.dir, target)
        return target

    def put_back(self, node, copy):
        shutil.rmtree(node.dir)
        shutil.copytree(copy, node.dir)

    def refused_and_read_only(self, node):
        self.assertRefused(node, "sync", says="dangol-node recover")
        self.assertRefused(node, "purchase", "--line", "a,1,10", says="read-only")
        self.assertTrue(node.status()["quarantine"])
        self.assertIn("READ-ONLY", node.run("status", json=False))

    def states(self):
        return {row["stream"]: row["state"] for row in self.hub.run("stores")}

    def people(self, site):
        return site.run("digest", "--store", "S1")["digest"]

    def agree(self, *nodes):
        for node in nodes:
            node.sync()
        for node in nodes:
            node.sync()
            self.assertEqual(self.people(node), self.people(self.hub))
            self.assertSound(node)
        self.assertSound(self.hub)

    def spend(self, node, phone):
        return node.run("customer", "--phone", phone)["spend"]

    def test_an_old_copy_put_back(self):
        self.day(self.node, "Kim", "010-1111-0001", 1000, "B-1")
        self.node.sync()
        copy = self.copy_of(self.node, "copy")
        old = self.node.status()["stream"]
        self.assertRefused(self.node, "recover", says="nothing to recover")
        self.day(self.node, "Lee", "010-1111-0002", 2000, "B-2")
        self.node.sync()
        before = self.hub.status()
        self.put_back(self.node, copy)
        self.refused_and_read_only(self.node)
        self.assertEqual(self.states()[old], COPY)
        told = self.node.run("recover")
        self.assertEqual(told["rehomed"], 0)
        self.assertEqual(told["at_hub"], 7)
        self.assertTrue((self.node.dir / told["aside"] / "log").is_dir())
        self.assertEqual(self.states()[old], f"recovered as stream {told['stream']}")
        self.assertRefused(self.node, "recover", says="nothing to recover")
        self.assertEqual(self.hub.status()["purchases"], before["purchases"])
        self.assertEqual(self.spend(self.node, "010-1111-0002"), 1800)
        self.agree(self.node)
        again = self.node.run("purchase", "--line", "x,1,5", "--ref", "B-2")
        self.agree(self.node)
        self.assertEqual(self.hub.status()["purchases"], before["purchases"], again)

    def test_an_old_copy_that_went_on_by_itself(self):
        self.day(self.node, "Kim", "010-1111-0001", 1000)
        self.node.sync()
        copy = self.copy_of(self.node, "copy")
        self.day(self.node, "Lee", "010-1111-0002", 2000, "B-2")
        self.node.sync()
        self.put_back(self.node, copy)
        self.day(self.node, "Park", "010-1111-0003", 3000, "B-3")
        self.day(self.node, "Choi", "010-1111-0004", 4000)
        self.refused_and_read_only(self.node)
        self.hub.stop()
        self.assertRefused(self.node, "recover", "--timeout", 1, says="run `recover` again")
        self.assertEqual(self.spend(self.node, "010-1111-0003"), 2700, "it can be read all the while")
        self.hub.serve()
        told = self.node.run("recover")
        self.assertEqual((told["rehomed"], told["same_ref"], told["left"]), (14, 0, 0))
        self.agree(self.node)
        status = self.hub.status()
        self.assertEqual((status["customers"], status["purchases"], status["returns"]), (4, 8, 4))
        for number, spend in enumerate((900, 1800, 2700, 3600), 1):
            for site in (self.hub, self.node):
                self.assertEqual(self.spend(site, f"010-1111-000{number}"), spend)

    def clone(self, original_first):
        self.day(self.node, "Kim", "010-1111-0001", 1000)
        self.node.sync()
        clone = self.node.twin("clone")
        self.day(self.node, "Lee", "010-1111-0002", 2000)
        self.day(clone, "Park", "010-1111-0003", 3000)
        clone.run("purchase", "--phone", "010-1111-0001", "--line", "hat,1,500")
        first, second = (self.node, clone) if original_first else (clone, self.node)
        first.sync()
        self.refused_and_read_only(second)
        self.assertIn("restored or cloned: run dangol-node recover", " ".join(self.states().values()))
        told = second.run("recover")
        self.assertEqual(told["rehomed"], 8 if original_first else 7)
        self.agree(first, second, first)
        status = self.hub.status()
        self.assertEqual((status["customers"], status["purchases"], status["returns"]), (3, 7, 3))
        for number, spend in enumerate((1400, 1800, 2700), 1):
            for site in (self.hub, self.node, clone):
                self.assertEqual(self.spend(site, f"010-1111-000{number}"), spend)
        self.day(self.node, "Han", "010-1111-0005", 100)
        self.day(clone, "Yun", "010-1111-0006", 100)
        self.agree(first, second, first)

    def test_a_clone_while_the_original_goes_on(self):
        self.clone(True)

    def test_a_clone_that_is_on_the_line_first(self):
        self.clone(False)

    def test_a_clone_that_has_written_nothing(self):
        """Known at first contact, once the original has been on the line."""
        self.day(self.node, "Kim", "010-1111-0001", 1000)
        self.node.sync()
        clone = self.node.twin("clone")
        self.node.sync()
        self.refused_and_read_only(clone)
        self.node.sync()
        self.assertEqual(clone.run("recover")["rehomed"], 0)
        self.agree(self.node, clone, self.node)
        self.hub.run("revoke", "S1")
        for node in (self.node, clone):
            node.run("purchase", "--line", "a,1,10")
            self.assertRefused(node, "sync", says="revoked")

    def test_beside_a_running_serve(self):
        """The daemon says what is the matter, goes on answering questions, and has to be stopped for the recovery."""
        self.day(self.node, "Kim", "010-1111-0001", 1000)
        self.node.sync()
        copy = self.copy_of(self.node, "copy")
        self.day(self.node, "Lee", "010-1111-0002", 2000)
        self.node.sync()
        self.put_back(self.node, copy)
        self.node.serve()
        self.node.server.says("dangol-node recover")
        self.refused_and_read_only(self.node)
        self.assertEqual(self.spend(self.node, "010-1111-0001"), 900)
        self.assertRefused(self.node, "recover", says="stop `dangol-node serve` first")
        self.node.stop()
        self.node.run("recover")
        self.node.serve()
        self.day(self.node, "Park", "010-1111-0003", 3000)
        self.node.level()
        self.agree(self.node)

    def test_a_destroyed_pc(self):
        self.day(self.node, "Kim", "010-1111-0001", 1000, "B-1")
        self.node.sync()
        shutil.rmtree(self.node.dir)
        self.node.join(self.hub.enroll("S1", "--replace"))
        self.node.sync()
        self.assertEqual(self.spend(self.node, "010-1111-0001"), 900)
        self.node.run("purchase", "--line", "x,1,5", "--ref", "B-1")
        self.day(self.node, "Lee", "010-1111-0002", 2000, "B-2")
        self.agree(self.node)
        self.assertEqual(self.hub.status()["purchases"], 4)
        self.assertEqual(sorted(self.states().values()), ["offline", "revoked"])

    def traces(self):
        """What stands in the directory: names, and when they were last written to. A folder may go while it is read."""
        found = {}
        with contextlib.suppress(FileNotFoundError):
            for path in self.node.dir.rglob("*"):
                with contextlib.suppress(FileNotFoundError):
                    found[str(path)] = path.stat().st_mtime_ns
        return found

    def test_killed_at_any_moment(self):
        """kill -9 of `recover` whenever it has changed something in its directory, until it has nothing left to do."""
        self.day(self.node, "Kim", "010-1111-0001", 1000)
        self.node.sync()
        copy = self.copy_of(self.node, "copy")
        self.day(self.node, "Lee", "010-1111-0002", 2000)
        self.node.sync()
        self.put_back(self.node, copy)
        rows = [f"C{row % 40},{row},hat,1,100,2024-05-05 12:00:00" for row in range(600)]
        file = self.region.write("day.csv", "card,basket,sku,n,amount,at\n" + "\n".join(rows) + "\n")
        self.node.run("import", "purchases", file, "--map",
                      "customer=card,basket=basket,sku=sku,quantity=n,amount=amount,time=at")
        self.day(self.node, "Park", "010-1111-0003", 3000)
        self.refused_and_read_only(self.node)
        kills = 0
        for attempt in range(48):
            traces, changes = self.traces(), 0

            def enough(child, wanted=1 + attempt % 16):
                nonlocal traces, changes
                now = self.traces()
                changes += now != traces
                traces = now
                return changes >= wanted or not child.running()

            child = self.node.start("recover")
            wait_until(lambda child=child, enough=enough: enough(child), "recover does something", 60, every=0.0005)
            if not child.running():
                break
            child.send(signal.SIGKILL)
            child.process.wait()
            kills += 1
        self.assertGreater(kills, 0)
        if (self.node.dir / "recover.json").exists():
            self.node.run("recover")
        self.agree(self.node)
        status = self.hub.status()
        self.assertEqual((status["customers"], status["purchases"], status["returns"]), (43, 606, 3))
        self.assertEqual(len([row for row in self.hub.run("stores")]), 2)
        for number, spend in enumerate((900, 1800, 2700), 1):
            self.assertEqual(self.spend(self.node, f"010-1111-000{number}"), spend)


if __name__ == "__main__":
    unittest.main()
