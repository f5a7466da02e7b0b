"""The window to try a what-if: opened with the steps of a button, and answered in place."""

from collections.abc import Iterator
from typing import Any

from handlers.context import Context
from handlers.parsing.scenarios import scenario_in
from handlers.parsing.words import LIMITS, is_short, words_of
from handlers.payload import chosen_value, view_of
from handlers.presenter import Presenter
from handlers.question import InvalidInput
from handlers.responder import Responder
from handlers.typed_command import TypedCommand
from handlers.views import whatif_form as form
from handlers.views.modals import notice
from handlers.views.parts.choices import WHAT_IF, read_value
from handlers.views.parts.responses import errors_at, replaced_by
from handlers.views.parts.surfaces import skeleton
from handlers.views.whatif_form import StepFields
from tiercore.access import SlackUser
from tiercore.program import Catalogue
from tiercore.scenarios.naming import line_and_client
from tiercore.scenarios.wishes import Asked, WishKind

Body = dict[str, Any]
OPENED = frozenset({WHAT_IF, form.MORE})
_ERROR_LIMIT = 150


class WhatIfWindow:
    """Opens the window, adds steps to it, and shows the answer in it. It grants nothing: the answer's way does."""

    def __init__(self, context: Context, presenter: Presenter, responder: Responder) -> None:
        self._context, self._presenter, self._responder = context, presenter, responder

    async def open(self, kind: str, body: Body) -> None:
        """Open the window with the steps that the button has, or add a step to it."""
        if kind == form.MORE:
            await self._add_step(body)
            return
        chosen = read_value(chosen_value(body))
        _, words, partner_id = chosen or (WHAT_IF, "", None)
        shown = form.form(self._steps(words), partner_id or "")
        await self._presenter.open_view(shown, body, push=(view_of(body) or {}).get("type") == "modal")

    async def submit(self, submitted: Body) -> tuple[Body, TypedCommand | None]:
        """The response to the submitted window, and the command that it asks; None where a field can't be used."""
        found = form.read(submitted)
        if found is None:
            return replaced_by(notice(form.TITLE, "This window is out of date. Open it again.")), None
        partner_id, steps = found
        if errors := {column: why for at, step in enumerate(steps) for column, why in self._wrong(at, step)}:
            return errors_at(errors), None
        text = "; ".join(each.typed for each in steps)
        if not is_short(text):
            last = form.field(form.KIND, len(steps) - 1)
            return errors_at({last: f"Together the steps are too long. {LIMITS}"}), None
        return replaced_by(skeleton(form.TITLE)), TypedCommand(WHAT_IF, text, partner_id or None)

    def _wrong(self, at: int, step: StepFields) -> Iterator[tuple[str, str]]:
        """The fields of a step that can't be used, each with why."""
        if WishKind(step.kind).takes_client and not step.client:
            yield form.field(form.CLIENT, at), "Type the client's name."
        read = scenario_in(words_of(step.typed), self._context.today())
        if isinstance(read, InvalidInput):
            wrong = form.DAY if step.day and "day" in str(read) else form.MRR
            yield form.field(wrong, at), str(read)[:_ERROR_LIMIT]

    async def show(self, command: TypedCommand, viewer: SlackUser, view_id: str) -> None:
        """Show the answer in the window."""
        await self._presenter.fill_modal(self._responder.reply(command, viewer), form.TITLE, view_id)

    async def _add_step(self, body: Body) -> None:
        view = view_of(body) or {}
        found = form.read(view)
        if found:
            partner_id, steps = found
            shown = form.form([*steps, StepFields()][: form.MAX_STEPS], partner_id)
            await self._presenter.gateway.update_view(str(view.get("id")), shown)

    def _steps(self, words: str) -> list[StepFields]:
        """The steps that the words describe, or an empty one."""
        found = scenario_in(words_of(words), self._context.today()) if words else None
        if found is None or isinstance(found, InvalidInput):
            return [StepFields()]
        catalogue = self._context.answers.program.catalogue
        return [fields_of(each, catalogue) for each in found.asked][: form.MAX_STEPS]


def fields_of(asked: Asked, catalogue: Catalogue) -> StepFields:
    """The step as the window's fields have it: typed again, it says the same."""
    wish, named = asked.wish, line_and_client(asked.words, catalogue)
    line, client = named[-1] if named else (None, "")
    day, also = wish.starts_on or wish.day, {form.NEW: asked.is_new, form.BEGINS: wish.starts_on is not None}
    return StepFields(
        wish.kind.value,
        client,
        line or "",
        _amount(asked),
        wish.motion.value if wish.motion else "",
        wish.deal_type.value if wish.deal_type else "",
        day.isoformat() if day else "",
        frozenset(key for key, is_so in also.items() if is_so),
    )


def _amount(asked: Asked) -> str:
    """The amount as it would be typed, with its currency if one was named."""
    hundredths, currency = asked.wish.hundredths, asked.wish.currency
    if hundredths is None:
        return ""
    whole, rest = divmod(hundredths, 100)
    return f"{whole}{f'.{rest:02d}' if rest else ''}{f' {currency}' if currency else ''}"
