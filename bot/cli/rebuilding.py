"""`tierbot rebuild`: rating everything again, by this machine's cores or by a cluster."""

from contextlib import AbstractContextManager

from rich.console import Console

from bot.cli.importing import progress_bar
from bot.cli.past import past_lines
from bot.wiring import Core
from handlers.views.parts.formats import count
from tiercore.ingest.rebuilding import rebuild_everything
from tiercore.storage.cluster import cluster as on_cluster
from tiercore.storage.transactions import utc_now
from tiercore.storage.workers import Workers, cores, processes


def run_rebuild(core: Core, *, workers: int | None, cluster: str | None, out: Console, err: Console) -> None:
    """Rate every entry again, and print what that changed in the past. Raises ClusterError."""
    with _workers(workers, cluster) as rating, progress_bar(err) as progress:
        rebuilt = rebuild_everything(
            core.engine,
            core.program,
            today=core.settings.today_is(),
            at=utc_now(),
            progress=progress,
            workers=rating,
        )
    changed = f"the figures of {count(rebuilt.partners, 'partner')} changed" if rebuilt.partners else "nothing changed"
    out.print(f"Rated {count(rebuilt.clients, 'client')} again: {changed}.")
    for line in past_lines(rebuilt.past):
        out.print(line, markup=False)


def _workers(number: int | None, cluster: str | None) -> AbstractContextManager[Workers]:
    return on_cluster(cluster) if cluster else processes(number or cores())
