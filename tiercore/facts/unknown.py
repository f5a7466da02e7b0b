"""Values that say why there is no number. Unknown is never zero."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unknown:
    """No figure can be given, and `reason` says why, in words for the person who asked."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotConfigured(Unknown):
    """A number of the program's rules that is not public and that the operator has not configured.

    `name` is the dotted path of the number in the rules (`thresholds.platinum.sold_minimum`), so that an answer can
    say what to configure.
    """

    name: str


def not_configured(name: str) -> NotConfigured:
    """The value of a rule that nobody has configured; its reason names it."""
    return NotConfigured(reason=f"{name} is not configured", name=name)
