"""The CSV button of a portfolio: all its rows as a file, in a direct message to the person who pressed it."""

import asyncio
from typing import TYPE_CHECKING

from handlers.commands import portfolio
from handlers.context import Context, Handler
from handlers.gateway import SlackRefused
from handlers.parsing.portfolio import as_request
from handlers.parsing.words import require_short, words_of
from handlers.views.answers.partner_list import CSV, LABELS
from handlers.views.partner_csv import csv_of
from handlers.views.parts.blocks import Message
from handlers.views.parts.formats import count, day
from handlers.views.replies import plain_reply

if TYPE_CHECKING:
    from tiercore.access import SlackUser


async def send(context: Context, viewer: "SlackUser", value: str) -> Message:
    """Send the rows that the button's words ask for, within what the person may see now, from today's data."""
    require_short(value)
    reach, today = await context.answers.reach(viewer), context.today()
    portfolio.require_several(reach)
    typed = as_request(words_of(value), context.answers.program.tier_names)
    request = await portfolio.resolved(context.answers, reach, typed)
    page = await context.answers.reports.states(reach, today, request.of, request.by)
    rows, name = await asyncio.to_thread(csv_of, page), f"portfolio-{today.isoformat()}.csv"
    what = f"{LABELS[page.of.show]}: {count(page.total, 'partner')}, as of {day(today)}"
    try:
        await context.gateway.send_file(viewer.user_id, name, rows, what)
    except SlackRefused as error:
        how = "Try again in a minute. If it keeps happening, tell your admin: tierbot doctor says what is missing."
        return plain_reply("Slack didn't take the file.", f"{how} ({error.word})")
    return plain_reply(f"I've sent you {name} in a direct message.", f"{what}. Only you can see it.")


PORTFOLIO_CLICKS: dict[str, Handler] = {CSV: send}
STAYING = frozenset(PORTFOLIO_CLICKS)  # buttons whose message stays as it is, even where only its viewer sees it
