"""The rows of an import that may change the past, each with its first day that counts (how-tiers-work#hindsight)."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from tiercore.facts.entries import Agreement, Client, Sale, SubscriptionLevel
from tiercore.facts.money import Money
from tiercore.ingest.files import FORMATS
from tiercore.storage.history import ALWAYS, RowChange
from tiercore.storage.reconcile import Difference, Row

_DATED = {Sale: "sold_on", SubscriptionLevel: "effective_on"}
_LAST = date.max - timedelta(1)
_AMOUNT = ("mrr_minor", "currency")


def row_changes(found: Mapping[type[Any], Difference]) -> Iterator[RowChange]:
    """Every row of sales, subscriptions, agreements and clients that an import adds, changes or removes.

    A new client, or one with another name, changes no balance by itself.
    """
    for file, layout in FORMATS.items():
        kind = layout.entry
        if kind not in (Sale, SubscriptionLevel, Agreement, Client) or kind not in found:
            continue
        each = found[kind]
        if kind is not Client:
            yield from (_change(file, kind, "added", None, row) for row in each.added)
            yield from (_change(file, kind, "removed", row, None) for row in each.removed)
        for before, after in zip(each.before, each.changed, strict=False):
            change = _change(file, kind, "changed", before, after)
            if kind is not Client or "country" in change.columns:
                yield change


def _change(file: str, kind: type[Any], change: str, before: Row | None, after: Row | None) -> RowChange:
    one = after or before or {}
    key = ", ".join(str(one[name]) for name in FORMATS[file].key if one[name])
    columns = _columns(before, after) if before and after else {}
    partners = frozenset(row["partner_id"] for row in (before, after) if row and "partner_id" in row)
    return RowChange(file, key, change, one["client_id"], partners, _day(kind, before, after), columns)


def _columns(before: Row, after: Row) -> dict[str, tuple[str, str]]:
    """The columns that changed, as they are written in the file, each before and after."""
    names = [name for name in after if name not in _AMOUNT and before[name] != after[name]]
    found = {name: (_text(before[name]), _text(after[name])) for name in names}
    if any(before.get(name) != after.get(name) for name in _AMOUNT):
        found["mrr"] = (_amount(before), _amount(after))
    return found


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _amount(row: Row) -> str:
    money = Money(row["mrr_minor"], row["currency"])
    return f"{money.as_decimal()} {money.currency}"


def _day(kind: type[Any], before: Row | None, after: Row | None) -> int:
    """The first day (an ordinal) on which the row may count otherwise than before."""
    rows = [each for each in (before, after) if each]
    if kind in _DATED:
        return _earliest(each[_DATED[kind]] for each in rows)
    if kind is Client:
        return ALWAYS
    if before and after and before["starts_on"] == after["starts_on"] and before["client_id"] == after["client_id"]:
        return _earliest((each["ends_on"] or _LAST) + timedelta(1) for each in rows)
    return _earliest(each["starts_on"] for each in rows)


def _earliest(days: Iterable[date]) -> int:
    return min(day.toordinal() for day in days)
