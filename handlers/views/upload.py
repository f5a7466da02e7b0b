"""Dropped files: what importing them would do, with buttons, and what has been done."""

from collections.abc import Iterator, Sequence

from handlers.views.account import change_button
from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.formats import count, listed, name, spoken
from handlers.views.parts.hindsight import span_text
from handlers.views.replies import plain_reply
from tiercore.uploads.types import KEPT_HOURS, BadCell, FileCount, Outcome

IMPORT, DISCARD = "import_upload", "discard_upload"
_ROOM = 15_000  # characters of a table of bad cells; Slack takes 20,000 a message
_PAGE = 10
_SHOWN_PARTNERS = 5
_LONGEST_TEXT = 8_000
_EXAMPLES = {"partner_id": "P001", "currency": "EUR", "country": "DE", "motion": "sourced"}
_HEAD = ("File", "Line", "Column", "Value", "Problem", "What to do")


def hint(*, for_partners: bool) -> Message:
    """To someone who wrote something that isn't a file."""
    files = "" if for_partners else "To import data, drop a CSV or Excel file here (CAMs and admins)."
    return plain_reply("I answer commands. Type /tier, or /tier help for all of them.", files)


def preview(outcome: Outcome, upload_id: str, *, everything: bool) -> Message:
    """What importing would do, with Import and Discard; with bad cells a table of them."""
    if outcome.is_open:
        return _open(outcome)
    if outcome.total_bad:
        return _bad(outcome, everything=everything)
    if not outcome.changes_something:
        said = f"{_names(outcome)}: nothing to import."
        return _message(said, "Every row is stored already.", [*_details(outcome)])
    said = f"{_names(outcome)}: {_sum(outcome.counts)}."
    buttons = blocks.actions(
        change_button("Import", IMPORT, upload_id, primary=True, aloud=f"Import {_names(outcome)}"),
        change_button("Discard", DISCARD, upload_id, aloud=f"Discard {_names(outcome)}"),
    )
    kept = f"Only you can import it. I keep it for {KEPT_HOURS} hours, then I delete it."
    return _message(said, "Nothing is stored yet.", [*_details(outcome), buttons, blocks.context(kept)])


def imported(outcome: Outcome) -> Message:
    """What has been imported; or, where the data has changed in between so that it can't be, why."""
    if not outcome.stored:
        return _bad(outcome, everything=True)
    more = "The data changed since I showed you this, so the counts are different now." if outcome.differs else ""
    return _message(f"Imported {_names(outcome)}: {_sum(outcome.counts)}.", more, [*_details(outcome)])


def discarded() -> Message:
    return plain_reply("Discarded. Nothing was stored, and I deleted the files.")


def _open(outcome: Outcome) -> Message:
    """What has to be said before the files can be read."""
    if outcome.settings:
        said = f"I can read {_names(outcome)} by {outcome.read_as}, but it doesn't say everything."
        example = " ".join(f"{each}={_EXAMPLES.get(each, '…')}" for each in outcome.settings)
        how = "Drop it again, and write with it what is the same in every row, like this:"
        return _with_text(said, how, example)
    said = f"I don't know the columns of {_names(outcome)}."
    how = "Here is what I can tell. Save it as mapping.toml, answer its questions, and drop both files together:"
    return _with_text(said, how, outcome.proposal)


def _with_text(said: str, how: str, text: str) -> Message:
    pre = {"type": "rich_text_preformatted", "elements": [blocks.span(blocks.clip(text, _LONGEST_TEXT))]}
    message = _message(said, how, [blocks.rich(pre)])
    return Message(spoken(said, how, name(text, 300)), message.blocks)


