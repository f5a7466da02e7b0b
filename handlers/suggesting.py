"""What someone may have meant: each suggestion is tried before it is offered, so none fails the same way."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise

from handlers.command_names import BEHIND
from handlers.conversation import Conversation
from handlers.errors import Refusal, refusal
from handlers.parsing.sentences import versions
from handlers.parsing.words import Word, joined, words_of
from handlers.question import InvalidInput, ParseContext, Reading
from handlers.typed_command import QUESTIONS, TypedCommand
from handlers.views.parts.choices import WHAT_IF
from handlers.views.replies import Suggestion
from tiercore.access import NoSuchPartner, Reach, Viewer, plain
from tiercore.questions.client import NoSuchClient
from tiercore.suggestions import nearest

MAX_OFFERED = 4
_MAX_TRIED = 10
_LONGEST_NAME = 8  # words
_UNITS = ("days", "weeks", "months", "years")


async def refusal_with_suggestions(
    error: Exception, command: TypedCommand, viewer: Viewer, conversation: Conversation, as_of: date | None = None
) -> Refusal:
    """The reply to an expected error, with buttons for what may have been meant. Any other error is raised again."""
    offered: list[Suggestion] = []
    if isinstance(error, InvalidInput):
        chosen = [(label, command.word, text, error.partner_id or command.partner_id) for label, text in error.choices]
        named = [(f"/{BEHIND} {each.name}", BEHIND, "", each.partner_id) for each in error.partners]
        meant = (*chosen, *named, *_help(command, words_of(command.text)))
        offered = await _leading_on(meant, viewer, conversation, as_of)
    if isinstance(error, NoSuchPartner | NoSuchClient):
        reach = await conversation.answers.reach(viewer)
        context = ParseContext(as_of or conversation.today(), conversation.answers.program.tier_names)
        candidates = {each[1:]: each for each in reversed([*_candidates(error, command, context, reach)][:_MAX_TRIED])}
        offered = await _leading_on(reversed(candidates.values()), viewer, conversation, as_of)
        if not offered:
            rest = dict.fromkeys(_without_the_rest(command, context))
            offered = await _leading_on(rest, viewer, conversation, as_of)
    return refusal(error, command, viewer, offered, for_partners=conversation.for_partners)


async def _leading_on(
    candidates: Iterable[Suggestion], viewer: Viewer, conversation: Conversation, as_of: date | None
) -> list[Suggestion]:
    """The first MAX_OFFERED suggestions that lead on."""
    offered = list[Suggestion]()
    for suggestion in candidates:
        _, word, text, partner_id = suggestion
        await asyncio.sleep(0)  # let other questions in
        if await conversation.leads_on(TypedCommand(word, text, partner_id), viewer, as_of):
            offered.append(suggestion)
        if len(offered) == MAX_OFFERED:
            break
    return offered


def _candidates(
    error: NoSuchPartner | NoSuchClient, command: TypedCommand, context: ParseContext, reach: Reach
) -> Iterator[Suggestion]:
    """What may have been meant, the likeliest first."""
    words = words_of(command.text)
    if isinstance(error, NoSuchClient):
        yield from _clients(error, command)
    yield from _help(command, words)
    yield from _commands(command, words)
    yield from _tiers(words, context, plain(error.text).split())
    yield from _spans(command, words)
    if isinstance(error, NoSuchPartner):
        for partner in error.suggestions:
            yield partner.name, command.word, "", partner.partner_id
    yield from _partner_in_a_sentence(command, words, context, reach)


def _clients(error: NoSuchClient, command: TypedCommand) -> Iterator[Suggestion]:
    """The client itself, or the same question about it where that takes more words than the client's name."""
    for client_id, each in error.suggestions:
        if command.word == WHAT_IF and error.text in command.text:
            yield each, WHAT_IF, command.text.replace(error.text, f'"{client_id}"'), error.partner_id
        else:
            yield each, "clients", f'"{client_id}"', error.partner_id
    yield from _new_client(error, command) if error.suggestions else ()


def _new_client(error: NoSuchClient, command: TypedCommand) -> Iterator[Suggestion]:
    """The same sale to a new client of that name."""
    if command.word == WHAT_IF and error.text in command.text:
        text = command.text.replace(error.text, f'new client "{error.text}"')
        yield f"A new client: {error.text}", WHAT_IF, text, error.partner_id


