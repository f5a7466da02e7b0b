"""What is left to do before people get their answers, in order: four steps for a new installation
(getting-your-data#steps), and three for a partner's own workspace (inviting#steps).
"""

from dataclasses import dataclass
from enum import StrEnum


class Task(StrEnum):
    """What a step is about."""

    CONNECT = "connect"
    DATA = "data"
    TABLE = "table"
    INVITE = "invite"
    LINK = "link"
    COLLEAGUES = "colleagues"
    NOTIFICATIONS = "notifications"


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
class PartnersWorkspace:
    """What is there in a partner's workspace, as one person there sees it: whether they are linked, or the e-mail that
    they `asked` to be linked to; how many people are linked, whether a colleague was invited, and whether anybody has
    notifications.
    """

    is_linked: bool = False
    asked: str | None = None
    linked: int = 0
    has_invited: bool = False
    has_notifications: bool = False


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
    return _in_order(
        Step(Task.CONNECT, "Connect people", _connected(found), found.admins_linked > 0),
        Step(Task.DATA, "Bring your data", _data(found), found.partners > 0 and found.has_sales),
        Step(Task.TABLE, "Set the tier table", _table(found), found.thresholds_unset == 0),
        Step(Task.INVITE, "Invite partners", _invited(found), found.of_partners_linked > 0),
    )


def steps_of_partner(found: PartnersWorkspace) -> tuple[Step, ...]:
    """The three steps in a partner's workspace; the first one that isn't done is the next."""
    has_invited = found.has_invited or found.linked > 1
    return _in_order(
        Step(Task.LINK, "Link yourself", _linked(found), found.is_linked),
        Step(Task.COLLEAGUES, "Invite colleagues", _colleagues(found), has_invited),
        Step(Task.NOTIFICATIONS, "Choose a digest and alerts", _notified(found), found.has_notifications),
    )


def _in_order(*steps: Step) -> tuple[Step, ...]:
    """The steps, the first open one of which is marked as the next."""
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


def _linked(found: PartnersWorkspace) -> str:
    if found.is_linked:
        return "you're linked"
    if found.asked:
        return f"you asked for {found.asked}; your CAM or an admin still has to approve it"
    return "your CAM approves it once" if found.linked else "nobody here is linked yet; your CAM approves it once"


def _colleagues(found: PartnersWorkspace) -> str:
    if found.linked > 1:
        return f"{found.linked:,} people here are linked"
    return "invited" if found.has_invited else "each of them links themselves, too"


def _notified(found: PartnersWorkspace) -> str:
    return "chosen" if found.has_notifications else "what matters most, once a week; the rest when it happens"


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
