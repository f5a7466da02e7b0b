"""`/tier setup`: the window in which an admin pastes the program's tier table, and another approves it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import date, timedelta

from handlers.context import Context
from handlers.errors import EXPECTED, refusal
from handlers.payload import Body, field_of
from handlers.typed_command import TypedCommand
from handlers.views import modals, tier_table
from handlers.views import tier_setup as view
from handlers.views.parts.responses import errors_at, replaced_by
from handlers.views.parts.surfaces import modal
from tiercore.access import SlackUser
from tiercore.approvals.types import NewProposal, Part, Shown
from tiercore.facts.entries import Role
from tiercore.people.types import InvalidChange, NotAllowed
from tiercore.program.entered import TableChange
from tiercore.program.pasted import read_table
from tiercore.program.pasted_cells import Thousands
from tiercore.program.table_check import check, is_current

WORD = "setup"
ALONE_AFTER = timedelta(hours=24)
KINDS = frozenset({view.CHECK, view.PROPOSE})
_EARLIEST, _LATEST = date(2000, 1, 1), date(2100, 12, 31)


async def form(context: Context, viewer: SlackUser) -> Body:
    """The form, for an admin; for anyone else, why not."""
    try:
        await _require_admin(context, viewer)
        waiting = await context.services.approvals.open_for(viewer, tier_table.KIND)
        return view.form(context.answers.program, context.today(), waiting)
    except EXPECTED as error:
        return modals.notice(view.TITLE, refusal(error, TypedCommand("tier"), viewer).text)


async def history(context: Context, viewer: SlackUser) -> Body:
    """Every figure that was entered, for an admin."""
    try:
        await _require_admin(context, viewer)
        return view.history(context.answers.program.entered)
    except EXPECTED as error:
        return modals.notice("History", refusal(error, TypedCommand("tier"), viewer).text)


# The windows, by the word that opens each: a button's action or what follows /tier.
WINDOWS: dict[str, tuple[str, Callable[[Context, SlackUser], Awaitable[Body]]]] = {
    WORD: (view.TITLE, form),
    view.HISTORY: ("History", history),
}


async def submit(context: Context, viewer: SlackUser, submitted: Body) -> Body:
    """The response to a submitted form: what is wrong with it, what was understood, or what was proposed."""
    try:
        await _require_admin(context, viewer)
        if submitted.get("callback_id") == view.PROPOSE:
            return replaced_by(await _propose(context, viewer, submitted))
        return await asyncio.to_thread(_checked, context, submitted)
    except EXPECTED as error:
        return replaced_by(modals.notice(view.TITLE, refusal(error, TypedCommand("tier"), viewer).text))


def _checked(context: Context, submitted: Body) -> Body:
    text, source = field_of(submitted, view.TABLE), field_of(submitted, view.SOURCE).strip()
    day = _day(field_of(submitted, view.VALID_FROM))
    if day is None:
        return errors_at({view.VALID_FROM: "Choose a day from 2000 to 2100."})
    if not source:
        return errors_at({view.SOURCE: "Say where the table is from."})
    chosen = field_of(submitted, view.NUMBERS)
    thousands: Thousands | None = "," if chosen == "," else "." if chosen == "." else None
    program = context.answers.program
    tiers = [tier.name for tier in program.on(day).tiers]
    found = check(read_table(text, tiers, thousands), program, day, source, context.today())
    if found.problems:
        return view.errors(found.problems)
    if not view.fits(found.change):
        return errors_at({view.TABLE: "That's more than one window can hold: paste a part of the table at a time."})
    return replaced_by(view.checked(found))


async def _propose(context: Context, viewer: SlackUser, submitted: Body) -> Body:
    change = _change(submitted)
    if not is_current(change, context.answers.program):
        raise InvalidChange("The table has been changed meanwhile. Type /tier setup and check yours again.")
    new = NewProposal(tier_table.KIND, change.payload)
    proposal = await context.services.approvals.propose(new, viewer, alone_after=ALONE_AFTER)
    shown = await context.services.approvals.shown_to(viewer, proposal.proposal_id)
    return modal(view.TITLE, view.proposed(shown or Shown(proposal, Part.PROPOSER)).blocks)


def _change(submitted: Body) -> TableChange:
    """The change that the window kept. Raises InvalidChange for anything else."""
    try:
        return TableChange.read(json.loads(str(submitted.get("private_metadata"))))
    except (ValueError, TypeError, KeyError) as error:
        raise InvalidChange("This window is out of date. Type /tier setup again.") from error


async def _require_admin(context: Context, viewer: SlackUser) -> None:
    """Raises NotAllowed for anyone but an admin, NotLinked for a stranger."""
    if Role.ADMIN not in (await context.answers.reach(viewer)).roles:
        raise NotAllowed("Only an admin can set the tier table.")


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if _EARLIEST <= found <= _LATEST else None
