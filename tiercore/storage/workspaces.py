"""What a person's rows in people.csv count for in a workspace: all of them in the program's own, elsewhere only those
as a partner, and of the partners that the workspace is of (slack#workspaces).
"""

from collections.abc import Collection

from sqlalchemy import BindParameter, ColumnElement, Connection, Table, and_, or_, select

from tiercore.facts.entries import Role
from tiercore.storage.bulk import table
from tiercore.storage.enterprise import in_same_enterprise
from tiercore.storage.tables.workspaces import WorkspacePartnerRow, WorkspaceRow

PROGRAM = "program"
Team = ColumnElement[str] | BindParameter[str] | str
_workspace, _tie = table(WorkspaceRow), table(WorkspacePartnerRow)


def counts_in(person: Table, team: Team) -> ColumnElement[bool]:
    """Whether a row of people.csv counts for someone of the workspace `team`."""
    tied, any_tie = _tie.alias(), _tie.alias()
    is_tied = select(tied.c.partner_id).where(
        tied.c.partner_id == person.c.partner_id, in_same_enterprise(tied.c.team_id, team)
    )
    has_ties = select(any_tie.c.partner_id).where(in_same_enterprise(any_tie.c.team_id, team))
    of_its_partner = or_(is_tied.correlate_except(tied).exists(), ~has_ties.correlate_except(any_tie).exists())
    return or_(is_programs(team), and_(person.c.role == Role.PARTNER.value, of_its_partner))


def is_seen_from(owner: ColumnElement[str], team: Team) -> ColumnElement[bool]:
    """Whether what came up in the workspace `owner` is shown in `team`: in its enterprise, and in the program's own
    where partners have workspaces of theirs.
    """
    return or_(in_same_enterprise(owner, team), and_(~is_single(), is_programs(team)))


def are_of_others(connection: Connection, teams: Collection[str], partner_ids: Collection[str]) -> bool:
    """Whether one of the workspaces is tied to partners, and not to all of these. Of one that is tied to none, nobody
    knows.
    """
    for team in teams:
        ties = select(_tie.c.partner_id).where(in_same_enterprise(_tie.c.team_id, team))
        if (tied := set(connection.scalars(ties))) and not tied.issuperset(partner_ids):
            return True
    return False


def is_programs(team: Team) -> ColumnElement[bool]:
    """Whether `team` is a workspace of the program's own, or of the same enterprise as one, with the app installed."""
    each = _workspace.alias()
    found = select(each.c.team_id).where(
        each.c.role == PROGRAM, each.c.removed_at.is_(None), in_same_enterprise(each.c.team_id, team)
    )
    return or_(is_single(), found.correlate_except(each).exists())


def is_single() -> ColumnElement[bool]:
    """Whether the app is in one workspace, the program's, by a token of its own, and in none by OAuth."""
    each = _workspace.alias()
    return ~select(each.c.team_id).correlate_except(each).exists()
