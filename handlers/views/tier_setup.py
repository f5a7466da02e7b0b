"""The window in which an admin pastes the program's tier table: the form, what was understood, what was proposed."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from handlers.views import proposals
from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.choices import FORM
from handlers.views.parts.described import nobody_asked
from handlers.views.parts.formats import day, moment, name, sentences, tier
from handlers.views.parts.responses import errors_at
from handlers.views.parts.surfaces import modal
from handlers.views.tier_table import shown_value
from tiercore.approvals.types import Shown
from tiercore.facts.unknown import Unknown
from tiercore.program import Entered, Program
from tiercore.program.entered import FIGURES, FigureChange, TableChange, overruled_from, path_of
from tiercore.program.table_check import Checked

TITLE, CHECK, PROPOSE, HISTORY = "Tier table", "setup-check", "setup-propose", "setup-history"
TABLE, VALID_FROM, SOURCE, NUMBERS = "table", "valid_from", "source", "numbers"
LONGEST_TABLE, LONGEST_SOURCE, MOST_ENTRIES, MOST_WAITING = 3_000, 200, 60, 3
_LONGEST_METADATA, _LONGEST_ERROR = 3_000, 1_000
_EXAMPLE = "Tier    Sourced    Managed    Total\nGold    90    60    300"
_SEPARATORS = (("Ask me where a number is unclear", "ask"), ("1,234.5", ","), ("1.234,5", "."))


def form(program: Program, today: date, waiting: Sequence[Shown]) -> dict[str, Any]:
    """What is set now, the tables that wait for a decision, and fields for another: its first day and its source."""
    fields = [
        _input("The table", TABLE, _text(TABLE, LONGEST_TABLE, multiline=True), "Paste or type it, headings included."),
        _input("Valid from", VALID_FROM, _datepicker(today), "The first day on which these figures hold."),
        _input("Source", SOURCE, _text(SOURCE, LONGEST_SOURCE), "Where you read it, such as the partner portal."),
        _input("Numbers", NUMBERS, _numbers(), "How the table writes a thousand and decimals."),
    ]
    rules = program.on(today)
    now = [
        FigureChange(each.name, figure, program.provenance(path_of(each.name, figure), today).text, "")
        for each in rules.tiers
        for figure in FIGURES
        if not isinstance(program.provenance(path_of(each.name, figure), today).value, Unknown)
    ]
    shown: list[Block] = [blocks.rich(blocks.line(blocks.bold(f"Set now, {day(today)}")))]
    shown.append(_columns(("Tier", "Figure", "Value"), [_row(each)[:3] for each in now]) if now else _nothing_set())
    shown.append(blocks.actions(blocks.button("History", f"{FORM}:{HISTORY}", HISTORY)))
    for each in waiting[:MOST_WAITING]:
        shown += [{"type": "divider"}, *proposals.card(each).blocks]
    if any(overruled_from(each) for each in program.base.parameters):
        shown.append(blocks.context("The operator's table (TIERBOT_PROGRAM) wins over what is entered here."))
    return {**modal(TITLE, [*shown, *fields]), "callback_id": CHECK, "submit": blocks.plain("Check")}


def errors(problems: Sequence[str]) -> dict[str, Any]:
    """The response that shows what keeps the table from being used, at its field."""
    return errors_at({TABLE: blocks.clip(" ".join(sentences(problems)), _LONGEST_ERROR)})


def checked(found: Checked) -> dict[str, Any]:
    """What was understood, beside what is set, with the remarks; submitting it proposes the change."""
    change = found.change
    rows = [_row(each) for each in found.figures]
    parts: list[Block] = [
        blocks.rich(blocks.line(blocks.bold(f"This is what I understood, from {day(change.valid_from)} on:"))),
        _columns(("Tier", "Figure", "New", "Now"), rows),
    ]
    if found.warnings:
        warned = [blocks.line(blocks.span(each)) for each in sentences(found.warnings)]
        parts.append(blocks.rich(blocks.line(blocks.bold("⚠️ Please check")), blocks.bullets(warned)))
    else:
        parts.append(blocks.rich(blocks.line(blocks.span("Nothing looks odd: totals cover the minimums and rise."))))
    parts.append(blocks.context(*sentences(found.notes), f"Source: {name(change.source, LONGEST_SOURCE)}"))
    note = (
        "Nothing has changed yet. Propose it, and another admin approves it in a direct message. If you're the only "
        "admin, it applies after 24 hours."
    )
    parts.append(blocks.rich(blocks.line(blocks.span(note))))
    view = {**modal(TITLE, parts), "callback_id": PROPOSE, "submit": blocks.plain("Propose")}
    return {**view, "close": blocks.plain("Cancel"), "private_metadata": metadata(change)}


def fits(change: TableChange) -> bool:
    """Whether the window can keep the change until it is proposed."""
    return len(metadata(change)) <= _LONGEST_METADATA


def metadata(change: TableChange) -> str:
    """The change as the window keeps it."""
    return json.dumps(change.payload, ensure_ascii=False, separators=(",", ":"))


def proposed(shown: Shown) -> Message:
    """After proposing: who decides, or when it applies by itself."""
    proposal = shown.proposal
    if proposal.alone_at is not None:
        what = f"You're the only admin, so this applies on its own on {moment(proposal.alone_at)}."
        next_step = "Withdraw it before then on its card, in our direct message."
    elif not shown.is_anybody_asked:
        what, next_step = "Proposed.", nobody_asked(shown)
    else:
        what, next_step = "Proposed. Another admin has to approve it.", "I'll message you when they decide."
    line = blocks.line(blocks.bold(what), blocks.span(f" {next_step}"))
    return Message(f"{what} {next_step}", [blocks.rich(line)])


def history(entered: Sequence[Entered]) -> dict[str, Any]:
    """Every figure that was entered, newest first, with its source and who entered and approved it."""
    if not entered:
        text = blocks.span("Nothing has been entered yet: all figures are the shipped ones, or TIERBOT_PROGRAM's.")
        return modal("History", [blocks.rich(blocks.line(text))])
    latest = list(reversed(entered))
    lines = [_entry(each) for each in latest[:MOST_ENTRIES]]
    parts: list[Block] = [blocks.rich(blocks.bullets(lines))]
    if len(latest) > MOST_ENTRIES:
        parts.append(blocks.context(f"{len(latest) - MOST_ENTRIES} older entries: tierbot rules shows what holds."))
    return modal("History", parts)


def _entry(each: Entered) -> Block:
    until = f" until {day(each.valid_until)}" if each.valid_until and not each.is_replaced else ""
    ends = " (replaced)" if each.is_replaced else ""
    what = f"{tier(each.tier)} {FIGURES[each.figure]}: {shown_value(each.figure, each.value)}"
    when = f" from {day(each.valid_from)}{until}{ends}. Source: {name(each.source, 100)}. "
    entry = each.entry
    who = f"Entered by {name(entry.entered_by)} on {day(entry.entered_at.date())}"
    approved = f", approved by {name(entry.approved_by)} on {day(entry.approved_at.date())}."
    return blocks.line(blocks.bold(what), blocks.span(when + who + approved))


def _row(each: FigureChange) -> tuple[str, str, str, str]:
    new, before = shown_value(each.figure, each.value), shown_value(each.figure, each.before)
    return tier(each.tier), FIGURES[each.figure], new, before


def _nothing_set() -> Block:
    return blocks.rich(blocks.line(blocks.span("No figure of the points model is set.")))


def _columns(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Block:
    """A table in aligned columns, which every surface shows."""
    table = [head, *rows]
    widths = [max(len(row[at]) for row in table) for at in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
    return blocks.rich({"type": "rich_text_preformatted", "elements": [blocks.span("\n".join(lines))]})


def _input(label: str, block_id: str, element: dict[str, Any], hint: str) -> Block:
    found = {"type": "input", "block_id": block_id, "label": blocks.plain(label), "element": element}
    return {**found, "hint": blocks.plain(hint)}


def _text(action_id: str, limit: int, *, multiline: bool = False) -> dict[str, Any]:
    element: dict[str, Any] = {"type": "plain_text_input", "action_id": action_id, "max_length": limit}
    return {**element, "multiline": multiline, **({"placeholder": blocks.plain(_EXAMPLE, 150)} if multiline else {})}


def _datepicker(today: date) -> dict[str, Any]:
    return {"type": "datepicker", "action_id": VALID_FROM, "initial_date": today.isoformat()}


def _numbers() -> dict[str, Any]:
    return blocks.select("How numbers are written", NUMBERS, _SEPARATORS, "ask")
