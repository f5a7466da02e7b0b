"""Values that stand in for a missing number and say why. Unknown is never zero."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unknown:
    """No figure can be given; `reason` says why, in words for the reader."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotConfigured(Unknown):
    """A number of the program's rules that is not public and that the operator has not set.

    `name` is the dotted path of the number in the rules (`thresholds.platinum.sold_minimum`), so that an answer can
    say what to configure.
    """

    name: str


def not_configured(name: str) -> NotConfigured:
    """The value of a rule that isn't set; its reason names the rule."""
    return NotConfigured(reason=f"{name} isn't set", name=name)
