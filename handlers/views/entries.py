"""Entries typed in Slack: what is about to be saved, what was saved, one's own entries, and rows that match."""

from collections.abc import Mapping, Sequence
from typing import Any

from handlers.views.entry_forms import REASON, SAVE, WITHDRAW, written
from handlers.views.entry_words import fields_of, in_few_words
from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.described import Described, nobody_asked
from handlers.views.parts.formats import count, day, name, points, prose, spoken
from handlers.views.parts.surfaces import modal
from handlers.views.parts.typed import ENTRY
from handlers.views.replies import plain_reply
from tiercore.approvals.types import Shown
from tiercore.typed.proposed import read as read_proposed
from tiercore.typed.types import Earning, EntryLine, Kind, Preview

NEW, EDIT, TAKE_BACK, CHANGE = (f"{ENTRY}:{each}" for each in ("new", "edit", "withdraw", "change"))
_WINDOWS = (
    (Kind.SALE, "Sale"),
    (Kind.DEAL, "Open deal"),
    (Kind.CLIENT, "Client"),
    (Kind.AGREEMENT, "Agreement"),
    (Kind.AGREEMENT_END, "End an agreement"),
    (Kind.LEVEL, "Subscription level"),
    (Kind.CERTIFICATION, "Certification"),
)
_FOR_ADMINS = ((Kind.PARTNER, "Partner"), (Kind.PERSON, "Person"), (Kind.TIER, "Credited tier"))
# What happens where a file or a sync brings what was typed, too.
_BESIDE_FILES = {
    Kind.SALE: " A file that brings the same deal won't count it twice.",
    Kind.DEAL: " It never counts as points: it is the dashed part of your projections.",
    Kind.AGREEMENT: " A file that brings the same agreement won't count it twice.",
    Kind.PERSON: " A people.csv that names them takes its place.",
    Kind.PARTNER: "",
    Kind.CLIENT: "",
}
_OTHERWISE = " A file that says otherwise won't overwrite it: you're asked."
_TYPE_LEVELS = "What the client pays is typed by /tier add level."
_WOULD_EARN = "It earns nothing before it is closed. /pipeline shows what it would earn."
_SHOWN = 10
_ON_ITS_WAY = "I've passed this to your CAM. I'll message you when they decide. Nothing counts before that."


def confirmation(preview: Preview) -> dict[str, Any]:
    """The window before saving: what will be stored, and what it will earn and until when."""
    said = _earns_by_itself(preview)
    first = blocks.line(blocks.bold(said))
    found: list[Block] = [blocks.rich(first), blocks.rich(blocks.bullets(fields_of(preview.draft, preview.names)))]
    if preview.warnings:
        notes = (blocks.line(blocks.span(f"⚠️ {prose(each)}")) for each in preview.warnings[:5])
        found.append(blocks.rich(blocks.bullets(notes)))
    if not preview.direct:
        found.append(blocks.context("Your CAM decides. I'll message both of you, and nothing counts before that."))
    found.append(blocks.actions(blocks.button("Change", CHANGE, "change")))
    view = modal("Check and save" if preview.direct else "Check and propose", found)
    return {
        **view,
        "callback_id": SAVE,
        "submit": blocks.plain("Save" if preview.direct else "Propose"),
        "close": blocks.plain("Cancel"),
        "private_metadata": written(preview.draft),
    }


def _earns_by_itself(preview: Preview) -> str:
    """What the entry earns, and what an agreement lacks that earns nothing."""
    if preview.draft.kind is Kind.DEAL:
        return _WOULD_EARN
    if preview.earning is None:
        return "It earns no points by itself."
    lacks = preview.draft.kind is Kind.AGREEMENT and not preview.earning.micropoints
    return f"{earns(preview.earning)} {_TYPE_LEVELS if lacks else ''}".rstrip()


def earns(earning: Earning) -> str:
    """What an entry earns, in a sentence: "It will earn 25 sourced points, until 5 Sep 2027."."""
    source = f"{earning.source} " if earning.source else ""
    if earning.micropoints is None:
        return f"How many {source}points it will earn isn't known: {prose(earning.reason)}."
    if not earning.micropoints:
        return f"It earns no {source}points: {prose(earning.reason)}."
    said = f"It will earn {points(earning.micropoints)} {source}points"
    if earning.until:
        return f"{said}, until {day(earning.until)}."
    return (
        f"{said}. Until when isn't known: {prose(earning.reason)}."
        if earning.source != "managed"
        else (f"{said}, {prose(earning.reason)}.")
    )


def saving() -> dict[str, Any]:
    """The window while an entry is being saved."""
    return modal("Saving", [blocks.context("⏳ One moment …")])


def waiting() -> dict[str, Any]:
    """The same while an import keeps it waiting."""
    text = "An import is running. I'll save this when it's done, and send you a message."
    return modal("Saving", [blocks.rich(blocks.line(blocks.span(text)))])


def interrupted() -> Message:
    """The bot stops before an import let it save what someone typed."""
    return plain_reply(
        "I'm being restarted and couldn't save this, because an import was running.",
        "Type /tier add: if your entry isn't in the list, add it again.",
    )


