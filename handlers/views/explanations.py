"""What explains that the official dashboard shows another figure, in words (how-tiers-work#doesnt-match)."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block
from handlers.views.parts.formats import count, day, money, name, points
from tiercore.explaining.claims import Claim, Explained, Explanation, Kind, Measure, Reading, Row
from tiercore.facts.money import Money, minor_digits

SHOWN_ROWS = 4
_WHAT: dict[Kind, tuple[str, str]] = {  # what may be so, of one row and of one of several
    Kind.SALE_MISSING_THERE: ("The dashboard may not have this sale", "The dashboard may not have one of these sales"),
    Kind.SALE_TWICE_THERE: ("The dashboard may count this sale twice", "It may count one of these sales twice"),
    Kind.SALE_TWICE_HERE: ("This sale may be here twice", "One of these sales may be here twice"),
    Kind.SALE_MISSING_HERE: ("A sale may be missing here", "A sale may be missing here, one of these"),
    Kind.DEAL_TYPE: ("The deal type may differ there", "The deal type of one of these sales may differ there"),
    Kind.MOTION: ("The motion may differ there", "The motion of one of these sales may differ there"),
    Kind.ORIGIN: ("The line may have another origin there", "One of these lines may have another origin there"),
    Kind.RATE: ("The sale may have another rate there", "One of these sales may have another rate there"),
    Kind.SALE_DAY: ("The day may differ there", "The day of one of these rows may differ there"),
    Kind.AMOUNT: ("The amount may differ there", "The amount of one of these rows may differ there"),
    Kind.CURRENCY_TABLE: ("The dashboard may use another currency table", "It may use another currency table"),
    Kind.LEVEL_MISSING_THERE: (
        "The dashboard may not have this change of a subscription",
        "The dashboard may not have one of these changes of a subscription",
    ),
    Kind.CANCELLED_THERE: ("This line may be cancelled there", "One of these lines may be cancelled there"),
    Kind.DECREASE_ORDER: (
        "Decreases may be taken from the oldest sale first there",
        "Decreases of one of these lines may be taken from the oldest sale first there",
    ),
    Kind.AGREEMENT_MISSING_THERE: (
        "The dashboard may not have this agreement",
        "The dashboard may not have one of these agreements",
    ),
    Kind.AGREEMENT_MISSING_HERE: ("An agreement may be missing here", "One of these agreements may be missing here"),
    Kind.AGREEMENT_DAY: ("The agreement's dates may differ there", "The dates of one agreement may differ there"),
    Kind.SHARE: ("Managed credit may be shared otherwise there", "One client may be shared otherwise there"),
    Kind.COUNTRY: ("The client's country may differ there", "The country of one client may differ there"),
    Kind.AS_OF: ("The dashboard may show another day", "The dashboard may show one of these days"),
    Kind.OTHER_FIGURE: ("You may be comparing another figure", "You may be comparing one of these figures"),
}
_NEXT: dict[Kind, str] = {
    Kind.SALE_MISSING_THERE: "Check that the deal is registered to you.",
    Kind.SALE_TWICE_HERE: "Check whether both are one deal.",
    Kind.SALE_MISSING_HERE: "Send your CAM the deal, so that it is imported.",
    Kind.AGREEMENT_MISSING_THERE: "Check that the agreement is signed and registered.",
    Kind.AGREEMENT_MISSING_HERE: "Send your CAM the agreement, so that it is imported.",
    Kind.AS_OF: "Compare the same day.",
    Kind.OTHER_FIGURE: "Compare the same figure.",
    Kind.CURRENCY_TABLE: "Amounts in this currency are approximate.",
}


def lines(explained: Explained) -> Iterator[Block]:
    """What was found, as parts of a rich text: at most three explanations, or the causes that come nearest."""
    claim = explained.claim
    for number, each in enumerate(explained.explanations, start=1):
        yield from _explanation(f"{number}. ", each, claim)
    if not explained.explanations:
        unexplained = "No single difference explains it."
        if not explained.nearest:
            unexplained = "Nothing on file explains it, and nothing comes near. Check the figure, its unit and the day."
        yield blocks.line(blocks.bold(unexplained))
        for each in explained.nearest:
            rest = abs(claim.value - each.reading.becomes)
            yield from _explanation("Nearest: ", each, claim, f" {value(rest, claim)} would be left unexplained.")
    if missing := unrated(explained):
        yield blocks.line(blocks.span(missing))
    if not explained.complete:
        yield blocks.line(blocks.span("There are too many entries to try everything, so there may be other causes."))


def unrated(explained: Explained) -> str:
    """What isn't in our figure, because it can't be rated; empty where everything is."""
    return f"{count(explained.unrated, 'credit')} not rated, so not in tierbot's figure." if explained.unrated else ""


def summary(explanation: Explanation) -> str:
    """The explanation in a few words: "The dashboard may not have this sale: Acme, 5 Sep 2022"."""
    row = explanation.reading.rows[0]
    where = ", ".join(_parts(row, explanation.reading.kind)[:2])
    return f"{what(explanation.reading)}: {where}" if where else what(explanation.reading)


def _explanation(prefix: str, explanation: Explanation, claim: Claim, rest: str = "") -> Iterator[Block]:
    first = explanation.reading
    yield blocks.line(
        blocks.bold(f"{prefix}{what(first)}"),
        blocks.span(f": it would show {value(first.becomes, claim)}.{rest}"),
    )
    yield blocks.bullets(blocks.line(blocks.span(each)) for each in _rows(first))
    others = [f"{_lower(what(each))} ({_there(each.rows[0], each.kind)})" for each in explanation.readings[1:]]
    said = [f"Or {'; or '.join(others)}."] if others else []
    said += [_NEXT[first.kind]] if first.kind in _NEXT else []
    if said:
        yield blocks.line(blocks.span(" ".join(said)))


def what(reading: Reading) -> str:
    """What may be so."""
    one, several = _WHAT[reading.kind]
    return one if len(reading.rows) == 1 else several


def value(amount: int, claim: Claim) -> str:
    """An amount in the claim's unit, as people read it."""
    if claim.measure is not Measure.POINTS:
        return money(Money(amount, "USD"))
    shown = points(amount)
    return f"{shown} point" if shown == "1" else f"{shown} points"


