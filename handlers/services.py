"""The services that the handlers work with, in one place: a new one is added here and in bot/wiring.py."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tiercore.approvals.service import Approvals
    from tiercore.cases.service import Cases
    from tiercore.goals.service import Goals
    from tiercore.ingest.staging.status import Syncs
    from tiercore.nightly import Verifications
    from tiercore.notifications.delivery import Outbox
    from tiercore.notifications.service import Notifications
    from tiercore.people.service import People
    from tiercore.pipeline.service import PipelineDeals
    from tiercore.sharing.service import Sharing
    from tiercore.typed.service import TypedEntries
    from tiercore.uploads.service import Uploads
    from tiercore.workspaces.service import Workspaces


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that people and the scheduler can change, over one database and one clock."""

    people: "People"
    notifications: "Notifications"
    outbox: "Outbox"
    verifications: "Verifications"
    uploads: "Uploads"
    typed: "TypedEntries"
    syncs: "Syncs"
    cases: "Cases"
    approvals: "Approvals"
    sharing: "Sharing"
    goals: "Goals"
    pipeline: "PipelineDeals"
    workspaces: "Workspaces"