def saved(preview: Preview, entry_id: str, *, is_new: bool) -> Message:
    """What was saved, with buttons to edit and withdraw it."""
    what = in_few_words(preview.draft.kind, preview.draft.cells, preview.names)
    verb = "Saved" if is_new else "Saved before"
    said = _earns_by_itself(preview) if preview.earning else ""
    lines = [blocks.line(blocks.bold(f"{verb}: "), blocks.span(what))]
    lines += [blocks.line(blocks.span(said))] if said else []
    buttons = [blocks.actions(*_buttons(entry_id, what))] if entry_id else []
    note = blocks.context(f"It is marked as typed by you.{_BESIDE_FILES.get(preview.draft.kind, _OTHERWISE)}")
    return Message(spoken(f"{verb}: {what}.", said), [blocks.rich(*lines), *buttons, note])


def withdrawn(line: EntryLine) -> Message:
    """An entry was withdrawn."""
    what = in_few_words(line.kind, line.cells, line.names)
    text = f"Withdrawn: {what}."
    shown = blocks.rich(blocks.line(blocks.bold("Withdrawn: "), blocks.span(what)))
    return Message(spoken(text), [shown, blocks.context("It no longer counts. The reason is kept.")])


def described(payload: Mapping[str, Any]) -> Described:
    """A proposal to store or withdraw an entry, for whoever decides it."""
    proposed = read_proposed(payload)
    kind, cells, names = proposed.draft.kind, proposed.draft.cells, proposed.names
    what = in_few_words(kind, cells, names)
    if proposed.withdraws:
        reason = name(proposed.reason, 300)
        question = "It no longer counts from then on."
        return Described(f"withdraw {what}", [blocks.context(f"Why: {reason}")], question, "It no longer counts.")
    said = earns(proposed.earning) if proposed.earning else "It earns no points by itself."
    fields = blocks.rich(blocks.bullets(fields_of(proposed.draft, names)))
    verb = "correct" if proposed.draft.edits else "add"
    return Described(f"{verb} {what}", [blocks.rich(blocks.line(blocks.bold(said))), fields], said, "It counts now.")


def proposed(preview: Preview, shown: Shown) -> Message:
    """What was proposed, and what happens next."""
    what = in_few_words(preview.draft.kind, preview.draft.cells, preview.names)
    return plain_reply(f"Proposed: {what}.", _next(shown))


def proposed_withdrawal(line: EntryLine, shown: Shown) -> Message:
    """It was proposed to withdraw an entry, and what happens next."""
    return plain_reply(f"Proposed: withdraw {in_few_words(line.kind, line.cells, line.names)}.", _next(shown))


def _next(shown: Shown) -> str:
    return _ON_ITS_WAY if shown.is_anybody_asked else nobody_asked(shown)


def withdraw_form(line: EntryLine) -> dict[str, Any]:
    """The window that asks why an entry is withdrawn."""
    element = {"type": "plain_text_input", "action_id": REASON, "max_length": 300}
    why: Block = {"type": "input", "block_id": REASON, "label": blocks.plain("Why?"), "element": element}
    what = blocks.rich(blocks.line(blocks.bold(in_few_words(line.kind, line.cells, line.names))))
    view = modal("Withdraw", [what, why])
    submit = "Withdraw" if line.direct else "Propose"
    keep = {"callback_id": WITHDRAW, "submit": blocks.plain(submit), "close": blocks.plain("Cancel")}
    return {**view, **keep, "private_metadata": line.entry_id}


def own_entries(entries: Sequence[EntryLine], *, is_admin: bool) -> Message:
    """What can be added, and one's own entries with buttons to edit and withdraw them."""
    kinds = (*_WINDOWS, *_FOR_ADMINS) if is_admin else _WINDOWS
    buttons = [blocks.button(text, f"{NEW}:{kind.value}", kind.value) for kind, text in kinds]
    found: list[Block] = [blocks.rich(blocks.line(blocks.bold("What would you like to add?")))]
    found += [blocks.actions(*buttons[at : at + 5]) for at in range(0, len(buttons), 5)]
    title = f"Your entries ({len(entries)})" if entries else "You have typed no entries yet."
    found.append(blocks.rich(blocks.line(blocks.bold(title))))
    said = spoken("What would you like to add?", f"{title.rstrip('.')}.", *_listed(entries))
    return Message(said, [*found, *_rows(entries)])


def _rows(entries: Sequence[EntryLine]) -> list[Block]:
    found: list[Block] = []
    for each in entries[:_SHOWN]:
        what = in_few_words(each.kind, each.cells, each.names)
        typed = f"{what} · typed by {name(each.by, 40)} on {day(each.at.date())}"
        found += [blocks.rich(blocks.line(blocks.span(typed))), blocks.actions(*_buttons(each.entry_id, what))]
    if len(entries) > _SHOWN:
        found.append(blocks.context(f"{count(len(entries) - _SHOWN, 'older entry', 'older entries')} not shown"))
    return found


def _listed(entries: Sequence[EntryLine]) -> list[str]:
    return [f"{in_few_words(each.kind, each.cells, each.names)}." for each in entries[:_SHOWN]]


def entries_of_client(entries: Sequence[EntryLine]) -> Message:
    """What was typed about a client, with buttons for who may edit and withdraw it."""
    if not entries:
        return plain_reply("You can't change what was typed about this client.", "Its CAM can.")
    return Message(spoken(*_listed(entries)), _rows(entries))


def _buttons(entry_id: str, what: str) -> tuple[dict[str, Any], dict[str, Any]]:
    edit = blocks.button("Edit", f"{EDIT}:{entry_id}", entry_id, label=f"Edit: {what}")
    return edit, blocks.button("Withdraw", f"{TAKE_BACK}:{entry_id}", entry_id, label=f"Withdraw: {what}")
