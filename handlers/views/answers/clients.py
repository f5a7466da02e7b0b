"""The clients as a table, and as JSON; client.py shows a single one."""

from typing import Any

from handlers.views.answers import client
from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.choices import ACTION, next_button, opener, value
from handlers.views.parts.controls import answer_row
from handlers.views.parts.footer import common_record, footing
from handlers.views.parts.formats import count, day, name, points, prose, sentences, spoken
from handlers.views.parts.paging import pager
from handlers.views.parts.typed import mark
from handlers.views.parts.typed import record as typed_record
from tiercore.facts.points import as_decimal, hundredths
from tiercore.questions.client import ClientDetail
from tiercore.questions.clients import ClientLine, Clients

SHOWN = 20
_ROWS_AT_ONCE = SHOWN + 1  # its clients and their total on one page
_ORDER_LABELS = {
    "points": "Most points",
    "name": "Name",
    "lapsing": "Soonest drop",
    "sold": "Most sold points",
    "managed": "Most managed points",
}

_SORTED_BY = {
    "points": "points",
    "name": "name",
    "lapsing": "soonest drop",
    "sold": "sold points",
    "managed": "managed points",
}


def message(answer: Clients | ClientDetail) -> Message:
    """One screen: the list of clients, or one of them."""
    if isinstance(answer, ClientDetail):
        return client.message(answer)
    said = headline(answer)
    partner = answer.partner
    return Message(
        text=_aloud(answer),
        blocks=[
            blocks.header(f"{name(partner.name)}: {said}"),
            *_table(answer),
            *_unpaid(answer),
            _controls(answer),
            footing(answer.as_of, answer.rules, answer.notes, *([_page(answer)] if answer.lines else [])),
        ],
    )


def _aloud(answer: Clients) -> str:
    """The whole answer in sentences: the total, then each client's points and their next drop."""
    return spoken(
        f"{name(answer.partner.name)}: {headline(answer)}.",
        f"{_page(answer)}; points, and the next drop." if answer.lines else "",
        *(f"{name(each.client)}: {points(each.combined)}, {lapsing(each)}." for each in answer.lines),
        *sentences(answer.notes),
    )


def headline(answer: Clients) -> str:
    """The number that matters first."""
    balance = answer.balance
    if not answer.count:
        return "no client contributes points today"
    return f"{points(balance.combined)} points from {count(answer.count, 'client')}"


def lapsing(line: ClientLine) -> str:
    """What the client's points lose next, and when: they expire, are lost or are re-rated."""
    if line.lapses_on:
        sooner = ", or sooner: another line's expiry is unknown" if line.doubt else ""
        return f"−{points(line.lapsing)} on {day(line.lapses_on)}{sooner}"
    return f"unknown: {prose(line.doubt)}" if line.doubt else "nothing known"


def _page(answer: Clients) -> str:
    shown = f"{answer.start + 1}–{answer.start + len(answer.lines)}"
    return f"{shown} of {count(answer.count, 'client')}, sorted by {_SORTED_BY[answer.order]}"


def _table(answer: Clients) -> list[Block]:
    if not answer.lines:
        return []
    head = ("Client", "Points", "Sold", "Managed", "Next drop", "Details")
    rows = [*(_row(answer, at, line) for at, line in enumerate(answer.lines)), _total(answer)]
    return [blocks.data_table("Clients with active points", head, rows, _ROWS_AT_ONCE)]


def _row(answer: Clients, at: int, line: ClientLine) -> list[dict[str, Any]]:
    aloud = f"Open {name(line.client)}"
    open_it = opener("Open", "clients", f'"{line.client_id}"', answer.partner.partner_id, at, aloud=aloud)
    unrated = f" ({count(line.unrated, 'credit')} not rated)" if line.unrated else ""
    return [
        blocks.text_cell(" · ".join(filter(None, (name(line.client) + unrated, mark(answer.typed, line.client_id))))),
        *(_points_cell(each) for each in (line.combined, line.sold, line.managed)),
        blocks.text_cell(lapsing(line)),
        blocks.action_cell(open_it),
    ]


def _total(answer: Clients) -> list[dict[str, Any]]:
    """The last row: the points of all clients, those of other pages included."""
    balance, nothing = answer.balance, blocks.text_cell("–")
    figures = (_points_cell(each) for each in (balance.combined, balance.sold, balance.managed))
    return [blocks.text_cell(f"Total of {count(answer.count, 'client')}"), *figures, nothing, nothing]


def _points_cell(micropoints: int) -> dict[str, Any]:
    return blocks.number_cell(hundredths(micropoints) / 100, points(micropoints))


def _controls(answer: Clients) -> Block:
    key = answer.partner.partner_id
    text = "" if answer.order == "points" else f"by {answer.order}"
    pages = pager("clients", text, key, answer.start, len(answer.lines), answer.count, SHOWN)
    if answer.count < 2:
        return answer_row("clients", key, *pages, next_button("expiring", key))
    options = [(label, value("clients", f"by {order}", key)) for order, label in _ORDER_LABELS.items()]
    shown = value("clients", f"by {answer.order}", key)
    order = blocks.select("Sort by", f"{ACTION}:order", options, shown)
    return answer_row("clients", key, order, *(pages or [next_button("expiring", key)]))


def _unpaid(answer: Clients) -> list[Block]:
    if not answer.unpaid:
        return []
    shown, earns = answer.unpaid[:SHOWN], "earns" if len(answer.unpaid) == 1 else "earn"
    lines = [blocks.line(blocks.span(f"⚪ {name(each.client)}: {prose(each.reason)}")) for each in shown]
    title = f"{count(len(answer.unpaid), 'agreement')} in force that {earns} no managed points:"
    return [blocks.rich(blocks.line(blocks.bold(title)), blocks.bullets(lines))]


def record(answer: Clients | ClientDetail) -> dict[str, Any]:
    """Clients, or one client, as JSON; points as decimal strings."""
    if isinstance(answer, ClientDetail):
        return client.record(answer)
    return {
        **common_record("clients", answer.partner, answer.as_of, answer.rules, answer.notes),
        "order": answer.order,
        "count": answer.count,
        "clients": [_line_record(line) | typed_record(answer.typed, line.client_id) for line in answer.lines],
        "without_managed_points": [
            {"id": each.client_id, "client": each.client, "reason": each.reason} for each in answer.unpaid
        ],
    }


def _line_record(line: ClientLine) -> dict[str, Any]:
    return {
        "id": line.client_id,
        "client": line.client,
        "points": as_decimal(line.combined),
        "sold": as_decimal(line.sold),
        "managed": as_decimal(line.managed),
        "not_rated": line.unrated,
        "lapses_on": line.lapses_on.isoformat() if line.lapses_on else None,
        "lapsing": as_decimal(line.lapsing) if line.lapses_on else None,
        "expiry_unknown": line.doubt,
    }
