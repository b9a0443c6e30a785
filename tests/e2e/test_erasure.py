"""A person asks to be forgotten (C11, E10): gone from every answer and from every key ring's files, at the hub at once
and at each store when it is told; what was bought and done stays counted, and every log verifies."""
import shutil
import unittest

from cases import RegionTest
from processes import wait_until
from region import Hub, Node

NAME, PHONE, CARD = "Kim Forgotten", "010-4321-8765", "FORGET1"
SECRETS = (NAME, PHONE, "01043218765", "1043218765", CARD, "a button came off, says she", "prefers calls at noon")
KEY_ROW = 1 + 8 + 8  # 'K', id, fingerprint; then in the same node 1 and the sealed key
SEALED = 24 + 32 + 16


def number_of(id):
    stream, seq = map(int, id.split("-"))
    return stream << 40 | seq


def wrapped(ring, id):
    """The sealed keys of a customer as they stand in a ring's file, old pages of it too."""
    content, found = (ring / "data.mdb").read_bytes(), set()
    prefix, at = b"K" + number_of(id).to_bytes(8, "big"), 0
    while (at := content.find(prefix, at)) >= 0:
        value = content[at + KEY_ROW:at + KEY_ROW + 1 + SEALED]
        if value[:1] == b"\x01":
            found.add(value[1:])
        at += 1
    return found


