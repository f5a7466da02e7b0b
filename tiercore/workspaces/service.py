"""The workspaces of one database, one method for each change. Permissions are checked in the same transaction."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from tiercore.access import SlackUser
from tiercore.people.types import OPERATOR
from tiercore.storage.transactions import Transactions
from tiercore.workspaces import invitations, removing, storing
from tiercore.workspaces.types import Installed, InstalledBy, InstalledToken, Workspace, WorkspaceRole


class Workspaces:
    """Where the app is installed, and whose those workspaces are. Tokens are sealed before they come here.

    Every change may raise InvalidChange (it can't be made) and NotAllowed (this person may not make it).
    """

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def invite(self, by: SlackUser | None, role: WorkspaceRole, partners: Sequence[str]) -> str:
        """A one-time code for installing the app in a workspace of the partners, or of the program. `by` is None for
        the operator.
        """
        return await self._transactions.write(lambda db, now: invitations.invite(db, by, role, partners, now))

    async def begin(self, code: str | None) -> str:
        """The state for an installation that begins now, by an invitation's code or without one."""
        return await self._transactions.write(lambda db, now: invitations.begin(db, code, now))

    async def use_state(self, state: str) -> str | None:
        """The invitation that an installation was begun with; the state works once. Raises UnknownState."""
        return await self._transactions.write(lambda db, now: invitations.use_state(db, state, now))

    async def install(self, by: InstalledBy, token: InstalledToken, invitation: str | None) -> Installed:
        """Store an installation. With an invitation that was used meanwhile, nothing is stored."""
        return await self._transactions.write(lambda db, now: storing.install(db, by, token, invitation, now))

    async def installation_for(
        self, team_id: str | None, enterprise_id: str | None
    ) -> tuple[Workspace, InstalledToken] | None:
        """The installation that serves a team: its own, or its organization's; None where there is none."""
        return await self._transactions.read(lambda db: storing.installation_for(db, team_id, enterprise_id))

    async def renew(self, team_id: str, token: InstalledToken) -> None:
        """Store a token that Slack has given in place of the one before."""
        await self._transactions.write(lambda db, _: storing.keep_token(db, team_id, token))

    async def all(self) -> list[Workspace]:
        """Every workspace, by name, also those that were removed and not purged yet."""
        return await self._transactions.read(storing.workspaces)

    async def number(self) -> int:
        """How many workspaces the app is in: those that it is installed in by OAuth, or the one of a token."""
        return await self._transactions.read(storing.number)

    async def tokens(self) -> list[tuple[str, InstalledToken]]:
        """The tokens of all workspaces, by team."""
        return await self._transactions.read(storing.tokens)

    async def reseal(self, sealed_anew: Callable[[str], str]) -> int:
        """Replace every sealed token by what the function makes of it. Returns how many workspaces that were."""
        return await self._transactions.write(lambda db, _: storing.reseal(db, sealed_anew))

    async def tie(self, team_id: str, partner_id: str) -> None:
        """Make a workspace one of this partner's, as the operator."""
        await self._transactions.write(lambda db, now: storing.tie(db, team_id, partner_id, OPERATOR, now))

    async def untie(self, team_id: str, partner_id: str) -> None:
        """Undo `tie`, as the operator."""
        await self._transactions.write(lambda db, now: storing.untie(db, team_id, partner_id, OPERATOR, now))

    async def set_role(self, team_id: str, role: WorkspaceRole) -> None:
        """Make a workspace the program's own, or a partner's, as the operator."""
        await self._transactions.write(lambda db, now: storing.set_role(db, team_id, role, OPERATOR, now))

    async def remove(self, team_id: str, actor: str = OPERATOR) -> bool:
        """End an installation at once; what is known of it is purged later. Whether there was one."""
        return await self._transactions.write(lambda db, now: removing.remove(db, team_id, actor, now))

    async def purge_due(self) -> int:
        """Purge the removed workspaces whose time has come. Returns how many."""
        now = self._transactions.clock()
        if not await self._transactions.read(lambda db: removing.due(db, now)):
            return 0
        return len(await self._transactions.write(removing.purge_due))

    async def forget_workspace(self, team_id: str) -> dict[str, int]:
        """Remove and purge a workspace now, as the operator. Returns how many rows went, by table."""

        def forget(db: Connection, now: datetime) -> dict[str, int]:
            storing.require(db, team_id)
            removing.remove(db, team_id, OPERATOR, now)
            return removing.purge(db, team_id, OPERATOR, now)

        return await self._transactions.write(forget)

    async def forget_person(self, email: str) -> dict[str, int]:
        """Delete what is known of a person's Slack users, as the operator. Returns how many rows went, by table."""
        address = email.strip().lower()
        return await self._transactions.write(lambda db, now: removing.forget_person(db, address, OPERATOR, now))
