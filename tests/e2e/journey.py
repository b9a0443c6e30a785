"""An independent oracle: what the programs must answer about purchases in a CSV file, computed straight from it.

It follows CLI.md, "Meanings", with decimal arithmetic and shares no code with the programs. The zone is UTC and a row
has the columns of journey/transactions.csv. Run by itself it prints what it finds:

    python3 journey.py transactions.csv [--as-of 2017-06-30] [--store S …]
"""
import argparse
import csv
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal

UTC = timezone.utc
STORES = ("367", "406", "356", "292", "31782")
COLUMNS = ("customer=household_id,basket=basket_id,sku=product_id,quantity=quantity,amount=sales_value,"
           "time=transaction_timestamp")


def minor_units(text, decimals=2):
    """An amount as integer minor units, rounded half away from zero (which is what ROUND_HALF_UP does)."""
    return int(Decimal(text).scaleb(decimals).quantize(Decimal(1), ROUND_HALF_UP))


def moment(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@dataclass(frozen=True)
class Basket:
    store: str
    key: str
    customer: str  # "" for an anonymous sale
    at: datetime   # of its earliest row
    amount: int    # minor units, negative for a return
    lines: int
    visit: bool    # at least one line of positive quantity

    @property
    def returned(self):
        return not self.visit and self.amount < 0


@dataclass(frozen=True)
class Standing:
    card: str
    spend: int
    visits: int
    last: datetime  # None without a visit


@dataclass(frozen=True)
class Pyramid:
    customers: int
    top_customers: int
    top_share: float
    customers_for_80_percent: int
    total: int


def read(path, encoding="utf-8", delimiter=","):
    with open(path, newline="", encoding=encoding) as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def baskets(rows, decimals=2):
    """Rows of a basket may lie anywhere; a basket is known by its store's file and its number."""
    groups = defaultdict(list)
    for row in rows:
        groups[row["store_id"], row["basket_id"]].append(row)
    found = []
    for (store, key), lines in groups.items():
        customers = {line["household_id"] for line in lines}
        if len(customers) != 1:
            raise ValueError(f"basket {key} of store {store} has several customers: {customers}")
        found.append(Basket(store, key, customers.pop(), min(moment(line["transaction_timestamp"]) for line in lines),
                            sum(minor_units(line["sales_value"], decimals) for line in lines), len(lines),
                            any(Decimal(line["quantity"]) > 0 for line in lines)))
    return found


def window(kind, as_of):
    """[first moment, moment after) of `--window kind --as-of DATE`; kind is all, year or a number of days."""
    after = datetime.combine(as_of + timedelta(days=1), time(), UTC)
    if kind == "all":
        return datetime.min.replace(tzinfo=UTC), after
    first = date(as_of.year, 1, 1) if kind == "year" else as_of - timedelta(days=int(kind) - 1)
    return datetime.combine(first, time(), UTC), after


class Journey:
    """The baskets of some stores, and the questions."""

    def __init__(self, rows, stores=None, decimals=2):
        self.rows = [row for row in rows if stores is None or row["store_id"] in stores]
        self.baskets = baskets(self.rows, decimals)
        self.stores = sorted({basket.store for basket in self.baskets})

    def of(self, *stores):
        return Journey(self.rows, stores)

    def cut(self, kind="all", as_of=date.max - timedelta(days=1), store=None):
        first, after = window(kind, as_of)
        return [b for b in self.baskets if first <= b.at < after and store in (None, b.store)]

    # -- figures of `status`

    @property
    def purchases(self):
        return sum(not basket.returned for basket in self.baskets)

    @property
    def returns(self):
        return sum(basket.returned for basket in self.baskets)

    @property
    def lines(self):
        return sum(basket.lines for basket in self.baskets if not basket.returned)

    @property
    def anonymous(self):
        return sum(basket.customer == "" for basket in self.baskets)

    @property
    def households(self):
        return {basket.customer for basket in self.baskets} - {""}

    @property
    def registrations(self):
        """Every store registers the households of its own."""
        return len({(basket.store, basket.customer) for basket in self.baskets if basket.customer})

    # -- questions

    def standings(self, *cut, **cut_by):
        """{card: Standing} of every identified customer with a purchase or return in the cut."""
        groups = defaultdict(list)
        for basket in self.cut(*cut, **cut_by):
            if basket.customer:
                groups[basket.customer].append(basket)
        found = {}
        for card, own in groups.items():
            visits = [basket.at for basket in own if basket.visit]
            found[card] = Standing(card, sum(b.amount for b in own), len(visits), max(visits, default=None))
        return found

    def ranking(self, *cut, by="spend", **cut_by):
        """Standings in the order of `vip`: best first, ties by card as bytes."""
        return sorted(self.standings(*cut, **cut_by).values(), key=lambda s: (-getattr(s, by), s.card.encode()))

    def pyramid(self, *cut, **cut_by):
        spends = [s.spend for s in self.ranking(*cut, **cut_by) if s.spend > 0]
        total, top = sum(spends), -(-len(spends) // 5)
        enough, reached = 0, 0
        while reached * 5 < total * 4:
            reached += spends[enough]
            enough += 1
        return Pyramid(len(spends), top, sum(spends[:top]) / total if total else 0.0, enough, total)


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("file")
    options.add_argument("--as-of", type=date.fromisoformat, default=date(9999, 1, 1))
    options.add_argument("--store", action="append")
    given = options.parse_args()
    journey = Journey(read(given.file), given.store or STORES)
    print(f"{len(journey.rows)} lines, {journey.purchases} purchases, {journey.returns} returns, "
          f"{len(journey.households)} households, {journey.registrations} registrations")
    ranking = journey.ranking(as_of=given.as_of)
    print(f"{len(ranking)} households as of {given.as_of}; {journey.pyramid(as_of=given.as_of)}")
    for rank, standing in enumerate(ranking[:20], 1):
        print(f"{rank:4} {standing.card:>8} {standing.spend / 100:10.2f} {standing.visits:5} {standing.last}")


if __name__ == "__main__":
    main()
