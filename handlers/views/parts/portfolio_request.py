"""What is asked of a portfolio, and how that is typed: buttons and menus carry it as such words."""

import re
from dataclasses import dataclass, field

from tiercore.portfolio.state import By, Filter, Show

COMPARE = "compare"
_QUOTES = re.compile('["“”„«»]')  # names are compared without them


@dataclass(frozen=True, slots=True)
class Unclear:
    """Words that only the names of CAMs can explain, and what to say, with what may be meant, where none is one; and
    the request without them.
    """

    text: str
    message: str
    choices: tuple[tuple[str, str], ...] = ()
    rest: str = ""


@dataclass(frozen=True, slots=True)
class PortfolioRequest:
    """A page of the partners that pass a filter, in an order, or the text that names those to compare; `page` counts
    from 1. What is `unclear` may be a CAM's name.
    """

    of: Filter = field(default_factory=Filter)
    by: By = By.RISK
    page: int = 1
    compared: str = ""
    unclear: Unclear | None = None

    @property
    def words(self) -> str:
        """The request as it would be typed, without its page."""
        if self.compared:
            return f"{COMPARE} {self.compared}"
        show = self.of.show.value if self.of.show is not Show.ALL else ""
        tier = f"tier {self.of.tier}" if self.of.tier else ""
        called = self.unclear.text if self.unclear else self.of.cam
        cam = f'cam "{_QUOTES.sub(" ", called)}"' if called else ""
        order = f"by {self.by.value}" if self.by is not By.RISK else ""
        return " ".join(each for each in (show, tier, cam, order) if each)

    @property
    def typed(self) -> str:
        """The request as it would be typed."""
        return f"{self.words} page {self.page}".strip() if self.page > 1 else self.words
