"""The one place where an error becomes a reply: a code for programs, a message for people, buttons to go on."""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.command_names import BEHIND
from handlers.commands.account import SUBCOMMANDS
from handlers.commands.subscriptions import DIGEST_SUBCOMMANDS
from handlers.parsing.words import words_of
from handlers.question import InvalidInput
from handlers.typed_command import QUESTIONS, NoSuchQuestion, TypedCommand
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


def refusal(
    error: Exception,
    command: TypedCommand,
    viewer: Viewer,
    offered: Sequence[Suggestion] = (),
    *,
    for_partners: bool = False,
) -> Refusal:
    """The reply to an expected error, with buttons for what is `offered`; `for_partners` suggests nothing that only the
    program's people can do. Any other error is a bug or an outage, and is raised again.
    """
    match error:
        case NotLinked():
            return Refusal("not_bound", not_linked(viewer if isinstance(viewer, SlackUser) else None))
        case WhichPartner():
            return Refusal("which_partner", which_partner(error.choices, command.word, error.words))
        case NoSuchPartner():
            return _no_such_partner(error, command, offered, for_partners=for_partners)
        case NoSuchClient():
            return _no_such_client(error, offered)
        case InvalidChange() | NotAllowed():
            return Refusal("not_done", plain_reply(str(error)))
        case UnknownTier():
            return _unknown_tier(error)
        case NothingAbove():
            reply = plain_reply("You hold the highest tier.", "To see a tier's requirements, name it, like /gap elite.")
            return Refusal("nothing_above", reply)
        case InvalidInput():
            return Refusal("bad_words", plain_reply(str(error), suggestions=offered))
        case NoSuchQuestion():
            return Refusal("no_such_question", _no_such_question(str(error)))
        case _:
            raise error


def fault(reference: str) -> Refusal:
    """The reply to an unexpected error: a reference to the log, and nothing about the error itself."""
    what = "Something went wrong on our side. Nothing was changed."
    how = f"Try again in a minute. If it keeps happening, give your admin this reference: {reference}."
    return Refusal("fault", plain_reply(what, how))


def _no_such_partner(
    error: NoSuchPartner, command: TypedCommand, offered: Sequence[Suggestion], *, for_partners: bool
) -> Refusal:
    kind = {"gap": "tier or partner", "clients": "client or partner"}.get(command.word, "partner")
    what = f"I can't find a {kind} called “{name(error.text, 60)}” among those you can see."
    if not error.suggestions and len(error.text.split()) > 1:
        what = f"I don't understand “{name(error.text, 60)}”: no {kind} that you can see is called that."
    how = f"Type /{command.word} {QUESTIONS[command.word].usage}, or /{command.word} help for examples."
    next_step = _did_you_mean(offered) if offered else _subcommand_meant(command, for_partners=for_partners) or how
    if command.word == "why":
        next_step = f"{next_step} Figures: {', '.join(FIGURES_OF_POINTS)}."
    return Refusal("no_such_partner", plain_reply(what, next_step, offered))


def _no_such_client(error: NoSuchClient, offered: Sequence[Suggestion]) -> Refusal:
    what = f"This partner has no client called “{name(error.text, 60)}”."
    return Refusal(
        "no_such_client", plain_reply(what, _did_you_mean(offered) if offered else "/clients lists them all.", offered)
    )


def _did_you_mean(offered: Sequence[Suggestion]) -> str:
    return "Did you mean this one?" if len(offered) == 1 else "Did you mean one of these?"


def _subcommand_meant(command: TypedCommand, *, for_partners: bool) -> str:
    """What to type in place of a mistyped subcommand (`/digest pasue`); a button can't run it."""
    of_word = {BEHIND: SUBCOMMANDS, "digest": DIGEST_SUBCOMMANDS}.get(command.word, {})
    known = {word: each for word, each in of_word.items() if not (for_partners and each.for_program)}
    words = words_of(command.text)
    found = nearest(plain(words[0].text), known) if words and not words[0].quoted else None
    said = found and ((for_partners and known[found].for_partners) or known[found].summary)
    return f"To {said}, type /{command.word} {known[found].usage}." if found else ""


def _unknown_tier(error: UnknownTier) -> Refusal:
    tiers = listed([tier(each) for each in error.tiers])
    what = f"The program has no tier called “{error.name}” on that day."
    return Refusal("no_such_tier", plain_reply(what, f"Its tiers: {tiers}."))


def _no_such_question(word: str) -> Message:
    found = nearest(plain(word), QUESTIONS)
    commands = ", ".join(question.command for question in QUESTIONS.values())
    suggestions: list[Suggestion] = [(f"/{found}", found, "", None)] if found else []
    return plain_reply(f"There's no command “{name(word, 40)}”.", f"Commands: {commands}.", suggestions)
