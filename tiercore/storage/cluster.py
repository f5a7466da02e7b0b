"""Rating on a Dask cluster, an optional extra: `pip install "tierbot[cluster]"` (running#rebuild-at-scale)."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import metadata
from typing import Any

from tiercore.storage.workers import Workers

PATIENCE = 30.0


class ClusterError(ValueError):
    """The cluster can't be used; the message says why and what to do."""


@contextmanager
def cluster(address: str, *, workers: int = 1, patience: float = PATIENCE) -> Iterator[Workers]:
    """The workers of the Dask cluster whose scheduler is at the address, like tcp://10.0.0.5:8786.

    It waits `patience` seconds for the scheduler, and for so many workers.

    Raises ClusterError if the extra isn't installed, the scheduler can't be reached, it has no workers, or a worker has
    another release of tierbot, which might rate differently.
    """
    with _connected(address, patience) as client:
        with suppress(TimeoutError):
            client.wait_for_workers(workers, timeout=patience)
        releases: dict[str, Any] = client.run(release, on_error="return")
        if not releases:
            raise ClusterError(f"the cluster at {address} has no workers: start some with dask worker {address}")
        for worker, found in releases.items():
            if found != release():
                has = f"tierbot {found}" if isinstance(found, str) else "no tierbot"
                raise ClusterError(f"the worker {worker} has {has}: install {release()} there, as here")
        yield Workers(client.get_executor(pure=False), sum(client.nthreads().values()))


def release() -> str:
    """The release of tierbot that is installed."""
    return metadata.version("tierbot")


@contextmanager
def _connected(address: str, patience: float) -> Iterator[Any]:
    try:
        from distributed import Client
    except ImportError as error:
        raise ClusterError('--cluster needs an extra: pip install "tierbot[cluster]"') from error
    try:
        client = Client(address, timeout=patience, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:  # a timeout is an OSError, too
        raise ClusterError(f"no Dask scheduler answers at {address}: {error}") from error
    with client:
        yield client
