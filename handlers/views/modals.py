"""Modals to fill in or to read: feedback, linking, contacts, what's new."""

from collections.abc import Sequence
from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block
from handlers.views.parts.choices import FORM
from handlers.views.parts.formats import name
from handlers.views.parts.surfaces import modal
from tiercore.facts.entries import Contact
from tiercore.people.types import LONGEST_FEEDBACK

FIELD = "field"
ALL_NEWS, NEWS_TITLE = "all-news", "What's new"
_NEWS_LINES = 3


def _form(kind: str, title: str, submit: str, block: Block, *before: Block) -> dict[str, Any]:
    view = modal(title, [*before, block])
    return {**view, "callback_id": kind, "submit": blocks.plain(submit)}


def _input(label: str, hint: str, *, multiline: bool, limit: int) -> Block:
    element = {"type": "plain_text_input", "action_id": FIELD, "multiline": multiline, "max_length": limit}
    return {
        "type": "input",
        "block_id": FIELD,
        "label": blocks.plain(label),
        "hint": blocks.plain(hint),
        "element": element,
    }


def feedback_form() -> dict[str, Any]:
    """A form for feedback to the people who run tierbot."""
    hint = "The people who run tierbot will see it with your name."
    field = _input("What should we know?", hint, multiline=True, limit=LONGEST_FEEDBACK)
    return _form("feedback", "Send feedback", "Send", field)


def link_form() -> dict[str, Any]:
    """A form for the e-mail to be linked to, or a code."""
    hint = "Your CAM or an admin approves an e-mail. A code from them links you right away."
    return _form("link", "Link me", "Send", _input("Your e-mail, or a code", hint, multiline=False, limit=200))


def invite_form() -> dict[str, Any]:
    """A form for the e-mail of someone to invite."""
    hint = "As it is on file: in people.csv, or typed by /tier add person. You get a code for them, which works once."
    return _form("invite", "Invite", "Make a code", _input("Their e-mail", hint, multiline=False, limit=200))


def notice(title: str, text: str) -> dict[str, Any]:
    """A modal with a sentence."""
    return modal(title, [blocks.rich(blocks.line(blocks.span(text)))])


def contacts(partner: str, people: Sequence[Contact]) -> dict[str, Any]:
    """The partner's CAM and CC, and how to reach them."""
    if not people:
        return notice("Contact", f"No CAM or CC is on file for {name(partner)}. Ask whoever runs tierbot.")
    lines = []
    for each in people:
        spans = [blocks.bold(f"{each.role.upper()}  "), blocks.span(f"{name(each.name)}, {name(each.email)}")]
        spans += [blocks.span("  "), blocks.user(each.user_id)] if each.user_id else []
        lines.append(blocks.line(*spans))
    title = blocks.line(blocks.bold(f"Contacts for {name(partner)}"))
    return modal("Contact", [blocks.rich(title, blocks.bullets(lines))])


def news(releases: Sequence[tuple[str, Sequence[str]]]) -> dict[str, Any]:
    """What's new in three lines: the latest release's first ones, each in a sentence. A button opens the rest."""
    if not releases:
        return notice(NEWS_TITLE, "No release notes are included in this installation.")
    title, lines = releases[0]
    shown = blocks.bullets(blocks.line(blocks.span(_first_sentence(each))) for each in lines[:_NEWS_LINES])
    parts = [blocks.header(title), *([blocks.rich(shown)] if lines else [])]
    return modal(NEWS_TITLE, [*parts, blocks.actions(blocks.button("All changes", f"{FORM}:{ALL_NEWS}", ALL_NEWS))])


def all_news(releases: Sequence[tuple[str, Sequence[str]]]) -> dict[str, Any]:
    """What's new, release by release."""
    parts: list[Block] = []
    for title, lines in releases[:10]:
        parts.append(blocks.header(title))
        if lines:
            parts.append(blocks.rich(blocks.bullets(blocks.line(blocks.span(each)) for each in lines[:40])))
    return modal(NEWS_TITLE, parts)


def _first_sentence(text: str) -> str:
    """The first sentence, without what is in brackets at its end."""
    first = text.partition(". ")[0].rstrip(".")
    return f"{first.rpartition(' (')[0] if first.endswith(')') and ' (' in first else first}."


def feedback_post(text: str, user_id: str, email: str, where: str = "") -> dict[str, Any]:
    """The feedback as a payload for its channel; `where` names the workspace of someone in another one."""
    who = blocks.bold(f"Someone in the workspace {name(where, 60)}") if where else blocks.user(user_id)
    line = blocks.line(who, blocks.span(f" ({name(email)})" if email else " (not linked)"), blocks.bold(" says:"))
    quote = {"type": "rich_text_quote", "elements": [blocks.span(blocks.clip(text, LONGEST_FEEDBACK))]}
    return {"text": "Feedback about tierbot", "blocks": [blocks.rich(line, quote)]}
