"""What a seed stands for: who subscribes to what, what goes wrong, and when."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from bench.simulation.slack import POST, READING, Call, Failing
from bench.simulation.world import SUNDAY
from tiercore.notifications.timetable import Schedule, Slot, next_slot
from tiercore.notifications.types import DIGESTS, Topic
from tiercore.questions.signals import Level

CHANNELS, PEOPLE = ("C01", "C02", "C03"), ("U01", "U02", "U03")
LATE = timedelta(hours=4)
HOUR, DAY, WEEK = 3_600.0, 86_400.0, 7 * 86_400.0
SETTLE_SECONDS, POST_SECONDS = 120.0, 4.0
_ZONES = ("UTC", "UTC", "Europe/Berlin", "America/Los_Angeles", "Asia/Kolkata")


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A weekly digest for a target; without a time of the week, alerts."""

    subscription_id: str
    target: str
    topic: Topic
    schedule: Schedule | None

    def slots(self, until: float) -> Iterator[Slot]:
        """The digests due in the first `until` seconds."""
        if self.schedule is None:
            return
        slot = next_slot(self.schedule, SUNDAY)
        while slot.at < SUNDAY + timedelta(seconds=until):
            yield slot
            slot = next_slot(self.schedule, slot.at)


@dataclass(frozen=True, slots=True)
class Span:
    """A time in which something is wrong, in seconds; with a channel only there."""

    start: float
    end: float
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """All that a seed decides beforehand. The numbers of processes killed and frozen are upper bounds; percentages are
    of calls; the database fails that part of its changes. After `weeks` everything works again for a day.
    """

    seed: int
    weeks: int
    replicas: int
    subscribers: tuple[Subscriber, ...]
    levels: tuple[tuple[float, Level], ...]
    posts_failing: int
    others_failing: int
    database_failing: float
    kills: int
    freezes: int
    clocks_off: float
    outages: tuple[Span, ...]
    without_bot: tuple[Span, ...]
    token_revoked: tuple[Span, ...]
    pages: int | None

    @property
    def trouble_ends(self) -> float:
        """When nothing new goes wrong any more."""
        return self.weeks * WEEK

    @property
    def ends(self) -> float:
        """When the run is over."""
        return self.trouble_ends + DAY

    def level_at(self, seconds: float) -> Level:
        """The level of the signal that is watched."""
        return [level for at, level in self.levels if at <= seconds][-1]


def scenario_of(seed: int) -> Scenario:
    """The scenario of a seed."""
    chance = random.Random(f"scenario {seed}")
    weeks = chance.choice((1, 1, 1, 1, 1, 1, 1, 2))
    digests = tuple(_digests(chance, chance.choice((1, 1, 2, 3))))
    alerts = tuple(_alerts(chance, number) for number in range(chance.choice((0, 0, 0, 1, 1, 2))))
    slots = sorted((slot.at - SUNDAY).total_seconds() for each in digests for slot in each.slots(weeks * WEEK))
    return Scenario(
        seed=seed,
        weeks=weeks,
        replicas=chance.choice((1, 2)),
        subscribers=digests + alerts,
        levels=tuple(_levels(chance, weeks)),
        posts_failing=chance.choice((0, 12, 25)),
        others_failing=chance.choice((0, 8, 20)),
        database_failing=chance.choice((0.0, 0.01)),
        kills=chance.choice((0, 2, 5)),
        freezes=chance.choice((0, 1, 3)),
        clocks_off=chance.choice((0.0, 0.0, 30.0, 600.0, DAY)),
        outages=_spans(chance, slots, 0.25, 6 * HOUR),
        without_bot=_spans(chance, slots, 0.2, HOUR, chance.choice(CHANNELS)),
        token_revoked=_spans(chance, slots, 0.15, HOUR),
        pages=chance.choice((None, None, None, 2)),
    )


def _digests(chance: random.Random, number: int) -> Iterator[Subscriber]:
    pairs = [(target, topic) for target in CHANNELS + PEOPLE for topic in sorted(DIGESTS)]
    for at, (target, topic) in enumerate(chance.sample(pairs, number)):
        schedule = Schedule(chance.choice((0, 0, 1, 4)), chance.choice((540, 540, 541, 600)), chance.choice(_ZONES))
        yield Subscriber(f"digest{at}", target, topic, schedule)


def _alerts(chance: random.Random, number: int) -> Subscriber:
    return Subscriber(f"alerts{number}", (CHANNELS if number else PEOPLE)[chance.randrange(3)], Topic.ALERTS, None)


def _levels(chance: random.Random, weeks: int) -> Iterator[tuple[float, Level]]:
    """Crossings at least a day apart and before noon, so that no outage hides one or moves it to another day."""
    level, day = Level.GREEN, 0
    yield -1.0, level
    while (day := day + chance.randint(1, 4)) < weeks * 7:
        level = chance.choice([each for each in Level if each is not level])
        yield day * DAY - chance.uniform(0, 2 * HOUR), level


def _spans(
    chance: random.Random, slots: list[float], likely: float, longest: float, channel: str = ""
) -> tuple[Span, ...]:
    """Around some of the moments at which digests are due."""
    if chance.random() > likely:
        return ()
    start = chance.choice(slots or [DAY]) - chance.choice((0.0, 1.0, 30.0, 300.0))
    return (Span(start, start + chance.uniform(60, longest), channel),)


_UNANSWERED = ("reset", "silence", "html", "cut")
_LATE_SECONDS = (3.0, 100.0, 200.0, 500.0)
_WORDS = ("internal_error", "fatal_error", "service_unavailable", "request_timeout")


def fault_for(chance: random.Random, call: Call) -> Failing:
    """One of the ways in which a call may fail."""
    kind = chance.choice(("limited", "unreachable", "unanswered", "unanswered", "word", "late", "late", "proxy"))
    accepted = 0.0 if chance.random() < 0.5 and call.method not in READING else None
    match kind:
        case "limited":
            pause = chance.choice((1, 1, 5, 30, 90))
            return Failing(f"Retry-After {pause}", None, "status", 429, "ratelimited", pause)
        case "unreachable":
            return Failing(kind, None, kind)
        case "proxy":
            return Failing("a proxy refuses", None, "html", 403)
        case "word":
            word, status = chance.choice(_WORDS), chance.choice((200, 500, 503))
            return Failing(f"{status} {word}{_taken(accepted)}", accepted, "status", status, word)
        case "late" if call.method == POST:
            seconds = chance.choice(_LATE_SECONDS)
            return Failing(f"taken {seconds:.0f} s late", seconds, "silence")
    answer = chance.choice(_UNANSWERED)
    return Failing(f"{answer}{_taken(accepted)}", accepted, answer, chance.choice((200, 502)))


def _taken(accepted: float | None) -> str:
    return "" if accepted is None else ", taken"
