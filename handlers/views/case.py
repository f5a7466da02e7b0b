"""Cases: the windows to flag a figure and to answer, each thread, and the list (how-tiers-work#doesnt-match)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from handlers.views import explanations
from handlers.views.account import change_button
from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.choices import FLAG, FORM
from handlers.views.parts.formats import count, day, name, spoken
from handlers.views.parts.surfaces import modal
from handlers.views.replies import plain_reply
from tiercore.cases.types import LONGEST_ANSWER, Case, CasesOpen, CaseState, Flagged
from tiercore.explaining.claims import Claim, Explained, Figure, Measure

ANSWER, SHOW = "answer_case", "case"
FIGURE, SHOWN, DAY, CLIENT, TEXT, PICK = "figure", "shown", "day", "client", "text", "pick"
TITLE = "Doesn't match"
_LONGEST_SHOWN, _LONGEST_CLIENT = 40, 200
_STATES = {
    CaseState.OPEN: "🔴 Open",
    CaseState.ANSWERED: "🟠 Answered",
    CaseState.RESOLVED: "🟢 Resolved",
    CaseState.WITHDRAWN: "⚪ Withdrawn",
}


def form(partner_id: str, partner: str, client: str, today: date) -> dict[str, Any]:
    """Asks what the official dashboard shows, for which figure and day."""
    figures = [(f"{figure.value.capitalize()} points", figure.value) for figure in Figure]
    shown = {"type": "plain_text_input", "action_id": SHOWN, "max_length": _LONGEST_SHOWN}
    one_client: dict[str, Any] = {"type": "plain_text_input", "action_id": CLIENT, "max_length": _LONGEST_CLIENT}
    if client:
        one_client["initial_value"] = client
    picker = {"type": "datepicker", "action_id": DAY, "initial_date": today.isoformat()}
    fields = [
        blocks.rich(blocks.line(blocks.span(f"Doesn't the official dashboard match {name(partner)}'s figures here?"))),
        _field(FIGURE, "Figure", blocks.select("Choose", FIGURE, figures, Figure.COMBINED.value)),
        _field(SHOWN, "What does the dashboard show?", shown, "Points, like 270 or 270.5, or MRR, like US$9,000"),
        _field(DAY, "For which day?", picker),
        {**_field(CLIENT, "One client only?", one_client, "Its name or ID; empty for all clients"), "optional": True},
    ]
    view = modal(TITLE, fields)
    return {**view, "callback_id": FLAG, "submit": blocks.plain("Compare"), "private_metadata": partner_id}


def looking() -> dict[str, Any]:
    """While the explanations are looked for."""
    return modal(TITLE, [blocks.rich(blocks.line(blocks.span("Looking for what explains the difference…")))])


def flagged(found: Flagged, claimed: str, client: str | None) -> Message:
    """To the person who flagged the figure: what explains it, and who answers."""
    explained = found.explained
    ours, of = explanations.value(explained.ours, explained.claim), _figure(explained.claim, client)
    if found.case is None:
        return plain_reply(f"It matches: tierbot has {ours} for {of}, too.", explanations.unrated(explained))
    title = f"The dashboard shows {name(claimed)}, tierbot has {ours}"
    whom = "your CAM" if found.told else "the program's people as soon as one of them is linked"
    passed = f"I've passed this to {whom}. The answer comes in a direct message."
    if found.joined:
        passed = "This figure was flagged before: you follow the case that is open about it, and your value is in it."
    return Message(
        spoken(f"{title}: {of}.", *_sentences(explained), passed),
        [
            blocks.rich(blocks.line(blocks.bold(title), blocks.span(f" ({of}).")), *explanations.lines(explained)),
            blocks.context(passed),
        ],
    )


def message(case: Case, now: datetime, *, may_settle: bool) -> Message:
    """The first message of a thread about the case, in its current state, with what its reader can do."""
    claim = case.claim
    title = f"{_STATES[case.state]}: {name(case.partner)}, {_figure(claim, case.client)}"
    shown = f"The dashboard shows {name(case.claimed)}, tierbot had "
    opened = blocks.line(
        blocks.span("Opened by "),
        blocks.user(case.opened_by.user_id),
        blocks.span(f" {_ago(case.age(now))}"),
        *([blocks.span(", taken care of by "), blocks.user(case.owner)] if case.owner else []),
    )
    parts = [
        blocks.line(blocks.bold(title)),
        blocks.line(blocks.span(f"{shown}{explanations.value(case.explained.ours, claim)}.")),
        *explanations.lines(case.explained),
        *_answer(case),
        opened,
    ]
    buttons = _buttons(case, may_settle=may_settle)
    found = [blocks.rich(*parts), *([blocks.actions(*buttons)] if buttons else [])]
    return Message(spoken(f"{title}. {shown}{explanations.value(case.explained.ours, claim)}."), found)


def step(case: Case, event: str, by: str, claimed: str = "", was: str = "") -> Message:
    """A reply in the thread: what somebody did. `claimed` is the value that they see now, `was` the one before."""
    said = {
        "claimed": f" now says that the dashboard shows {name(claimed)}. Before, it was {name(was)}.",
        "took over": " takes care of this case.",
        "answered": " answered this case.",
        "resolved": " closed this case: resolved.",
        "reopened": " says that the answer doesn't explain it. The case is open again.",
        "withdrew": " took this case back.",
    }.get(event, " changed this case.")
    answer = _answer(case) if event == "answered" else []
    text = f"{name(case.partner)}, {_figure(case.claim, case.client)}: {case.state.value}."
    return Message(spoken(text), [blocks.rich(blocks.line(blocks.user(by), blocks.span(said)), *answer)])


def answer_form(case: Case) -> dict[str, Any]:
    """Asks for the answer, and which explanation it is, if one of them."""
    text = {"type": "plain_text_input", "action_id": TEXT, "multiline": True, "max_length": LONGEST_ANSWER}
    fields = [_field(TEXT, "Your answer", text, "The partner sees it in the thread of this case.")]
    found = case.explained.explanations or case.explained.nearest
    options = [(explanations.summary(each), str(number)) for number, each in enumerate(found)]
    if options:
        options.append(("None of these", ""))
        options = [(blocks.clip(label, blocks.BUTTON_LIMIT), value or "none") for label, value in options]
        field = _field(PICK, "Which explanation is it?", blocks.select("Choose", PICK, options))
        fields.append({**field, "optional": True})
    view = modal("Answer", fields)
    return {**view, "callback_id": ANSWER, "submit": blocks.plain("Send"), "private_metadata": case.case_id}


def listed(cases: Sequence[Case], now: datetime) -> Message:
    """`/tier cases`: those that wait first, with a menu to open one."""
    if not cases:
        return plain_reply("No figure is flagged.", "Press Doesn't match? under /tier, /gap or a client to flag one.")
    open_ = sum(not each.state.is_over for each in cases)
    title = f"{count(open_, 'open case')}" if open_ else "No open cases"
    lines = [blocks.line(blocks.span(_in_a_line(each, now))) for each in cases]
    options = [(blocks.clip(_in_a_line(each, now), blocks.BUTTON_LIMIT), each.case_id) for each in cases]
    menu = blocks.select("Open a case", f"{FORM}:{SHOW}", options)
    return Message(
        spoken(f"{title}.", *(f"{blocks.text_of(each)}." for each in lines)),
        [blocks.rich(blocks.line(blocks.bold(title)), blocks.bullets(lines)), blocks.actions(menu)],
    )


def reminder(waiting: CasesOpen, now: datetime) -> list[Block]:
    """In a CAM's digest and Home: how many cases wait, and the oldest; nothing without any."""
    oldest = waiting.oldest
    if oldest is None:
        return []
    age = count(oldest.age(now), "day")
    text = f"{count(waiting.count, 'open case')}, {'the oldest' if waiting.count > 1 else 'open for'} {age}: "
    which = f"{name(oldest.partner)}, {_figure(oldest.claim, oldest.client)}. Type /tier cases."
    return [blocks.rich(blocks.line(blocks.bold(text), blocks.span(which)))]


