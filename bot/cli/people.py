"""The operator's deeds on the command line: who is who in Slack, which figures are under correction, what was done."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table

T = TypeVar("T")
Told = Callable[[], AbstractContextManager[None]]
Team = Annotated[str, typer.Option(help="The Slack team's id: T…")]
User = Annotated[str, typer.Option(help="The Slack user's id: U… or W…")]
Email = Annotated[str, typer.Option(help="The person's e-mail in people.csv.")]
Figure = Annotated[str, typer.Argument(help="expiry, retention or tool_usage.")]
OfPartner = Annotated[str, typer.Option("--partner", help="A partner's id; default: every partner.")]


def register(app: typer.Typer, told: Told, out: Console) -> None:
    """Add the commands; `told` is how errors that the operator can mend are told."""

    @app.command()
    def link_user(team: Team, user: User, email: Email) -> None:
        """Link a Slack user to a person of people.csv.

        Example: `tierbot bind --team T024BE7LD --user U012A3CDE --email ana@example.com`
        """
        from tiercore.access import SlackUser
        from tiercore.people.linking import link

        with told():
            person, before = done(lambda connection, now: link(connection, SlackUser(team, user), email, now))
        moved = f" (was {before})" if before not in (None, person.email) else ""
        out.print(f"{user} of {team} is now {person.name} <{person.email}>{moved}.", markup=False)

    @app.command()
    def unlink_user(team: Team, user: User) -> None:
        """Undo the link of a Slack user.

        Example: `tierbot unbind --team T024BE7LD --user U012A3CDE`
        """
        from tiercore.access import SlackUser
        from tiercore.people.linking import unlink
        from tiercore.people.types import OPERATOR

        with told():
            email = done(lambda connection, now: unlink(connection, SlackUser(team, user), now, OPERATOR))
        out.print(f"{user} of {team} is no longer {email}.", markup=False)

    @app.command()
    def code(email: Email) -> None:
        """Make a one-time code: whoever types `/tier link CODE` in Slack within 7 days is linked to that person.

        Example: `tierbot code --email ana@example.com`
        """
        from tiercore.people.linking import create_code
        from tiercore.people.types import CODE_DAYS

        with told():
            made = done(lambda connection, now: create_code(connection, None, email, now))
        out.print(
            f"{made}\nTyped as /tier link {made} within {CODE_DAYS} days it links to {email}, once.", markup=False
        )

    @app.command()
    def hold(
        figure: Figure,
        reason: Annotated[str, typer.Option(help="Why, in words for the people who will see it.")],
        partner: OfPartner = "",
    ) -> None:
        """Put a figure under correction: it is shown blank with the reason, everywhere, until it is lifted.

        Example: `tierbot hold expiry --reason "downgrades of May are being corrected"`
        """
        from tiercore.people.holds import hold as hold_

        with told():
            done(lambda connection, now: hold_(connection, figure, partner, reason, now))
        out.print(f"{figure} of {partner or 'every partner'} is blank now: {reason}", markup=False)

    @app.command()
    def lift(figure: Figure, partner: OfPartner = "") -> None:
        """Lift a hold: the figure is shown again.

        Example: `tierbot lift expiry`
        """
        from tiercore.people.holds import lift as lift_

        with told():
            done(lambda connection, now: lift_(connection, figure, partner, now))
        out.print(f"{figure} of {partner or 'every partner'} is shown again.", markup=False)

    @app.command()
    def holds() -> None:
        """List the figures that are under correction.

        Example: `tierbot holds`
        """
        from tiercore.people.holds import holds as holds_

        with told():
            held = done(lambda connection, _: holds_(connection))
        print_table(
            out,
            ("figure", "partner", "since", "reason"),
            [(each.figure, each.partner_id or "every partner", str(each.since), each.reason) for each in held],
        )

    @app.command()
    def audit(most: Annotated[int, typer.Option(min=1, help="How many deeds, newest first.")] = 50) -> None:
        """Show who linked, unlinked, settled or held what, newest first.

        Example: `tierbot audit --most 10`
        """
        from tiercore.people.audit import latest

        with told():
            rows = done(lambda connection, _: latest(connection, most))
        shown = [(f"{each.at:%Y-%m-%d %H:%M}", each.actor, each.change, each.subject, each.detail) for each in rows]
        print_table(out, ("when (UTC)", "who", "did", "to", "detail"), shown)


def done(deed: Callable[..., T]) -> T:
    from bot.settings import Settings
    from bot.wiring import create_core
    from tiercore.storage.transactions import Transactions

    return Transactions(create_core(Settings()).engine).write_now(deed)


def print_table(out: Console, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    if not rows:
        out.print("None.")
        return
    table = Table(*head, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(cell.replace("[", r"\[") for cell in row))
    out.print(table)
