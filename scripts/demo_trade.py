#!/usr/bin/env python3
"""A year of made-up trade of three stores, from a seed; and what the year comes to, worked out here from the sales
themselves, without a look at Dangol. demo_region.py plays it on the real programs and compares.

    scripts/demo_trade.py [--seed N] [DIR]      what the year comes to; with DIR also writes the tills' files there

It is shaped like real trade: a few regulars bring most of the sales, festivals and new collections fill the stores,
some goods come back, some people shop at two stores. The same seed gives the same year on every machine. Most of it is
in the tills' files (`Trade.files`); one week, the one before Chuseok, is played sale by sale (`Trade.acts`).
"""
import argparse
import random
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path

from demo_files import write_files
from demo_people import ALL_YEAR, BEAUTY, CASES, COMPLAINTS, FASHION, FINDINGS, GIFT, PURPOSES, Names, full_width, phone

KST = timezone(timedelta(hours=9))  # Seoul; no summer time in our year
YEAR = 2024
END = datetime(YEAR, 12, 31, 23, 59, 59, tzinfo=KST)
CUT = datetime(YEAR, 9, 9, 12, tzinfo=KST)       # a Monday noon: the line to the island breaks
BACK = datetime(YEAR, 9, 16, 10, tzinfo=KST)     # a week later
WEEK = (datetime(YEAR, 9, 9, tzinfo=KST), datetime(YEAR, 9, 16, tzinfo=KST))
DESK_DAY = datetime(YEAR, 12, 31, 18, tzinfo=KST)  # when the complaint desk is looked at
PEOPLE, TOURISTS, FAMILIES = 600, 9, 5
VISITS, ANONYMOUS = 9.2, 700


@dataclass
class Store:
    code: str
    name: str
    chain: str
    goods: list
    share: float      # of the customers
    languages: tuple  # weights of Korean, Chinese, English
    encoding: str     # of what its till writes
    delimiter: str
    time_format: str
    heads: dict       # field of Dangol → column of the till


STORES = [
    Store("myeongdong", "데모 명동점", "Demo Mode", FASHION, 0.45, (6, 3, 1), "utf-8", ",", "%Y-%m-%d %H:%M:%S",
          {"basket": "영수증", "customer": "회원카드", "time": "판매일시", "sku": "상품", "quantity": "수량",
           "amount": "금액", "list_price": "정가", "staff": "담당"}),
    Store("haeundae", "데모 해운대점", "Demo Mode", FASHION, 0.33, (9, 0, 1), "cp949", ";", "%Y.%m.%d %H:%M:%S",
          {"basket": "전표", "customer": "카드번호", "time": "일시", "sku": "품번", "quantity": "수량",
           "amount": "판매금액", "list_price": "소비자가", "staff": "사원"}),
    Store("seogwipo", "데모 서귀포점", "Demo Beauty", BEAUTY, 0.22, (4, 5, 1), "gb18030", ",", "%d/%m/%Y %H:%M:%S",
          {"basket": "小票", "customer": "会员卡", "time": "时间", "sku": "商品", "quantity": "数量",
           "amount": "金额", "list_price": "原价", "staff": "店员"}),
]
OFFLINE = "seogwipo"


@dataclass(eq=False)
class Person:
    number: int
    name: str
    language: str
    phones: tuple     # as written nationally, internationally
    card: str         # None: has none
    home: Store
    visits: int
    taste: float      # 0 … 1: how dear
    birthday: date
    nameless: bool = False          # known by card alone
    members: dict = field(default_factory=dict)  # store code → Member


@dataclass(eq=False)
class Member:
    """A person in the book of one store."""
    person: Person
    store: Store
    at: datetime
    how: str          # file, till (card alone, met in the till's file), hand
    name: str
    phone: str
    card: str         # as written there
    referrer: Person = None
    id: str = None    # what the program named it, for those registered by hand


@dataclass
class Line:
    sku: str
    quantity: int
    amount: int
    list_price: int   # of one piece


@dataclass(eq=False)
class Sale:
    store: Store
    at: datetime
    person: Person
    lines: list
    staff: str
    basket: str = None
    mistyped: bool = False  # typed wrong, and voided at once
    original: "Sale" = None  # of a return that names it
    back: bool = False       # a return: lines are positive, amounts as paid back
    id: str = None

    @property
    def amount(self):
        return sum(line.amount for line in self.lines)

    @property
    def is_visit(self):
        return not self.back and any(line.quantity > 0 for line in self.lines)


