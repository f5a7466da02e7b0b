"""Proposals as plain values, independent of the database."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from tiercore.access import SlackUser
from tiercore.people.types import InvalidChange

EXPIRES_AFTER = timedelta(days=30)
WAITING_TIME = "nobody else could decide"  # who approved a proposal that waited instead


class ProposalState(StrEnum):
    """Whether a proposal is still open, or how it ended."""

    OPEN = "open"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Part(StrEnum):
    """What a person has to do with a proposal."""

    PROPOSER = "proposer"
    DECIDER = "decider"


class NoSuchProposal(InvalidChange):
    """There is no such proposal, or this person has nothing to do with it: both read the same."""

    def __init__(self) -> None:
        super().__init__("There's nothing to decide here: the proposal is gone, or it isn't yours to decide.")


@dataclass(frozen=True, slots=True)
class NewProposal:
    """What is proposed: its kind, and all that the change needs as JSON; about a partner, or with None about everyone.

    A proposal about a partner is decided by the partner's CAM, its CC or an admin, any other by an admin; never by
    whoever proposed it.
    """

    kind: str
    payload: Mapping[str, Any]
    partner_id: str | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal: who made it and when, its state, and who decided it and when.

    `proposed_by` and `decided_by` are e-mails, or the operator; `proposer` and `decider` their Slack users, None where
    there is none. It is carried out at `alone_at` where nobody else could decide.
    """

    proposal_id: str
    kind: str
    payload: Mapping[str, Any]
    partner_id: str | None
    proposed_by: str
    proposer: SlackUser | None
    proposed_at: datetime
    state: ProposalState = ProposalState.OPEN
    decided_by: str | None = None
    decider: str | None = None
    decided_at: datetime | None = None
    note: str = ""
    alone_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it can still be decided."""
        return self.state is ProposalState.OPEN

    @property
    def expires_at(self) -> datetime:
        """When it ends if nobody has decided."""
        return self.proposed_at + EXPIRES_AFTER

    @property
    def seal(self) -> str:
        """Eight characters that stand for what is proposed: a click on a card with another seal decides nothing."""
        return hashlib.sha256(f"{self.kind}\0{written(self.payload)}".encode()).hexdigest()[:8]

    @property
    def value(self) -> str:
        """The value of this proposal's buttons: which one it is, and what its card shows."""
        return f"{self.proposal_id}:{self.seal}"


@dataclass(frozen=True, slots=True)
class Shown:
    """A proposal as one person may see it; `part` is what they have to do with it.

    `is_anybody_asked` is whether anyone who may decide it is linked in Slack, and got a card.
    """

    proposal: Proposal
    part: Part
    is_anybody_asked: bool = True


def written(payload: Mapping[str, Any]) -> str:
    """The payload as JSON, always written the same way."""
    return json.dumps(payload, sort_keys=True, ensure_ascii=False)


def read_value(value: str) -> tuple[str, str]:
    """A button's proposal ID and seal; the seal is empty where there is none."""
    proposal_id, _, seal = value.partition(":")
    return proposal_id, seal
