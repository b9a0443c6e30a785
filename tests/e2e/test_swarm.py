"""Many stores at once: a hub that is killed among them, and strangers who will not let it be.

DANGOL_SWARM sets how many stores there are (default 200); with 2000 it takes some minutes."""
import json
import os
import re
import signal
import threading
import unittest

import strangers
from cases import RegionTest
from region import PATIENCE, Child, Hub, Node, program, wait_until

STORES = int(os.environ.get("DANGOL_SWARM") or 200)
RATE = min(10, 10000 / STORES)  # events a second of each store
HOSTILE = 200
MEMORY_MB = 300 if PATIENCE == 1 else 3000  # a sanitizer keeps what was freed


class Swarm(RegionTest):
    def setUp(self):
        tool = program("swarm", optional=True)
        self.hub = Hub(self.region)
        join = self.hub.enroll("honest")
        self.region.call([tool, "enroll", str(self.hub.dir), str(STORES)])
        self.hub.serve()
        self.honest = Node(self.region, self.hub, "honest", join=join)
        self.peak = 0

    def swarm(self, seconds):
        argv = [program("swarm"), "run", str(self.hub.dir), *map(str, (STORES, STORES * RATE, int(seconds * PATIENCE)))]
        self.region.note(argv, "&")
        child = Child(argv, self.region.path / "swarm.log", self.region.environment(), self.region.path)
        self.region.children.append(child)
        return child

    def memory(self):
        """MB that the hub has in memory, pages of its files among them."""
        with open(f"/proc/{self.hub.server.pid}/status", encoding="ascii") as status:
            self.peak = max(self.peak, int(re.search(r"VmRSS:\s+(\d+)", status.read())[1]) // 1024)
        return self.peak

    def connected(self):
        self.memory()
        return sum(row["state"] == "connected" for row in self.hub.run("stores")) >= STORES

    def finish(self, child, seconds):
        """No more is sold: the swarm ends by itself, with everything acked and nothing lost."""
        child.send(signal.SIGTERM)

        def over():
            self.memory()
            return not child.running()

        wait_until(over, "all stores are level", seconds)
        told = json.loads(child.result().stdout)
        print(f"{self.id()}: {STORES} stores, the hub took {self.peak} MB, {told}", flush=True)
        self.assertEqual(child.result().code, 0, str(child.result()))
        self.assertLess(self.peak, MEMORY_MB, "MB of the hub")
        return told

    def work(self):
        self.honest.run("purchase", "--line", "sku,1,1000")
        self.honest.sync()
        self.assertEqual(self.honest.status()["waiting"], 0)

    def check_all(self, told):
        rows = {row["store"]: row["seq"] for row in self.hub.run("stores")}
        self.assertEqual(sum(rows[f"W{i}"] for i in range(STORES)), told["events"])
        self.assertGreater(told["events"], STORES)
        self.assertLevel(self.hub, self.honest)
        self.hub.run("verify", json=False)

    def test_hub_killed_among_them(self):
        """kill -9 while everybody pushes, twice; all come back by themselves, and become level."""
        limit = 120 + STORES / 4
        child = self.swarm(5 * limit)
        for _ in range(2):
            wait_until(self.connected, "all stores are on the line", limit)
            self.work()
            self.hub.kill()
            self.hub.serve()
        wait_until(self.connected, "all stores are on the line", limit)
        told = self.finish(child, limit)
        self.work()
        self.check_all(told)

    # -- strangers

    def hold_half_handshakes(self, over):
        """Lines that stop in the middle of the handshake, and are opened again when they are closed."""
        hello, lines = strangers.client_hello(), []
        while not over.is_set():
            try:
                while len(lines) < HOSTILE // 2:
                    lines.append(strangers.dial(self.hub.address))
                    lines[-1].sendall(hello)
            except OSError:
                pass
            over.wait(1)
            for line in lines[:10]:
                strangers.reset(line)
            del lines[:10]
        for line in lines:
            strangers.reset(line)

    def throw_things(self, over):
        """Giant lengths and garbage, after a handshake and without."""
        while not over.is_set():
            for payload in (strangers.frame(b"", 0xFFFFFFFE), strangers.frame(b"\xc1" * 1000), b"\x16\x03" * 50):
                try:
                    strangers.speak(self.hub.address, payload, 15)
                    strangers.throw(self.hub.address, payload * 100)
                except OSError:
                    pass

    def bomb(self, over, join):
        """An enrolled store that went bad: a zstd bomb each time."""
        tool = program("stranger", optional=True)
        while not over.is_set():
            self.region.call([tool, "--hub", self.hub.address, "--join", str(join), "--attack", "zstd-bomb"])

    def test_strangers_at_the_same_address(self):
        over = threading.Event()
        hostile = [threading.Thread(target=self.hold_half_handshakes, args=(over,)) for _ in range(2)]
        hostile += [threading.Thread(target=self.throw_things, args=(over,)) for _ in range(4)]
        hostile.append(threading.Thread(target=self.bomb, args=(over, self.hub.enroll("bad"))))
        for thread in hostile:
            thread.start()
        try:
            limit = 180 + STORES / 2
            child = self.swarm(3 * limit)
            for _ in range(3):
                self.work()
            wait_until(self.connected, "all stores are on the line", limit)
            wait_until(lambda: re.search(r"dropped \d+ more: ", self.hub.log_since()),
                "the journal says how many, not each", 60)
            self.work()
            told = self.finish(child, limit)
        finally:
            over.set()
            for thread in hostile:
                thread.join()
        self.assertRegex(self.hub.log_since(), "refused .* store bad: ")
        self.check_all(told)


if __name__ == "__main__":
    unittest.main(verbosity=2)
