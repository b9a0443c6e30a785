"""What stores hear back: the history of the people they serve, from other stores and the desk, also without a line."""
import unittest

from cases import RegionTest
from region import Hub, Node

KIM = ("--name", "Kim Dangol", "--phone", "010-0000-0001")


class Feed(RegionTest):
    def setUp(self):
        self.hub = Hub(self.region).serve()
        self.north, self.south, self.west = (Node(self.region, self.hub, code) for code in ("north", "south", "west"))

    def everybody_level(self):
        """Twice: what one brings the other hears at its next visit."""
        for _ in range(2):
            for node in (self.north, self.south, self.west):
                node.sync()

    def agree(self):
        self.everybody_level()
        for node in (self.north, self.south, self.west):
            self.assertEqual(node.digest(), self.hub.run("digest", "--store", node.store)["digest"], node.name)
            self.assertSound(node)
        self.assertSound(self.hub)

    def shop_at_both(self):
        first = self.north.run("register", *KIM)["id"]
        self.north.run("purchase", "--customer", first, "--line", "COAT,1,250000")
        second = self.south.run("register", *KIM)["id"]
        self.south.run("purchase", "--customer", second, "--line", "HAT,1,30000")
        self.agree()
        return first, second

    def test_one_person_at_two_stores(self):
        self.shop_at_both()
        for node in (self.north, self.south):
            file = node.run("customer", "--phone", "010-0000-0001")
            self.assertEqual((file["spend"], file["visits"], file["name"]), (280000, 2, "Kim Dangol"), node.name)
        self.assertRefused(self.west, "customer", "--phone", "010-0000-0001", says="no customer|nobody|unknown")

    def test_the_other_store_is_known_without_a_line(self):
        first, _ = self.shop_at_both()
        self.hub.stop()
        file = self.south.run("customer", first)
        self.assertEqual(file["spend"], 280000)
        self.south.run("purchase", "--customer", first, "--line", "SCARF,1,20000")
        self.assertEqual(self.south.run("customer", first)["spend"], 300000)
        self.hub.serve()
        self.agree()
        self.assertEqual(self.north.run("customer", first)["spend"], 300000)

    def test_the_desk_and_a_void_are_heard(self):
        first, second = self.shop_at_both()
        opened = self.south.run("complaint", "open", "--customer", second, "--channel", "counter", "--text", "a button")
        self.south.sync()
        self.hub.run("complaint", "step", opened["id"], "listen", "--text", "from the desk")
        sale = [row for row in self.hub.run("customer", first)["history"] if row["type"] == "sold"][0]["id"]
        self.hub.run("void", sale, "--reason", "typed twice")
        self.agree()
        steps = self.south.run("complaint", "show", opened["id"])
        self.assertIn("from the desk", str(steps))
        spends = {node.run("customer", first)["spend"] for node in (self.north, self.south)}
        self.assertEqual(spends, {self.hub.run("customer", first)["spend"]})

    def test_people_taken_apart(self):
        first, second = self.shop_at_both()
        self.hub.run("unlink", first, second)
        self.agree()
        self.assertEqual(self.south.run("customer", second)["spend"], 30000)
        self.hub.run("link", first, second)
        self.agree()
        self.assertEqual(self.south.run("customer", second)["spend"], 280000)

    def test_a_serving_store_hears_by_itself(self):
        self.south.serve()
        first, second = self.shop_at_both()
        self.north.run("purchase", "--customer", first, "--line", "BELT,1,40000")
        self.north.sync()
        self.south.level()
        self.south.sync()
        self.assertEqual(self.south.run("customer", second)["spend"], 320000)


if __name__ == "__main__":
    unittest.main()
