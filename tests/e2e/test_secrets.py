"""What a data directory holds of secrets, and what a running program leaves of them in its memory."""
import json
import os
import re
import unittest

from cases import RegionTest
from region import Hub, Node, skip_loudly


def secrets(site):
    return json.loads((site.dir / "secrets.json").read_text())


def put_secrets(site, fields):
    (site.dir / "secrets.json").write_text(json.dumps(fields))


class JoinSecret(RegionTest):
    def setUp(self):
        self.hub = Hub(self.region).serve()
        self.node = Node(self.region, self.hub, "S1")

    def test_goes_with_the_first_contact(self):
        before = secrets(self.node)
        self.assertIn("join_secret", before)
        self.node.sync()
        after = secrets(self.node)
        self.assertEqual(after, {key: value for key, value in before.items() if key != "join_secret"})
        self.assertEqual((self.node.dir / "secrets.json").stat().st_mode & 0o777, 0o600)
        self.node.run("register", "--name", "Example Ann", "--phone", "010-0000-0001")
        self.node.sync()
        self.assertLevel(self.hub, self.node)

    def test_goes_later_when_the_program_was_killed_before(self):
        before = secrets(self.node)
        self.node.sync()
        put_secrets(self.node, before)
        self.node.sync()
        self.assertNotIn("join_secret", secrets(self.node))

    def test_stays_while_the_hub_is_not_reached(self):
        self.hub.stop()
        self.node.call("sync", "--timeout", 1)
        self.assertIn("join_secret", secrets(self.node))


MOST = 1 << 32  # of one area: a sanitizer's shadow of the whole address space is larger, and no memory of ours


class Memory(RegionTest):
    def memory(self, pid):
        """All that a process can write to, area by area."""
        try:
            with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb") as memory:
                for row in maps:
                    start, end, rights = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+)", row).groups()
                    size = int(end, 16) - int(start, 16)
                    if rights.startswith("rw") and size < MOST:
                        memory.seek(int(start, 16))
                        yield memory.read(size)
        except PermissionError as error:
            skip_loudly(f"the memory of another process cannot be read here: {error}")

    def check(self, site, fields):
        """The file's text is not there any more; the keys themselves, in binary, are in use."""
        public = ("certificate", "tls_certificate", "tls_key")  # the last is in use as it is
        texts = {key: text[:48].encode() for key, text in fields.items() if key not in public}
        found = {key for area in self.memory(site.server.pid) for key, text in texts.items() if text in area}
        self.assertEqual(found, set(), f"{site.name} has the text of these secrets in memory")

    @unittest.skipUnless(os.path.exists("/proc/self/mem"), "no /proc")
    def test_holds_no_text_of_secrets(self):
        hub = Hub(self.region).serve()
        node = Node(self.region, hub, "S1")
        fields = secrets(node)
        node.serve().level()
        self.check(hub, secrets(hub))
        self.check(node, fields)