class Erasure(RegionTest):
    def setUp(self):
        self.root = self.region.path / "root.json"
        self.hub = Hub(self.region, root=str(self.root)).serve()
        self.north, self.south = (Node(self.region, self.hub, code) for code in ("north", "south"))

    def level(self, *nodes):
        """Thrice: a store tells that its keys are gone, and the others hear of that."""
        for _ in range(3):
            for node in nodes or (self.north, self.south):
                node.sync()

    def agree(self):
        self.level()
        for node in (self.north, self.south):
            self.assertEqual(node.digest(), self.hub.run("digest", "--store", node.store)["digest"], node.name)
            self.assertSound(node)
        self.assertSound(self.hub)

    def shop(self):
        """She is known at both stores, as one person, and complained once without saying who she is."""
        first = self.north.run("register", "--name", NAME, "--phone", PHONE, "--note", SECRETS[6])["id"]
        self.north.run("purchase", "--customer", first, "--line", "COAT,1,250000")
        self.north.run("complaint", "open", "--customer", first, "--channel", "counter", "--text", SECRETS[5])
        second = self.south.run("register", "--name", NAME, "--phone", PHONE, "--card", CARD)["id"]
        self.south.run("purchase", "--customer", second, "--line", "HAT,1,30000")
        self.other = self.north.run("register", "--name", "Lee Remembered", "--phone", "010-1111-0000")["id"]
        self.level()
        return first, second

    def state(self, hub=None):
        told = (hub or self.hub).run("erase", self.erased)
        return told["hub"]["destroyed"], {row["store"]: row["state"] for row in told["stores"]}, told["done"]

    def done_everywhere(self):
        wait_until(lambda: self.state()[2], "everybody has destroyed the keys", 30)

    def assertForgotten(self, site, keys):
        """Nothing of her in any answer, and nothing of her keys in any file of the ring."""
        for argv in (("customer", self.erased), ("vip",), ("segments",), ("complaints", "--all"), ("log",)):
            answer = str(site.run(*argv))
            for secret in SECRETS:
                self.assertNotIn(secret, answer, f"{site.name}: {argv}")
        self.assertRefused(site, "customer", "--phone", PHONE, says="no customer")
        for file in sorted(site.dir.rglob("*")):
            if not file.is_file():
                continue
            content = file.read_bytes()
            for key in keys:
                self.assertNotIn(key, content, f"{file} holds a key")
            for secret in SECRETS:
                self.assertNotIn(secret.encode(), content, f"{file} tells '{secret}'")

    def test_C11_a_person_is_forgotten_everywhere(self):
        first, second = self.shop()
        self.erased = first
        rings = {site: site.dir / "ring" for site in (self.hub, self.north, self.south)}
        keys = {site: set().union(*(wrapped(ring, id) for id in (first, second))) for site, ring in rings.items()}
        for site, found in keys.items():
            self.assertEqual(len(found), 2, f"{site.name} holds both keys")
        spend = self.hub.run("customer", first)["spend"]
        before = self.hub.digest()
        told = self.hub.run("erase", first)
        self.assertEqual({row["id"]: row["what"] for row in told["ids"]}, {first: "customer", second: "customer"})
        self.assertTrue(told["hub"]["destroyed"])
        self.assertEqual(told["hub"]["keys_destroyed"], 2)
        self.assertForgotten(self.hub, keys[self.hub])
        self.assertEqual(self.hub.digest(), before, "an erasure changes no sum")
        self.agree()
        self.done_everywhere()
        self.assertEqual(self.state()[1], {"north": "destroyed", "south": "destroyed"})
        for site in (self.north, self.south):
            self.assertForgotten(site, keys[site])
        for site in rings:
            file = site.run("customer", second)
            self.assertEqual((file["spend"], file["name"]), (spend, None), site.name)
            self.assertIsNotNone(file["erased_at"])
            self.assertIn("ERASED", site.run("customer", first, json=False))
        for site in (self.hub, self.north):
            self.assertEqual(site.run("customer", self.other)["name"], "Lee Remembered")
        tip = self.hub.status()["events"]
        self.assertEqual(self.hub.run("erase", second)["event"], told["event"], "again it only shows how far it is")
        self.assertEqual(self.hub.status()["events"], tip)
        self.assertEqual(self.hub.run("rebuild")["digest_after"], self.hub.digest())

    def test_C11_nothing_more_is_done_with_her(self):
        first, _ = self.shop()
        self.erased = first
        self.hub.run("erase", first)
        self.level()
        for argv in (("purchase", "--customer", first, "--line", "A,1,10"), ("update", first, "--name", "X"),
                     ("contact", first, "--kind", "call", "--purpose", "fit"),
                     ("complaint", "open", "--customer", first, "--channel", "counter", "--text", "t"),
                     ("register", "--name", "New", "--phone", "010-9999-0000", "--referred-by", first)):
            self.assertRefused(self.north, *argv, says="was erased")
        self.assertRefused(self.hub, "link", first, self.other, says="was erased")
        # Who comes again is somebody new, and is known again everywhere.
        again = self.north.run("register", "--name", NAME, "--phone", PHONE)["id"]
        self.agree()
        self.assertEqual(self.hub.run("customer", "--phone", PHONE)["id"], again)
        self.assertIsNone(self.hub.run("customer", again)["erased_at"])

    def test_C11_a_store_that_was_off_line(self):
        """It registered her and sold to her while nobody knew; her key is never taken, what it sold counts."""
        first, second = self.shop()
        self.erased = first
        self.south.run("purchase", "--customer", second, "--line", "BELT,1,40000")
        self.south.run("contact", second, "--kind", "call", "--purpose", "fit", "--note", SECRETS[6])
        self.hub.run("erase", first)
        self.level(self.north)
        self.assertEqual(self.state(), (True, {"north": "destroyed", "south": "not yet"}, False))
        self.assertIn("store south: not yet", self.hub.run("erase", first, json=False))
        self.assertTrue(self.hub.run("erase", first)["elsewhere"], "north knows of it too")
        self.assertEqual(next(row for row in self.hub.run("stores") if row["store"] == "south")["erasures_waiting"], 1)
        self.agree()
        self.done_everywhere()
        self.assertEqual(self.hub.run("customer", first)["spend"], 320000)
        self.assertForgotten(self.hub, set())
        self.assertForgotten(self.south, set())
        self.assertEqual([row["type"] for row in self.hub.run("customer", first)["history"]].count("contacted"), 1)

    def test_C11_what_was_registered_before_and_comes_late(self):
        first, _ = self.shop()
        west = Node(self.region, self.hub, "west")
        early = west.run("register", "--name", NAME, "--phone", PHONE)["id"]
        namesake = west.run("register", "--name", "Kim Daughter", "--phone", PHONE)["id"]
        self.erased = first
        self.hub.run("erase", first)
        later = west.run("register", "--name", NAME, "--card", "NEW1")["id"]
        self.level()
        self.assertEqual(self.state()[1]["west"], "not yet")
        self.level(self.north, self.south, west)
        self.done_everywhere()
        told = {row["id"] for row in self.hub.run("erase", first)["ids"]}
        self.assertIn(early, told, "registered before the erasure: erased too")
        self.assertNotIn(namesake, told, "another name under the same number is somebody else")
        self.assertNotIn(later, told, "registered after it: a new customer")
        self.assertIsNotNone(west.run("customer", early)["erased_at"])
        self.assertEqual(west.run("customer", namesake)["name"], "Kim Daughter")
        self.assertSound(west)

    def test_C11_a_complaint_of_nobodys_goes_with_her(self):
        secret = "she told her whole life at the counter"
        first, _ = self.shop()
        self.erased = first
        nobody = self.south.run("complaint", "open", "--channel", "phone", "--text", secret)["id"]
        self.level()
        self.assertIn(secret, str(self.hub.run("complaint", "show", nobody)))
        self.assertRefused(self.hub, "erase", "12-1", says="no customer")
        told = self.hub.run("erase", nobody)
        self.assertEqual([row["what"] for row in told["ids"]], ["complaint"])
        self.assertNotIn(secret, str(self.hub.run("complaint", "show", nobody)))
        self.level()
        self.assertNotIn(secret, str(self.south.run("complaint", "show", nobody)))

    def test_C11_the_desk_alone_and_stores_that_serve(self):
        """Nobody runs a command at the stores; the hub's `serve` was down when the desk did it."""
        first, _ = self.shop()
        self.erased = first
        self.hub.stop()
        told = self.hub.run("erase", first, "--staff", "desk", "--ref", "letter 7")
        self.assertEqual((told["hub"]["destroyed"], told["elsewhere"], told["done"]), (True, False, False))
        self.assertIn("so far only this hub knows of it", self.hub.run("erase", first, json=False))
        self.assertRefused(self.hub, "erase", self.other, "--ref", "letter 7", says="has this ref already")
        self.hub.serve()
        for node in (self.north, self.south):
            node.serve()
        self.done_everywhere()
        self.assertForgotten(self.north, set())

    def test_E10_a_hub_rebuilt_from_its_stores_knows_no_more(self):
        """One store has not been told yet and still holds the keys: they do not come back with it."""
        first, second = self.shop()
        self.erased = first
        self.hub.run("erase", first)
        self.level(self.north)
        before = self.hub.digest()
        self.hub.stop()
        shutil.rmtree(self.hub.dir)
        self.hub.run("init", "--recover", "--root", self.root, "--listen", self.hub.address, "--region", "hub",
                     json=False)
        self.hub.serve()
        self.level(self.south, self.north)
        wait_until(lambda: self.hub.status()["recovery"] is None, "the former hub's word is back", 60)
        self.level(self.south, self.north)
        self.done_everywhere()
        self.assertForgotten(self.hub, wrapped(self.hub.dir / "ring", first) | wrapped(self.hub.dir / "ring", second))
        self.assertEqual(wrapped(self.hub.dir / "ring", first), set())
        self.assertForgotten(self.south, set())
        self.assertEqual(self.hub.run("digest", "--store", "south")["digest"], self.south.digest())
        self.assertNotEqual(before, "")

    def test_E10_as_of_before_the_erasure_there_is_no_name_either(self):
        first, _ = self.shop()
        self.erased = first
        before = self.hub.run("log")[-1]["received"]
        self.hub.run("erase", first)
        rows = self.hub.run("replay", "--received-until", before, "vip")
        self.assertNotIn(NAME, str(rows))
        self.assertTrue(any(row["customer"] == first and row["spend"] == 280000 for row in rows))

    def test_E10_a_restored_hub_asks_before_it_answers(self):
        """The backup holds her key. Until a store has told what came after it, nobody is named."""
        first, second = self.shop()
        self.erased = first
        backup = self.region.path / "backup"
        self.hub.run("backup", backup)
        self.assertNotEqual(wrapped(backup / "ring", first), set())
        self.hub.run("erase", first)
        self.level()
        self.hub.stop()
        shutil.rmtree(self.hub.dir)
        done = self.region.call([self.hub.argv("restore")[0], "restore", str(backup), str(self.hub.dir)])
        self.assertEqual(done.code, 0, str(done))
        told = self.hub.call("customer", self.other)
        self.assertEqual(told.code, 0, str(told))
        self.assertNotIn("Lee", told.stdout)
        self.assertIn("who was erased since", told.stderr)
        self.assertRefused(self.hub, "customer", "--phone", "010-1111-0000", says="who was erased since")
        self.assertRefused(self.hub, "erase", self.other, says="not back yet")
        self.hub.run("recover", "--answer-now", json=False)
        self.assertIn("Lee", str(self.hub.run("customer", self.other)))
        self.assertRefused(self.hub, "recover", "--answer-now", says="already")
        self.hub.serve()
        self.level()
        wait_until(lambda: self.hub.status()["recovery"] is None, "the former hub's word is back", 60)
        self.done_everywhere()
        self.assertForgotten(self.hub, wrapped(backup / "ring", first) | wrapped(backup / "ring", second))
        self.assertIn("Lee", str(self.hub.run("customer", self.other)))
        self.assertSound(self.hub)

    def test_C11_what_a_recovery_put_aside_is_cleaned_too(self):
        first, _ = self.shop()
        self.erased = first
        copy = self.region.path / "copy"
        shutil.copytree(self.south.dir, copy)
        self.south.run("purchase", "--line", "SOCKS,1,10")
        self.south.sync()
        shutil.rmtree(self.south.dir)
        shutil.copytree(copy, self.south.dir)
        shutil.rmtree(copy)
        only_here = self.south.call("register", "--name", "Kim Local", "--phone", "010-7777-0000")
        self.assertEqual(only_here.code, 0, str(only_here))
        self.assertRefused(self.south, "sync", says="recover")
        self.south.run("recover", json=False)
        self.level()
        aside = next(self.south.dir.glob("before-*"))
        moved = self.south.run("customer", "--phone", "010-7777-0000")["id"]
        old = {key for seq in range(1, 20) for key in wrapped(aside / "ring", f"{aside.name.split('-')[1]}-{seq}")}
        keys = wrapped(aside / "ring", first)
        self.assertEqual(len(keys), 1, "what was put aside holds her key")
        self.hub.run("erase", first)
        self.hub.run("erase", moved)  # the same key, under another id than there
        self.level()
        left = {key for seq in range(1, 20) for key in wrapped(aside / "ring", f"{aside.name.split('-')[1]}-{seq}")}
        self.assertEqual(wrapped(aside / "ring", first), set())
        self.assertLess(len(left), len(old))
        self.assertForgotten(self.south, keys)
        self.done_everywhere()  # the stream that the PC left behind is not waited for

    def test_C11_a_person_of_more_ids_than_an_event_holds(self):
        ids = [self.north.run("register", "--name", f"Kim {i}", "--phone", f"010-2000-{i:04d}")["id"]
               for i in range(300)]
        self.north.sync()
        for other in ids[1:]:
            self.hub.run("link", ids[0], other, json=False)
        digest = self.hub.digest()
        told = self.hub.run("erase", ids[7])
        self.assertEqual({row["id"] for row in told["ids"]}, set(ids))
        self.assertEqual(told["hub"]["keys_destroyed"], 300)
        self.assertEqual(self.hub.digest(), digest, "they are still one person")
        self.level()
        self.erased = ids[200]
        self.done_everywhere()
        self.assertEqual(self.hub.run("erase", ids[200])["stores"][0]["keys_destroyed"], 300)


if __name__ == "__main__":
    unittest.main()
