"""The workspaces of one database, one method for each change. Permissions are checked in the same transaction."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection

from tiercore.access import SlackUser
from tiercore.people.audit import record
from tiercore.people.types import OPERATOR
from tiercore.storage.transactions import Transactions
from tiercore.storage.workspaces import are_of_others
from tiercore.workspaces import arriving, exporting, invitations, removing, storing, tokens
from tiercore.workspaces.exporting import ExportedPartner
from tiercore.workspaces.types import Arrival, Arrived, Installed, InstalledBy, InstalledToken, Workspace, WorkspaceRole


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
        """The installation that serves a team: its own, or its organization's; None where there is none. Without an
        enterprise it is the one that the team is recorded in.
        """

        def find(db: Connection) -> tuple[Workspace, InstalledToken] | None:
            found = tokens.installed_for(db, team_id, enterprise_id)
            return (storing.require(db, found[0]), found[1]) if found else None

        return await self._transactions.read(find)

    async def token_of(self, team_id: str) -> InstalledToken | None:
        """The token that is stored of an installation now; None where it was removed."""
        return await self._transactions.read(lambda db: tokens.token_of(db, team_id))

    async def renew(
        self, team_id: str, was_renewed: Callable[[InstalledToken], bool], token: InstalledToken
    ) -> InstalledToken | None:
        """Store a token that Slack has given in place of one, unless another is stored by now (`was_renewed` says so of
        what is stored). Returns the one that is stored then, None where the installation was removed.
        """
        return await self._transactions.write(lambda db, _: tokens.renew(db, team_id, was_renewed, token))

    async def all(self) -> list[Workspace]:
        """Every workspace, by name, also those that were removed and not purged yet."""
        return await self._transactions.read(storing.workspaces)

    async def number(self) -> int:
        """How many workspaces the app is in: those that it is installed in by OAuth, or the one of a token."""
        return await self._transactions.read(storing.number)

    async def tokens(self) -> list[tuple[str, InstalledToken]]:
        """The tokens of all workspaces, by team."""
        return await self._transactions.read(tokens.tokens)

    async def reseal(self, sealed_anew: Callable[[str], str]) -> int:
        """Replace every sealed token by what the function makes of it. Returns how many workspaces that were."""
        return await self._transactions.write(lambda db, _: tokens.reseal(db, sealed_anew))

    async def are_of_others(self, teams: Collection[str], partner_ids: Collection[str]) -> bool:
        """Whether one of these workspaces is of partners, and not of all of the given ones: it can't be shown them."""
        return await self._transactions.read(lambda db: are_of_others(db, teams, partner_ids))

    async def arrival(self, user: SlackUser) -> Arrival | None:
        """What there is of the first steps in the user's workspace; None where it isn't a partner's."""
        return await self._transactions.read(lambda db: arriving.arrival(db, user))

    async def arrived(self, team_id: str) -> Arrived | None:
        """A partner's workspace, for the program's people; None where the app isn't installed any more."""
        return await self._transactions.read(lambda db: arriving.arrived(db, team_id))

    async def invite_colleagues(self, by: SlackUser, user_ids: Sequence[str]) -> int:
        """Ask colleagues in a partner's workspace to link themselves. Returns how many weren't asked before."""
        return await self._transactions.write(
            lambda db, now: arriving.invite_colleagues(db, by, [*dict.fromkeys(user_ids)], now)
        )

    async def has_workspace(self, partner_id: str) -> bool:
        """Whether the app is installed in a workspace of this partner."""
        return await self._transactions.read(lambda db: arriving.has_workspace(db, partner_id))

    async def programs_team(self) -> str | None:
        """The program's own workspace that was installed first; None with a single token."""
        return await self._transactions.read(arriving.programs_team)

    async def name_of(self, team_id: str) -> str:
        """What a user's workspace is called; "" where it isn't known."""
        return await self._transactions.read(lambda db: arriving.name_of(db, team_id))

    async def tie(self, team_id: str, partner_id: str) -> None:
        """Make a workspace one of this partner's, as the operator."""
        await self._transactions.write(lambda db, now: storing.tie(db, team_id, partner_id, OPERATOR, now))

    async def untie(self, team_id: str, partner_id: str) -> None:
        """Undo `tie`, as the operator."""
        await self._transactions.write(lambda db, now: storing.untie(db, team_id, partner_id, OPERATOR, now))

    async def set_role(self, team_id: str, role: WorkspaceRole) -> None:
        """Make a workspace the program's own, or a partner's, as the operator."""
        await self._transactions.write(lambda db, now: storing.set_role(db, team_id, role, OPERATOR, now))

    async def remove(self, team_id: str, actor: str = OPERATOR, at: datetime | None = None) -> bool:
        """End an installation at once; what is known of it is purged later. Whether there was one, `at` that time if it
        is given: one that was made since goes on.
        """
        return await self._transactions.write(lambda db, now: removing.remove(db, team_id, actor, now, at))

    async def export(self, partner_id: str) -> ExportedPartner:
        """Everything that is known of a partner, in one state of the data, for the operator."""
        found = await self._transactions.snapshot(lambda db: exporting.export(db, partner_id))
        count = sum(len(each.rows) for each in (*found.files.values(), *found.records.values()))
        await self._transactions.write(
            lambda db, now: record(db, now, OPERATOR, "exported", partner_id, f"{count} rows")
        )
        return found

    async def leave_team(self, team_id: str, enterprise_id: str, actor: str) -> bool:
        """An organization's installation no longer reaches one of its workspaces. Whether it did until now."""
        return await self._transactions.write(
            lambda db, now: removing.leave_team(db, team_id, enterprise_id, actor, now)
        )

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
