"""The Home tab: a dashboard made of the same blocks as the commands' answers."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.choices import FORM
from handlers.views.parts.controls import without_tabs
from handlers.views.parts.partner_menu import partner_menu
from tiercore.access import PartnerName

HOME, PORTFOLIO, INVITE_PARTNER = "home", "portfolio", "invite_partner"
_MAX_TEXT = 1_000
TABS = {
    "performance": ("Tier performance", ("tier", "recalibration")),
    "points": ("Points breakdown", ("progress", "clients")),
    "insights": ("Tier insights", ("gap", "expiring")),
}
_NOTIFICATIONS = f"{FORM}:digest"
FOOTING = "footing"
_NEXT = "Next recalibration"


@dataclass(frozen=True, slots=True)
class HomeState:
    """What a user's Home tab shows: a tab, a partner where they look after several, and the `text` that they chose for
    one of the tab's questions, `word`.
    """

    tab: str = "performance"
    partner_id: str | None = None
    word: str = ""
    text: str = ""

    def as_text(self) -> str:
        """The state as a button's value. It grants no access to the partner."""
        parts = [self.tab, self.partner_id, *((self.word, self.text) if self.word else ())]
        return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))

    def text_for(self, word: str) -> str:
        """The text to ask one of the tab's questions with."""
        return self.text if word == self.word else ""

    def with_choice(self, word: str, text: str, partner_id: str | None) -> "HomeState | None":
        """The state after a choice in one of the tab's answers, like its order or page, or in the portfolio, which is
        shown until a partner is chosen; None for another question.
        """
        is_shown = word in TABS[self.tab][1] or (word == PORTFOLIO and not partner_id and self.partner_id is None)
        if not is_shown or len(text) > _MAX_TEXT:
            return None
        return HomeState(self.tab, partner_id or self.partner_id, word, text)


def read_state(text: object) -> HomeState:
    """The state in a button's value or in stored text; the first tab for any other text."""
    try:
        match json.loads(text) if isinstance(text, str) else None:
            case [str(tab), (str() | None) as partner_id] if tab in TABS:
                return HomeState(tab, partner_id)
            case [str(tab), (str() | None) as partner_id, str(word), str(chosen)] if tab in TABS:
                return HomeState(tab, partner_id).with_choice(word, chosen, partner_id) or HomeState(tab, partner_id)
    except (ValueError, RecursionError):
        pass
    return HomeState()


def home(
    state: HomeState,
    partners: Sequence[PartnerName],
    answers: Sequence[Message],
    *,
    first: bool,
    of_partner: bool,
    invites: str | None = None,
) -> Message:
    """The dashboard: a choice of partner and tab, the tab's answers, and further actions.

    `of_partner` says whether its reader belongs to a partner, and so has a CAM or CC to contact; `invites` is the ID of
    a partner that its reader may invite to install the app.
    """
    label = TABS[state.tab][0]
    parts = [block for answer in answers for block in (*_body(answer), {"type": "divider"})]
    footings = [block for answer in answers for block in answer.blocks if block.get("block_id") == "footing"][:1]
    more = _more(contact=of_partner, notifications=not _offers_notifications(parts), invites=invites)
    head = [*(_welcome() if first else []), *_picker(state, partners), _tabs(state)] if partners else []
    page = [*head, *_told_once(parts), *footings, more]
    charts = tuple(chart for answer in answers for chart in answer.charts)
    return Message(label, page, charts)


def _body(answer: Message) -> list[Block]:
    """An answer without the blocks that the page shows once for all of them."""
    return [block for block in without_tabs(answer.blocks) if block.get("block_id") != FOOTING]


def _told_once(parts: Sequence[Block]) -> Iterator[Block]:
    """The blocks, without the same verdict twice: where the tier has told it, the recalibration is only named."""
    told = ""
    for part in parts:
        said = part["text"]["text"] if part["type"] == "header" else ""
        yield blocks.header(_NEXT) if said and told.endswith(said) else part
        told = said or told


def _welcome() -> list[Block]:
    welcome = "Welcome to your tier dashboard."
    more = " /tier, /gap and /expiring show the same in any channel, and only you see the answers."
    return [blocks.rich(blocks.line(blocks.bold(welcome), blocks.span(more)))]


def _picker(state: HomeState, partners: Sequence[PartnerName]) -> list[Block]:
    """The choice of a partner, and the way back to all of them."""
    if len(partners) < 2:
        return []
    every = blocks.button("All partners", f"{HOME}:all", HomeState(state.tab).as_text())
    shown = next((each for each in partners if each.partner_id == state.partner_id), None) if state.partner_id else None
    menu = partner_menu("Choose a partner", HOME, (state.tab,), partners, partial(chosen_in, state.tab), shown)
    return [blocks.actions(menu, *([every] if state.partner_id else []))]


def chosen_in(tab: str, partner_id: str) -> str:
    """What Home shows once a partner is chosen in a tab, as a menu's value."""
    return HomeState(tab, partner_id).as_text()


def _tabs(state: HomeState) -> Block:
    return blocks.actions(
        *(
            blocks.button(label, f"{HOME}:{tab}", HomeState(tab, state.partner_id).as_text(), primary=tab == state.tab)
            for tab, (label, _) in TABS.items()
        )
    )


def _offers_notifications(parts: Sequence[Block]) -> bool:
    """Whether an answer on the page has the button for notifications already."""
    elements = (each for part in parts for each in part.get("elements", ()))
    return any(each.get("action_id") == _NOTIFICATIONS for each in elements)


def _more(*, contact: bool, notifications: bool, invites: str | None) -> Block:
    return blocks.actions(
        blocks.button("What's new", f"{FORM}:news", "news"),
        blocks.button("Send feedback", f"{FORM}:feedback", "feedback"),
        *([blocks.button("Contact my CAM or CC", f"{FORM}:contact", "contact")] if contact else []),
        *([blocks.button("Notifications", _NOTIFICATIONS, "digest")] if notifications else []),
        *([blocks.button("Invite this partner", f"{FORM}:{INVITE_PARTNER}", invites)] if invites else []),
    )


def choose_first(partners: Sequence[PartnerName]) -> Message:
    """For someone who looks after several partners and has chosen none yet."""
    said = f"You have {len(partners):,} partners. Choose one above to see its dashboard."
    return Message(said, [blocks.rich(blocks.line(blocks.bold(said)))])


def as_view(page: list[Block], state: HomeState) -> dict[str, Any]:
    """The page as the payload of views.publish."""
    return {"type": "home", "private_metadata": state.as_text(), "blocks": page}
