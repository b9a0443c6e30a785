"""Doing it again with the same --ref is harmless, whatever it is and whatever has become of it since: each command that
writes, at a store and at the desk, done twice."""
import unittest

from cases import RegionTest
from region import Hub, Node


class Refs(RegionTest):
    def twice(self, site, *words):
        """The first time it is written; the second time that is said, and nothing is."""
        ref = ("--ref", f"{site.name} {len(self.done)}")
        self.done.append(words)
        first = site.run(*words, *ref)
        events = site.status()["events"]
        second = site.run(*words, *ref)
        self.assertEqual(site.status()["events"], events, words)
        self.assertEqual(second.get("id"), first.get("id"), words)
        if "existing" in first:
            self.assertEqual((first["existing"], second["existing"]), (False, True), words)
        return first.get("id")

    def setUp(self):
        self.done = []
        self.hub = Hub(self.region).serve()
        self.node = Node(self.region, self.hub, "north")

    def file(self, site, ann, bob):
        self.twice(site, "consent", ann, "--purpose", "news", "--given")
        self.twice(site, "tag", ann, "trust")
        self.twice(site, "tag", ann, "trust", "--remove")
        self.twice(site, "relation", ann, "family", bob)
        self.twice(site, "staff", "add", "kim", "--role", "manager")
        self.twice(site, "custodian", ann, "kim")
        self.twice(site, "custodian", ann, "--none")
        self.twice(site, "verify-file", ann, "--valid", "yes")
        self.twice(site, "grant", ann, "gold")
        self.twice(site, "grant", ann, "--none")
        self.twice(site, "left", ann, "--reason", "other")
        self.twice(site, "staff", "off", "kim")

    def contact(self, site, ann):
        self.twice(site, "contact", ann, "--kind", "call", "--purpose", "x", "--promise-by", "2030-01-01")
        promise = self.twice(site, "promise", "add", ann, "--by", "2030-01-01", "--text", "x")
        self.twice(site, "promise", "keep", promise)
        self.twice(site, "gathering", "add", "tea")

    def complaint(self, site):
        case = self.twice(site, "complaint", "open", "--channel", "phone", "--text", "x")
        act = ("complaint", "step", case)
        self.twice(site, *act, "listen")
        self.twice(site, *act, "empathise")
        self.twice(site, "complaint", "pause", case, "--reason", "x")
        self.twice(site, "complaint", "resume", case)
        self.twice(site, "complaint", "route", case, "company")
        self.twice(site, *act, "outcome", "--satisfied", "no", "--skip-reason", "x")
        self.twice(site, *act, "compensate", "--kind", "gift", "--cost", "5")
        self.twice(site, *act, "outcome", "--satisfied", "no")
        self.twice(site, "complaint", "reopen", case)
        return case

    def test_C5_K1_X7_at_a_store(self):
        node = self.node
        ann = self.twice(node, "register", "--name", "Example Ann", "--card", "A1", "--at", "2024-01-01")
        bob = self.twice(node, "register", "--name", "Example Bob", "--card", "B1", "--referred-by", ann)
        self.twice(node, "update", ann, "--work", "baker")
        self.twice(node, "update", ann, "--clear", "work")
        sale = self.twice(node, "purchase", "--card", "A1", "--line", "coat,1,180000")
        self.twice(node, "return", sale)
        of_nobody = self.twice(node, "purchase", "--line", "coat,1,180000")
        self.twice(node, "attribute", of_nobody, ann)
        self.twice(node, "redeem", ann, 180)
        self.twice(node, "void", of_nobody, "--reason", "x")
        self.twice(node, "void", of_nobody, "--undo", "--reason", "x")
        package = self.twice(node, "purchase", "--card", "B1", "--line", "facial,1,90000", "--package", "facial,1")
        self.twice(node, "package", "use", bob, "--sale", package, "--sku", "facial")
        self.twice(node, "benefit", bob, "--kind", "coupon")
        self.twice(node, "mark", "rainy")
        self.twice(node, "review")
        self.twice(node, "custodian", ann, "lee")
        self.twice(node, "handover", "lee", "park")
        self.file(node, ann, bob)
        self.contact(node, ann)
        self.twice(node, "attribute", self.complaint(node), ann)
        node.sync()
        self.assertLevel(self.hub, node)

    def test_C5_K1_X7_at_the_desk(self):
        ann = self.node.run("register", "--name", "Example Ann", "--card", "A1")["id"]
        bob = self.node.run("register", "--name", "Example Bob", "--card", "B1")["id"]
        self.node.sync()
        self.file(self.hub, ann, bob)
        self.contact(self.hub, ann)
        self.complaint(self.hub)
        self.twice(self.hub, "link", ann, bob)
        self.twice(self.hub, "unlink", ann, bob)
        self.twice(self.hub, "policy", "--set", "top-percent=25")
        self.twice(self.hub, "erase", bob)


if __name__ == "__main__":
    unittest.main()
