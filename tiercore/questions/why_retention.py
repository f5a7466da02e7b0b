"""What a retention is made of: the clients whose amounts make up the difference to 100 % (how-tiers-work#retention)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from tiercore.facts.entries import Partner, SubscriptionLevel
from tiercore.facts.holds import RETENTION
from tiercore.facts.unknown import Unknown
from tiercore.program import Program, Rules
from tiercore.questions.requirements import Facts
from tiercore.questions.standing import notes_on
from tiercore.rating.install_base import Stay, client_months, first_day, lines_of, month_of, months_in_base
from tiercore.rating.retention import MONTHS
from tiercore.rating.retention_losses import Loss, losses
from tiercore.rating.timeline import Balance


@dataclass(frozen=True, slots=True)
class ClientLoss:
    """A line's part of the difference, with its client's name and the month's first day."""

    client: str
    month: date
    loss: Loss


@dataclass(frozen=True, slots=True)
class RetentionWhy:
    """The lines that make up the difference of the `figure` (millionths of a percent) to 100 %, largest part first.

    `losses` begin at `start` of `count`, of `clients` clients; all `count` add up to the difference as it is shown. The
    months counted begin on `since`; the last is complete on the day asked about.
    """

    partner: Partner
    as_of: date
    rules: Rules
    since: date
    figure: int | Unknown
    start: int
    count: int
    clients: int
    losses: tuple[ClientLoss, ...]
    notes: tuple[str, ...]


def months_counted(day: date) -> range:
    """The numbers of the 12 months that the day's retention is made of."""
    last = month_of(day)
    return range(last - MONTHS, last)


def why_retention_on(
    day: date,
    program: Program,
    facts: Facts,
    balance: Balance,
    page: tuple[int, int],
    stays: Iterable[tuple[str, Stay]],
    levels: Iterable[SubscriptionLevel],
) -> RetentionWhy:
    """The `page` (first, how many) of the lines behind the day's retention.

    `stays` (with names) and `levels` are those of the partner's clients of which a level changed in the 12 months.
    """
    rules, months = program.on(day), months_counted(day)
    figure = facts.holds.get(RETENTION) or facts.retention.by(rules)
    named = list(stays)
    found = [] if isinstance(figure, Unknown) else _losses(program, facts, months, [each for _, each in named], levels)
    start, most = page
    start = start if start < len(found) else 0
    names = {stay.client_id: name for name, stay in named}
    return RetentionWhy(
        partner=facts.partner,
        as_of=day,
        rules=rules,
        since=first_day(months.start),
        figure=figure,
        start=start,
        count=len(found),
        clients=len({each.line.client_id for each in found}),
        losses=tuple(_named(each, names) for each in found[start : start + most]),
        notes=tuple(notes_on(program, balance)),
    )


def _losses(
    program: Program, facts: Facts, months: range, stays: Sequence[Stay], levels: Iterable[SubscriptionLevel]
) -> list[Loss]:
    lines = lines_of(levels, program)
    base = months_in_base((each for each in stays if each.client_id in lines), months.stop - 1)
    counts = program.on(facts.retention.as_of).retention_counts
    return losses(facts.retention, counts, client_months(base, lines, program, months))


def _named(loss: Loss, names: dict[str, str]) -> ClientLoss:
    return ClientLoss(names[loss.line.client_id], first_day(loss.line.month), loss)