@dataclass(eq=False)
class Step:
    site: str         # a store's code, or desk
    verb: str         # step, route, pause, resume, reopen
    word: str         # which step, to whom, why
    at: datetime
    text: str = None
    more: dict = field(default_factory=dict)


@dataclass(eq=False)
class Complaint:
    ref: str
    store: Store      # None: opened at the desk
    person: Person
    at: datetime
    topic: str
    text: str
    how: str          # file, hand
    channel: str = "counter"
    steps: list = field(default_factory=list)
    id: str = None


@dataclass
class Act:
    """Something done by hand, with a command."""
    at: datetime
    kind: str         # register, sell, return, contact, open, step
    store: str        # or desk
    thing: object


@dataclass
class Standing:
    person: Person
    spend: int = 0
    visits: int = 0
    last: datetime = None

    def __str__(self):
        return f"{self.person.name}, {self.person.card}: {self.spend} won, {self.visits} visits, last {self.last}"


# ---- The year ----

FESTIVALS = [(date(YEAR, 1, 29), date(YEAR, 2, 8), 1.7),    # before Seollal
             (date(YEAR, 5, 1), date(YEAR, 5, 8), 1.4),     # Children's Day, Parents' Day
             (date(YEAR, 9, 6), date(YEAR, 9, 15), 1.8),    # before Chuseok
             (date(YEAR, 11, 8), date(YEAR, 11, 11), 1.5),  # 11.11
             (date(YEAR, 12, 14), date(YEAR, 12, 24), 1.6)]
CLOSED = [date(YEAR, 1, 1), date(YEAR, 2, 10), date(YEAR, 9, 17)]
COLLECTIONS = {3: 1.25, 4: 1.2, 9: 1.25, 10: 1.25, 2: 0.85, 7: 0.9, 8: 0.85}
SALES = {1: 70, 7: 80}  # months of clearance: per cent of the list price
GIFT_DAYS = FESTIVALS[0], FESTIVALS[2]


def within(day, spans):
    return any(first <= day <= last for first, last, _ in spans)


def readable(text, store):
    """Whether the store's till can write this."""
    return text.encode(store.encoding, "ignore").decode(store.encoding) == text


def weight_of(day):
    if day in CLOSED:
        return 0
    weekday = (0.8, 0.85, 0.9, 1, 1.15, 1.5, 1.4)[day.weekday()]
    festival = next((factor for first, last, factor in FESTIVALS if first <= day <= last), 1)
    return weekday * festival * COLLECTIONS.get(day.month, 1)


