"""The test case of the end-to-end tests: a region, a report when a test fails, assertions in the words of the
contract."""
import json
import sys
import unittest

from region import Region


class RegionTest(unittest.TestCase):
    """A test with a region of its own (or, with `shared = True`, one for the class, built in `build`)."""

    shared = False
    region = None
    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        if cls.shared:
            cls.region = Region()
            cls.addClassCleanup(cls.region.close)
            try:
                cls.build()
            except unittest.SkipTest:
                raise
            except BaseException:
                print(cls.region.report(), file=sys.stderr)
                raise

    @classmethod
    def build(cls):
        """What the tests of the class share."""

    def run(self, result=None):
        result = self.defaultTestResult() if result is None else result
        bad = len(result.failures) + len(result.errors)
        if not self.shared:
            self.region = Region()
        try:
            super().run(result)
            if len(result.failures) + len(result.errors) > bad:
                print(f"\n==== {self.id()}\n{self.region.report()}", file=sys.stderr, flush=True)
        finally:
            if not self.shared:
                self.region.close()
        return result

    def tearDown(self):
        self.assertEqual(self.region.findings(), [], "a sanitizer found something in a daemon")

    # -- assertions in the words of the contract

    def assertLevel(self, hub, *nodes):
        """Everything of these stores is at the hub, once, byte for byte, and both sides are sound."""
        for node in nodes:
            status = node.status()
            self.assertEqual(status["waiting"], 0, f"{node.name} still has events waiting")
            self.assertIsNone(status["waiting_since"], node.name)
            self.assertEqual(status["acked"], status["events"], node.name)
            own, there = node.stream_log(status["stream"]), hub.stream_log(status["stream"])
            self.assertEqual([seq for seq, _ in there], list(range(1, len(own) + 1)),
                             f"{node.name}: the hub's sequence has a gap, a doublet or another length")
            self.assertEqual(there, own, f"{node.name}: the hub holds other bytes than the store")
            self.assertEqual(hub.store(node.store)["seq"], len(own), node.name)
            self.assertSound(node)
        self.assertSound(hub)

    def assertReadable(self, site):
        """The key of every event is there: what could not be opened is shown as {"sealed": true}."""
        for row in site.run("log"):
            self.assertNotIn('"sealed": true', json.dumps(row), f"{site.name} cannot read {row['id']}")

    def assertSound(self, site):
        verdict = site.run("verify")
        self.assertTrue(verdict["ok"], f"{site.name}: {verdict}")
        self.assertIsNone(verdict["first_bad"], site.name)

    def assertRefused(self, site, command, *args, code=1, field=None, says=None, **how):
        """The command fails with one clear line, with and without --json, and nothing on stdout. Returns the error."""
        plain = site.call(command, *args, **how)
        self.assertEqual(plain.code, code, str(plain))
        self.assertEqual(plain.stdout, "", str(plain))
        self.assertRegex(plain.stderr, r"\A[^\n]{10,}\n\Z", f"not one clear line\n{plain}")
        self.assertNotRegex(plain.stderr, r"(?i)\b(errno|null|nil)\b", f"not for people\n{plain}")
        told = site.call(command, *args, json=True, **how)
        self.assertEqual(told.code, code, str(told))
        self.assertEqual(told.stdout, "", str(told))
        error = told.error
        self.assertLessEqual({"code", "message", "field"}, set(error), str(told))
        self.assertTrue(error["code"] and error["message"], str(told))
        if field is not None:
            self.assertEqual(error["field"], field, str(told))
        if says is not None:
            self.assertRegex(plain.stderr.lower(), says, str(plain))
        return error
