"""One client: sold history, product lines, managed points, MRR (the dashboard's fly-in board)."""

from collections.abc import Iterator
from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.choices import TRY, flag_button, next_button, whatif_button
from handlers.views.parts.contradictions import record as contradiction_record
from handlers.views.parts.contradictions import sentence, to_check
from handlers.views.parts.controls import answer_row
from handlers.views.parts.countries import country
from handlers.views.parts.footer import common_record, footing, product_record
from handlers.views.parts.formats import day, money, name, points, prose, sentences, spoken
from handlers.views.parts.sold_history import SHOWN, parts_of, sold_history
from handlers.views.parts.typed import mark, typed_entries
from handlers.views.parts.typed import record as typed_record
from tiercore.facts.money import Money
from tiercore.facts.points import as_decimal
from tiercore.facts.unknown import Unknown
from tiercore.program import Rules
from tiercore.questions.client import ClientDetail, LineSum, total_mrr
from tiercore.questions.sale_history import Loss, SaleHistory
from tiercore.rating.credits import Credit


def message(answer: ClientDetail) -> Message:
    """One screen: points and MRR, then each product line, each sale and each agreement."""
    said = headline(answer)
    title = f"{name(answer.client.name)}: {said}"
    return Message(
        text=_aloud(answer),
        blocks=[
            blocks.header(title),
            blocks.rich(_points(answer), _mrr(answer), *_lines(answer)),
            blocks.rich(*sold_history(answer)),
            blocks.rich(*_managed(answer)),
            *([blocks.rich(*check)] if (check := to_check(answer.contradictions, answer.rules)) else []),
            answer_row(
                "client",
                answer.partner.partner_id,
                next_button("clients", answer.partner.partner_id),
                whatif_button(TRY, f'lose "{answer.client.client_id}"', answer.partner.partner_id),
                *typed_entries(answer.typed, _entry_ids(answer), answer.client.client_id),
                flag_button(answer.partner.partner_id, answer.client.client_id),
            ),
            footing(answer.as_of, answer.rules, answer.notes, f"credited to {name(answer.partner.name)}"),
        ],
        window=name(answer.client.name),
    )


def _aloud(answer: ClientDetail) -> str:
    """The whole answer in sentences: points, MRR, and what is left of every sale."""
    now = total_mrr(each.mrr for each in answer.lines if each.mrr)
    sales = (
        f"{day(each.sale.sold_on)}, {name(each.sale.product_line)}: {''.join(span['text'] for span in parts_of(each))}."
        for each in answer.sales[:SHOWN]
    )
    return spoken(
        f"{name(answer.client.name)}: {headline(answer)}.",
        f"{points(answer.sold)} sold, {points(answer.managed)} managed.",
        f"MRR today {_amount(now)}, 12 months ago {_mrr_before(answer)}.",
        *sales,
        *(f"Check: {sentence(each, answer.rules)}." for each in answer.contradictions),
        *sentences(answer.notes),
    )


def _entry_ids(answer: ClientDetail) -> Iterator[str]:
    yield from (each.sale.sale_id for each in answer.sales)
    yield from (each.agreement_id for each in answer.agreements)


def headline(answer: ClientDetail) -> str:
    """The number that matters first."""
    return f"{points(answer.sold + answer.managed)} points"


def _points(answer: ClientDetail) -> Block:
    growth = answer.rules.growth_market_by == "client" and answer.rules.is_growth_market(answer.client.country)
    where = f"{country(answer.client.country)}{', a growth market' if growth else ''}"
    return blocks.line(
        blocks.bold(f"{points(answer.sold)} sold"),
        blocks.span("  +  "),
        blocks.bold(f"{points(answer.managed)} managed"),
        blocks.span(f"   (client in {where})"),
    )


def _mrr(answer: ClientDetail) -> Block:
    now = total_mrr(each.mrr for each in answer.lines if each.mrr)
    return blocks.line(blocks.bold(f"MRR today {_amount(now)}"), blocks.span(f", 12 months ago {_mrr_before(answer)}"))


def _mrr_before(answer: ClientDetail) -> str:
    """The MRR 12 months ago; none for a client whose first subscription begins later."""
    held = [each.mrr_before for each in answer.lines if each.mrr_before]
    if not held and answer.first_level:
        return f"none (first subscription on {day(answer.first_level)})"
    if not held and any(each.mrr for each in answer.lines):
        return "unknown (the first level on file is later)"
    return _amount(total_mrr(held))


def _amount(value: Money | Unknown | None) -> str:
    if isinstance(value, Money):
        return money(value)
    return f"unknown ({prose(value.reason)})" if value else "unknown"


def _lines(answer: ClientDetail) -> list[Block]:
    if not answer.lines:
        return []
    return [
        blocks.line(blocks.bold("Product lines")),
        blocks.bullets(_line(each, answer.rules) for each in answer.lines),
    ]


