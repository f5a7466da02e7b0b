"""What a partner's people propose to store or withdraw, as the payload of a proposal (data#typed)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tiercore.typed.types import Draft, Earning, EntryLine, Kind, Preview

PROPOSAL = "entry"  # the kind of the proposal


@dataclass(frozen=True, slots=True)
class Proposed:
    """A draft to store, or with `withdraws` the ID of an entry to take back, for a `reason`; `names` are of the IDs."""

    draft: Draft
    names: Mapping[str, str]
    earning: Earning | None = None
    withdraws: str = ""
    reason: str = ""


def to_store(preview: Preview) -> dict[str, Any]:
    """The payload of a proposal to store what was previewed."""
    return _payload(Proposed(preview.draft, preview.names, preview.earning))


def to_withdraw(line: EntryLine, reason: str) -> dict[str, Any]:
    """The payload of a proposal to withdraw an entry."""
    draft = Draft(line.kind, line.partner_id, line.cells, "")
    return _payload(Proposed(draft, line.names, None, line.entry_id, reason))


def read(payload: Mapping[str, Any]) -> Proposed:
    """What a payload proposes."""
    draft = Draft(Kind(payload["kind"]), payload["partner"], payload["cells"], payload["token"], payload["edits"])
    earning = payload["earning"]
    if earning:
        until = date.fromisoformat(earning["until"]) if earning["until"] else None
        earning = Earning(earning["micropoints"], until, earning["reason"], earning["source"])
    return Proposed(draft, payload["names"], earning, payload["withdraws"], payload["reason"])


def _payload(proposed: Proposed) -> dict[str, Any]:
    draft, earning = proposed.draft, proposed.earning
    return {
        "kind": draft.kind.value,
        "partner": draft.partner_id,
        "cells": dict(draft.cells),
        "token": draft.token,
        "edits": draft.edits,
        "names": dict(proposed.names),
        "earning": _earning(earning) if earning else None,
        "withdraws": proposed.withdraws,
        "reason": proposed.reason,
    }


def _earning(earning: Earning) -> dict[str, Any]:
    until = earning.until.isoformat() if earning.until else None
    return {
        "micropoints": earning.micropoints,
        "until": until,
        "reason": earning.reason,
        "source": earning.source,
    }
