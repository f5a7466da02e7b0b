"""Pages of records and the cursors between them."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.playground.local_hubspot.errors import invalid
from bot.playground.local_hubspot.faults import Fault
from bot.playground.local_hubspot.portal.records import Record

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Page:
    """The records of a page, and the cursor of the next, None after the last."""

    records: Sequence[Record]
    after: str | None

    def paging(self, url: str) -> Json:
        """The `paging` member of an answer, left out after the last page."""
        if self.after is None:
            return {}
        separator = "&" if "?" in url else "?"
        return {"paging": {"next": {"after": self.after, "link": f"{url}{separator}after={self.after}"}}}


def limit_of(text: object, default: int, most: int) -> int:
    """How many rows a page may have. Raises ApiError: 400."""
    if text is None:
        return default
    if not str(text).isdecimal() or not 0 < int(str(text)) <= most:
        raise invalid(f"Invalid limit {text}: it must be a number from 1 to {most}.")
    return int(str(text))


def position_of(after: str) -> int:
    """The place that a cursor stands for; what follows a point only tells it from another. Raises ApiError: 400."""
    place = (after or "0").partition(".")[0]
    if not place.isdecimal():
        raise invalid(f"Invalid cursor {after!r}.", after=[after])
    return int(place)


def spoiled(page: Page, fault: Fault | None, after: str, previous: Record | None) -> Page:
    """The page with what a fault does to it. `after` is the cursor that it was asked for with, and `previous` the
    record before it.
    """
    if fault is None or fault.paging is None:
        return page
    match fault.paging:
        case "empty":
            place, _, number = (after or "0").partition(".")
            return Page([], f"{place}.{int(number or 0) + 1}")
        case "same cursor":
            return Page(page.records, after or "0")
        case "lost rows":
            return Page(page.records[: fault.rows], page.after)
        case "repeated record" if previous is not None:
            return Page([previous, *page.records], page.after)
        case _:
            return page
