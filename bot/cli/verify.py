"""`tierbot verify`: recount the stored figures from the entries, and name each one that differs."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import err, out, print_table, readable_errors

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.wiring import Core
    from tiercore.verification.comparison import Difference, Differences
    from tiercore.verification.verify import Verified

On = Annotated[
    datetime | None,
    typer.Option("--on", formats=["%Y-%m-%d"], help="One day: its balances, and the credits in force on it."),
]
_DIFFER = 1
_MOST_KINDS = 20


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def verify(
        partner: Annotated[str | None, typer.Option("--partner", metavar="ID", help="One partner, by its id.")] = None,
        sample: Annotated[
            int | None, typer.Option(min=1, help="So many partners, picked at random by the day.")
        ] = None,
        on: On = None,
        jobs: Annotated[
            int | None, typer.Option(min=1, help="Processes at once; default: 2 for many sales, else 1.")
        ] = None,
    ) -> None:
        """Recount every stored credit, balance and retention month from the entries, and name what differs.

        Exits with 0 where all are equal, 1 where figures differ, 2 where the command can't be understood.

        Example: `tierbot verify`, `tierbot verify --sample 50`, `tierbot verify --partner P-1 --on 2026-11-28`
        """
        from bot.cli.options import as_day
        from bot.settings import Settings
        from bot.wiring import create_core, require_current_rating

        if partner is not None and sample is not None:
            raise typer.BadParameter("give --partner or --sample, not both", param_hint="--sample")
        with readable_errors():
            core = create_core(Settings())
            require_current_rating(core.engine, core.program)
            found = _verified(core, partner, sample, as_day(on), jobs)
        day = as_day(on) or core.settings.today_is()
        _print(found, day, sampled=sample is not None, whole=on is None)
        if found.differences:
            raise typer.Exit(_DIFFER)


def _verified(core: "Core", partner: str | None, sample: int | None, on: date | None, jobs: int | None) -> "Verified":
    """Verify the partners chosen, all if none are. What all of them give is what doctor and admins see next."""
    from bot.cli.importing import progress_bar
    from bot.cli.verifying import processes_for, verify_in_processes
    from tiercore.nightly import record
    from tiercore.storage.engine import NOTIFICATIONS_LOCK, snapshot, writing
    from tiercore.storage.transactions import utc_now
    from tiercore.verification.verify import partner_ids, strays, verify

    with progress_bar(err) as progress, snapshot(core.engine) as connection:
        chosen = _chosen(connection, partner, sample, core.settings.today_is())
        processes = jobs or processes_for(connection)
        if processes == 1:
            found = verify(connection, core.program, chosen, on=on, progress=progress)
        else:
            partners = partner_ids(connection) if chosen is None else chosen
            found = verify_in_processes(partners, on, processes, progress)
            if chosen is None:
                found.add(strays(connection, core.program))
    if chosen is None and on is None:
        with writing(core.engine, NOTIFICATIONS_LOCK) as connection:
            record(connection, found, utc_now())
    return found


def _chosen(connection: "Connection", partner: str | None, sample: int | None, day: date) -> list[str] | None:
    from tiercore.verification.verify import partner_ids, sample_of

    if partner is None and sample is None:
        return None
    known = partner_ids(connection)
    if sample is not None:
        return sample_of(known, sample, day)
    if partner not in known:
        raise typer.BadParameter(f"there is no partner {partner!r}", param_hint="--partner")
    return [partner]


def _print(found: "Verified", day: date, *, sampled: bool, whole: bool) -> None:
    """The outcome in a sentence, then what differs and what to do about it."""
    counts = [_many(found.partners, "partner"), _many(found.credits, "credit"), _many(found.balances, "balance")]
    counts += [_many(found.months, "retention month")] if whole else []
    which = f" (a sample: partners drawn for {day})" if sampled else ""
    differences, listed = found.differences, ", ".join(counts)
    if found.not_recounted:
        sold = _many(found.not_recounted, "sold credit")
        out.print(f"Not recounted, but taken as stored: {sold} of clients with deal-based credit.", markup=False)
    if not differences:
        out.print(f"Verified {listed} on {day}{which}: all equal.", markup=False)
        return
    differ = f"{_many(len(differences), 'figure')} {'differs' if len(differences) == 1 else 'differ'}"
    out.print(f"Verified {listed} on {day}{which}: {differ}.", style="red", markup=False)
    head = ("partner", "day", "figure", "stored", "recounted", "entry")
    print_table(head, [_row(each) for each in differences.named], empty="")
    if len(differences) > len(differences.named):
        _print_counts(differences)
    out.print("Run tierbot rebuild, then tierbot verify again. If figures still differ, report it with this table.")


def _row(each: "Difference") -> tuple[str, ...]:
    from tiercore.verification.comparison import WHOLE_ROW

    if each.figure == WHOLE_ROW:
        stored, recounted = ("there" if side else "missing" for side in (each.stored, each.recounted))
    else:
        stored, recounted = ("empty" if side is None else str(side) for side in (each.stored, each.recounted))
    return (each.partner_id, each.day.isoformat(), f"{each.table} {each.figure}", stored, recounted, each.entry)


def _print_counts(differences: "Differences") -> None:
    out.print(f"These are the first {len(differences.named)}. All of them, by figure:")
    found = differences.counts.most_common(_MOST_KINDS)
    print_table(("figure", "differ"), [(f"{table} {name}", f"{count:,}") for (table, name), count in found], empty="")


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