def _help(command: TypedCommand, words: Sequence[Word]) -> Iterator[Suggestion]:
    """Mistyped help (`/gap hepl`)."""
    if not command.partner_id and len(words) == 1 and not words[0].quoted and nearest(plain(words[0].text), {"help"}):
        yield f"/{command.word} help", command.word, "help", None


def _commands(command: TypedCommand, words: Sequence[Word]) -> Iterator[Suggestion]:
    """A mistyped command after /tier (`/tier cleints`), with the words after it and without."""
    if command.word != BEHIND or command.partner_id or not words or words[0].quoted:
        return
    found = nearest(plain(words[0].text), {*QUESTIONS} - {BEHIND, "convert"})
    if found:
        rest = joined(words[1:])
        yield from ((f"/{found} {rest}", found, rest, None),) if rest else ()
        yield f"/{found}", found, "", None


def _tiers(words: Sequence[Word], context: ParseContext, unknown: Sequence[str]) -> Iterator[Suggestion]:
    """A mistyped tier (`/gap platnum by 15 jan`), or a tier after a command that takes none (`/tier platinum`), among
    the words that were not understood; the rest is a day or a name.
    """
    for index, word in enumerate(words):
        text = plain(word.text)
        found = None if word.quoted or text not in unknown else nearest(text, context.tiers)
        if found:
            rest = joined(_without_options([*words[:index], *words[index + 1 :]]))
            readings = QUESTIONS["gap"].parse(f"{found} {rest}", context) if rest else ()
            dated = [each.words for each in readings if each.partner is None and each.words]
            for text in (*dated, f'{found} "{rest}"', found) if rest else (found,):
                yield f"/gap {text}", "gap", text, None
            return


def _spans(command: TypedCommand, words: Sequence[Word]) -> Iterator[Suggestion]:
    """A mistyped span of time (`/expiring 3 monts`)."""
    for number, unit in pairwise(words if command.word in ("expiring", "changes") else ()):
        found = nearest(plain(unit.text), _UNITS)
        if found and number.text.isdecimal() and not unit.quoted:
            rest = joined(_without_options([each for each in words if each not in (number, unit)]))
            span = f"{number.text} {found}"
            for text in (f'{span} "{rest}"', span) if rest else (span,):
                yield f"/{command.word} {text}", command.word, text, None
            return


def _partner_in_a_sentence(
    command: TypedCommand, words: Sequence[Word], context: ParseContext, reach: Reach
) -> Iterator[Suggestion]:
    """A partner named somewhere among other words, with the rest of them if it says something, and alone."""
    for size in range(min(_LONGEST_NAME, len(words)), 0, -1):
        for start in range(len(words) - size + 1):
            named = reach.index.named(joined(words[start : start + size]) or "")
            if len(named) == 1:
                rest = joined([*words[:start], *words[start + size :]]) or ""
                for reading in _requests(command, rest, context):
                    yield (
                        f"/{command.word} {reading.words} {named[0].name}",
                        *_of(command, reading, named[0].partner_id),
                    )
                yield f"/{command.word} {named[0].name}", command.word, "", named[0].partner_id
                return


def _without_the_rest(command: TypedCommand, context: ParseContext) -> Iterator[Suggestion]:
    """What the command understands of the text, without the words that name nobody."""
    for text in versions(command.text, QUESTIONS[command.word]):
        for reading in _requests(command, text, context):
            yield f"/{command.word} {reading.words}", *_of(command, reading, command.partner_id)


def _of(command: TypedCommand, reading: Reading, partner_id: str | None) -> tuple[str, str, str | None]:
    return command.word, reading.words, partner_id


def _requests(command: TypedCommand, text: str, context: ParseContext) -> list[Reading]:
    """The readings of the text in which the command takes some of its words."""
    found = QUESTIONS[command.word].parse(text, context)
    return [each for each in found if each.words and not isinstance(each.request, InvalidInput)][:2]


def _without_options(words: Sequence[Word]) -> list[Word]:
    """The words without options of the command line (`--json`), which name no partner."""
    return [word for word in words if word.quoted or not word.text.startswith("--")]
