"""The imports of `tierbot serve`: the collector would look again and again through what is there to stay."""

import gc
from importlib import import_module


def import_serving() -> None:
    """Import what serve needs with the garbage collector paused, for nothing that is imported becomes garbage."""
    gc.disable()
    try:
        for module in ("bot.running", "bot.wiring"):
            import_module(module)
    finally:
        gc.enable()
