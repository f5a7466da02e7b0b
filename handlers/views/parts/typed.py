"""Who typed a fact in Slack, as a mark beside it (data#typed)."""

from collections.abc import Iterable, Mapping
from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.formats import day, name
from tiercore.facts.typed import TypedMark

ENTRY = "entry"  # what the actions about typed entries begin with
OF_CLIENT = f"{ENTRY}:client"


def mark(typed: Mapping[str, TypedMark], id_: str) -> str:
    """ "typed by Carla on 5 Sep 2022"; empty for what nobody typed."""
    found = typed.get(id_)
    return f"typed by {name(found.by, 40)} on {day(found.on)}" if found else ""


def typed_entries(typed: Mapping[str, TypedMark], shown: Iterable[str], client_id: str) -> list[dict[str, Any]]:
    """A button that lists what was typed about the client, to be edited or withdrawn by who may; none where no entry
    `shown` was typed.
    """
    if typed.keys().isdisjoint(shown):
        return []
    return [blocks.button("Typed entries", OF_CLIENT, client_id)]


def record(typed: Mapping[str, TypedMark], id_: str) -> dict[str, Any]:
    """The mark as a part of a JSON object; nothing for what nobody typed."""
    found = typed.get(id_)
    return {"typed": {"by": found.by, "on": found.on.isoformat()}} if found else {}
