"""A row of a file or a sync that may be what someone typed: which of them counts."""

from handlers.views.account import change_button
from handlers.views.entry_words import in_few_words
from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.formats import day, name, spoken
from tiercore.typed.types import Kind, MatchToAsk

USE_FILE, KEEP_MINE, BOTH = "typed_file", "typed_mine", "typed_two"


def matching(asked: MatchToAsk, *, decides: bool) -> Message:
    """Asks which counts: what someone typed, or the row that a file or a sync brought."""
    typed, incoming = (in_few_words(asked.kind, each, asked.names) for each in (asked.typed, asked.incoming))
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