def _rows(reading: Reading) -> Iterator[str]:
    for row in reading.rows[:SHOWN_ROWS]:
        parts = [*_parts(row, reading.kind), _there(row, reading.kind)]
        yield ", ".join(filter(None, parts)) or "every line with a decrease"
    more = len(reading.rows) - SHOWN_ROWS
    if more > 0:
        yield f"and {more} more"


def _parts(row: Row, kind: Kind) -> list[str]:
    """The row as it is on file here."""
    found = [name(each) for each in (row.client, row.product_line) if each]
    if row.day and kind is not Kind.AS_OF:
        found.append(f"from {day(row.day)}" if row.entry in ("agreement", "subscription") else day(row.day))
    if row.mrr:
        found.append(f"{money(row.mrr)} a month")
    if row.entry_id and row.entry in ("sale", "agreement"):
        found.append(name(row.entry_id))
    return found


def _there(row: Row, kind: Kind) -> str:
    """What the dashboard has in its place."""
    if row.there is None:
        return ""
    say = _SAY.get(kind)
    return say(row.there) if say else ""


def _date(text: str) -> str:
    return day(date.fromisoformat(text))


def _money(text: str) -> str:
    amount, currency = text.split(" ")
    return money(Money(int(Decimal(amount).scaleb(minor_digits(currency))), currency))


def _word(text: str) -> str:
    return text.replace("_", "-")


def _shared(text: str) -> str:
    return "not shared there" if text == "1" else f"shared by {text} partners there"


def _supposed(text: str) -> str:
    """ "net_new, sourced" or "sourced, 5"."""
    first, second = text.split(", ")
    return f"{first} at {second} points per US$100" if second.isdecimal() else f"{_word(first)}, {second}"


_SAY: dict[Kind, Callable[[str], str]] = {
    Kind.DEAL_TYPE: lambda text: f"{_word(text)} there",
    Kind.MOTION: lambda text: f"{text} there",
    Kind.ORIGIN: lambda text: f"{text} points per US$100 there",
    Kind.RATE: lambda text: f"{text} points per US$100 there",
    Kind.SALE_DAY: lambda text: f"{_date(text)} there",
    Kind.AS_OF: _date,
    Kind.AGREEMENT_DAY: lambda text: f"{_date(text)} there",
    Kind.AMOUNT: lambda text: f"{_money(text)} there",
    Kind.CURRENCY_TABLE: lambda text: f"{_money(text)} for US$100, approximate",
    Kind.SHARE: _shared,
    Kind.COUNTRY: lambda text: "a growth market there" if text == "growth_market" else "no growth market there",
    Kind.OTHER_FIGURE: lambda text: f"{text} points",
    Kind.SALE_MISSING_HERE: _supposed,
}


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
