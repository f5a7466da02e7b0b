"""What an installation still needs before anybody gets an answer: four steps, in order (getting-your-data#steps)."""

from dataclasses import dataclass
from enum import StrEnum


class Task(StrEnum):
    """What a step is about."""

    CONNECT = "connect"
    DATA = "data"
    TABLE = "table"
    INVITE = "invite"


@dataclass(frozen=True, slots=True)
class Installation:
    """What is there: people, those linked in Slack, admins linked, people of partners and those linked; partners;
    whether any sale; how many thresholds that decide about a tier aren't set.
    """

    people: int = 0
    linked: int = 0
    admins_linked: int = 0
    of_partners: int = 0
    of_partners_linked: int = 0
    partners: int = 0
    has_sales: bool = False
    thresholds_unset: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """A step: its task, title, what is there already ("0 partners"), and whether it is done, or the next one to do."""

    task: Task
    title: str
    state: str
    is_done: bool
    is_next: bool = False


def first_steps(found: Installation) -> tuple[Step, ...]:
    """The four steps; the first one that isn't done is the next."""
    steps = [
        Step(Task.CONNECT, "Connect people", _connected(found), found.admins_linked > 0),
        Step(Task.DATA, "Bring your data", _data(found), found.partners > 0 and found.has_sales),
        Step(Task.TABLE, "Set the tier table", _table(found), found.thresholds_unset == 0),
        Step(Task.INVITE, "Invite partners", _invited(found), found.of_partners_linked > 0),
    ]
    at = next((at for at, each in enumerate(steps) if not each.is_done), None)
    return tuple(
        Step(each.task, each.title, each.state, each.is_done, is_next=index == at) for index, each in enumerate(steps)
    )


def are_done(steps: tuple[Step, ...]) -> bool:
    """Whether nothing is left to do."""
    return all(each.is_done for each in steps)


def _connected(found: Installation) -> str:
    if not found.people:
        return "nobody is listed yet"
    return f"{found.linked:,} of {_count(found.people, 'person', 'people')} linked"


def _data(found: Installation) -> str:
    sales = "with sales" if found.has_sales else "no sales"
    return f"{_count(found.partners, 'partner', 'partners')}, {sales}" if found.partners else "0 partners"


def _table(found: Installation) -> str:
    if not found.thresholds_unset:
        return "every threshold is set"
    return f"{_count(found.thresholds_unset, 'threshold', 'thresholds')} not set"


def _invited(found: Installation) -> str:
    if not found.of_partners:
        return "nobody of a partner is listed yet"
    return f"{found.of_partners_linked:,} of {_count(found.of_partners, 'person', 'people')} at partners linked"


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
