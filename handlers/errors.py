"""The one place where an error becomes a reply: a code for programs, a message for people, buttons to go on."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from handlers.command_names import BEHIND
from handlers.conversation import QUESTIONS, NoSuchQuestion, TypedCommand
from handlers.parsing.words import Word, joined, words_of
from handlers.question import InvalidInput
from handlers.views.parts.blocks import Message
from handlers.views.parts.formats import listed, name, tier
from handlers.views.replies import Suggestion, in_plain_text, not_linked, plain_reply, which_partner
from tiercore.access import NoSuchPartner, NotLinked, SlackUser, Viewer, WhichPartner, plain
from tiercore.people.types import InvalidChange, NotAllowed
from tiercore.program import UnknownTier
from tiercore.questions.client import NoSuchClient
from tiercore.questions.gap import NothingAbove
from tiercore.questions.why import FIGURES_OF_POINTS
from tiercore.suggestions import nearest

_UNITS = ("days", "weeks", "months", "years")


@dataclass(frozen=True, slots=True)
class Refusal:
    """The reply to an expected error: `code` is stable, `message` is what Slack shows."""

    code: str
    message: Message

    @property
    def text(self) -> str:
        """The refusal in one line of plain text."""
        return in_plain_text(self.message)


EXPECTED = (
    *(NotLinked, WhichPartner, NoSuchPartner, NoSuchClient, UnknownTier, NothingAbove, InvalidInput, NoSuchQuestion),
    *(InvalidChange, NotAllowed),
)


def refusal(error: Exception, command: TypedCommand, viewer: Viewer, tiers: frozenset[str]) -> Refusal:
    """The reply to an expected error. Any other error is a bug or an outage, and is raised again."""
    match error:
        case NotLinked():
            return Refusal("not_bound", not_linked(viewer if isinstance(viewer, SlackUser) else None))
        case WhichPartner():
            return Refusal("which_partner", which_partner(error.choices, command.word, error.words))
        case NoSuchPartner():
            return _no_such_partner(error, command, tiers)
        case NoSuchClient():
            return _no_such_client(error)
        case InvalidChange() | NotAllowed():
            return Refusal("not_done", plain_reply(str(error)))
        case UnknownTier():
            return _unknown_tier(error)
        case NothingAbove():
            reply = plain_reply("You hold the highest tier.", "To see a tier's requirements, name it, like /gap elite.")
            return Refusal("nothing_above", reply)
        case InvalidInput():
            return Refusal("bad_words", plain_reply(str(error)))
        case NoSuchQuestion():
            return Refusal("no_such_question", _no_such_question(str(error)))
        case _:
            raise error


def fault(reference: str) -> Refusal:
    """The reply to an unexpected error: a reference to the log, and nothing about the error itself."""
    what = "Something went wrong on our side. Nothing was changed."
    how = f"Try again in a minute. If it keeps happening, give your admin this reference: {reference}."
    return Refusal("fault", plain_reply(what, how))


def _no_such_partner(error: NoSuchPartner, command: TypedCommand, tiers: frozenset[str]) -> Refusal:
    suggestions = [
        *_command_suggestions(command),
        *_tier_suggestions(command, tiers),
        *_span_suggestions(command),
        *_partner_suggestions(error, command),
    ]
    kind = "tier or partner" if command.word == "gap" else "partner"
    what = f"I can't find a {kind} called “{name(error.text, 60)}” among those you can see."
    how = f"Type /{command.word} {QUESTIONS[command.word].usage}, or /{command.word} help for examples."
    next_step = _did_you_mean(suggestions) if suggestions else how
    if command.word == "why":
        next_step = f"{next_step} Figures: {', '.join(FIGURES_OF_POINTS)}."
    return Refusal("no_such_partner", plain_reply(what, next_step, suggestions))


def _no_such_client(error: NoSuchClient) -> Refusal:
    suggestions = [(each, "clients", f'"{client_id}"', None) for client_id, each in error.suggestions]
    what = f"This partner has no client called “{name(error.text, 60)}”."
    next_step = _did_you_mean(suggestions) if suggestions else "/clients lists them all."
    return Refusal("no_such_client", plain_reply(what, next_step, suggestions))


def _command_suggestions(command: TypedCommand) -> list[Suggestion]:
    """A mistyped command after /tier (`/tier cleints`, `/tier hepl`), when it is the only word."""
    words = words_of(command.text) if command.word == BEHIND and not command.partner_id else []
    if not words or words[0].quoted:
        return []
    found = nearest(plain(words[0].text), {*QUESTIONS, "help"} - {BEHIND, "convert"})
    if found == "help":
        return [("/tier help", BEHIND, "help", None)]
    return [(f"/{found}", found, "", None)] if found else []


def _did_you_mean(suggestions: Sequence[Suggestion]) -> str:
    return "Did you mean this one?" if len(suggestions) == 1 else "Did you mean one of these?"


def _tier_suggestions(command: TypedCommand, tiers: frozenset[str]) -> list[Suggestion]:
    """A mistyped tier (`/gap platnum`), or a tier after a command that takes none (`/tier platinum`)."""
    words = words_of(command.text)
    for index, word in enumerate(words):
        found = None if word.quoted else nearest(plain(word.text), tiers)
        if found:
            rest = joined(_without_options(words[:index] + words[index + 1 :]))
            text = f'{found} "{rest}"' if rest else found
            return [(f"/gap {text}", "gap", text, None)]
    return []


def _without_options(words: Sequence[Word]) -> list[Word]:
    """The words without options of the command line (`--json`), which name no partner."""
    return [word for word in words if word.quoted or not word.text.startswith("--")]


def _span_suggestions(command: TypedCommand) -> list[Suggestion]:
    """A mistyped span of time (`/expiring 3 monts`)."""
    words = words_of(command.text) if command.word in ("expiring", "changes") else []
    for number, unit in pairwise(words):
        found = nearest(plain(unit.text), _UNITS)
        if found and number.text.isdecimal() and not unit.quoted:
            rest = joined(_without_options([each for each in words if each not in (number, unit)]))
            text = f'{number.text} {found} "{rest}"' if rest else f"{number.text} {found}"
            return [(f"/{command.word} {text}", command.word, text, None)]
    return []


def _partner_suggestions(error: NoSuchPartner, command: TypedCommand) -> list[Suggestion]:
    return [(partner.name, command.word, "", partner.partner_id) for partner in error.suggestions]


def _unknown_tier(error: UnknownTier) -> Refusal:
    tiers = listed([tier(each) for each in error.tiers])
    what = f"The program has no tier called “{error.name}” on that day."
    return Refusal("no_such_tier", plain_reply(what, f"Its tiers: {tiers}."))


def _no_such_question(word: str) -> Message:
    found = nearest(plain(word), QUESTIONS)
    commands = ", ".join(question.command for question in QUESTIONS.values())
    suggestions: list[Suggestion] = [(f"/{found}", found, "", None)] if found else []
    return plain_reply(f"There's no command “{name(word, 40)}”.", f"Commands: {commands}.", suggestions)
