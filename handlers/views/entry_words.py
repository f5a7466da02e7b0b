"""A typed entry in a few words, and its fields one by one."""

from collections.abc import Mapping
from datetime import date

from handlers.views.entry_forms import FIELDS, label
from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block
from handlers.views.parts.formats import day, money, name
from tiercore.facts.money import Money, minor_digits
from tiercore.typed.types import Draft, Kind


def fields_of(draft: Draft, names: Mapping[str, str]) -> list[Block]:
    """The fields of an entry that say something, a line each."""
    cells = {**draft.cells, "partner_id": draft.cells.get("partner_id") or draft.partner_id}
    shown = [(each, cells.get(each.column, "")) for each in FIELDS[draft.kind]]
    return [
        blocks.line(blocks.bold(f"{each.label}: "), blocks.span(_cell(each.column, cells, names)))
        for each, cell in shown
        if cell
    ]


def _cell(column: str, cells: Mapping[str, str], names: Mapping[str, str]) -> str:
    cell = cells[column]
    if column == "mrr":
        return _amount(cell, cells["currency"])
    if column in ("partner_id", "client_id"):
        return name(names.get(cell, cell))
    return _day(cell) or name(label(column, cell))


def in_few_words(kind: Kind, cells: Mapping[str, str], names: Mapping[str, str]) -> str:
    """The entry in a few words."""
    client, partner = (name(names.get(cells.get(each, ""), "")) for each in ("client_id", "partner_id"))
    match kind:
        case Kind.SALE:
            deal = f"{cells['motion']} {cells['deal_type'].replace('_', '-')}, {name(cells['product_line'])}"
            return f"{client}, {deal}, {_amount(cells['mrr'], cells['currency'])} on {_day(cells['sold_on'])}"
        case Kind.DEAL:
            of = client or name(cells["client_name"])
            amount, when = _amount(cells["mrr"], cells["currency"]), _day(cells["expected_on"])
            return f"deal with {of}, {cells['motion']}, {name(cells['product_line'])}, {amount} expected on {when}"
        case Kind.AGREEMENT:
            ends = f" to {_day(cells['ends_on'])}" if cells.get("ends_on") else ""
            return f"agreement with {client} from {_day(cells['starts_on'])}{ends}"
        case Kind.AGREEMENT_END:
            return f"agreement with {client} ends on {_day(cells['ends_on'])}"
        case Kind.LEVEL:
            paid = _amount(cells["mrr"], cells["currency"])
            return f"{client}, {name(cells['product_line'])}, {paid} a month in all from {_day(cells['effective_on'])}"
        case Kind.CERTIFICATION:
            until = _day(cells["valid_until"])
            return f"{partner}, {name(cells['certification'])}, {_day(cells['valid_from'])} to {until}"
        case Kind.TIER:
            return f"{partner}, {cells['tier'].capitalize()} credited on {_day(cells['credited_on'])}"
        case Kind.PERSON:
            return f"{name(cells['name'])}, {name(cells['email'])}, {label('role', cells['role'])}"
    return f"{kind.value} {name(cells['name'])}"


def _amount(mrr: str, currency: str) -> str:
    whole, _, part = mrr.partition(".")
    digits = minor_digits(currency)
    minor = int(whole + part.ljust(digits, "0")[:digits]) if (whole + part).isdecimal() else None
    return money(Money(minor, currency)) if minor is not None else f"{mrr} {currency}"


def _day(cell: str) -> str:
    try:
        return day(date.fromisoformat(cell))
    except ValueError:
        return ""
