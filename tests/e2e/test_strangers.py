"""Strangers are refused, with a clear reason in the log, and honest stores go on working."""
import os
import re
import unittest

import strangers
from cases import RegionTest
from region import PATIENCE, Hub, Node, program, seeded, wait_until

HALF_HANDSHAKES = 1000
ATTACKS = {  # of the tool `stranger`, which speaks the protocol → what the hub's log must say
    "wrong-signature": "sign",
    "broken-chain": "chain",
    "oversize": "too long|too large|limit|allowed",
    "garbage": "not a message|malformed",
    "gap": "gap|wanted|sequence",
    "foreign-stream": "stream",
    "zstd-bomb": "too (long|large|many)|limit|size",
    "fork": "fork",
    "random-key": "used already",
    "later-version": "upgrade the hub",
}


class Case(RegionTest):
    def setUp(self):
        self.hub = Hub(self.region).serve()
        self.honest = Node(self.region, self.hub, "honest")

    def work(self, node=None):
        """An honest store sells something and becomes level."""
        node = node or self.honest
        node.run("purchase", "--line", "sku,1,1000")
        node.sync()
        self.assertEqual(node.status()["waiting"], 0)

    def buy(self, node):
        """A store that will not get through: it may sell all the same."""
        node.run("register", "--name", "Kim", "--phone", "010-1111-2222")
        return node

    def assertKeptOut(self, node, says, hub_says=None, hub=None):
        """The store's sync fails and says why; the hub's log says why, and nothing of the store is at the hub."""
        hub = hub or self.hub
        mark, taken = len(hub.log_since()), self.taken(hub)
        waiting = node.status()["waiting"]
        refused = node.call("sync", "--timeout", int(5 * PATIENCE))
        self.assertEqual(refused.code, 1, str(refused))
        self.assertRegex(refused.stderr.lower(), says, str(refused))
        self.assertEqual(node.status()["waiting"], waiting, "events wait on, none is lost")
        self.assertSound(node)
        if hub_says:
            self.assertLog(hub, mark, hub_says)
        self.assertEqual(self.taken(hub), taken, "the hub took something in")

    def taken(self, hub):
        status = hub.status()
        return {row["store"]: row["seq"] for row in hub.run("stores")}, status["customers"], status["purchases"]

    def assertLog(self, hub, mark, says):
        try:
            wait_until(lambda: re.search(says, hub.log_since(mark).lower()), f"the hub's log says /{says}/", 10)
        except AssertionError as error:
            raise AssertionError(f"{error}; it says:\n{hub.log_since(mark)}") from None