def _bad(outcome: Outcome, *, everything: bool) -> Message:
    """Nothing can be stored: each bad cell, with what would be right."""
    said = f"{_names(outcome)}: {count(outcome.total_bad, 'problem')}. Nothing was stored."
    shown = _fitting(outcome.bad_cells)
    rows = [[blocks.text_cell(each) for each in _cells(bad)] for bad in shown]
    table = blocks.data_table("Problems", _HEAD, rows, _PAGE)
    notes = []
    if rest := outcome.total_bad - len(shown):
        notes.append(f"… and {rest:,} more.")
    notes.append("Correct the file and drop it again.")
    if not everything:
        notes.append("CAMs import rows of the partners they look after; an admin imports everything.")
    first = f"{shown[0].file} line {shown[0].line}: {shown[0].message}." if shown else ""
    message = _message(said, "", [table, blocks.context(*notes)])
    return Message(spoken(said, name(first, 300), *notes), message.blocks)


def _message(said: str, more: str, parts: Sequence[Block]) -> Message:
    spans = [blocks.bold(name(said, 600)), *([blocks.span(f"\n{more}")] if more else [])]
    return Message(spoken(name(said, 600), more), [blocks.rich(blocks.line(*spans)), *parts])


def _details(outcome: Outcome) -> Iterator[Block]:
    """How the files were read, the counts by file, what changes in the past, and the warnings."""
    if outcome.read_as:
        lines = [blocks.line(blocks.span(f"Read by {outcome.read_as}."))]
        lines += [blocks.line(blocks.span(name(each, 300))) for each in outcome.summary[:_SHOWN_PARTNERS]]
        yield blocks.rich(*lines)
    if outcome.counts:
        rows = [
            [
                blocks.text_cell(each.file),
                *(blocks.number_cell(n, f"{n:,}") for n in (each.added, each.changed, each.same)),
            ]
            for each in outcome.counts
        ]
        yield blocks.data_table("Rows by file", ("File", "Added", "Changed", "Same"), rows, _PAGE)
    if outcome.past:
        first = outcome.past[:_SHOWN_PARTNERS]
        lines = [
            blocks.line(blocks.bold(name(each.partner, 60)), blocks.span(f": {span_text(each.span)}")) for each in first
        ]
        if rest := len(outcome.past) - len(first):
            lines.append(blocks.line(blocks.italic(f"… and {count(rest, 'more partner')}")))
        yield blocks.rich(blocks.line(blocks.bold("Changes points of past days")), blocks.bullets(lines))
    if outcome.waiting:
        yield blocks.rich(blocks.line(blocks.span(_waiting(outcome.waiting))))
    warnings = [name(each, 300) for each in outcome.warnings]
    warnings += [f"… and {number:,} more: {kind}" for kind, number in outcome.more_warnings.items()]
    if warnings:
        said = blocks.line(blocks.bold(count(sum(outcome.more_warnings.values()) + len(outcome.warnings), "warning")))
        yield blocks.rich(said, blocks.bullets(blocks.line(blocks.span(each)) for each in warnings))


def _waiting(rows: int) -> str:
    """How many rows wait because someone may have typed the same."""
    what = "1 row waits for an answer: it" if rows == 1 else f"{rows:,} rows wait for an answer: each"
    return f"{what} may be what someone typed in Slack. They and the CAM are asked which of them counts."


def _sum(counts: Sequence[FileCount]) -> str:
    """The rows of all files together: "3 rows added, 1 changed"."""
    added, changed, same = (sum(getattr(each, part) for each in counts) for part in ("added", "changed", "same"))
    parts = [count(added, "new row")] if added else []
    parts += [f"{changed:,} changed"] if changed else []
    parts += [f"{same:,} already there"] if same else []
    return listed(parts)


def _names(outcome: Outcome) -> str:
    first = [name(each, 60) for each in outcome.names[:3]]
    rest = len(outcome.names) - len(first)
    return listed([*first, *([count(rest, "more file")] if rest else [])])


def _fitting(cells: Sequence[BadCell]) -> list[BadCell]:
    """As many of the cells as a message has room for."""
    room, shown = _ROOM, list[BadCell]()
    for each in cells:
        room -= sum(map(len, _cells(each)))
        if room < 0:
            break
        shown.append(each)
    return shown


def _cells(bad: BadCell) -> tuple[str, ...]:
    line = str(bad.line) if bad.line else ""
    return (name(bad.file, 60), line, bad.column, name(bad.value, 60), name(bad.message, 200), name(bad.remedy, 200))
