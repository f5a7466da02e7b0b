"""Every reading of a command's words: the request first or last, and a partner's name in the rest."""

from collections.abc import Callable, Sequence
from typing import Any

from handlers.parsing.words import Word, joined
from handlers.question import InvalidInput, Reading

Parse = Callable[[str], Any]


def readings(
    words: Sequence[Word], limit: int, parse: Parse, as_typed: Callable[[Any], str], default: Any
) -> list[Reading]:
    """The readings, best first: those whose request takes most words, up to `limit`, then the `default` request with
    all words as a name. A default that is an InvalidInput is the only reading, if there is no other.

    `parse` gives a request, an InvalidInput, or None where the text is no request; `as_typed` gives a request as it
    would be typed again. A partner's name may begin or end like a request, so an invalid request comes last.
    """
    found: list[Reading] = []
    invalid: list[Reading] = []
    for size in range(min(limit, len(words)), 0, -1):
        for taken, rest in ((words[:size], words[size:]), (words[-size:], words[:-size])):
            request = None if any(word.quoted for word in taken) else parse(" ".join(word.text for word in taken))
            if isinstance(request, InvalidInput):
                invalid.append(Reading(joined(rest), request, ""))
            elif request is not None:
                found.append(Reading(joined(rest), request, as_typed(request)))
    if isinstance(default, InvalidInput):
        return found + invalid or [Reading(None, default, "")]
    return [*found, Reading(joined(words), default, ""), *invalid]
