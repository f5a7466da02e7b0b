"""A client's sales, each with its active, expired and lost points."""

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block, Span
from handlers.views.parts.causes import happened
from handlers.views.parts.formats import count, day, money, name, points, prose
from handlers.views.parts.typed import mark
from tiercore.questions.client import ClientDetail
from tiercore.questions.sale_history import SaleHistory

SHOWN = 15


def sold_history(answer: ClientDetail) -> list[Block]:
    """The newest sales, SHOWN at most."""
    if not answer.sales:
        return [blocks.line(blocks.bold("Sold history: "), blocks.span("no sales yet"))]
    shown = [blocks.bullets(_sale(each, answer) for each in answer.sales[:SHOWN])]
    if len(answer.sales) > SHOWN:
        shown.append(blocks.line(blocks.italic(f"… and {count(len(answer.sales) - SHOWN, 'older sale')}")))
    return [blocks.line(blocks.bold("Sold history")), *shown]


def _sale(history: SaleHistory, answer: ClientDetail) -> Block:
    sale, typed = history.sale, mark(answer.typed, history.sale.sale_id)
    product = answer.rules.product(history.product_line, history.edition, sale.account)
    kind = "purchase without a deal" if history.without_deal else sale.deal_type.value.replace("_", "-")
    net = f" ({money(history.net)} net)" if history.net and history.net.minor else ""
    spans: list[Span] = [
        blocks.bold(day(sale.sold_on)),
        blocks.span(f"  {sale.motion.value} {kind}, {name(product)}, {money(sale.mrr)}{net}: "),
        *parts_of(history),
        *([blocks.span(f" · {typed}")] if typed else []),
    ]
    return blocks.line(*spans)


def parts_of(history: SaleHistory) -> list[Span]:
    """The sale's active, expired and lost points, each with a mark and a word."""
    if history.earned is None:
        return [blocks.span(f"⚪ not rated: {prose(history.doubt or '')}")]
    if history.net and not history.net.minor:
        return [blocks.span("earns no points, the line paid as much before")]
    if not history.earned:
        return [blocks.span("earns no points")]
    parts = []
    if history.active:
        until = (
            f"until {day(history.lapses_on)}"
            if history.lapses_on
            else f"(expiry unknown: {prose(history.doubt or '')})"
        )
        parts.append(f"🟢 {points(history.active)} active {until}")
    if history.lapsed:
        parts.append(f"⚪ {points(history.lapsed)} expired")
    parts += [
        f"🔴 {points(each.micropoints)} lost: {happened(each.cause)} on {day(each.day)}" for each in history.losses
    ]
    return [blocks.span(" · ".join(parts))]
