"""The window in which people try a what-if: a group of fields for each step, and what was chosen read back."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block
from handlers.views.parts.choices import FORM, WHAT_IF
from handlers.views.parts.submitted import entered, ticked
from handlers.views.parts.surfaces import modal
from tiercore.facts.entries import DealType, Motion
from tiercore.scenarios.wishes import WishKind

TITLE = "What if"
MORE = "whatif-more"
MAX_STEPS = 10
KIND, CLIENT, LINE, MRR, MOTION, DEAL, DAY = "kind", "client", "line", "mrr", "motion", "deal", "day"
ALSO, NEW, BEGINS = "also", "new", "begins"
DEALS = (DealType.NET_NEW, DealType.CROSS_SELL, DealType.UPSELL, DealType.RENEWAL)
_NAMES = {
    WishKind.SELL: "Sell",
    WishKind.LOSE: "Lose a client or a line",
    WishKind.DOWNGRADE: "Downgrade a line to …",
    WishKind.UPGRADE: "Upgrade a line to …",
    WishKind.END: "End the agreement",
    WishKind.EXTEND: "Extend the agreement",
    WishKind.RENEW: "Renew the certification",
}
_LONGEST_NAME, _LONGEST_AMOUNT = 100, 30


@dataclass(frozen=True, slots=True)
class StepFields:
    """One step as it is typed: a kind of WishKind, names, an amount with its currency, a motion, a kind of deal, and an
    ISO day. `also` has NEW where the client is said to be new, and BEGINS where a renewal begins on the day.
    """

    kind: str = WishKind.SELL.value
    client: str = ""
    line: str = ""
    mrr: str = ""
    motion: str = ""
    deal: str = ""
    day: str = ""
    also: frozenset[str] = frozenset()

    @property
    def typed(self) -> str:
        """The step as it would be typed after /whatif."""
        kind = WishKind(self.kind)
        amount = [self.mrr] if kind.takes_amount and self.mrr else []
        sale = [self.motion, self.deal.replace("_", " ")] if kind in (WishKind.SELL, WishKind.UPGRADE) else []
        line = [f'"{self.line}"'] if self.line else []
        new = ["new client"] if NEW in self.also and kind is WishKind.SELL else []
        client = [*new, f'"{self.client}"'] if self.client else []
        names = [*line, *client] if kind is not WishKind.RENEW else []
        day = [self._preposition(kind), self.day] if self.day else []
        return " ".join(filter(None, [kind.value, *amount, *sale, *names, *day]))

    def _preposition(self, kind: WishKind) -> str:
        if kind is WishKind.RENEW and BEGINS in self.also:
            return "by"
        return "until" if kind in (WishKind.EXTEND, WishKind.RENEW) else "on"


def form(steps: Sequence[StepFields], partner_id: str) -> dict[str, Any]:
    """The window with a group of fields for each step."""
    groups = [block for at, each in enumerate(steps) for block in _group(at, each, len(steps))]
    more = blocks.button("Add another step", f"{FORM}:{MORE}", MORE)
    view = modal(TITLE, [blocks.context("Nothing is stored."), *groups])
    if len(steps) < MAX_STEPS:
        view["blocks"].append(blocks.actions(more))
    state = json.dumps([partner_id, len(steps)])
    return {**view, "callback_id": WHAT_IF, "submit": blocks.plain("Show"), "private_metadata": state}


def read(view: Mapping[str, Any]) -> tuple[str, list[StepFields]] | None:
    """The partner and the steps of the window; None for another one's state."""
    try:
        match json.loads(str(view.get("private_metadata"))):
            case [str(partner_id), int(count)] if 0 < count <= MAX_STEPS:
                return partner_id, [_step(view, at) for at in range(count)]
    except (ValueError, RecursionError):
        return None
    return None


def field(column: str, at: int) -> str:
    """The block of a step's field."""
    return f"{column}_{at}"


def _group(at: int, step: StepFields, count: int) -> list[Block]:
    number = f" {at + 1}" if count > 1 else ""
    kinds = [(text, kind.value) for kind, text in _NAMES.items()]
    motions = [(each.value.capitalize(), each.value) for each in Motion]
    deals = [(each.value.replace("_", " ").capitalize(), each.value) for each in DEALS]
    return [
        *([{"type": "divider"}] if at else []),
        _input(KIND, at, f"What happens{number}", blocks.select("Choose", KIND, kinds, step.kind), optional=False),
        _input(CLIENT, at, "Client", _text(CLIENT, step.client), "Its name or a part of it. Empty: a new client"),
        _input(LINE, at, "Product line", _text(LINE, step.line), "Such as Marketing Hub. Empty: the only one it has"),
        _input(
            *(MRR, at, "MRR", _text(MRR, step.mrr, _LONGEST_AMOUNT)),
            "For a sale what it adds a month, for an upgrade or downgrade what is paid then. Such as 7,500 or €500",
        ),
        _input(MOTION, at, "Motion of a sale", blocks.select("Sourced", MOTION, motions, step.motion or None)),
        _input(DEAL, at, "Kind of sale", blocks.select("As the client's lines say", DEAL, deals, step.deal or None)),
        _input(DAY, at, "Day", _day(step.day), "Of an agreement or certification its last day. Empty: today"),
        _input(ALSO, at, "What else is known", _boxes(step.also)),
    ]


def _input(
    column: str, at: int, label: str, element: dict[str, Any], hint: str = "", *, optional: bool = True
) -> Block:
    found: Block = {
        "type": "input",
        "block_id": field(column, at),
        "label": blocks.plain(label),
        "element": element,
        "optional": optional,
    }
    return {**found, "hint": blocks.plain(hint)} if hint else found


def _text(column: str, now: str, limit: int = _LONGEST_NAME) -> dict[str, Any]:
    initial = {"initial_value": now[:limit]} if now else {}
    return {"type": "plain_text_input", "action_id": column, "max_length": limit, **initial}


def _boxes(ticked_: frozenset[str]) -> dict[str, Any]:
    texts = {NEW: "The client is new", BEGINS: "The certification is renewed on the day, not valid until then"}
    options = {key: {"text": blocks.plain(text), "value": key} for key, text in texts.items()}
    initial = [options[each] for each in options if each in ticked_]
    found = {"type": "checkboxes", "action_id": ALSO, "options": list(options.values())}
    return {**found, "initial_options": initial} if initial else found


def _day(now: str) -> dict[str, Any]:
    return {"type": "datepicker", "action_id": DAY, **({"initial_date": now} if _is_day(now) else {})}


def _is_day(text: str) -> bool:
    try:
        return bool(text) and date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _step(view: Mapping[str, Any], at: int) -> StepFields:
    kind = entered(view, field(KIND, at), KIND)
    day = entered(view, field(DAY, at), DAY)
    return StepFields(
        kind if kind in set(WishKind) else WishKind.SELL.value,
        _name(entered(view, field(CLIENT, at), CLIENT)),
        _name(entered(view, field(LINE, at), LINE)),
        entered(view, field(MRR, at), MRR)[:_LONGEST_AMOUNT],
        motion if (motion := entered(view, field(MOTION, at), MOTION)) in set(Motion) else "",
        deal if (deal := entered(view, field(DEAL, at), DEAL)) in DEALS else "",
        day if _is_day(day) else "",
        ticked(view, field(ALSO, at), ALSO) & {NEW, BEGINS},
    )


def _name(text: str) -> str:
    """A name that can be put in quotes."""
    return text[:_LONGEST_NAME].translate(str.maketrans("", "", '"“”„«»')).strip()