def with_reminder(message: Message, waiting: CasesOpen, now: datetime) -> Message:
    """The message with the reminder above its last block, its buttons or footer."""
    found = reminder(waiting, now)
    if not found:
        return message
    return replace(
        message, text=spoken(message.text, in_words(found)), blocks=[*message.blocks[:-1], *found, *message.blocks[-1:]]
    )


def in_words(found: Sequence[Block]) -> str:
    """The reminder in a sentence."""
    return " ".join(blocks.text_of(each) for block in found for each in block["elements"])


def done(case: Case) -> Message:
    """The reply to a button."""
    said = {
        CaseState.OPEN: "The case is open, and everyone in its thread is told.",
        CaseState.ANSWERED: "Your answer is in the thread of the case.",
        CaseState.RESOLVED: "The case is resolved. The audit log has a record of it.",
        CaseState.WITHDRAWN: "You took the case back.",
    }
    return plain_reply(said[case.state])


def _buttons(case: Case, *, may_settle: bool) -> list[dict[str, Any]]:
    if case.state.is_over:
        return []
    key, found = case.case_id, list[dict[str, Any]]()
    if may_settle:
        found.append(blocks.button("Answer", f"{FORM}:{ANSWER}", key, primary=case.state is CaseState.OPEN))
        found += [] if case.owner else [change_button("Take over", "take_case", key)]
        found.append(change_button("Resolve", "resolve_case", key))
    elif case.state is CaseState.ANSWERED:
        found.append(change_button("That's it", "resolve_case", key, primary=True))
        found.append(change_button("Still wrong", "reopen_case", key))
    else:
        found.append(change_button("Withdraw", "withdraw_case", key))
    return found


def _answer(case: Case) -> list[Block]:
    if not case.answer:
        return []
    found = case.explained.explanations or case.explained.nearest
    picked = found[case.picked] if case.picked is not None and case.picked < len(found) else None
    which = [blocks.line(blocks.span(f"{explanations.summary(picked)}."))] if picked else []
    return [blocks.line(blocks.bold("Answer: "), blocks.span(name(case.answer, LONGEST_ANSWER))), *which]


def _in_a_line(case: Case, now: datetime) -> str:
    of = f"{name(case.partner)}, {_figure(case.claim, case.client)}"
    return f"{_STATES[case.state]} {_ago(case.age(now))}: {of}, {name(case.claimed)} there"


def _figure(claim: Claim, client: str | None) -> str:
    what = "points" if claim.measure is Measure.POINTS else "MRR"
    of = f" of {name(client)}" if client else ""
    return f"{claim.figure.value} {what}{of} on {day(claim.day)}"


def _ago(days: int) -> str:
    return "today" if not days else f"{count(days, 'day')} ago"


def _sentences(explained: Explained) -> list[str]:
    return [f"{explanations.summary(each)}." for each in explained.explanations or explained.nearest]


def _field(name_: str, label: str, element: dict[str, Any], hint: str = "") -> Block:
    found: Block = {"type": "input", "block_id": name_, "label": blocks.plain(label), "element": element}
    return {**found, "hint": blocks.plain(hint)} if hint else found
