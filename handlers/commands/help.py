"""`help`, for one command and for all."""

from collections.abc import Mapping, Sequence

from handlers.parsing.words import words_of
from handlers.question import Question
from handlers.views.parts import blocks
from handlers.views.parts.blocks import Message
from handlers.views.parts.formats import spoken
from tiercore.access import plain

ANY_BEHIND_TIER = "Every command also works after /tier, like /tier gap platinum"
_LOOKED_AFTER = "you look after"
_HELP_WORDS = frozenset({"help", "-h", "--help", "?", "hilfe", "aide", "ayuda"})


def wants_help(text: str) -> bool:
    """Whether the text asks for help, alone or as its first word."""
    words = words_of(text) if text else []
    return bool(words) and not words[0].quoted and words[0].text.casefold() in _HELP_WORDS and len(words) <= 2


def overview(questions: Sequence[Question]) -> Message:
    """Every command, one per line."""
    lines = (
        blocks.line(blocks.code(f"{each.command} {each.usage}"), blocks.span(f": {each.summary}")) for each in questions
    )
    hint = blocks.context("Add help to any command for examples, like /gap help", ANY_BEHIND_TIER)
    summaries = (f"{each.command}: {each.summary}." for each in questions)
    shown = [blocks.header("What you can ask"), blocks.rich(blocks.bullets(lines)), hint]
    return Message(spoken("What you can ask.", *summaries), shown)


def help_message(question: Question, questions: Sequence[Question], *, for_partners: bool = False) -> Message:
    """What the command answers, its examples, and every other command, one per line; `for_partners` without what only
    the program's people have, partners that they look after.
    """
    head = f"{question.command} {question.usage}"
    examples = (*question.examples, *question.also)
    if for_partners:
        own = (each for each in question.examples if _LOOKED_AFTER not in each[1])
        examples = (*own, *question.also_for_partners)
    lines = (blocks.line(blocks.code(example), blocks.span(f": {meaning}")) for example, meaning in examples)
    body = blocks.rich(blocks.line(blocks.span(question.summary + ".")), blocks.bullets(lines))
    others = [f"{each.command} {each.usage}: {each.summary}" for each in questions if each is not question]
    named = "Name a partner by its name or ID; put quotes around it if it's ambiguous. "
    how = f"{'' if for_partners else named}{ANY_BEHIND_TIER}"
    notes = blocks.context(how, "\n".join(others))
    said = (f"{example}: {meaning}." for example, meaning in examples)
    return Message(spoken(f"{head}: {question.summary}.", *said), [blocks.header(head), body, notes])


def help_asked(word: str, text: str, questions: Mapping[str, Question], *, for_partners: bool) -> Message | None:
    """The help that is asked for: `help` alone, after a command, or before its name (`/help why`, `/tier help why`).

    None where none is, and `for_partners` after a command that only the program's people have.
    """
    is_help = not word or wants_help(word)
    if not is_help and not wants_help(text):
        return None
    offered = {each.word: each for each in questions.values() if not (for_partners and each.for_program)}
    words = words_of(text)
    named = offered.get(plain(words[-1].text).removeprefix("/")) if words else None
    found = named or offered.get(word)
    if is_help and not named:
        return overview([*offered.values()])
    return help_message(found, [*offered.values()], for_partners=for_partners) if found else None
