"""Stores go on without the hub, and nothing that was acknowledged is lost, whoever is killed."""
import unittest
from datetime import datetime, timezone

import journey
from cases import RegionTest
from journey import COLUMNS, Journey
from region import Hub, Node, seeded

UTC = timezone.utc
ROUNDS = 20


class HubDown(RegionTest):
    def setUp(self):
        self.hub = Hub(self.region)
        self.node = Node(self.region, self.hub, "S1")

    def a_day_at_the_store(self):
        """Every command a store has, once; returns how many events they wrote."""
        run, before = self.node.run, self.node.status()["events"]
        kim = run("register", "--name", "김단골", "--phone", "010-1234-5678", "--birthday", "1990-05-01")["id"]
        run("update", kim, "--address", "서울특별시 중구 1")
        sale = run("purchase", "--phone", "010-1234-5678", "--line", "coat,1,250000", "--line",
            "scarf,2,60000,80000")["id"]
        run("purchase", "--line", "socks,3,9000")
        run("return", sale, "--line", "scarf,1,30000")
        run("contact", kim, "--kind", "call", "--purpose", "fit", "--outcome", "reached", "--note", "happy")
        trouble = run("complaint", "open", "--customer", kim, "--channel", "counter", "--text", "단추가 떨어졌어요")["id"]
        run("complaint", "step", trouble, "listen", "--text", "listened")
        file = self.region.write("day.csv", "card,basket,sku,n,amount,at\nC9,1,hat,1,15000,2024-05-05 12:00:00\n")
        run("import", "purchases", file, "--map",
            "customer=card,basket=basket,sku=sku,quantity=n,amount=amount,time=at")
        self.assertEqual(run("customer", kim)["spend"], 280000)
        self.assertEqual({(row["card"], row["spend"]) for row in self.node.vip()}, {(None, 280000), ("C9", 15000)})
        self.assertSound(self.node)
        self.assertEqual(len(self.node.stream_log(self.node.status()["stream"])), self.node.status()["events"])
        self.assertTrue(self.node.digest())
        return self.node.status()["events"] - before

    def check_waiting(self, count, since):
        status = self.node.status()
        self.assertEqual(status["waiting"], count)
        told = datetime.fromisoformat(status["waiting_since"])
        self.assertLessEqual(since, told)
        self.assertLessEqual(told, datetime.now(UTC))
        return status["waiting_since"]

    def test_never_connected(self):
        """Nothing but the join file was ever seen of the hub."""
        self.assertEqual(self.node.status()["waiting"], 0)
        self.assertIsNone(self.node.status()["waiting_since"])
        self.assertIsNone(self.node.status()["last_contact"])
        start = datetime.now(UTC).replace(microsecond=0)
        count = self.a_day_at_the_store()
        self.assertEqual(count, 10)
        self.check_waiting(count, start)
        self.assertRefused(self.node, "sync", "--timeout", 1, says=self.hub.address)
        self.check_waiting(count, start)
        self.hub.serve()
        self.node.sync()
        self.assertLevel(self.hub, self.node)
        self.assertIsNotNone(self.node.status()["last_contact"])

    def test_the_daemon_drains_by_itself(self):
        self.hub.serve()
        self.node.serve()
        self.node.run("register", "--name", "Lee", "--phone", "010-2222-3333")
        self.node.level()
        self.hub.kill()
        start = datetime.now(UTC).replace(microsecond=0)
        count = self.a_day_at_the_store()  # through the running daemon
        since = self.check_waiting(count, start)
        self.node.run("purchase", "--line", "late,1,1000")
        self.assertEqual(self.check_waiting(count + 1, start), since, "since the first one that waits")
        self.node.stop()
        self.assertEqual(self.check_waiting(count + 1, start), since, "known without the daemon too")
        self.node.serve()
        self.hub.serve()
        self.node.level(timeout=90)
        self.assertLevel(self.hub, self.node)
        self.assertEqual(self.hub.store("S1")["lag"], 0)

    def test_level_again_after_a_long_outage_and_many_restarts(self):
        for number in range(5):
            self.node.run("register", "--name", f"Customer {number}", "--phone", f"010-3333-000{number}")
            if number % 2:
                self.node.serve()
                self.node.stop()
        self.hub.serve()
        self.node.serve().level()
        for number in range(3):
            self.hub.stop()
            self.node.run("purchase", "--phone", f"010-3333-000{number}", "--line", "a,1,1000")
            self.hub.serve()
            self.node.level(timeout=90)
        self.assertLevel(self.hub, self.node)
        self.assertEqual(self.hub.status()["purchases"], 3)


