"""Entries typed in Slack: what is about to be saved, what was saved, one's own entries, and rows that match."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from handlers.views.account import change_button
from handlers.views.entry_forms import FIELDS, REASON, SAVE, WITHDRAW, label, written
from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.described import Described, nobody_asked
from handlers.views.parts.formats import count, day, money, name, points, prose, spoken
from handlers.views.parts.surfaces import modal
from handlers.views.parts.typed import ENTRY
from handlers.views.replies import plain_reply
from tiercore.approvals.types import Shown
from tiercore.facts.money import Money, minor_digits
from tiercore.typed.proposed import read as read_proposed
from tiercore.typed.types import Draft, Earning, EntryLine, Kind, MatchToAsk, Preview

NEW, EDIT, TAKE_BACK, CHANGE = (f"{ENTRY}:{each}" for each in ("new", "edit", "withdraw", "change"))
USE_FILE, KEEP_MINE, BOTH = "typed_file", "typed_mine", "typed_two"
_WINDOWS = (
    (Kind.SALE, "Sale"),
    (Kind.CLIENT, "Client"),
    (Kind.AGREEMENT, "Agreement"),
    (Kind.AGREEMENT_END, "End an agreement"),
    (Kind.CERTIFICATION, "Certification"),
)
_FOR_ADMINS = ((Kind.PARTNER, "Partner"), (Kind.PERSON, "Person"), (Kind.TIER, "Credited tier"))
_SHOWN = 10
_ON_ITS_WAY = "I've passed this to your CAM. I'll message you when they decide. Nothing counts before that."


def confirmation(preview: Preview) -> dict[str, Any]:
    """The window before saving: what will be stored, and what it will earn and until when."""
    said = earns(preview.earning) if preview.earning else "It earns no points by itself."
    first = blocks.line(blocks.bold(said))
    found: list[Block] = [blocks.rich(first), blocks.rich(blocks.bullets(_fields(preview.draft, preview.names)))]
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
    what = _what(preview.draft.kind, preview.draft.cells, preview.names)
    verb = "Saved" if is_new else "Saved before"
    said = earns(preview.earning) if preview.earning else ""
    lines = [blocks.line(blocks.bold(f"{verb}: "), blocks.span(what))]
    lines += [blocks.line(blocks.span(said))] if said else []
    buttons = [blocks.actions(*_buttons(entry_id, what))] if entry_id else []
    note = blocks.context("It is marked as typed by you. A file that brings the same deal won't count it twice.")
    return Message(spoken(f"{verb}: {what}.", said), [blocks.rich(*lines), *buttons, note])


def withdrawn(line: EntryLine) -> Message:
    """An entry was withdrawn."""
    what = _what(line.kind, line.cells, line.names)
    text = f"Withdrawn: {what}."
    shown = blocks.rich(blocks.line(blocks.bold("Withdrawn: "), blocks.span(what)))
    return Message(spoken(text), [shown, blocks.context("It no longer counts. The reason is kept.")])


def described(payload: Mapping[str, Any]) -> Described:
    """A proposal to store or withdraw an entry, for whoever decides it."""
    proposed = read_proposed(payload)
    kind, cells, names = proposed.draft.kind, proposed.draft.cells, proposed.names
    what = _what(kind, cells, names)
    if proposed.withdraws:
        reason = name(proposed.reason, 300)
        question = "It no longer counts from then on."
        return Described(f"withdraw {what}", [blocks.context(f"Why: {reason}")], question, "It no longer counts.")
    said = earns(proposed.earning) if proposed.earning else "It earns no points by itself."
    fields = blocks.rich(blocks.bullets(_fields(proposed.draft, names)))
    verb = "correct" if proposed.draft.edits else "add"
    return Described(f"{verb} {what}", [blocks.rich(blocks.line(blocks.bold(said))), fields], said, "It counts now.")


def proposed(preview: Preview, shown: Shown) -> Message:
    """What was proposed, and what happens next."""
    what = _what(preview.draft.kind, preview.draft.cells, preview.names)
    return plain_reply(f"Proposed: {what}.", _next(shown))


def proposed_withdrawal(line: EntryLine, shown: Shown) -> Message:
    """It was proposed to withdraw an entry, and what happens next."""
    return plain_reply(f"Proposed: withdraw {_what(line.kind, line.cells, line.names)}.", _next(shown))


def _next(shown: Shown) -> str:
    return _ON_ITS_WAY if shown.is_anybody_asked else nobody_asked(shown)


def withdraw_form(line: EntryLine) -> dict[str, Any]:
    """The window that asks why an entry is withdrawn."""
    element = {"type": "plain_text_input", "action_id": REASON, "max_length": 300}
    why: Block = {"type": "input", "block_id": REASON, "label": blocks.plain("Why?"), "element": element}
    what = blocks.rich(blocks.line(blocks.bold(_what(line.kind, line.cells, line.names))))
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
        what = _what(each.kind, each.cells, each.names)
        typed = f"{what} · typed by {name(each.by, 40)} on {day(each.at.date())}"
        found += [blocks.rich(blocks.line(blocks.span(typed))), blocks.actions(*_buttons(each.entry_id, what))]
    if len(entries) > _SHOWN:
        found.append(blocks.context(f"{count(len(entries) - _SHOWN, 'older entry', 'older entries')} not shown"))
    return found


def _listed(entries: Sequence[EntryLine]) -> list[str]:
    return [f"{_what(each.kind, each.cells, each.names)}." for each in entries[:_SHOWN]]


def entries_of_client(entries: Sequence[EntryLine]) -> Message:
    """What was typed about a client, with buttons for who may edit and withdraw it."""
    if not entries:
        return plain_reply("You can't change what was typed about this client.", "Its CAM can.")
    return Message(spoken(*_listed(entries)), _rows(entries))


def matching(asked: MatchToAsk, *, decides: bool) -> Message:
    """Asks which counts: what someone typed, or the row that a file or a sync brought."""
    typed, incoming = (_what(asked.kind, each, asked.names) for each in (asked.typed, asked.incoming))
    title = f"Is this the same {_noun(asked.kind)}?"
    lines = [
        blocks.line(blocks.bold(f"Typed by {name(asked.by)} on {day(asked.at.date())}: "), blocks.span(typed)),
        blocks.line(blocks.bold(f"In {name(asked.source)}: "), blocks.span(incoming)),
    ]
    counts = "Until somebody decides, what was typed counts and the other doesn't."
    found: list[Block] = [blocks.rich(blocks.line(blocks.bold(title)), blocks.bullets(lines))]
    if not asked.is_open:
        counts = "This has been decided."
    elif decides:
        found.append(blocks.actions(*_decisions(asked)))
    else:
        counts += " Your CAM decides."
    said = (f"{title} Typed by {name(asked.by)}: {typed}.", f"In {name(asked.source)}: {incoming}.", counts)
    return Message(spoken(*said), [*found, blocks.context(counts)])


def decided(asked: MatchToAsk, decision: str) -> Message:
    """Which of the two rows counts from now on."""
    noun = _noun(asked.kind)
    what = {
        "file": f"The same {noun}: the row of {name(asked.source)} counts, and what was typed is withdrawn.",
        "mine": f"The same {noun}: what was typed counts. I'll ignore that row of {name(asked.source)}.",
        "two": f"Two {noun}s: both count.",
    }[decision]
    return Message(spoken(what), [blocks.rich(blocks.line(blocks.span(what)))])


def _decisions(asked: MatchToAsk) -> list[dict[str, object]]:
    noun = _noun(asked.kind)
    found = [
        change_button(f"Same {noun}: use the file's", USE_FILE, asked.match_id),
        change_button(f"Same {noun}: keep mine", KEEP_MINE, asked.match_id),
    ]
    return found if asked.same_key else [*found, change_button(f"Two {noun}s", BOTH, asked.match_id)]


def _noun(kind: Kind) -> str:
    return "deal" if kind is Kind.SALE else "agreement" if kind is Kind.AGREEMENT_END else kind.value


def _buttons(entry_id: str, what: str) -> tuple[dict[str, Any], dict[str, Any]]:
    edit = blocks.button("Edit", f"{EDIT}:{entry_id}", entry_id, label=f"Edit: {what}")
    return edit, blocks.button("Withdraw", f"{TAKE_BACK}:{entry_id}", entry_id, label=f"Withdraw: {what}")


def _fields(draft: Draft, names: Mapping[str, str]) -> list[Block]:
    cells = {**draft.cells, "partner_id": draft.cells.get("partner_id") or draft.partner_id}
    shown = [(each, cells.get(each.column, "")) for each in FIELDS[draft.kind]]
    return [
        blocks.line(blocks.bold(f"{each.label}: "), blocks.span(_cell(each.column, cells, names)))
        for each, cell in shown
        if cell
    ]


def _cell(column: str, cells: Mapping[str, str], names: Mapping[str, str]) -> str:
    cell = cells[column]
    if column == "mrr":
        return _amount(cell, cells["currency"])
    if column in ("partner_id", "client_id"):
        return name(names.get(cell, cell))
    return _day(cell) or name(label(column, cell))


def _what(kind: Kind, cells: Mapping[str, str], names: Mapping[str, str]) -> str:
    """The entry in a few words."""
    client, partner = (name(names.get(cells.get(each, ""), "")) for each in ("client_id", "partner_id"))
    match kind:
        case Kind.SALE:
            deal = f"{cells['motion']} {cells['deal_type'].replace('_', '-')}, {name(cells['product_line'])}"
            return f"{client}, {deal}, {_amount(cells['mrr'], cells['currency'])} on {_day(cells['sold_on'])}"
        case Kind.AGREEMENT:
            ends = f" to {_day(cells['ends_on'])}" if cells.get("ends_on") else ""
            return f"agreement with {client} from {_day(cells['starts_on'])}{ends}"
        case Kind.AGREEMENT_END:
            return f"agreement with {client} ends on {_day(cells['ends_on'])}"
        case Kind.CERTIFICATION:
            until = _day(cells["valid_until"])
            return f"{partner}, {name(cells['certification'])}, {_day(cells['valid_from'])} to {until}"
        case Kind.TIER:
            return f"{partner}, {cells['tier'].capitalize()} credited on {_day(cells['credited_on'])}"
        case Kind.PERSON:
            return f"{name(cells['name'])}, {name(cells['email'])}, {label('role', cells['role'])}"
    return f"{kind.value} {name(cells['name'])}"


def _amount(mrr: str, currency: str) -> str:
    whole, _, part = mrr.partition(".")
    digits = minor_digits(currency)
    minor = int(whole + part.ljust(digits, "0")[:digits]) if (whole + part).isdecimal() else None
    return money(Money(minor, currency)) if minor is not None else f"{mrr} {currency}"


def _day(cell: str) -> str:
    try:
        return day(date.fromisoformat(cell))
    except ValueError:
        return ""
