"""What changed as a message, and as JSON."""

from collections.abc import Iterator
from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.causes import happened
from handlers.views.parts.choices import next_button
from handlers.views.parts.controls import answer_row
from handlers.views.parts.footer import common_record, footing, product_record
from handlers.views.parts.formats import count, day, listed, name, points, prose, sentences, signed, spoken
from handlers.views.parts.hindsight import bullets, moved, not_recorded
from handlers.views.parts.hindsight import record as corrections_record
from tiercore.facts.points import Source, as_decimal, hundredths
from tiercore.facts.unknown import Unknown
from tiercore.program import Rules
from tiercore.questions.changes import Changes, ClientChanges, Total
from tiercore.rating.hindsight import NO_SHIFT
from tiercore.rating.netting import Change
from tiercore.rating.timeline import Balance

SHOWN = 12
SHOWN_OF_A_CLIENT = 3


def message(changes: Changes) -> Message:
    """One screen: the difference, what was gained and lost, the clients that changed most, then the causes."""
    return Message(
        text=_aloud(changes),
        blocks=[
            blocks.header(f"{name(changes.partner.name)}: {headline(changes)}"),
            blocks.rich(
                *_totals(changes), *_corrected(changes), *_clients(changes), *_causes(changes), *_unrated(changes)
            ),
            answer_row(
                "changes",
                changes.partner.partner_id,
                next_button("expiring", changes.partner.partner_id),
                next_button("progress", changes.partner.partner_id),
            ),
            footing(changes.as_of, changes.rules, _notes(changes), f"changes since {day(changes.since)}"),
        ],
    )


def _aloud(changes: Changes) -> str:
    """The whole answer in sentences: the difference, what was gained and lost, and the clients that changed most."""
    total = changes.combined
    sums = f"{points(total.gained)} gained, {points(total.lost)} expired or lost." if changes.clients else ""
    clients = (f"{name(each.client)} {signed(each.total.net)}." for each in changes.clients[:SHOWN])
    return spoken(
        f"{name(changes.partner.name)}: {headline(changes)}.",
        f"{_balances(changes)}.",
        *(f"{each}." for each in (_correction(changes), _known(changes)) if each),
        sums,
        *clients,
        *sentences(_notes(changes)),
    )


def headline(changes: Changes) -> str:
    """The number that matters first."""
    if changes.as_known:
        return _known_headline(changes)
    within = f"in {count(changes.days, 'day')}"
    if not changes.clients:
        return f"no points changed {within}"
    if not hundredths(abs(changes.combined.net)):
        return f"no change in total {within}"
    return f"{signed(changes.combined.net)} points {within}"


def _known_headline(changes: Changes) -> str:
    before, after = changes.known_before, changes.known_after
    when = day(changes.as_of)
    if isinstance(before, Unknown) or isinstance(after, Unknown):
        return f"what was known on {when} isn't recorded"
    return f"{signed(after.combined - before.combined)} points in {count(changes.days, 'day')}, as known on {when}"


def _correction(changes: Changes) -> str:
    """What was corrected in all, and of what; "" for nothing."""
    hindsight, since = changes.hindsight, day(changes.since)
    if not hindsight.corrections:
        return ""
    parts = ((hindsight.at_since, f"on {since}"), (hindsight.within, f"after {since}"))
    where = [f"{moved(shift)} {when}" for shift, when in parts if shift != NO_SHIFT] or [f"±0 on {since}"]
    return f"Corrected in hindsight: {listed(where)}"


def _known(changes: Changes) -> str:
    """What the balances were known as, where it is another than now, or asked for; "" otherwise."""
    before, after, corrections = changes.known_before, changes.known_after, changes.hindsight.corrections
    if not changes.as_known and changes.hindsight.at_since == NO_SHIFT:
        return ""
    if isinstance(before, Unknown) or isinstance(after, Unknown):
        return not_recorded(changes.hindsight, changes.since, changes.before)
    if not changes.as_known:
        return f"{day(changes.since)}: {points(before.combined)} combined points as first reported"
    then = f"{points(before.combined)} on {day(changes.since)}, {points(after.combined)} on {day(changes.as_of)}"
    same = "" if corrections else "; nothing has been corrected since then"
    return f"As known on {day(changes.as_of)}: {then}{same}"


def _corrected(changes: Changes) -> Iterator[Block]:
    if known := _known(changes):
        yield blocks.line(blocks.span(known))
    if correction := _correction(changes):
        yield blocks.line(blocks.bold(correction))
        yield from bullets(changes.hindsight.corrections)


def _balances(changes: Changes) -> str:
    before, after = changes.before, changes.after
    now = "As now known: " if changes.as_known else ""
    return (
        f"{now}{points(before.combined)} combined points on {day(changes.since)}, "
        f"{points(after.combined)} on {day(changes.as_of)}"
    )


def _totals(changes: Changes) -> Iterator[Block]:
    sold, managed, combined = changes.sold, changes.managed, changes.combined
    if changes.clients:
        yield blocks.line(
            blocks.bold(f"{points(combined.gained)} gained"),
            blocks.span(f" ({points(sold.gained)} sold, {points(managed.gained)} managed)  ·  "),
            blocks.bold(f"{points(combined.lost)} expired or lost"),
            blocks.span(f" ({points(sold.lost)} sold, {points(managed.lost)} managed)"),
        )
    yield blocks.line(blocks.span(_balances(changes)))


