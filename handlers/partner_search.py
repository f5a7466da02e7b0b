"""The search for a partner in a menu: Slack asks for the options while somebody types (slack#menus)."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from handlers.payload import Body, action_id_of, viewer_of
from handlers.views.entry_fields import PARTNER
from handlers.views.home import HOME, TABS, chosen_in
from handlers.views.parts.choices import ACTION, value
from handlers.views.parts.partner_menu import FEW, options, searched
from tiercore.access import MANY, NotLinked

if TYPE_CHECKING:
    from tiercore.answers import Answers


async def partner_options(answers: "Answers", body: Body) -> list[Body] | None:
    """The partners that the viewer may see and whose names contain what was typed; None for a search of other things.

    What the menu is about comes from the payload and grants nothing: only the viewer's own partners are offered.
    """
    as_value = _as_value(str(body.get("action_id") or action_id_of(body)))
    if as_value is None:
        return None
    try:
        reach = await answers.reach(viewer_of(body))
    except NotLinked:
        return []
    text = str(body.get("value") or "")
    if len(reach.partners) <= MANY:
        return options(reach.index.starting(text, FEW), as_value)
    return options(await asyncio.to_thread(reach.index.starting, text, FEW), as_value)


def _as_value(action_id: str) -> Callable[[str], str] | None:
    """What the option of a partner carries in the search with this action_id; None for other searches."""
    if action_id == PARTNER:
        return str
    match searched(action_id, ACTION), searched(action_id, HOME):
        case [[word, words], None]:
            return partial(value, word, words)
        case [None, [tab]] if tab in TABS:
            return partial(chosen_in, tab)
    return None
