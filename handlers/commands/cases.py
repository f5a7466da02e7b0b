"""Figures that don't match the dashboard: flag one, answer, resolve, `/tier cases` (how-tiers-work#doesnt-match)."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

from handlers.context import Context, Handler
from handlers.parsing.amounts import amount_of, as_figure, as_unit, without_spaces
from handlers.payload import field_of
from handlers.question import InvalidInput
from handlers.views import case as view
from handlers.views.parts.blocks import Message
from handlers.views.parts.choices import read_value
from handlers.views.parts.formats import paragraphs
from tiercore.access import Grant, SlackUser
from tiercore.explaining.claims import Claim, Figure, Measure
from tiercore.facts.money import Money
from tiercore.facts.points import MICRO
from tiercore.facts.unknown import NotConfigured
from tiercore.people.types import InvalidChange

Body = dict[str, Any]
Read = tuple[Grant, Claim, str, str | None]  # and what was typed, and the client's name
SHOWN = 20
_EARLIEST = date(2016, 1, 1)


class WrongField(InvalidInput):
    """What is typed into one field of the window can't be used."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


async def flag_form(context: Context, viewer: SlackUser, chosen: object) -> Body:
    """The window, for the partner and client that the button's value names, if the viewer may see them."""
    _, client_id, partner_id = read_value(chosen) or ("", "", None)
    grant = (await context.answers.reach(viewer)).grant(partner_id)
    client = ""
    if client_id:
        client = (await context.answers.client(grant, client_id, context.today())).client.name
    return view.form(grant.partner.partner_id, grant.partner.name, client, context.today())


async def read_claim(context: Context, viewer: SlackUser, submitted: Body) -> Read:
    """What the window says: the grant, the claim, what was typed, and the client's name. Raises WrongField, and
    whatever a question may raise.
    """
    grant = (await context.answers.reach(viewer)).grant_of(str(submitted.get("private_metadata")))
    day = _day(submitted, context.today())
    figure = next((each for each in Figure if each.value == field_of(submitted, view.FIGURE)), Figure.COMBINED)
    client_text, client = field_of(submitted, view.CLIENT).strip(), None
    if client_text:
        client = (await context.answers.client(grant, client_text, day)).client
    claimed = " ".join(field_of(submitted, view.SHOWN).split())
    claim = _claim(context, figure, day, claimed, client.client_id if client else None)
    return grant, claim, claimed, client.name if client else None


async def flag(context: Context, viewer: SlackUser, read: Read) -> Message:
    """Look for what explains it, and open a case."""
    grant, claim, claimed, client = read
    return view.flagged(await context.services.cases.flag(viewer, grant, claim, claimed), claimed, client)


async def answer_form(context: Context, viewer: SlackUser, case_id: object) -> Body:
    """The window for the answer. Raises InvalidChange for a case that the viewer may not see or answer."""
    case, may_settle = await context.services.cases.find(viewer, str(case_id))
    if not may_settle:
        raise InvalidChange("Only the partner's CAM or CC, or an admin, can answer.")
    return view.answer_form(case)


async def show(context: Context, viewer: SlackUser, case_id: object) -> Message:
    """One case, with what the viewer can do."""
    case, may_settle = await context.services.cases.find(viewer, str(case_id))
    return view.message(case, context.services.cases.now(), may_settle=may_settle)


async def answer(context: Context, viewer: SlackUser, submitted: Body) -> Message:
    """Send the answer."""
    text = paragraphs(field_of(submitted, view.TEXT))
    if not text:
        raise WrongField(view.TEXT, "Please write something.")
    picked = field_of(submitted, view.PICK)
    number = int(picked) if picked.isdecimal() and len(picked) < 2 else None
    return view.done(await context.services.cases.answer(viewer, str(submitted.get("private_metadata")), text, number))


async def cases(context: Context, viewer: SlackUser, _text: str) -> Message:
    """`cases`: the cases of the partners that the viewer may see."""
    reach = await context.answers.reach(viewer)
    found = await context.services.cases.of_partners(viewer, reach.limited_to, SHOWN)
    return view.listed(found, context.services.cases.now())


def _click(change: Callable[[Context], Callable[[SlackUser, str], Awaitable[Any]]]) -> Handler:
    async def click(context: Context, viewer: SlackUser, case_id: str) -> Message:
        return view.done(await change(context)(viewer, case_id))

    return click


CASE_CLICKS: dict[str, Handler] = {
    "take_case": _click(lambda context: context.services.cases.take_over),
    "resolve_case": _click(lambda context: context.services.cases.resolve),
    "reopen_case": _click(lambda context: context.services.cases.reopen),
    "withdraw_case": _click(lambda context: context.services.cases.withdraw),
}


def _claim(context: Context, figure: Figure, day: date, claimed: str, client_id: str | None) -> Claim:
    words = without_spaces(claimed).split()
    number = next((found for word in words if (found := as_figure(word))), None)
    if number is None:
        raise WrongField(view.SHOWN, "Type the number that the dashboard shows, like 270, 270.5 or US$9,000.")
    unit = number.unit or next((named for word in words if (named := as_unit(word))), None)
    amount = amount_of(number, unit)
    if isinstance(amount, InvalidInput):
        raise WrongField(view.SHOWN, str(amount))
    whole = number.hundredths % 100 == 0
    if isinstance(amount, int):
        step = MICRO if whole else MICRO // 10 if number.hundredths % 10 == 0 else MICRO // 100
        return Claim.shown(figure, day, amount, step, Measure.POINTS, client_id)
    return _of_mrr(context, figure, day, amount, client_id, whole=whole)


def _of_mrr(context: Context, figure: Figure, day: date, mrr: Money, client_id: str | None, *, whole: bool) -> Claim:
    """The claim in US cents, by the program's table of the day."""
    per_100 = context.answers.program.on(day).per_100_usd(mrr.currency)
    if isinstance(per_100, NotConfigured):
        raise WrongField(view.SHOWN, f"The program has no table for {mrr.currency}. Type points, or US$.")
    minor = 100 if whole else 1
    cents, step = (max(1, each * 100_00 // per_100.minor) for each in (mrr.minor, minor))
    return Claim.shown(figure, day, cents, step + 1, Measure.MRR, client_id)


def _day(submitted: Body, today: date) -> date:
    try:
        day = date.fromisoformat(field_of(submitted, view.DAY) or today.isoformat())
    except ValueError:
        day = date.min
    if not _EARLIEST <= day <= today:
        raise WrongField(view.DAY, "Choose today or an earlier day: the dashboard can't show a later one.")
    return day
