"""`tierbot link`, `hold`, `audit` …: who is linked to whom, which figures are on hold, and what was changed."""

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from bot.cli.console import out, print_table, readable_errors

if TYPE_CHECKING:
    from handlers.services import Services

T = TypeVar("T")
Team = Annotated[str, typer.Option(help="The Slack workspace's id, T…, or its Enterprise Grid organization's, E…")]
User = Annotated[str, typer.Option(help="The Slack user's id: U… or W…")]
Email = Annotated[str, typer.Option(help="The person's e-mail in people.csv.")]
Figure = Annotated[str, typer.Argument(help="expiry, retention or tool_usage.")]
OfPartner = Annotated[str, typer.Option("--partner", help="A partner's id; default: every partner.")]


def link_(
    team: Team,
    user: User,
    email: Email,
    admin: Annotated[
        bool, typer.Option("--admin", help="List the e-mail as an admin first: for the first one.")
    ] = False,
) -> None:
    """Link a Slack user to a person of people.csv; with `--admin` also where there is no people.csv yet.

    Examples: `tierbot link --team T024BE7LD --user U012A3CDE --email ana@example.com`,
    `tierbot link --team T024BE7LD --user U012A3CDE --email admin@example.com --admin`
    """
    from tiercore.access import SlackUser

    with readable_errors():
        if admin:
            _make_admin(email, email.partition("@")[0].replace(".", " ").title())
        person, before = with_services(lambda services: services.people.link(SlackUser(team, user), email))
    moved = f" (was {before})" if before not in (None, person.email) else ""
    out.print(f"{user} of {team} is now {person.name} <{person.email}>{moved}.", markup=False)


def unlink_(team: Team, user: User) -> None:
    """Undo the link of a Slack user.

    Example: `tierbot unlink --team T024BE7LD --user U012A3CDE`
    """
    from tiercore.access import SlackUser

    with readable_errors():
        email = with_services(lambda services: services.people.unlink(SlackUser(team, user), by_operator=True))
    out.print(f"{user} of {team} is no longer {email}.", markup=False)


def invite(
    email: Annotated[str, typer.Option(help="The person's e-mail in people.csv.")] = "",
    everyone: Annotated[bool, typer.Option("--all", help="Everyone who isn't linked yet, a code each.")] = False,
    partner: Annotated[
        list[str] | None, typer.Option("--partner", help="A workspace of this partner, by ID; several for one of all.")
    ] = None,
    program: Annotated[bool, typer.Option("--program", help="A workspace of the program's own.")] = False,
) -> None:
    """Invite a person (a one-time code for `/tier link CODE`, good for 7 days) or a workspace (a link to install the
    app, good for 14 days, once).

    Examples: `tierbot invite --email ana@example.com`, `tierbot invite --all`, `tierbot invite --partner P7`,
    `tierbot invite --program`
    """
    from bot.cli.workspaces import print_invitation
    from tiercore.people.types import CODE_DAYS

    if [bool(email), everyone, bool(partner), program].count(True) != 1:
        raise typer.BadParameter(
            "say whom: --email ana@example.com or --all for people, --partner P7 or --program for a workspace"
        )
    if partner or program:
        print_invitation(partner or (), program=program)
        return
    if everyone:
        _invite_all()
        return
    with readable_errors():
        code = with_services(lambda services: services.people.create_code(None, email))
    out.print(
        f"{code}\nValid once, for {CODE_DAYS} days: /tier link {code} in Slack links to {email}.",
        markup=False,
    )


def hold(
    figure: Figure,
    reason: Annotated[str, typer.Option(help="Why, in words for the people who will see it.")],
    partner: OfPartner = "",
) -> None:
    """Put a figure under correction: it stays blank, with the reason, everywhere until you lift the hold.

    Example: `tierbot hold expiry --reason "downgrades of May are being corrected"`
    """
    with readable_errors():
        with_services(lambda services: services.people.hold(figure, partner, reason))
    out.print(f"{figure} of {partner or 'every partner'} is now blank: {reason}", markup=False)


def lift(figure: Figure, partner: OfPartner = "") -> None:
    """Lift a hold: the figure is shown again.

    Example: `tierbot lift expiry`
    """
    with readable_errors():
        with_services(lambda services: services.people.lift(figure, partner))
    out.print(f"{figure} of {partner or 'every partner'} is shown again.", markup=False)


def holds() -> None:
    """List the figures that are under correction.

    Example: `tierbot holds`
    """
    with readable_errors():
        held = with_services(lambda services: services.people.holds())
    print_table(
        ("figure", "partner", "since", "reason"),
        [(each.figure, each.partner_id or "every partner", str(each.since), each.reason) for each in held],
        empty="No figure is under correction.",
    )


def audit(
    limit: Annotated[int, typer.Option(min=1, help="How many entries to list.")] = 50,
    reads: Annotated[bool, typer.Option("--reads", help="Who asked what, of which partner.")] = False,
    partner: Annotated[str, typer.Option(help="With --reads: of one partner, by id.")] = "",
) -> None:
    """Show who linked, unlinked, held or changed what, newest first; or who asked what, of which partner.

    Examples: `tierbot audit --limit 10`, `tierbot audit --reads --partner PA`
    """
    if reads:
        _list_reads(limit, partner)
        return
    with readable_errors():
        rows = with_services(lambda services: services.people.audit(limit))
    shown = [(f"{each.at:%Y-%m-%d %H:%M}", each.actor, each.change, each.subject, each.detail) for each in rows]
    head = ("when (UTC)", "who", "did", "to", "detail")
    print_table(head, shown, empty="Nobody has changed anything yet.")


def _list_reads(limit: int, partner: str) -> None:
    with readable_errors():
        found = with_services(lambda services: services.people.reads(limit, partner or None))
    shown = [
        (f"{each.at:%Y-%m-%d %H:%M}", f"{each.team_id}/{each.user_id}", each.word, each.partner_id or "", each.outcome)
        for each in found
    ]
    print_table(("when (UTC)", "who", "asked", "partner", "outcome"), shown, empty="Nobody has asked anything yet.")


def _invite_all() -> None:
    """Print a code for each person who isn't linked yet."""
    from tiercore.people.types import CODE_DAYS

    with readable_errors():
        codes = with_services(lambda services: services.people.create_codes_for_all())
    rows = [(person.email, person.name, f"/tier link {code}") for person, code in codes]
    print_table(("e-mail", "name", "to type in Slack"), rows, empty="Everyone in people.csv is linked.")
    if rows:
        out.print(f"Each code works once, within {CODE_DAYS} days. Give it only to that person.", markup=False)


def _make_admin(email: str, name: str) -> None:
    """Add an admin, also to a database that doesn't exist yet."""
    from bot.settings import Settings

    today = Settings().today_is()
    with_services(lambda services: services.typed.add_admin(email, name, today), may_create=True)


def with_services(call: Callable[["Services"], Coroutine[None, None, T]], *, may_create: bool = False) -> T:
    """The result of a call to the services, on the configured database."""
    import asyncio

    from bot.settings import Settings
    from bot.wiring import create_core, create_services

    return asyncio.run(call(create_services(create_core(Settings(), may_create=may_create))))


COMMANDS: dict[str, Callable[..., None]] = {
    "link": link_,
    "unlink": unlink_,
    "invite": invite,
    "hold": hold,
    "lift": lift,
    "holds": holds,
    "audit": audit,
}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for name, command in COMMANDS.items():
        app.command(name)(command)
