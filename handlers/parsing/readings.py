"""Every way to read a command's words: the request at the beginning or the end, and a partner's name in the rest."""

from collections.abc import Callable, Sequence
from typing import Any

from handlers.parsing.words import Word, joined
from handlers.question import InvalidInput, Reading

Read = Callable[[str], Any]


def readings(words: Sequence[Word], most: int, read: Read, said: Callable[[Any], str], otherwise: Any) -> list[Reading]:
    """The readings, best first: those that take the most words, up to `most`, then `otherwise` with all for a name
    (or, being InvalidInput, where there is no other reading).

    `read` answers a request, InvalidInput, or None where the text is no request; `said` are the words of a request as
    they would be typed again. A partner's name may itself begin or end like a request, so a wrong one comes last.
    """
    found: list[Reading] = []
    wrong: list[Reading] = []
    for size in range(min(most, len(words)), 0, -1):
        for taken, rest in ((words[:size], words[size:]), (words[-size:], words[:-size])):
            request = None if any(word.quoted for word in taken) else read(" ".join(word.text for word in taken))
            if isinstance(request, InvalidInput):
                wrong.append(Reading(joined(rest), request, ""))
            elif request is not None:
                found.append(Reading(joined(rest), request, said(request)))
    if isinstance(otherwise, InvalidInput):
        return found + wrong or [Reading(None, otherwise, "")]
    return [*found, Reading(joined(words), otherwise, said(otherwise)), *wrong]
