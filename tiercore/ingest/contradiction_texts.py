"""Contradictions in words for the person who can correct the files: what was found, with figures, and what to do."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tiercore.facts.entries import Agreement, Client, Sale, SubscriptionLevel
from tiercore.facts.money import Money
from tiercore.facts.points import as_decimal
from tiercore.ingest.problems import Problem
from tiercore.rating.contradictions import (
    Multiple,
    NothingManaged,
    OfALine,
    OtherCurrency,
    Oversold,
    SameDeal,
    SoldAfterEnd,
    SoldBeforeZero,
    StatesDifference,
)
from tiercore.rating.lines import LineKey

KINDS: Mapping[type[Any], str] = {
    Oversold: "sold for more than it pays",
    SoldAfterEnd: "sold after its end",
    SoldBeforeZero: "sold before a level of zero",
    Multiple: "multiple of its level",
    StatesDifference: "difference in place of the new MRR",
    SameDeal: "one deal under two ids",
    OtherCurrency: "two currencies",
    NothingManaged: "agreement without a level",
}
_MAYBE = {
    3: "the amount of a quarter",
    6: "the amount of half a year",
    12: "the amount of a year",
    24: "the amount of two years",
    36: "the amount of three years",
    100: "cents, or a decimal point that got lost",
    1000: "a thousands separator that was read as a decimal point",
}
_SHOWN = 5
Called = Callable[[type[Any]], str]  # what messages call the table of a kind of entries


def of_a_line(client: Client, found: OfALine, sale: Sale, lines: Mapping[str, int], called: Called) -> Problem:
    """The warning about a line's sales, at `sale`; `lines` are those of the sales in the file, by their ids."""
    line = f"{_line(found.line)} of {_client(client)}"
    kind = KINDS[type(found)]
    match found:
        case Oversold():
            column, value = "mrr", sale.mrr.as_decimal()
            message, remedy = _oversold(found, line, lines, called(SubscriptionLevel))
        case SoldAfterEnd():
            column, value = "sold_on", str(sale.sold_on)
            message, remedy = _after_end(found, line, called(SubscriptionLevel))
        case SoldBeforeZero():
            column, value = "sold_on", str(sale.sold_on)
            message, remedy = _before_zero(found, line, called(SubscriptionLevel))
        case Multiple():
            column, value = "mrr", sale.mrr.as_decimal()
            message, remedy = _multiple(found, line)
        case StatesDifference():
            column, value = "mrr", sale.mrr.as_decimal()
            message, remedy = _difference(found, line)
        case SameDeal():
            column, value = "sale_id", sale.sale_id
            message, remedy = _same_deal(found, line, sale, lines)
        case OtherCurrency():
            column, value = "currency", sale.mrr.currency
            message, remedy = _other_currency(found, line, lines)
    return Problem(called(Sale), lines.get(sale.sale_id, 0), column, value, kind, message, remedy)


def nothing_managed(client: Client, found: NothingManaged, lines: Mapping[str, int], called: Called) -> Problem:
    """The warning about an agreement of a client without levels."""
    agreement_id = found.agreement.agreement_id
    message = f"earns no managed points: {_client(client)} has no subscription level"
    remedy = f"add what its product lines pay to {called(SubscriptionLevel)}"
    place = (called(Agreement), lines.get(agreement_id, 0), "agreement_id", agreement_id)
    return Problem(*place, KINDS[NothingManaged], message, remedy)


def written(mrr: Money) -> str:
    """An amount with its currency: "1000.00 USD"."""
    return f"{mrr.as_decimal()} {mrr.currency}"


def _oversold(found: Oversold, line: str, lines: Mapping[str, int], levels: str) -> tuple[str, str]:
    message = (
        f"makes {line} sold for {written(found.sold)} a month on {found.day} ({_ids(found.sales, lines)}),"
        f" but it pays {written(found.pays)}"
    )
    if found.points is not None and found.at_most is not None:
        message += f": at most {_number(found.at_most)} of {_points(found.points)} can stand behind it"
    remedy = (
        f"if the line pays more from {found.day} on, add that level to {levels}; if it was cancelled in"
        " between, add the level before it and the one after; if not, correct the sale"
    )
    return message, remedy


