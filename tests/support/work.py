"""How much work a function does, counted rather than timed, so that a busy machine changes nothing."""

import sys
from collections.abc import Callable


def calls_in(function: Callable[[], object]) -> int:
    """How many functions are called, in Python and in C, until this one returns or raises."""
    count = 0

    def on_event(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(on_event)
    try:
        function()
    except LookupError:
        pass
    finally:
        sys.setprofile(None)
    return count
