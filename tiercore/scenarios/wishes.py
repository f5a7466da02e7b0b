"""From what somebody asked, with what they left out, to the steps of a scenario and what it assumes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from dateutil.relativedelta import relativedelta

from tiercore.facts.entries import DealType, Motion
from tiercore.facts.money import Money, minor_digits
from tiercore.program import Catalogue, Program
from tiercore.questions.requirements import is_qualifying
from tiercore.rating.credits import ClientBook
from tiercore.rating.lines import HeldLevel, LineKey, level_on, levels_by_line
from tiercore.rating.managed import in_force
from tiercore.scenarios.books import PartnerBooks
from tiercore.scenarios.entries import deal_type_of
from tiercore.scenarios.naming import paying_lines
from tiercore.scenarios.steps import (
    NEW_CLIENT,
    Downgrade,
    EndAgreement,
    ExtendAgreement,
    Lose,
    NewClient,
    RenewCertification,
    Sell,
    Step,
)

CERTIFICATION = "Solutions Partner Certification"
MAIN_LINE = "Marketing Hub"  # of a sale that names none; it decides nothing but whose levels rise
_A_YEAR = relativedelta(years=1)


class WishKind(StrEnum):
    """What may happen."""

    SELL = "sell"
    LOSE = "lose"
    DOWNGRADE = "downgrade"
    UPGRADE = "upgrade"
    END = "end agreement"
    EXTEND = "extend agreement"
    RENEW = "renew certification"

    @property
    def takes_client(self) -> bool:
        """Whether it is about a client that has to be named."""
        return self not in (WishKind.SELL, WishKind.RENEW)

    @property
    def takes_amount(self) -> bool:
        """Whether it needs an amount of MRR."""
        return self in (WishKind.SELL, WishKind.DOWNGRADE, WishKind.UPGRADE)


@dataclass(frozen=True, slots=True)
class Wish:
    """A step as it was asked for; None is what was left out.

    `client_id` and `product_line` are those on file, `hundredths` an amount of MRR in hundredths of `currency`. `day`
    is when it happens, or the last day that counts of an agreement or a certification, which is renewed on `starts_on`.
    With `is_day_assumed` only a month was named.
    """

    kind: WishKind
    client_id: str | None = None
    product_line: str | None = None
    hundredths: int | None = None
    currency: str | None = None
    motion: Motion | None = None
    deal_type: DealType | None = None
    day: date | None = None
    new_client: NewClient | None = None
    starts_on: date | None = None
    is_day_assumed: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A wish, and the words that name its client and product line, if any; `is_new` where they say that the client is
    new.
    """

    wish: Wish
    words: tuple[str, ...] = ()
    is_new: bool = False


class Assumed(StrEnum):
    """What was left out and so is assumed."""

    CLIENT = "client"
    LINE = "line"
    MOTION = "motion"
    DEAL_TYPE = "deal_type"
    CURRENCY = "currency"
    DAY = "day"
    DAY_OF_MONTH = "day_of_month"
    OPEN_END = "open_end"
    UNTIL = "until"


@dataclass(frozen=True, slots=True)
class Assumption:
    """Something that nobody said; `value` is a name, a word or a day."""

    what: Assumed
    value: str | date


class CannotHappen(LookupError):
    """A step can't happen: the message says why and what to type, in words for the reader."""


class WhichLine(CannotHappen):
    """The client pays for several of the `lines`, and none was named."""

    def __init__(self, message: str, lines: Sequence[str]) -> None:
        super().__init__(message)
        self.lines = tuple(lines)


def step_of(wish: Wish, books: PartnerBooks, program: Program, as_of: date) -> tuple[Step, list[Assumption]]:
    """The step, and what it assumes. Raises CannotHappen."""
    match wish.kind:
        case WishKind.SELL:
            return _sell(wish, books, program, as_of)
        case WishKind.DOWNGRADE:
            return _downgrade(wish, books, program, as_of)
        case WishKind.UPGRADE:
            return _upgrade(wish, books, program, as_of)
        case WishKind.LOSE:
            day, assumed = _day(wish, as_of)
            return Lose(str(wish.client_id), day), assumed
        case WishKind.END:
            return _end(wish, books, as_of)
        case WishKind.EXTEND:
            assumed = [] if wish.day else [Assumption(Assumed.OPEN_END, "")]
            return ExtendAgreement(str(wish.client_id), wish.day, as_of), assumed
        case WishKind.RENEW:
            return _renew(wish, books, as_of)


def _sell(wish: Wish, books: PartnerBooks, program: Program, as_of: date) -> tuple[Step, list[Assumption]]:
    book = books.clients.get(wish.client_id) if wish.client_id else None
    day, assumed = _day(wish, as_of)
    found = list[Assumption]()
    new = None if book else wish.new_client
    if book is None and not (new and new.country):
        found.append(Assumption(Assumed.CLIENT, books.partner.country))
    line, account, guessed = _line(wish, book, day, program.catalogue)
    line = line or MAIN_LINE
    found += [Assumption(Assumed.LINE, line)] if guessed else []
    motion = wish.motion or Motion.SOURCED
    found += [] if wish.motion else [Assumption(Assumed.MOTION, motion.value)]
    mrr = _money(wish, wish.currency or books.partner.currency)
    step = Sell(book.client.client_id if book else NEW_CLIENT, line, motion, mrr, day, wish.deal_type, account, new)
    deal = deal_type_of(step, book, program.catalogue)
    found += [] if wish.deal_type else [Assumption(Assumed.DEAL_TYPE, deal.value)]
    return step, [*found, *assumed]


