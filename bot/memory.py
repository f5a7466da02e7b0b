"""What the process keeps in memory for life."""

import gc


def freeze_garbage_collector() -> None:
    """Exempt everything loaded so far from garbage collection: it stays for the life of the process."""
    gc.collect()
    gc.set_threshold(20_000, 20, 20)
    gc.freeze()