def _clients(changes: Changes) -> Iterator[Block]:
    if not changes.clients:
        return
    if changes.hindsight.corrections:
        yield blocks.line(blocks.bold("By client, as now known"))
    yield blocks.bullets(_client(each, changes.rules) for each in changes.clients[:SHOWN])
    if rest := changes.clients[SHOWN:]:
        yield blocks.line(blocks.italic(f"… and {count(len(rest), 'more client')}, included in the totals"))


def _client(client: ClientChanges, rules: Rules) -> Block:
    shown = [_item(each, rules) for each in client.items[:SHOWN_OF_A_CLIENT]]
    if rest := client.items[SHOWN_OF_A_CLIENT:]:
        shown.append(f"{len(rest):,} more")
    return blocks.line(
        blocks.bold(f"{signed(client.total.net)}  {name(client.client)}"), blocks.span(f": {'; '.join(shown)}")
    )


def _item(change: Change, rules: Rules) -> str:
    kind = "managed: " if change.source is Source.MANAGED else ""
    where = f"{name(rules.product(change.product_line, change.edition, change.account))}, {day(change.day)}"
    return f"{signed(change.micropoints)} {kind}{happened(change.cause)} ({where})"


def _causes(changes: Changes) -> Iterator[Block]:
    for title, sums in (
        ("Gained: ", {cause: total.gained for cause, total in changes.causes.items()}),
        ("Expired or lost: ", {cause: -total.lost for cause, total in changes.causes.items()}),
    ):
        parts = [f"{happened(cause)} {signed(amount)}" for cause, amount in sums.items() if amount]
        if parts:
            yield blocks.line(blocks.bold(title), blocks.span(" · ".join(parts)))


def _unrated(changes: Changes) -> Iterator[Block]:
    if not changes.unrated:
        return
    yield blocks.line(blocks.bold(f"Not rated, so not in the totals: {count(len(changes.unrated), 'product line')}"))
    shown = changes.unrated[:SHOWN]
    yield blocks.bullets(
        blocks.line(
            blocks.span(
                f"⚪ {name(each.client)}, "
                f"{name(changes.rules.product(each.product_line, each.edition, each.account))}: {prose(each.reason)}"
            )
        )
        for each in shown
    )


def _notes(changes: Changes) -> list[str]:
    return [*changes.notes, *_rounding(changes)]


def _rounding(changes: Changes) -> list[str]:
    """A note where the figures as shown don't add up, because they are rounded."""
    total, before, after = changes.combined, changes.before.combined, changes.after.combined
    net = hundredths(abs(total.net))
    shown = abs(hundredths(total.gained) - hundredths(total.lost)), abs(hundredths(after) - hundredths(before))
    return [] if shown == (net, net) else ["Figures are rounded one by one; unrounded, they add up exactly"]


def record(changes: Changes) -> dict[str, Any]:
    """What changed as JSON, with every change of every client; micropoints add up exactly."""
    return {
        **common_record("changes", changes.partner, changes.as_of, changes.rules, changes.notes),
        "since": changes.since.isoformat(),
        "days": changes.days,
        "before": _balance_record(changes.before),
        "after": _balance_record(changes.after),
        "known": _known_record(changes),
        "corrections": corrections_record(changes.hindsight),
        **{kind: _total_record(getattr(changes, kind)) for kind in ("combined", "sold", "managed")},
        "causes": {cause.value: _total_record(total) for cause, total in changes.causes.items()},
        "clients": [_client_record(each, changes.rules) for each in changes.clients],
        "unrated": [
            {**each._asdict(), **product_record(changes.rules, each.product_line, each.edition, each.account)}
            for each in changes.unrated
        ],
    }


def _balance_record(balance: Balance) -> dict[str, str]:
    return {kind: as_decimal(getattr(balance, kind)) for kind in ("combined", "sold", "managed")}


def _known_record(changes: Changes) -> dict[str, Any]:
    """What was known on the first day, or with `as_known` on the last; null with its reason where it isn't recorded."""
    before = changes.known_before
    known = {"on": (changes.as_of if changes.as_known else changes.since).isoformat()}
    if isinstance(before, Unknown):
        return {**known, "before": None, "after": None, "reason": before.reason}
    after = changes.known_after if changes.as_known else None
    after_record = _balance_record(after) if isinstance(after, Balance) else None
    return {**known, "before": _balance_record(before), "after": after_record, "reason": None}


def _total_record(total: Total) -> dict[str, str | int]:
    shown = {"gained": as_decimal(total.gained), "lost": as_decimal(total.lost), "net": as_decimal(total.net)}
    return {**shown, "net_micropoints": total.net}


def _client_record(client: ClientChanges, rules: Rules) -> dict[str, Any]:
    return {
        "client_id": client.client_id,
        "client": client.client,
        **_total_record(client.total),
        "items": [
            {
                **product_record(rules, each.product_line, each.edition, each.account),
                "source": each.source.value,
                "points": as_decimal(each.micropoints),
                "micropoints": each.micropoints,
                "on": each.day.isoformat(),
                "cause": each.cause.value,
            }
            for each in client.items
        ],
    }