def _downgrade(wish: Wish, books: PartnerBooks, program: Program, as_of: date) -> tuple[Step, list[Assumption]]:
    book = books.clients[str(wish.client_id)]
    day, assumed = _day(wish, as_of)
    line, account, guessed, held = _held(wish, book, day, program.catalogue)
    mrr = _money(wish, wish.currency or (held.mrr.currency if held else books.partner.currency))
    found = [Assumption(Assumed.LINE, line)] if guessed else []
    return Downgrade(book.client.client_id, line, mrr, day, account), [*found, *assumed]


def _upgrade(wish: Wish, books: PartnerBooks, program: Program, as_of: date) -> tuple[Step, list[Assumption]]:
    """A sale of what the line pays more."""
    book = books.clients[str(wish.client_id)]
    day, _ = _day(wish, as_of)
    line, _, _, held = _held(wish, book, day, program.catalogue)
    if held is None or not held.mrr.minor:
        raise CannotHappen(
            f"{book.client.name} doesn't pay for {line} on {day:%-d %b %Y}: type sell in place of upgrade."
        )
    most = _money(wish, wish.currency or held.mrr.currency)
    if most.currency != held.mrr.currency:
        raise CannotHappen(f"{book.client.name} pays {held.mrr.currency} for {line}: type the amount in it.")
    if most.minor <= held.mrr.minor:
        now = held.mrr.as_decimal()
        raise CannotHappen(f"{book.client.name} pays {now} {held.mrr.currency} for {line} already.")
    step, found = _sell(replace(wish, product_line=line), books, program, as_of)
    assert isinstance(step, Sell)
    return replace(step, mrr=Money(most.minor - held.mrr.minor, most.currency)), found


def _held(
    wish: Wish, book: ClientBook, day: date, catalogue: Catalogue
) -> tuple[str, str | None, bool, HeldLevel | None]:
    """The line, its account, whether it is assumed, and what it pays on the day. Raises WhichLine."""
    line, account, guessed = _line(wish, book, day, catalogue)
    if line is None:
        paying = sorted(key.hub for key in paying_lines(book, day, catalogue))
        which = f": {', '.join(paying)}" if paying else ""
        changes = "more" if wish.kind is WishKind.UPGRADE else "less"
        raise WhichLine(f"Say which product line of {book.client.name} pays {changes}{which}.", paying)
    key = LineKey(catalogue.line_of(line).hub, account or "")
    return line, account, guessed, level_on(levels_by_line(book.levels, catalogue).get(key, ()), day)


def _end(wish: Wish, books: PartnerBooks, as_of: date) -> tuple[Step, list[Assumption]]:
    book, last = books.clients[str(wish.client_id)], wish.day or as_of - timedelta(days=1)
    if not any(each.partner_id == books.partner.partner_id for each in in_force(book.agreements, last)):
        raise CannotHappen(f"No agreement with {book.client.name} is in force on {last:%-d %b %Y}, so none can end.")
    return EndAgreement(book.client.client_id, last), ([] if wish.day else [Assumption(Assumed.DAY, as_of)])


def _renew(wish: Wish, books: PartnerBooks, as_of: date) -> tuple[Step, list[Assumption]]:
    """The certification from today on, for as long as the one before it, or a year."""
    known = [each for each in books.certifications if is_qualifying(each)]
    last = max(known, key=lambda each: each.valid_until, default=None)
    begins = wish.starts_on or as_of
    until = wish.day or begins + ((last.valid_until - last.valid_from) if last else _A_YEAR)
    step = RenewCertification(last.certification if last else CERTIFICATION, begins, until)
    return step, ([] if wish.day else [Assumption(Assumed.UNTIL, until)])


def _day(wish: Wish, as_of: date) -> tuple[date, list[Assumption]]:
    if wish.day is None:
        return as_of, [Assumption(Assumed.DAY, as_of)]
    return wish.day, [Assumption(Assumed.DAY_OF_MONTH, wish.day)] if wish.is_day_assumed else []


def _line(wish: Wish, book: ClientBook | None, day: date, catalogue: Catalogue) -> tuple[str | None, str | None, bool]:
    """The line, its account, and whether it is assumed: the only one that pays where none is named."""
    paying = paying_lines(book, day, catalogue) if book else {}
    if wish.product_line is None:
        if len(paying) != 1:
            return None, None, True
        [(key, level)] = paying.items()
        return level.entry.product_line, key.account or None, True
    hub = catalogue.line_of(wish.product_line).hub
    accounts = [key.account for key in paying if key.hub == hub]
    account = accounts[0] if len(accounts) == 1 else None
    return wish.product_line, account or None, False


def _money(wish: Wish, currency: str) -> Money:
    minor, rest = divmod((wish.hundredths or 0) * 10 ** minor_digits(currency), 100)
    if rest:
        raise CannotHappen(f"{currency} has no cents: type a whole number.")
    return Money(minor, currency)
