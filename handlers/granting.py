"""From the readings of a text to the one that can be answered, or to the error that says most."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from handlers.question import InvalidInput, Question, Reading
from tiercore.access import MANY, Grant, NoSuchPartner, PartnerName, Reach, WhichPartner
from tiercore.questions.client import NoSuchClient


class Found(NamedTuple):
    """A question, the reading of its text, a grant for its partner (if it has one), and the viewer's reach."""

    question: Question
    reading: Reading
    grant: Grant | None
    reach: Reach


def first_granted(
    readings: Sequence[Reading], reach: Reach, partner_id: str | None, *, needed: bool
) -> tuple[Reading, Grant | None]:
    """The first reading whose partner the viewer may see, and its grant. Raises the first reading's error if none fits.

    The grant is None where the viewer named none of several partners and the question needs none.
    """
    first_error: NoSuchPartner | None = None
    for reading in readings:
        if isinstance(reading.request, InvalidInput):
            raise reading.request
        try:
            return reading, reach.grant(partner_id or reading.partner)
        except WhichPartner as error:
            if error.text is None and not needed:
                return reading, None
            error.words, error.detail = reading.words, reading.detail
            raise
        except NoSuchPartner as error:
            first_error = first_error or error
    assert first_error is not None
    raise first_error


async def similar(reach: Reach, text: str) -> Sequence[PartnerName]:
    """The partners with names like the text, looked for in a thread among many."""
    if len(reach.partners) <= MANY:
        return reach.index.similar(text)
    return await asyncio.to_thread(reach.index.similar, text)


def raise_nearest(errors: Sequence[Exception]) -> None:
    """Raise the last error about a text that is near a partner's name, if there is one."""
    near = [error for error in errors if isinstance(error, NoSuchPartner) and error.suggestions]
    if near:
        raise near[-1]


def most_telling(errors: Sequence[NoSuchPartner | NoSuchClient | InvalidInput]) -> Exception:
    """The error to show: what can't be used as it was typed, or else the fewest words that name nobody."""
    unusable = [error for error in errors if isinstance(error, InvalidInput)]
    return unusable[0] if unusable else errors[-1]
