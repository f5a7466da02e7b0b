"""`/tier add sale`, `end agreement`, `record certification` …: entries typed in a window (data#typed)."""

from handlers.context import Context, Subcommand
from handlers.parsing.words import words_of
from handlers.question import InvalidInput
from handlers.views import entries as view
from handlers.views import matches
from handlers.views.parts.blocks import Message
from tiercore.access import SlackUser, plain
from tiercore.facts.entries import Role
from tiercore.facts.typed import Decision
from tiercore.typed.types import Kind

_WINDOWS = {
    ("add", "sale"): Kind.SALE,
    ("add", "deal"): Kind.DEAL,
    ("add", "client"): Kind.CLIENT,
    ("add", "agreement"): Kind.AGREEMENT,
    ("add", "level"): Kind.LEVEL,
    ("add", "partner"): Kind.PARTNER,
    ("add", "person"): Kind.PERSON,
    ("add", "certification"): Kind.CERTIFICATION,
    ("end", "agreement"): Kind.AGREEMENT_END,
    ("record", "certification"): Kind.CERTIFICATION,
    ("record", "tier"): Kind.TIER,
}
_ADDED = "sale, deal, client, agreement or level"
_ADDED_BY_ADMINS = "sale, deal, client, agreement, level, partner or person"


def as_window(text: str) -> Kind | None:
    """The window that the text after `/tier` opens; None where it opens none."""
    words = words_of(text)
    if len(words) != 2 or any(word.quoted for word in words):
        return None
    first, second = (plain(word.text) for word in words)
    return _WINDOWS.get((first, second)) or _WINDOWS.get((first, second.removesuffix("s")))


async def _add(context: Context, viewer: SlackUser, text: str) -> Message:
    """`add` alone: what can be added, and the viewer's own entries."""
    is_admin = Role.ADMIN in (await context.answers.reach(viewer)).roles
    if text:
        added = _ADDED_BY_ADMINS if is_admin else _ADDED
        raise InvalidInput(f"I can't add “{text[:60]}”. Type /tier add {added}, or /tier add for your entries.")
    return view.own_entries(await context.services.typed.entries(viewer), is_admin=is_admin)


async def _end(_context: Context, _viewer: SlackUser, _text: str) -> Message:
    raise InvalidInput("What ends? Type /tier end agreement.")


async def _record(_context: Context, _viewer: SlackUser, _text: str) -> Message:
    raise InvalidInput("What shall I record? Type /tier record certification, or /tier record tier.")


def _decide(decision: Decision) -> Subcommand:
    async def handler(context: Context, viewer: SlackUser, match_id: str) -> Message:
        asked = await context.services.typed.decide(viewer, match_id, decision, context.today())
        return matches.decided(asked, decision.value)

    return Subcommand(f"typed_{decision.value}", "", "", handler)


ENTRY_SUBCOMMANDS: dict[str, Subcommand] = {
    each.word: each
    for each in (
        Subcommand(
            "add",
            f"add {_ADDED}",
            "type an entry, or see and edit yours (admins also: add partner, add person)",
            _add,
            for_partners="type an entry, or see and edit yours; your CAM confirms it",
        ),
        Subcommand("end", "end agreement", "say on which day an agreement ends", _end),
        Subcommand("record", "record certification", "type a certification and its days", _record),
    )
}
MATCH_DECISIONS = {each.word: each.handler for each in map(_decide, Decision)}
