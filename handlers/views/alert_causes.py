"""What an alert names as its cause: corrections, and the clients that lost points or are about to."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block
from handlers.views.parts.causes import cause, happened
from handlers.views.parts.formats import day, name, points, signed
from handlers.views.parts.hindsight import because
from tiercore.facts.points import Source
from tiercore.questions.advice import COUNTED
from tiercore.questions.changes import ClientChanges
from tiercore.questions.expiry import Lapse
from tiercore.questions.requirements import FIGURES
from tiercore.questions.signals import Level

if TYPE_CHECKING:
    from handlers.views.alert import Alert

SHOWN = 3


def corrections(alert: "Alert") -> Iterator[str]:
    """The corrections since the level was last seen, where it would be another one without them."""
    signal, hindsight = alert.signal, alert.changes.hindsight
    if signal.level is not Level.GREEN and signal.turned_by(hindsight.shift):
        direction = 1 if signal.is_good_news else -1
        yield from because(hindsight, _sources(alert) or frozenset(Source), direction)


def causes(alert: "Alert") -> Iterator[Block]:
    """The clients that lost the most points lately, or whose points expire until the signal turns red."""
    if alert.signal.level is Level.SOON:
        for lapse in _lapses(alert)[:SHOWN]:
            yield blocks.line(
                blocks.bold(f"{day(lapse.lapses_on)}  −{points(lapse.micropoints)}"),
                blocks.span(f"  {name(lapse.client)}: {cause(lapse.cause)}"),
            )
    elif alert.signal.level is Level.RED and not alert.signal.is_good_news:
        for client, lost, reasons in _losses(alert)[:SHOWN]:
            yield blocks.line(blocks.bold(f"{signed(-lost)}  {name(client.client)}"), blocks.span(f": {reasons}"))


def _sources(alert: "Alert") -> frozenset[Source]:
    """The sources of points that the requirement counts; none for a certification and the like."""
    what = alert.signal.name.partition(".")[2]
    return COUNTED.get(what.partition("_")[0], frozenset(Source)) if what in FIGURES else frozenset()


def _lapses(alert: "Alert") -> Sequence[Lapse]:
    if alert.signal.is_missed_with(alert.changes.after):
        return []  # the rules raise the figure: what expires isn't the cause
    until, counted = alert.signal.day or date.max, _sources(alert)
    found = (each for each in alert.expiry.items if each.lapses_on <= until and each.source in counted)
    return sorted(found, key=lambda each: -each.micropoints)


def _losses(alert: "Alert") -> list[tuple[ClientChanges, int, str]]:
    """The clients that lost such points lately, the largest loss first: its micropoints, and its causes."""
    if alert.signal.is_missed_with(alert.changes.before):
        return []  # it would be red without these losses, too
    losses, counted = [], _sources(alert)
    for client in alert.changes.clients:
        lost = [each for each in client.items if each.micropoints < 0 and each.source in counted]
        if lost:
            reasons = ", ".join(dict.fromkeys(happened(each.cause) for each in lost))
            losses.append((client, -sum(each.micropoints for each in lost), reasons))
    return sorted(losses, key=lambda loss: -loss[1])


def main_client(alert: "Alert") -> tuple[str, str] | None:
    """The id and name of the client with the largest share in it."""
    if alert.signal.level is Level.SOON:
        return next(((each.client_id, each.client) for each in _lapses(alert)), None)
    return next(((client.client_id, client.client) for client, _, _ in _losses(alert)), None)
