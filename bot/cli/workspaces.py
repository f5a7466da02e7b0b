"""`tierbot workspaces` and `keys`: where the app is installed, whose workspaces those are, and the keys of their tokens
(slack#workspaces).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from bot.cli.console import err, out, print_table, readable_errors
from bot.cli.people import with_services

if TYPE_CHECKING:
    from tiercore.workspaces.service import Workspaces
    from tiercore.workspaces.types import Workspace, WorkspaceRole

Team = Annotated[str, typer.Argument(help="The workspace's ID, T…, or its organization's, E…, as in the list.")]
OfPartner = Annotated[str, typer.Argument(help="The partner's ID, as in partners.csv.")]
Yes = Annotated[bool, typer.Option("--yes", help="Don't ask.")]
_HEAD = ("name", "team", "role", "partners", "installed (UTC)", "by", "removed (UTC)", "purged (UTC)")


def list_workspaces(context: typer.Context) -> None:
    """List the workspaces that the app is installed in: whose they are, who installed it, and what was removed.

    Examples: `tierbot workspaces`, `tierbot workspaces role T024BE7LD program`, `tierbot workspaces tie T061EG9R6 P7`
    """
    if context.invoked_subcommand is not None:
        return
    with readable_errors():
        found = with_services(lambda services: services.workspaces.all())
    print_table(
        _HEAD,
        [_row(each) for each in found],
        empty="The app is in no workspace by a click yet: tierbot invite --program makes the link for the first one.",
    )


def role(
    team: Team, chosen: Annotated[Literal["program", "partner"], typer.Argument(metavar="program|partner")]
) -> None:
    """Say whose workspace it is: the program's, where CAMs and admins have their roles, or a partner's.

    Example: `tierbot workspaces role T024BE7LD program`
    """
    from tiercore.workspaces.types import WorkspaceRole

    with readable_errors():
        found = with_services(lambda services: _changed(services.workspaces, team, WorkspaceRole(chosen)))
    whose = "the program's own" if chosen == "program" else "a partner's"
    out.print(f"{team} is now {whose}.", markup=False)
    if not any(each.role is WorkspaceRole.PROGRAM and not each.is_removed for each in found):
        out.print("No workspace is the program's now, so nobody is a CAM, CC or admin anywhere.", style="red")


def tie(team: Team, partner: OfPartner) -> None:
    """Tie a workspace to a partner: its people there see this partner, and no other one that it isn't tied to.

    Example: `tierbot workspaces tie T061EG9R6 P7`
    """
    with readable_errors():
        with_services(lambda services: services.workspaces.tie(team, partner))
    out.print(f"{team} is tied to {partner}.", markup=False)


def untie(team: Team, partner: OfPartner) -> None:
    """Undo a tie: nobody in the workspace sees this partner any more.

    Example: `tierbot workspaces untie T061EG9R6 P7`
    """
    with readable_errors():
        with_services(lambda services: services.workspaces.untie(team, partner))
    out.print(f"{team} is no longer tied to {partner}.", markup=False)


def remove(team: Team, yes: Yes = False) -> None:
    """Stop serving a workspace: its token is deleted at once, and what is known of it 30 days later.

    Example: `tierbot workspaces remove T061EG9R6`
    """
    from tiercore.workspaces.types import PURGED_AFTER

    if not yes:
        typer.confirm(f"End all subscriptions in {team}, drop what waits to be sent, and delete its token?", abort=True)
    with readable_errors():
        with_services(lambda services: _removed(services.workspaces, team))
    out.print(
        f"Nothing more goes to {team}; what is known of it is purged in {PURGED_AFTER.days} days, or now by "
        f"tierbot forget --workspace {team}. A running "
        "tierbot serve follows within a minute.\nSlack lists the app there until somebody there removes it.",
        markup=False,
    )


def print_invitation(partners: Sequence[str], *, program: bool) -> None:
    """Print the link with which a workspace of the partners, or of the program, is installed once."""
    from bot.settings import Settings
    from bot.slack.manifest import INSTALL_PATH
    from bot.wiring import NotReadyToRun
    from tiercore.workspaces.types import INVITATION_DAYS, WorkspaceRole

    with readable_errors():
        settings = Settings()
        if not settings.slack_client_id or not settings.public_url:
            raise NotReadyToRun(
                "no link can be made, because tierbot isn't set up to be installed by a click: set TIERBOT_PUBLIC_URL, "
                "where people reach it (https://…), and SLACK_CLIENT_ID with what belongs to it (docs/slack.md#install)"
            )
        chosen = WorkspaceRole.PROGRAM if program else WorkspaceRole.PARTNER
        code = with_services(lambda services: services.workspaces.invite(None, chosen, partners))
    whose = "the program's own" if program else f"tied to {' and '.join(partners)}"
    out.print(
        f"{settings.public_url}{INSTALL_PATH}?invite={code}\nValid once, for {INVITATION_DAYS} days: whoever opens it "
        f"installs tierbot in their workspace, which is then {whose}. Give it only to them.",
        markup=False,
    )


def new() -> None:
    """Print a new key for TIERBOT_TOKEN_KEYS.

    Example: `tierbot keys new`
    """
    from bot.slack.token_keys import new_key

    out.print(new_key(), markup=False)
    err.print("Put it first in TIERBOT_TOKEN_KEYS, before the key that is there, and restart tierbot serve.")
    err.print("Then run tierbot keys rotate. Keep it as you keep passwords: lost, every workspace installs again.")


def rotate() -> None:
    """Seal the tokens of all workspaces with the first key, so that the others can be taken out. All, or none.

    Example: `tierbot keys rotate`
    """
    from bot.settings import Settings
    from bot.slack.token_keys import SealedByAnotherKey, TokenKeys, unopened
    from bot.wiring import NotReadyToRun

    with readable_errors():
        if not (keys := Settings().keys):
            raise NotReadyToRun("TIERBOT_TOKEN_KEYS is not set: tierbot keys new makes a key to put there")
        ours = TokenKeys(keys)
        if lost := unopened(ours, with_services(lambda services: services.workspaces.tokens())):
            raise SealedByAnotherKey(
                f"none of the {len(keys)} keys opens the token of {', '.join(lost)}, so nothing was changed. Add the "
                "key that it was sealed with behind the others; where that key is lost, run tierbot workspaces remove "
                "TEAM and have the app installed there again"
            )
        count = with_services(lambda services: services.workspaces.reseal(ours.reseal))
    if not count:
        out.print("The app is in no workspace by a click, so there is no token to seal.")
        return
    tokens = "1 token is" if count == 1 else f"{count} tokens are"
    others = "The other keys in TIERBOT_TOKEN_KEYS can go once every tierbot serve has the first one."
    out.print(f"{tokens} sealed with the first key.{f' {others}' if len(keys) > 1 else ''}")


async def _changed(workspaces: "Workspaces", team: str, role: "WorkspaceRole") -> "list[Workspace]":
    """The workspaces after one has got the role."""
    await workspaces.set_role(team, role)
    return await workspaces.all()


async def _removed(workspaces: "Workspaces", team: str) -> None:
    """Remove a workspace. Raises InvalidChange where the app isn't installed."""
    from tiercore.people.types import InvalidChange

    if not await workspaces.remove(team):
        raise InvalidChange(f"The app isn't installed in {team}. tierbot workspaces lists where it is.")


def _row(each: "Workspace") -> tuple[str, ...]:
    of_all = " (organization)" if each.is_org_wide else ""
    installed = (_moment(each.installed_at), each.installed_by)
    removed = (f"{_moment(each.removed_at)} by {each.removed_by}" if each.removed_at else "", _moment(each.purge_at))
    partners = ", ".join(each.partners) or ("" if each.role == "program" else "none yet")
    return (each.name, f"{each.team_id}{of_all}", each.role.value, partners, *installed, *removed)


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else ""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    workspaces = typer.Typer(invoke_without_command=True)
    workspaces.callback()(list_workspaces)
    for command in (role, tie, untie, remove):
        workspaces.command()(command)
    app.add_typer(workspaces, name="workspaces")
    keys = typer.Typer(
        no_args_is_help=True,
        help="Make and change the keys that the tokens of workspaces are sealed with.\n\n"
        "Examples: `tierbot keys new`, `tierbot keys rotate`",
    )
    keys.command()(new)
    keys.command()(rotate)
    app.add_typer(keys, name="keys")
