"""Points as whole micropoints, so that every sum is exact (how-tiers-work#rounding)."""

from enum import StrEnum

MICRO = 1_000_000
HUNDREDTH = MICRO // 100


class Source(StrEnum):
    """What a credit's points come from: a sale, by its motion, or managing a client (glossary#the-program)."""

    SOURCED = "sourced"
    ASSISTED = "assisted"
    MANAGED = "managed"


def hundredths(micropoints: int) -> int:
    """The points as shown and compared: whole hundredths, half up (how-tiers-work#rounding)."""
    return (micropoints + HUNDREDTH // 2) // HUNDREDTH


def is_met(have: int, need: int) -> bool:
    """Whether `have` reaches `need` (both micropoints), compared as they are shown, in hundredths."""
    return hundredths(have) >= hundredths(need)


def shortfall(have: int, need: int) -> int:
    """Micropoints missing from `have` to `need`, in whole hundredths as shown; never negative."""
    return max(0, hundredths(need) - hundredths(have)) * HUNDREDTH


def divide_half_even(numerator: int, denominator: int) -> int:
    """The quotient of two integers (denominator > 0), rounded half to even: the core's only rounding."""
    quotient, remainder = divmod(numerator, denominator)
    twice = 2 * remainder
    if twice > denominator or (twice == denominator and quotient % 2):
        return quotient + 1
    return quotient


def as_decimal(micropoints: int) -> str:
    """The points as a decimal string with two digits: `as_decimal(225_000_000)` is "225.00"."""
    shown = hundredths(abs(micropoints))
    sign = "-" if micropoints < 0 and shown else ""
    return f"{sign}{shown // 100}.{shown % 100:02d}"