class JoinFiles(Case):
    def test_used_join_file(self):
        path = self.hub.enroll("S1")
        first = self.buy(Node(self.region, self.hub, "S1", name="first", join=path))
        second = self.buy(Node(self.region, self.hub, "S1", name="second", join=path))
        first.sync()
        self.assertKeptOut(second, "used|another key|already", "used|another key|already")
        first.run("purchase", "--line", "sku,1,1000")
        first.sync()  # the same secret with the same key again is harmless
        self.work()
        self.assertLevel(self.hub, first, self.honest)

    def test_forged_join_file(self):
        """One bit of one byte changed, anywhere: `init` or the hub refuses it."""
        dice = seeded(self.id())
        good = self.hub.enroll("S1").read_bytes()
        places = [place for place in range(len(good.rstrip()) - 4) if not good[place:place + 1].isspace()]
        for number, place in enumerate(dice.sample(places, 24)):
            forged = bytearray(good)
            forged[place] ^= 1
            path = self.region.write(f"forged-{number}.join", bytes(forged))
            with self.subTest(place=place):
                directory = self.region.path / f"forged-{number}"
                tried = self.region.call([program("dangol-node"), "init", str(directory), "--join", str(path)])
                if tried.code == 0:
                    tried = self.region.call([program("dangol-node"), "sync", str(directory), "--timeout", "3"])
                self.assertEqual(tried.code, 1, str(tried))
        cut = self.region.write("cut.join", good[:len(good) // 2])
        tried = self.region.call([program("dangol-node"), "init", str(self.region.path / "cut"), "--join", str(cut)])
        self.assertEqual(tried.code, 1, str(tried))
        self.work(Node(self.region, self.hub, "S1", name="unforged", join=self.region.write("good.join", good)))

    def test_join_file_of_another_region(self):
        """It names this hub's address; its region's root is another one."""
        other = Hub(self.region, "other", advertise=self.hub.address)
        foreign = self.buy(Node(self.region, other, "S1", name="foreign"))
        self.assertKeptOut(foreign, "certificate|region|not the hub", "handshake|tls|certificate")
        self.work()

    def test_another_region_at_the_address_of_the_hub(self):
        """The store does not hand its events to whoever listens there."""
        self.work()
        self.hub.stop()
        other = Hub(self.region, "other", port=self.hub.port).serve()
        self.buy(self.honest)
        self.assertKeptOut(self.honest, "certificate|region|not the hub", "handshake|tls|certificate", hub=other)
        self.honest.serve()
        self.assertGreater(self.honest.status()["waiting"], 0)
        other.stop()
        self.hub.serve()
        self.honest.level(timeout=90)
        self.assertLevel(self.hub, self.honest)

    def test_revoked_store(self):
        store = Node(self.region, self.hub, "S1")
        self.work(store)
        taken = self.hub.store("S1")["seq"]
        self.buy(store)
        self.hub.run("revoke", "S1", json=False)
        self.assertEqual(self.hub.store("S1")["state"], "revoked")
        self.assertKeptOut(store, "revoked", "revoked")
        self.assertEqual(self.hub.store("S1")["seq"], taken)
        self.assertTrue(store.status()["revoked"], "without a daemon too")
        self.assertRegex(store.run("status", json=False),
                         r"REVOKED[^\n]*revoked[^\n]*\n[^\n]*enroll[^\n]* events? not ")
        self.assertFalse(self.honest.status()["revoked"])
        self.hub.stop()
        self.hub.serve()
        self.assertKeptOut(store, "revoked", "revoked")
        self.work()

    def test_store_revoked_while_connected(self):
        store = Node(self.region, self.hub, "S1").serve()
        store.run("purchase", "--line", "sku,1,1000")
        store.level()
        self.hub.run("revoke", "S1", json=False)
        store.run("purchase", "--line", "late,1,1000")
        wait_until(lambda: "revoked" in store.log_since().lower(), "the store's log says that it is revoked", 60)
        self.assertEqual(store.status()["waiting"], 1)
        self.work()

    def test_revoked_before_its_first_contact(self):
        store = self.buy(Node(self.region, self.hub, "S1"))
        self.hub.run("revoke", "S1", json=False)
        self.assertKeptOut(store, "revoked", "revoked")
        self.work()


class Lines(Case):
    def descriptors(self):
        return len(os.listdir(f"/proc/{self.hub.server.pid}/fd"))

    def check_calm(self, before):
        """After the storm: an honest store is served and every line of the strangers is gone."""
        self.work()
        wait_until(lambda: self.descriptors() <= before, f"the hub is back at {before} descriptors", 120)
        self.assertLevel(self.hub, self.honest)
        self.assertTrue(self.hub.server.running())

    def test_half_a_handshake_a_thousand_times(self):
        self.work()
        before, mark = self.descriptors(), len(self.hub.log_since())
        for number in range(HALF_HANDSHAKES):
            strangers.half_handshake(self.hub.address)
            if number % 250 == 249:
                self.work()
        self.assertLog(self.hub, mark, "handshake|tls|gone")
        self.check_calm(before)

    def test_random_bytes(self):
        dice = seeded(self.id())
        before, mark = self.descriptors(), len(self.hub.log_since())
        for _ in range(200):
            strangers.throw(self.hub.address, dice.randbytes(dice.choice([1, 5, 100, 4096, 100_000])))
        strangers.throw(self.hub.address, b"GET / HTTP/1.1\r\nHost: hub\r\n\r\n")
        self.assertLog(self.hub, mark, "handshake|tls|gone")
        self.check_calm(before)

    def test_half_a_client_hello(self):
        before = self.descriptors()
        hello = strangers.client_hello()
        for size in range(1, len(hello), 7):
            strangers.throw(self.hub.address, hello[:size])
        self.check_calm(before)

    def test_idle_lines(self):
        """They cost a place for a while and are then closed; nobody waits behind them."""
        before = self.descriptors()
        idle = [strangers.dial(self.hub.address) for _ in range(100)]
        waiting = [strangers.dial(self.hub.address) for _ in range(100)]
        for line in waiting:
            line.sendall(strangers.client_hello())
        self.work()
        self.check_calm(before)
        for line in idle + waiting:
            strangers.reset(line)

    def test_frames_from_nobody(self):
        """After a whole TLS handshake: what the framing itself must refuse."""
        dice = seeded(self.id())
        before = self.descriptors()
        for name, payload, says in (
                ("the longest length", strangers.frame(b"", 0xFFFFFFFE), "too long|too large|limit|allowed"),
                ("a gigabyte", strangers.frame(b"x" * 100, 1 << 30), "too long|too large|limit|allowed"),
                ("length 0", strangers.frame(b""), "not a message|malformed|empty|short|closed"),
                ("a huge msgpack array", strangers.frame(b"\xdd\xff\xff\xff\xff"), "not a message|malformed"),
                ("not msgpack", strangers.frame(b"\xc1" * 64), "not a message|malformed"),
                ("deep nesting", strangers.frame(b"\x91" * 16_000), "not a message|malformed|deep"),
                ("random bytes", strangers.frame(dice.randbytes(2000)), "message|malformed|in time"),
                ("nothing at all", b"", "in time|silent|idle")):
            with self.subTest(name):
                mark = len(self.hub.log_since())
                self.assertTrue(strangers.speak(self.hub.address, payload, 60 * PATIENCE),
                    "the hub keeps the line open")
                self.assertLog(self.hub, mark, says)
        self.check_calm(before)

    def test_memory_stays_bounded(self):
        """Megabytes announced by many lines at once are not megabytes taken."""
        def resident():
            with open(f"/proc/{self.hub.server.pid}/status", encoding="ascii") as status:
                return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1])

        self.work()
        start = resident()
        for _ in range(200):
            strangers.speak(self.hub.address, strangers.frame(b"\x96", 0x7FFFFFFF), 30 * PATIENCE)
        # A sanitizer, for which the patience is, keeps what was freed.
        self.assertLess(resident() - start, (64 if PATIENCE == 1 else 1024) * 1024, "KiB more than before")
        self.work()


class Forgers(Case):
    """What needs the protocol and a join file: the C tool `stranger` plays it."""

    def test_each_attack(self):
        tool = program("stranger", optional=True)
        for attack, says in ATTACKS.items():
            with self.subTest(attack):
                victim = Node(self.region, self.hub, f"victim-{attack}")
                self.work(victim)
                join = self.hub.enroll(f"stranger-{attack}")
                mark = len(self.hub.log_since())
                played = self.region.call([tool, "--hub", self.hub.address, "--join", str(join), "--attack", attack])
                self.assertEqual(played.code, 0, f"exit 0 means: the hub refused it\n{played}")
                self.assertLog(self.hub, mark, says)
                self.work(victim)
                self.work()
                self.assertLevel(self.hub, victim, self.honest)

    def test_unknown_attack(self):
        tool = program("stranger", optional=True)
        played = self.region.call([tool, "--hub", self.hub.address, "--join", str(self.hub.enroll("S1")),
                                   "--attack", "flattery"])
        self.assertEqual(played.code, 2, str(played))


if __name__ == "__main__":
    unittest.main(verbosity=2)
