"""Random files of every large kind: rows as programs write them, with some cells and lines as people and mishaps do."""

import random

HEADERS = {
    "partners.csv": "partner_id,name,country,currency,joined_on",
    "clients.csv": "client_id,name,country",
    "sales.csv": "sale_id,partner_id,client_id,product_line,deal_type,motion,mrr,currency,sold_on,account",
    "subscriptions.csv": "client_id,product_line,mrr,currency,effective_on,renews_on,account",
    "agreements.csv": "agreement_id,partner_id,client_id,starts_on,ends_on",
    "usage.csv": "client_id,month,tools_used",
    "certifications.csv": "partner_id,certification,valid_from,valid_until",
    "tiers.csv": "partner_id,tier,credited_on",
}
_PARENTS = ("partners.csv", "clients.csv")
_LINES = ("Marketing Hub Professional", "Marketing Hub Starter", "Sales Hub", "Marketing Hub Profesional", "Own line")
_DAMAGE = (
    *("", " ", " x", "x ", "#REF!", "#N/A", "-", "NaN", "0", "00", "007", "7", "7.0", "S1", "s1", "S 1", "C1", "c1"),
    *("05.09.2022", "05/13/2022", "13/05/2022", "2022-02-30", "1999-12-31", "2099-01-01", "44000", "2022-1-5"),
    *("Mai 2022", "1,234.50", "1.234,50", "1,234", "12.345", "12.3456", "1234567890123", "€5", "-5", "5%", "1e3", "+5"),
    *("NET_NEW", "net_neww", "Sourced", "usd", "JPY", "KWD", "CLF", "DEM", "de", "Germany", "GB", "8.12E+09", "3-1"),
    *("Ünïcode", "Z\u00fcrich", "Zu\u0308rich", "\u200bx", "a\u202eb", "名前", "O'Neill", "a\tb", "a\\b", "a|b"),
    *("x" * 101, "x" * 201, '"quoted, cell"', '"with ""quotes"""', '5" screen', '"open', "a,b", "\r", "\x00"),
    *("\ufeffx", "Gold", "Total", "=1+1", "\uff11\uff12"),
)


def random_files(seed: int, rows: int = 40) -> dict[str, bytes]:
    """A folder of files with about so many rows each: some as a program writes them, some with damaged cells."""
    chance = random.Random(seed)
    return {name: _file(chance, name, rows, chance.choice((0.0, 0.002, 0.02))) for name in HEADERS}


def sound_files(seed: int, rows: int = 40) -> dict[str, bytes]:
    """The same without anything wrong, though with cells and lines in other forms than the plain ones."""
    chance = random.Random(seed)
    files = {name: [_ROWS[name](chance, number) for number in range(rows)] for name in HEADERS}
    for cells in files["sales.csv"]:
        cells[6:8] = [chance.choice(("5", "783", "1200.50", "€99.90" if cells[7] == "EUR" else "99")), "EUR"]
        cells[8] = chance.choice((cells[8], cells[8], f"{cells[8]} 10:00"))
    for number, cells in enumerate(files["subscriptions.csv"]):
        cells[1], cells[2] = _LINES[number % len(_LINES)], "25"
    return {
        name: "\n".join(
            [HEADERS[name], *(",".join(each) for each in found if chance.random() < 0.9 or name in _PARENTS)]
        ).encode()
        for name, found in files.items()
    }


def _file(chance: random.Random, name: str, rows: int, damage: float) -> bytes:
    width = HEADERS[name].count(",") + 1
    delimiter = chance.choice((",", ",", ",", ";"))
    lines = [HEADERS[name].replace(",", delimiter)]
    for number in range(rows):
        cells = _ROWS[name](chance, number)
        cells = [chance.choice(_DAMAGE) if chance.random() < damage else each for each in cells]
        if chance.random() < damage / 4:
            cells = cells[: chance.randrange(width)] if chance.random() < 0.5 else [*cells, chance.choice(("", "x"))]
        lines.append(delimiter.join(cells))
        if chance.random() < damage / 4:
            lines.append(chance.choice(("", delimiter * (width - 1), "Total", lines[-1])))
    text = chance.choice(("\n", "\n", "\r\n")).join([*lines, ""][: len(lines) + chance.randrange(2)])
    return chance.choice((b"", b"", b"\xef\xbb\xbf")) + text.encode()


def _day(chance: random.Random) -> str:
    return f"{chance.choice((2021, 2022, 2022, 2026))}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"


def _amount(chance: random.Random) -> str:
    return chance.choice(("0", "5", "783", "99.9", "1200.50", "1200.00", "100.001"))


_ROWS = {
    "partners.csv": lambda _, n: [f"P{n}", f"Partner {n}", "US", "USD", "2020-01-01"],
    "clients.csv": lambda chance, n: [f"C{n}", f"Client {n}", chance.choice(("US", "IN", "DE"))],
    "sales.csv": lambda chance, n: [
        *(f"S{n}", f"P{chance.randrange(40)}", f"C{chance.randrange(40)}", chance.choice(_LINES)),
        *(chance.choice(("net_new", "upsell", "renewal")), chance.choice(("sourced", "assisted"))),
        *(_amount(chance), chance.choice(("USD", "USD", "EUR", "JPY", "KWD", "CHF")), _day(chance)),
        chance.choice(("", "", "main")),
    ],
    "subscriptions.csv": lambda chance, n: [
        *(f"C{chance.randrange(12)}", chance.choice(_LINES), _amount(chance), chance.choice(("USD", "EUR"))),
        *(
            f"2022-{1 + n // 2 % 12:02}-{1 + n // 4 % 28:02}",
            chance.choice(("", _day(chance))),
            chance.choice(("", "", "b")),
        ),
    ],
    "agreements.csv": lambda chance, n: [
        *(
            f"A{n}",
            f"P{chance.randrange(40)}",
            f"C{chance.randrange(40)}",
            "2021-05-01",
            chance.choice(("", "2026-01-01")),
        )
    ],
    "usage.csv": lambda chance, n: [f"C{n}", f"2022-{chance.randrange(1, 13):02}", str(chance.randrange(9))],
    "certifications.csv": lambda chance, n: [f"P{n}", chance.choice(("Inbound", "Sales")), "2021-01-01", "2023-01-01"],
    "tiers.csv": lambda chance, n: [f"P{n}", chance.choice(("gold", "elite")), _day(chance)],
}
