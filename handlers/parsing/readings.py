"""Every way to read a command's words: the request at the beginning or the end, and a partner's name in the rest."""

from collections.abc import Callable, Sequence
from typing import Any

from handlers.parsing.words import Word, joined
from handlers.question import Ask, BadWords

Read = Callable[[str], Any]


def readings(words: Sequence[Word], most: int, read: Read, said: Callable[[Any], str], otherwise: Any) -> list[Ask]:
    """The readings, best first: those that take the most words, up to `most`, then `otherwise` with all for a name
    (or, being BadWords, where there is no other reading).

    `read` answers a request, BadWords, or None where the text is no request; `said` are the words of a request as they
    would be typed again. A partner's name may itself begin or end like a request, so a wrong one comes last.
    """
    found: list[Ask] = []
    wrong: list[Ask] = []
    for size in range(min(most, len(words)), 0, -1):
        for taken, rest in ((words[:size], words[size:]), (words[-size:], words[:-size])):
            request = None if any(word.quoted for word in taken) else read(" ".join(word.text for word in taken))
            if isinstance(request, BadWords):
                wrong.append(Ask(joined(rest), request, ""))
            elif request is not None:
                found.append(Ask(joined(rest), request, said(request)))
    if isinstance(otherwise, BadWords):
        return found + wrong or [Ask(None, otherwise, "")]
    return [*found, Ask(joined(words), otherwise, said(otherwise)), *wrong]
