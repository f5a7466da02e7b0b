"""Goals for tests: a row as the table has it."""

from typing import Any


def goal_row(partner_id: str) -> dict[str, Any]:
    """A goal in force of the partner, without steps."""
    return {
        "goal_id": f"G-{partner_id}",
        "partner_id": partner_id,
        "tier": "gold",
        "day": 738_521,
        "kept_on": 738_400,
        "missing": 1,
        "steps": "[]",
        "team_id": "T01",
        "created_by": "U0ANA",
        "created_at": 1,
    }