def _line(line: LineSum, rules: Rules) -> Block:
    mrr = f"MRR {money(line.mrr)}" if line.mrr else "MRR unknown"
    before = f" (12 months ago {money(line.mrr_before)})" if line.mrr_before else ""
    return blocks.line(
        blocks.bold(name(rules.product(line.product_line, line.edition, line.account))),
        blocks.span(f": {points(line.sold)} sold, {points(line.managed)} managed · {mrr}{before}"),
    )


def _managed(answer: ClientDetail) -> list[Block]:
    if answer.unpaid:
        return [
            blocks.line(
                blocks.bold("Managed: "), blocks.span(f"⚪ an agreement is in force, but {prose(answer.unpaid)}")
            )
        ]
    if not answer.credits:
        ended = max((each.ends_on for each in answer.agreements if each.ends_on), default=None)
        said = f"the last agreement ended on {day(ended)}" if ended and ended < answer.as_of else "no agreement"
        return [blocks.line(blocks.bold("Managed: "), blocks.span(said))]
    return [blocks.line(blocks.bold("Managed")), blocks.bullets(_credit(each, answer) for each in answer.credits)]


def _credit(credit: Credit, answer: ClientDetail) -> Block:
    agreement = next((each for each in answer.agreements if each.agreement_id == credit.entry_id), None)
    term = f"until {day(agreement.ends_on)}" if agreement and agreement.ends_on else "no end date"
    share = f", shared evenly by {credit.shared_by} partners" if credit.shared_by > 1 else ""
    earned = "⚪ not rated" if credit.micropoints is None else f"🟢 {points(credit.micropoints)} active"
    return blocks.line(
        blocks.bold(name(answer.rules.product(credit.product_line, credit.edition, credit.account))),
        blocks.span(f": {earned}{share} · agreement {name(credit.entry_id, 40)}, {term} · MRR {money(credit.mrr)}"),
        *([blocks.span(f" · {typed}")] if (typed := mark(answer.typed, credit.entry_id)) else []),
    )


def record(answer: ClientDetail) -> dict[str, Any]:
    """The client as JSON; points as decimal strings, days as ISO dates."""
    return {
        **common_record("client", answer.partner, answer.as_of, answer.rules, answer.notes),
        "client": {"id": answer.client.client_id, "name": answer.client.name, "country": answer.client.country},
        "sold": as_decimal(answer.sold),
        "managed": as_decimal(answer.managed),
        "product_lines": [_line_record(each, answer.rules) for each in answer.lines],
        "sales": [
            _sale_record(each, answer.rules) | typed_record(answer.typed, each.sale.sale_id) for each in answer.sales
        ],
        "managed_credits": [
            _credit_record(each, answer) | typed_record(answer.typed, each.entry_id) for each in answer.credits
        ],
        "without_managed_points": answer.unpaid,
        "contradictions": [contradiction_record(each, answer.rules) for each in answer.contradictions],
    }


def _line_record(line: LineSum, rules: Rules) -> dict[str, Any]:
    return {
        **product_record(rules, line.product_line, line.edition, line.account),
        "sold": as_decimal(line.sold),
        "managed": as_decimal(line.managed),
        "mrr": _money_record(line.mrr),
        "mrr_12_months_ago": _money_record(line.mrr_before),
    }


def _money_record(amount: Money | None) -> dict[str, str] | None:
    return {"amount": amount.as_decimal(), "currency": amount.currency} if amount else None


def _sale_record(history: SaleHistory, rules: Rules) -> dict[str, Any]:
    sale = history.sale
    parts = {"earned": history.earned, "active": history.active, "lapsed": history.lapsed, "lost": history.lost}
    return {
        "id": sale.sale_id,
        "sold_on": sale.sold_on.isoformat(),
        "deal_type": sale.deal_type.value,
        "motion": sale.motion.value,
        **product_record(rules, history.product_line, history.edition, sale.account),
        "mrr": _money_record(sale.mrr),
        "net_mrr": _money_record(history.net),
        "without_deal": history.without_deal,
        **{key: None if part is None else as_decimal(part) for key, part in parts.items()},
        "lapses_on": history.lapses_on.isoformat() if history.lapses_on else None,
        "expiry_unknown": history.doubt,
        "losses": [_loss_record(each) for each in history.losses],
    }


def _loss_record(loss: Loss) -> dict[str, str]:
    return {"on": loss.day.isoformat(), "cause": loss.cause.value, "points": as_decimal(loss.micropoints)}


def _credit_record(credit: Credit, answer: ClientDetail) -> dict[str, Any]:
    return {
        **product_record(answer.rules, credit.product_line, credit.edition, credit.account),
        "agreement": credit.entry_id,
        "points": None if credit.micropoints is None else as_decimal(credit.micropoints),
        "shared_by": credit.shared_by,
        "mrr": _money_record(credit.mrr),
        "since": credit.starts_on.isoformat(),
        "until": credit.lapses_on.isoformat() if credit.lapses_on and not answer.held else None,
    }