class Trade:
    def __init__(self, seed):
        self.seed, self.dice = seed, random.Random(f"dangol demo {seed}")
        self.days = [date(YEAR, 1, 1) + timedelta(n) for n in range(366)]
        self.weights = [weight_of(day) for day in self.days]
        self.moments, self.week = set(), WEEK
        self.people, self.sales, self.complaints, self.acts = [], [], [], []
        self.meet_people()
        self.go_shopping()
        self.join_books()
        self.number_baskets()
        self.complain()
        self.play_week()

    # -- people

    def meet_people(self):
        names, dice = Names(self.dice), self.dice
        for number in range(1, PEOPLE + TOURISTS + 1):
            tourist = number > PEOPLE
            home = STORES[2] if tourist else dice.choices(STORES, [store.share for store in STORES])[0]
            language = dice.choices(("ko", "zh", "en"), (0, 2, 1) if tourist else home.languages)[0]
            eager = dice.lognormvariate(0, 0.95)
            visits = 1 if tourist else min(dice.randrange(45, 100), max(1, round(eager * VISITS / 1.57)))
            taste = min(0.97, max(0.03, dice.gauss(0.3 + 0.05 * min(eager, 6), 0.15)))
            birthday = date(1950, 1, 1) + timedelta(dice.randrange(20000))
            card = None if tourist else f"DEMO-{number:04}"
            self.people.append(Person(number, names.take(language), language, phone(language, number), card, home,
                                      visits, taste, birthday, visits < 3 and dice.random() < 0.05))
        named = [person for person in self.people[:PEOPLE] if not person.nameless]
        for person in dice.sample(named[:PEOPLE // 2], FAMILIES):
            child = next(p for p in named if p.home is person.home and p.number > person.number)
            child.phones = person.phones  # a family with one telephone is still two people

    # -- sales

    def moment(self, day):
        """A second of the day on which nothing else happens."""
        while True:
            at = datetime.combine(day, time(11), KST) + timedelta(seconds=self.dice.randrange(9 * 3600))
            if at not in self.moments and not CUT - timedelta(minutes=30) < at < CUT:
                self.moments.add(at)
                return at

    def line(self, store, day, taste, discount):
        shelf = [goods for goods in store.goods if day.month in goods[2]]
        gift = within(day, GIFT_DAYS) and self.dice.random() < 0.3
        name, price, _ = (GIFT, 55000, ALL_YEAR) if gift else self.pick(sorted(shelf, key=lambda g: g[1]), taste)
        quantity = self.dice.choice((1, 1, 2, 3)) if gift else 2 if price < 30000 and self.dice.random() < 0.3 else 1
        per_cent = SALES.get(day.month, 100) if not gift and name[:5] != "BASIC" else 100
        amount = quantity * price * min(per_cent, discount) // 100 // 10 * 10
        return Line(name, quantity, amount, price)

    def pick(self, shelf, taste):
        return shelf[int(len(shelf) * self.dice.betavariate(1 + 3 * taste, 1 + 3 * (1 - taste)) * 0.999)]

    def sell(self, store, day, person):
        dice = self.dice
        taste = person.taste if person else dice.uniform(0.05, 0.5)
        birthday = person and (person.birthday.month, person.birthday.day) == (day.month, day.day)
        count = 1 + sum(dice.random() < 0.25 + 0.3 * taste for _ in range(3))
        lines = [self.line(store, day, taste, 90 if birthday else 100) for _ in range(count)]
        sale = Sale(store, self.moment(day), person, lines, f"{store.code[0]}{dice.randrange(1, 6)}")
        self.sales.append(sale)
        if person and dice.random() < 0.015:  # an exchange: the old piece goes back in the same basket
            old = self.line(store, day, taste * 0.7, 100)
            lines.append(Line(old.sku, -old.quantity, -old.amount, old.list_price))
        elif person and person.card and dice.random() < 0.03:
            self.bring_back(sale)

    def bring_back(self, sale):
        day = sale.at.date() + timedelta(self.dice.randrange(1, 15))
        if day > END.date() or weight_of(day) == 0:
            return
        lines = sale.lines if self.dice.random() < 0.4 else [self.dice.choice(sale.lines)]
        at = self.moment(day)
        # The tills' files do not know the original, and not everybody has kept the receipt.
        original = sale if WEEK[0] <= at < WEEK[1] and self.dice.random() < 0.7 else None
        self.sales.append(Sale(sale.store, at, sale.person, lines, sale.staff, original=original, back=True))

    def go_shopping(self):
        dice = self.dice
        for person in self.people[:PEOPLE]:
            other = dice.choice([store for store in STORES if store is not person.home])
            roams = dice.random() < 0.15
            for day in dice.choices(self.days, self.weights, k=person.visits):
                self.sell(other if roams and dice.random() < 0.3 else person.home, day, person)
        for day in dice.choices(self.days, self.weights, k=ANONYMOUS):
            self.sell(dice.choices(STORES, [store.share for store in STORES])[0], day, None)
        week = [WEEK[0].date() + timedelta(n) for n in range(1, 7)]
        for person in self.people[PEOPLE:]:
            self.sell(STORES[2], dice.choice(week[:3]), person)
            if dice.random() < 0.5:
                self.sell(STORES[0], dice.choice(week[3:]), person)
        self.sales.sort(key=lambda sale: sale.at)

    # -- books

    def join_books(self):
        """Whoever buys at a store for the first time comes into its book."""
        for sale in self.sales:
            person, store = sale.person, sale.store
            if person and store.code not in person.members:
                person.members[store.code] = self.joined(person, store, sale.at)

    def joined(self, person, store, at):
        dice, first = self.dice, not person.members
        how = "hand" if WEEK[0] <= at < WEEK[1] else "file"
        short = not first and dice.random() < 0.3
        if how == "file" and (person.nameless or short or not readable(person.name, store)):
            how = "till"
        name = person.name.upper() if person.language == "en" and not first else person.name
        written = person.phones[0] if first else dice.choice((person.phones[1], full_width(person.phones[0])))
        card = person.card
        if card and not first:
            card = dice.choice((card, card.lower().replace("-", " ")))
        member = Member(person, store, at - timedelta(minutes=2), how, name, written, card)
        if how == "till":
            member.at, member.name, member.phone = at, None, None
        elif how == "hand" and first and dice.random() < 0.6:
            known = [p for p in self.people if p.members.get(store.code) and p.members[store.code].at < WEEK[0]]
            member.referrer = dice.choice(sorted(known, key=lambda p: -p.visits)[:2])
        return member

    def number_baskets(self):
        counts = {store.code: 0 for store in STORES}
        for sale in self.sales:
            counts[sale.store.code] += 1
            sale.basket = f"{sale.store.code[0].upper()}{counts[sale.store.code]:06}"

    # -- complaints

    def complaint(self, number, store, person, at, how, **more):
        told = [words for words in COMPLAINTS if store is None or readable(words[1], store)]
        topic, text = told[number % len(told)]
        made = Complaint(f"CASE-{number:03}", store, person, at, topic, text, how, **more)
        self.complaints.append(made)
        return made

    def buyer(self, store, before):
        """Somebody in that store's book by then, with name and card."""
        return self.dice.choice([p for p in self.people[:PEOPLE]
                                 if p.members.get(store.code) and p.members[store.code].at < before
                                 and p.members[store.code].how == "file"])

    def complain(self):
        dice = self.dice
        for number in range(1, 29):
            store = STORES[number % 3]
            at = self.moment(dice.choice([day for day in self.days[20:360] if day.month != 9]))
            made = self.complaint(number, store, self.buyer(store, at) if dice.random() < 0.8 else None, at, "file")
            if number % 14 == 0:
                continue  # nobody has answered
            at += timedelta(minutes=dice.choice((25, 90, 400, 1200, 2000)))
            made.steps.append(Step(store.code, "step", "explain", at))
            if number % 9 != 0:
                at += timedelta(hours=dice.randrange(2, 120))
                happy = dice.random() < 0.8
                score = {"score": str(dice.randrange(3, 6) if happy else dice.randrange(1, 3))}
                made.steps.append(Step(store.code, "step", "outcome", min(at, END - timedelta(hours=8)), None,
                                       {"satisfied": "yes" if happy else "no"} | score))
        self.complain_by_hand()

    def complain_by_hand(self):
        """Cases on which stores and the desk work together."""
        stores = {store.code: store for store in STORES}
        for number, (where, channel, hours, acts) in enumerate(CASES, 101):
            store, at = stores.get(where), WEEK[0] + timedelta(hours=hours)
            person = self.buyer(store or STORES[0], WEEK[0])
            made = self.complaint(number, store, person, at, "hand", channel=channel)
            for act in acts.split("\n")[1:]:
                site, later, verb, rest = act.split(None, 3)
                word, _, told = (part.strip() for part in rest.partition("|"))
                at += timedelta(hours=float(later))
                more = dict(pair.strip().split("=") for pair in told.split(";")) if told else {}
                text = f"{word if verb == 'step' else verb}: {made.topic}"
                made.steps.append(Step(site, verb, word, at, text, more))

    # -- the week that is played by hand

    def play_week(self):
        dice, acts = self.dice, self.acts
        week = [sale for sale in self.sales if WEEK[0] <= sale.at < WEEK[1]]
        for person in self.people:
            for member in person.members.values():
                if member.how == "hand":
                    acts.append(Act(member.at, "register", member.store.code, member))
        for sale in week:
            acts.append(Act(sale.at, "return" if sale.back else "sell", sale.store.code, sale))
            if not sale.back and sale.person and dice.random() < 0.12:
                acts.append(Act(sale.at + timedelta(minutes=5), "contact", sale.store.code,
                                (sale.person, dice.choice(("call", "sms", "message")), dice.choice(PURPOSES),
                                 dice.choice(FINDINGS), dice.random() < 0.3)))
        wrong = next(sale for sale in week
                     if sale.store.code == OFFLINE and sale.at > CUT and sale.person and not sale.back)
        acts.append(Act(wrong.at - timedelta(minutes=1), "mistype", OFFLINE, wrong))
        acts.append(Act(wrong.at + timedelta(minutes=1), "repeat", OFFLINE, wrong))
        for made in self.complaints:
            if made.how == "hand":
                acts.append(Act(made.at, "open", made.store.code if made.store else "desk", made))
                acts.extend(Act(step.at, "step", step.site, (made, step)) for step in made.steps)
        acts.sort(key=lambda act: act.at)

    # -- what it comes to

    def by_file(self, part):
        """Sales of the tills' files: of part 1, before the week, or part 2, after it."""
        return [sale for sale in self.sales if (sale.at < WEEK[0] if part == 1 else sale.at >= WEEK[1])]

    def files(self, folder):
        return write_files(self, STORES, folder)

    def standings(self, until=END, store=None):
        """Everybody with a sale or return by then, largest net spend first."""
        found = {}
        for sale in self.sales:
            if sale.person is None or sale.at > until or store and sale.store.code != store:
                continue
            standing = found.setdefault(sale.person, Standing(sale.person))
            standing.spend += -sale.amount if sale.back else sale.amount
            if sale.is_visit:
                standing.visits += 1
                standing.last = sale.at
        return sorted(found.values(), key=lambda standing: -standing.spend)

    def pyramid(self, until=END):
        spends = [standing.spend for standing in self.standings(until) if standing.spend > 0]
        total, top = sum(spends), -(-len(spends) // 5)
        needed = next(n for n in range(len(spends) + 1) if 5 * sum(spends[:n]) >= 4 * total)
        return {"customers": len(spends), "top_customers": top, "top_share": sum(spends[:top]) / total,
                "customers_for_80_percent": needed, "total": total}

    def totals(self):
        sold = [sale for sale in self.sales if not sale.back]
        return {"customers": sum(len(person.members) for person in self.people),
                "persons": sum(bool(person.members) for person in self.people),
                "purchases": len(sold), "returns": len(self.sales) - len(sold),
                "lines": sum(len(sale.lines) for sale in self.sales),
                "anonymous": sum(sale.person is None for sale in sold)}

    def referrals(self):
        """Who brought whom: [(how many, Person)], most first."""
        brought = {}
        for person in self.people:
            for member in person.members.values():
                if member.referrer:
                    brought.setdefault(member.referrer, []).append(member)
        return sorted(((len(members), person) for person, members in brought.items()), key=lambda pair: -pair[0])

    def desk(self, at=DESK_DAY):
        """What the complaint desk should show then: ref → its figures."""
        return {made.ref: desk_row(made, at) for made in self.complaints if made.at <= at}


STEPS = "listen empathise apologise cause explain propose compensate outcome follow-up".split()


def desk_row(made, at):
    row = {"state": "open", "step": None, "first_answer_at": None, "closed_at": None, "satisfied": None, "score": None}
    paused_since, stood_still = None, timedelta()
    for step in made.steps:
        if step.at > at:
            continue
        if step.verb == "step":
            if row["step"] is None or STEPS.index(step.word) > STEPS.index(row["step"]):
                row["step"] = step.word
            if STEPS.index(step.word) >= 2 and row["first_answer_at"] is None:
                row["first_answer_at"] = step.at
            if step.word == "outcome":
                row |= {"state": "closed", "closed_at": step.at, "score": int(step.more["score"]),
                        "satisfied": step.more["satisfied"] == "yes"}
        elif step.verb == "reopen":
            row |= {"state": "open", "step": None, "closed_at": None, "satisfied": None, "score": None}
        elif step.verb == "pause":
            row["state"], paused_since = "paused", step.at
        elif step.verb == "resume":
            row["state"], stood_still = "open", stood_still + (step.at - paused_since)
    late = at - made.at - stood_still > timedelta(hours=24)
    return row | {"opened_at": made.at, "store": made.store.code if made.store else None,
                  "card": made.person and plain(made.person.card),
                  "overdue": row["first_answer_at"] is None and late}


def plain(text):
    """A name or card as it compares: width, case, blanks and dashes do not matter."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c not in " -")


def main():
    parser = argparse.ArgumentParser(description="A year of made-up trade and what it comes to.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("folder", nargs="?", type=Path, help="write the tills' files there")
    options = parser.parse_args()
    trade = Trade(options.seed)
    for name, value in [*trade.totals().items(), *trade.pyramid().items()]:
        print(f"{name:26}{value}")
    for standing in trade.standings()[:10]:
        print(f"{standing.person.card} {standing.person.name:24}{standing.spend:14,}{standing.visits:5}")
    if options.folder:
        options.folder.mkdir(parents=True, exist_ok=True)
        trade.files(options.folder)


if __name__ == "__main__":
    main()