class Killed(RegionTest):
    """kill -9 of either side at random moments of a sync, twenty times over."""

    def make_rows(self, dice, batch, size=400):
        """Rows of baskets of one batch: a few old households, some new ones, now and then a return."""
        rows = []
        for number in range(size):
            household = f"H{dice.randrange(30 * (batch + 1)):05}"
            sign = -1 if dice.random() < 0.03 else 1
            day = f"2024-{1 + batch % 12:02}-{dice.randrange(1, 29):02}"
            at = f"{day} {dice.randrange(24):02}:{dice.randrange(60):02}:00"
            for sku in range(dice.randrange(1, 4)):
                rows.append(f"{household},K,{batch}-{number},{sign},sku{sku},{sign * dice.randrange(1, 99999)},{at}")
        return rows

    def take_in(self, node, dice, batch):
        self.rows += self.make_rows(dice, batch)
        header = "household_id,store_id,basket_id,quantity,product_id,sales_value,transaction_timestamp"
        path = self.region.write("rows.csv", "\n".join([header, *self.rows]) + "\n")
        told = node.run("import", "purchases", path, "--map", COLUMNS)
        self.assertEqual(told["rejected"], 0)
        # Someone with a name and a complaint with a text: what is sealed must be readable at the hub.
        person = node.run("register", "--name", f"손님 {batch}", "--phone", f"010-77{batch:02}-1000", "--card",
            f"P{batch}")
        node.run("complaint", "open", "--customer", person["id"], "--channel", "phone", "--text", f"불만 {batch}")
        node.run("complaint", "open", "--channel", "hotline", "--text", f"anonymous {batch}")

    def setUp(self):
        self.rows = []
        self.hub = Hub(self.region, timezone="UTC")
        self.node = Node(self.region, self.hub, "K")

    def test_twenty_kills(self):
        dice = seeded(self.id())
        hub, node = self.hub, self.node
        hub.serve()
        self.take_in(node, dice, 0)
        start = datetime.now()
        node.sync()
        whole = max(0.05, (datetime.now() - start).total_seconds())  # how long such a sync takes here, undisturbed
        during = 0
        for number in range(1, ROUNDS + 1):
            self.take_in(node, dice, number)
            victim, daemon, moment = dice.choice([hub, node]), dice.random() < 0.3, dice.random() * whole
            self.region.note([f"# round {number}: {victim.name} dies after {moment:.3f} s of",
                              "serve" if daemon else "sync"])
            if daemon:
                node.serve()
                push = node.server
            else:
                push = node.start("sync", "--timeout", 60)
            over = push.wait_or(moment)
            during += not over
            if victim is hub:
                hub.kill()
                hub.serve()
                if not daemon and dice.random() < 0.5:
                    push.wait(90)  # it may find the hub again by itself
            push.kill()
            node.server = None
            # Whatever the store was promised is there, before it gets a chance to send it again.
            self.assertGreaterEqual(hub.store("K")["seq"], node.status()["acked"],
                f"an acked event is lost, round {number}")
        self.assertGreater(during, ROUNDS // 4, "most kills came after the sync was over: the test tested nothing")
        node.sync()
        self.check_everything()
        hub.stop()
        hub.serve()
        self.check_everything()

    def check_everything(self):
        hub, node = self.hub, self.node
        oracle = Journey(journey.read(self.region.path / "rows.csv"), decimals=0)
        self.assertLevel(hub, node)
        named = {f"P{number}": f"손님 {number}" for number in range(ROUNDS + 1)}
        status = hub.settled(persons=len(oracle.households) + len(named))
        self.assertEqual((status["purchases"], status["returns"]), (oracle.purchases, oracle.returns))
        for site in (hub, node):
            told = [(row["card"], row["spend"], row["visits"]) for row in site.vip()]
            self.assertEqual(told, [(s.card, s.spend, s.visits) for s in oracle.ranking()], site.name)
        # Every key has arrived.
        self.assertReadable(hub)
        for card, name in named.items():
            self.assertEqual(hub.run("customer", "--card", card)["name"], name)
        texts = sorted(complaint["text"] for complaint in hub.run("complaints", "--all"))
        self.assertEqual(texts, sorted(f"{kind} {number}" for kind in ("불만",
            "anonymous") for number in range(ROUNDS + 1)))
        self.assertEqual(hub.run("rebuild")["digest_after"], hub.digest())

    def test_killed_while_importing(self):
        """A half-done import is taken up again: whole baskets, each once."""
        dice = seeded(self.id())
        self.hub.serve()
        rows = [row for batch in range(12) for row in self.make_rows(dice, batch)]
        header = "household_id,store_id,basket_id,quantity,product_id,sales_value,transaction_timestamp"
        path = self.region.write("rows.csv", "\n".join([header, *rows]) + "\n")
        for _ in range(5):
            child = self.node.start("import", "purchases", path, "--map", COLUMNS)
            child.wait_or(dice.random() * 0.2)
            child.kill()
            self.assertSound(self.node)
        self.node.run("import", "purchases", path, "--map", COLUMNS)
        oracle = Journey(journey.read(path), decimals=0)
        self.assertEqual([(row["card"], row["spend"], row["visits"]) for row in self.node.vip()],
                         [(s.card, s.spend, s.visits) for s in oracle.ranking()])
        self.assertEqual(self.node.status()["events"], len(oracle.baskets) + oracle.registrations)
        self.node.sync()
        self.assertLevel(self.hub, self.node)

    def test_daemon_of_the_store_killed_between_commands(self):
        """What a command said is written is written."""
        dice = seeded(self.id())
        self.hub.serve()
        done = 0
        for number in range(10):
            self.node.serve()
            for _ in range(dice.randrange(1, 4)):
                self.node.run("purchase", "--line", f"sku,1,{1000 + number}")
                done += 1
            self.node.kill()
        self.assertEqual(self.node.status()["events"], done)
        self.node.sync()
        self.assertLevel(self.hub, self.node)
        self.hub.settled(purchases=done)


if __name__ == "__main__":
    unittest.main(verbosity=2)
