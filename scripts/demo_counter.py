"""The counters and the desk of the demo: every act of the week that is played by hand becomes a command, as somebody
would type it, run beside the program that serves."""
from datetime import datetime

from demo_trade import BACK, OFFLINE


class Counter:
    """Plays a trade's acts in order. `events` counts what each store should have written by now."""

    def __init__(self, trade, hub, nodes):
        self.hub, self.nodes = hub, nodes
        self.waiting = list(trade.acts)
        self.events = dict.fromkeys(nodes, 0)
        self.repeated = False  # whether a sale typed twice was recognised

    def play(self, until):
        """Acts up to a moment, each with a command beside the running `serve`."""
        count = 0
        while self.waiting and self.waiting[0].at < until:
            act = self.waiting.pop(0)
            site = self.hub if act.store == "desk" else self.nodes[act.store]
            getattr(self, "act_" + act.kind)(site, act)
            count += 1
        return count

    def wrote(self, site, events=1):
        if site is not self.hub:
            self.events[site.name] += events

    def id_of(self, site, person):
        card = person.members[site.name].card if site is not self.hub else person.card
        return site.ask("customer", "--card", card, "--history", 0)["id"]

    def whom(self, site, person):
        """As the assistant finds her: by card, or by number if she carries none."""
        if person is None:
            return []
        member = person.members[site.name]
        return ["--card", member.card] if member.card else ["--phone", person.phones[1]]

    def lines(self, lines, factor=1):
        return [word for line in lines for word in
                ("--line", f"{line.sku},{line.quantity},{line.amount * factor},{line.list_price * line.quantity}")]

    def act_register(self, site, act):
        member = act.thing
        told = ["--name", member.name, "--phone", member.phone, "--birthday", member.person.birthday.isoformat()]
        if member.card:
            told += ["--card", member.card]
        if member.referrer:
            told += ["--referred-by", self.id_of(site, member.referrer)]
        site.ask("register", *told, "--told", "--at", act.at.isoformat(), "--ref", f"R{member.person.number}")
        self.wrote(site, 2 if member.referrer else 1)

    def sell(self, site, sale, ref, factor=1):
        return site.ask("purchase", *self.whom(site, sale.person), *self.lines(sale.lines, factor),
                        "--staff", sale.staff, "--at", sale.at.isoformat(), "--ref", ref)

    def act_sell(self, site, act):
        act.thing.id = self.sell(site, act.thing, act.thing.basket)["id"]
        self.wrote(site)

    def act_mistype(self, site, act):
        """A nought too many; taken back at once."""
        wrong = self.sell(site, act.thing, act.thing.basket + "-wrong", 10)["id"]
        site.ask("void", wrong, "--reason", "a nought too many")
        self.wrote(site, 2)

    def act_repeat(self, site, act):
        """Enter was pressed twice: the same ref writes nothing."""
        again = self.sell(site, act.thing, act.thing.basket)
        self.repeated = again["existing"] and again["id"] == act.thing.id

    def sale_id(self, site, sale):
        """Of one typed here, what it was named; of one from the till's file, what her history says."""
        if sale.id is None:
            history = site.ask("customer", *self.whom(site, sale.person))["history"]
            sale.id = next(event["id"] for event in history
                           if event["type"] == "sold" and datetime.fromisoformat(event["at"]) == sale.at)
        return sale.id

    def act_return(self, site, act):
        back, original = act.thing, act.thing.original
        what = [word for line in back.lines for word in ("--line", f"{line.sku},{line.quantity},{line.amount}")]
        if original is None:
            told = [*self.whom(site, back.person), *what]
        else:
            whole = back.lines == original.lines
            told = [self.sale_id(site, original), *([] if whole else what)]
        site.ask("return", *told, "--staff", back.staff, "--at", act.at.isoformat(), "--ref", back.basket)
        self.wrote(site)

    def act_contact(self, site, act):
        person, kind, purpose, note, promise = act.thing
        customer = site.ask("customer", *self.whom(site, person), "--history", 0)["id"]
        more = ["--promise-by", "2024-09-20"] if promise else []
        site.ask("contact", customer, "--kind", kind, "--purpose", purpose, "--outcome", "reached", "--note", note,
                 "--at", act.at.isoformat(), *more)
        self.wrote(site, 2 if promise else 1)

    def act_open(self, site, act):
        made = act.thing
        told = ["--channel", made.channel, "--topic", made.topic, "--text", made.text]
        made.id = site.ask("complaint", "open", "--customer", self.id_of(site, made.person), *told,
                           "--at", act.at.isoformat(), "--ref", made.ref)["id"]
        self.wrote(site)

    def act_step(self, site, act):
        made, step = act.thing
        if site is self.hub and made.store and (made.store.code != OFFLINE or act.at > BACK):
            self.nodes[made.store.code].tell("sync")  # the desk acts on what has arrived
        told = {"pause": ["--reason", step.word], "resume": [], "reopen": ["--text", step.text]}.get(step.verb)
        if told is None:
            told = [step.word, "--text", step.text, *(word for name, value in step.more.items()
                                                      for word in (f"--{name}", value))]
        site.ask("complaint", step.verb, made.id, *told, "--at", act.at.isoformat(),
                 "--ref", f"{made.ref}/{made.steps.index(step) + 1}")
        self.wrote(site)
