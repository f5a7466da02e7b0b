"""What was typed or clicked: a command by its word, among all the commands that there are."""

from dataclasses import dataclass

from handlers.command_names import BEHIND
from handlers.commands.in_order import IN_ORDER
from handlers.parsing.words import clean, words_of
from handlers.question import Question
from tiercore.access import plain
from tiercore.people.types import NotAllowed

QUESTIONS: dict[str, Question] = {each.word: each for each in IN_ORDER}


class NoSuchQuestion(LookupError):
    """No command has this name."""


@dataclass(frozen=True, slots=True)
class TypedCommand:
    """A command as typed or clicked: its word, the text after it, and a partner's id where a button names one.

    `behind_tier` is the whole text after /tier where it begins with another command's word. It may also be the name of
    a partner.
    """

    word: str
    text: str = ""
    partner_id: str | None = None
    behind_tier: str | None = None


def typed_command(word: str, text: str) -> TypedCommand:
    """The command that was typed: `/tier why sold` is `/why sold`; `/tier "why sold"` names a partner."""
    words = words_of(text)
    first = plain(words[0].text) if words and not words[0].quoted else ""
    if word != BEHIND or first == BEHIND or first not in QUESTIONS:
        return TypedCommand(word, text)
    return TypedCommand(first, clean(text)[len(words[0].text) :].strip(), behind_tier=text)


def question_of(command: TypedCommand, *, for_partners: bool = False) -> Question:
    """What the command asks. Raises NoSuchQuestion, and `for_partners`, in a workspace of theirs, NotAllowed for a
    question that is only for the program's people.
    """
    question = QUESTIONS.get(command.word)
    if question is None:
        raise NoSuchQuestion(command.word)
    if for_partners and question.for_program:
        raise NotAllowed(f"/{command.word} is for the people of your partner program. Type /tier for your standing.")
    return question
