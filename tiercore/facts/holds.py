"""The figures that an operator can put on hold: blank, with a reason, until lifted (data#figures-under-correction)."""

from collections.abc import Mapping

from tiercore.facts.unknown import Unknown

EXPIRY, RETENTION, TOOL_USAGE = "expiry", "retention", "tool_usage"
HOLDABLE = (EXPIRY, RETENTION, TOOL_USAGE)
Holds = Mapping[str, Unknown]
