"""What makes derived tables change, and who brought it (how-tiers-work#hindsight)."""

from dataclasses import dataclass
from enum import StrEnum


class Occasion(StrEnum):
    """What made the derived tables change."""

    IMPORT = "import"
    IMPORT_AND_RULES = "import_and_rules"
    RULES = "rules"
    REBUILD = "rebuild"

    @property
    def is_import(self) -> bool:
        """Whether it brought rows."""
        return self in (Occasion.IMPORT, Occasion.IMPORT_AND_RULES)


@dataclass(frozen=True, slots=True)
class Origin:
    """What the rows came from ("folder march", "HubSpot"), and who brought them: empty for the command line."""

    source: str = ""
    by: str = ""


COMMAND_LINE = Origin()