def _after_end(found: SoldAfterEnd, line: str, levels: str) -> tuple[str, str]:
    message = f"is a day on which {line} pays nothing: its level is 0 from {found.since} on{_counts(found.points)}"
    return message, f"add the level that the sale brought to {levels}, or correct the day or the product line"


def _before_zero(found: SoldBeforeZero, line: str, levels: str) -> tuple[str, str]:
    message = (
        f"is before the first level of {line}, which is 0 from {found.since} on, so what the sale brought is unknown"
        f"{_counts(found.points)}"
    )
    return message, f"add the level that the sale brought to {levels}, or correct the day or the product line"


def _counts(points: int | None) -> str:
    return "" if points is None else f", and yet the sale counts {_points(points)}"


def _multiple(found: Multiple, line: str) -> tuple[str, str]:
    what = f"by which {line} rises" if found.is_rise else f"that {line} pays"
    amount = f"the {written(found.mrr)} {what} from {found.since} on"
    if found.of_sale:
        message = f"is a {_part(found.times)} of {amount}: the level may be {_MAYBE[found.times]}"
        remedy = f"write amounts per month in both files: here the sale's, or there {found.sale.mrr.as_decimal()}"
    else:
        message = f"is {found.times:,} times {amount}: it may be {_MAYBE[found.times]}"
        remedy = f"write the amount per month, such as {found.mrr.as_decimal()}"
    return message, remedy


def _difference(found: StatesDifference, line: str) -> tuple[str, str]:
    message = (
        f"states the difference, not the line's new MRR: {line} rises by it to {written(found.pays)} from"
        f" {found.since} on, and under deal-based credit what the line paid before is taken off"
    )
    return message, f"write the line's new MRR: {found.pays.as_decimal()}"


def _same_deal(found: SameDeal, line: str, sale: Sale, lines: Mapping[str, int]) -> tuple[str, str]:
    others = [each for each in found.sales if each is not sale]
    message = (
        f"may be the same deal as {_ids(others, lines)}: partner, client, line, deal type and amount are the same,"
        f" within days ({sale.deal_type}, {line}, {written(sale.mrr)}, {sale.sold_on})"
    )
    if found.points is not None and found.if_one is not None and found.points != found.if_one:
        message += f": {_points(found.points)} as they stand, {_number(found.if_one)} if it is one deal"
    return message, "if it is one deal, keep one sale_id for it and remove the other row (tierbot import --mirror)"


def _other_currency(found: OtherCurrency, line: str, lines: Mapping[str, int]) -> tuple[str, str]:
    if found.other_sale:
        message = f"isn't the currency in which {line} was sold before: {written(found.other)} on {found.since}"
        return f"{message} ({_ids([found.other_sale], lines)})", "check both; give a line in one currency"
    message = (
        f"isn't the currency in which {line} pays: {written(found.other)} from {found.since} on, so it is unknown when"
        f" the points of {_ids([found.sale], lines)} expire"
    )
    return message, "give the sales and the levels of a line in one currency"


def _line(line: LineKey) -> str:
    return f"{line.hub} ({line.account})" if line.account else line.hub


def _client(client: Client) -> str:
    return f"{client.name} ({client.client_id})"


def _ids(sales: Sequence[Sale], lines: Mapping[str, int]) -> str:
    """The sales by their ids, each with its line or "imported before"."""
    named = [f"{each.sale_id}, {_place(lines.get(each.sale_id))}" for each in sales[:_SHOWN]]
    more = [f"{len(sales) - _SHOWN:,} more"] if len(sales) > _SHOWN else []
    return "; ".join(named + more)


def _place(line: int | None) -> str:
    return f"line {line}" if line else "imported before"


def _part(times: int) -> str:
    return {12: "twelfth", 100: "hundredth", 1000: "thousandth"}[times]


def _points(micropoints: int) -> str:
    number = _number(micropoints)
    return f"{number} {'point' if number == '1' else 'points'}"


def _number(micropoints: int) -> str:
    return as_decimal(micropoints).removesuffix("0").removesuffix("0").removesuffix(".")
