"""`help`, for one command and for all."""

from collections.abc import Sequence

from handlers.parsing.words import words_of
from handlers.question import Question
from handlers.views.parts import blocks
from handlers.views.parts.blocks import Message
from handlers.views.parts.formats import spoken

ANY_BEHIND_TIER = "Every command also works after /tier, like /tier gap platinum"
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


def help_message(question: Question, questions: Sequence[Question]) -> Message:
    """What the command answers, its examples, and every other command, one per line."""
    head = f"{question.command} {question.usage}"
    lines = (
        blocks.line(blocks.code(example), blocks.span(f": {meaning}"))
        for example, meaning in (*question.examples, *question.also)
    )
    body = blocks.rich(blocks.line(blocks.span(question.summary + ".")), blocks.bullets(lines))
    others = [f"{each.command} {each.usage}: {each.summary}" for each in questions if each is not question]
    how = f"Name a partner by its name or ID; put quotes around it if it's ambiguous. {ANY_BEHIND_TIER}"
    notes = blocks.context(how, "\n".join(others))
    examples = (f"{example}: {meaning}." for example, meaning in (*question.examples, *question.also))
    return Message(spoken(f"{head}: {question.summary}.", *examples), [blocks.header(head), body, notes])
