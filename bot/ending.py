"""The end of the process, even where something waits for what can't be reached."""

import os
import threading

import structlog

END_SECONDS = 9.5  # from the signal on
log = structlog.get_logger()


def end_by_force(seconds: float) -> None:
    """End the process after so many seconds: threads that wait for a database that doesn't answer can't be stopped.
    What wasn't finished is in doubt, as after a crash, and the next process looks it up.
    """

    def end() -> None:
        log.error("stopped_by_force", seconds=seconds)
        os._exit(1)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
