"""The tills' files of the demo: each store's till writes its own heads, encoding, delimiter and times."""
import csv
from dataclasses import dataclass, field

CUSTOMERS = {"name": "name", "phone": "phone", "card": "card", "birthday": "birthday", "email": "email",
             "time": "since"}
COMPLAINTS = {"ref": "case", "customer": "card", "opened": "opened", "answered": "answered", "closed": "closed",
              "resolved": "resolved", "score": "score", "subject": "topic", "text": "words"}


@dataclass
class TillFile:
    """A file to import and what Dangol should say of it."""
    store: object
    kind: str         # customers, purchases, complaints
    part: int         # 1 before the week that is played by hand, 2 after it
    path: object
    fields: dict      # field of Dangol → column
    rows: int = 0
    events: int = 0
    spoilt: dict = field(default_factory=dict)  # what a clumsy hand wrote → what it should be
    spoilt_rows: int = 0

    def options(self):
        """What `import` has to be told."""
        store, pairs = self.store, [f"{name}={column}" for name, column in self.fields.items()]
        told = ["--map", ",".join(pairs[:4]), "--map", ",".join(pairs[4:]),
                "--encoding", store.encoding, "--date-format", store.time_format]
        if store.delimiter != ",":
            told += ["--delimiter", store.delimiter]
        if self.kind == "complaints":
            told += ["--value", "resolved=Y:yes,N:no"]
        return told


def write(file, rows):
    with open(file.path, "w", encoding=file.store.encoding, newline="") as out:
        table = csv.writer(out, delimiter=file.store.delimiter)
        table.writerow(file.fields.values())
        table.writerows(rows)
    file.rows = len(rows)


def moment(store, at):
    return at.strftime(store.time_format) if at else ""


def customers(trade, file):
    rows = []
    for person in trade.people:
        member = person.members.get(file.store.code)
        if member and member.how == "file" and (member.at < trade.week[0]) == (file.part == 1):
            email = f"demo{person.number}@example.com" if person.number % 3 == 0 else ""
            rows.append([member.name, member.phone, member.card, person.birthday.isoformat(), email,
                         moment(file.store, member.at)])
    write(file, rows)
    file.events = len(rows)


def sale_rows(file, sale):
    sign = -1 if sale.back else 1
    card = sale.person.members[file.store.code].card if sale.person else ""
    return [[sale.basket, card, moment(file.store, sale.at), line.sku, sign * line.quantity, sign * line.amount,
             line.list_price, sale.staff] for line in sale.lines]


def purchases(trade, file):
    store = file.store
    sales = [sale for sale in trade.by_file(file.part) if sale.store is store]
    met = sum(member.how == "till" and (member.at < trade.week[0]) == (file.part == 1)
              for person in trade.people for member in person.members.values() if member.store is store)
    rows = [row for sale in sales for row in sale_rows(file, sale)]
    if file.part == 1 and store.encoding == "utf-8":
        spoil(file, rows)
    write(file, rows)
    file.events = len(sales) + met


def spoil(file, rows):
    """Three cells that no program should guess at: an impossible day, a letter for a zero, a word for a number."""
    for at, column, wrong in ((100, 2, lambda text: text.replace(text[5:10], "02-30")),
                              (200, 5, lambda text: text[:-1] + "O"), (300, 4, lambda text: "하나")):
        row = next(row for row in rows[at:] if row[4] == 1)
        right = str(row[column])
        row[column] = wrong(right)
        file.spoilt[row[column]] = right
        file.spoilt_rows += sum(other[0] == row[0] for other in rows)


def complaints(trade, file):
    rows = []
    for made in trade.complaints:
        if made.how != "file" or made.store is not file.store or (made.at < trade.week[0]) != (file.part == 1):
            continue
        times = {step.word: step for step in made.steps}
        answered, closed = times.get("explain"), times.get("outcome")
        said = closed.more if closed else {"satisfied": "", "score": ""}
        card = made.person.members[file.store.code].card if made.person else ""
        rows.append([made.ref, card, moment(file.store, made.at), moment(file.store, answered and answered.at),
                     moment(file.store, closed and closed.at), {"yes": "Y", "no": "N"}.get(said["satisfied"], ""),
                     said["score"], made.topic, made.text])
        file.events += 1 + len(made.steps)
    write(file, rows)


def write_files(trade, stores, folder):
    """All files, in the order of import: [TillFile]."""
    found = []
    for part in (1, 2):
        for store in stores:
            for kind, writer, fields in (("customers", customers, CUSTOMERS), ("purchases", purchases, store.heads),
                                         ("complaints", complaints, COMPLAINTS)):
                file = TillFile(store, kind, part, folder / f"{store.code}-{kind}-{part}.csv", fields)
                writer(trade, file)
                found.append(file)
    return found
