"""Structured logs: one JSON line per event, without secrets or message texts."""

import json
import logging
import re
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

import orjson
import structlog
from structlog.typing import Processor

_SLACK_SECRETS = r"xox[a-z]{1,2}-[\w-]+|xapp-[\w-]+|(?<=://hooks\.slack\.com/)[\w/%-]+|(?<=[?&]ticket=)[\w%.-]+"
_URL_CREDENTIALS = r"(?<=://)[^/@\s\"]+:[^/@\s\"]+(?=@)"
_HINTS = ("xox", "xapp-", "://", "ticket=")  # a line without any of these can't match the patterns above
HIDDEN = "[hidden]"


class Redaction:
    """Redacts log lines: Slack's tokens, response URLs and tickets, passwords in URLs, and the given `secrets`."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        given = [each for each in secrets if len(each) >= 8]
        pattern = "|".join([*map(re.escape, given), _SLACK_SECRETS, _URL_CREDENTIALS])
        self._bytes = re.compile(pattern.encode())
        self._hints = [each.encode() for each in (*_HINTS, *given)]

    def __call__(self, _logger: object, _method: str, line: Any) -> bytes:
        """The line with its secrets hidden, as structlog's last processor."""
        text = bytes(line)
        return self._bytes.sub(HIDDEN.encode(), text) if any(each in text for each in self._hints) else text


def set_up_logging(level: str, secrets: Iterable[str] = ()) -> None:
    """Log at `level` and above to standard error, one JSON line each, also of what libraries log and warn of. The Slack
    libraries stay at INFO: below it they log bodies.
    """
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    redaction, handler = Redaction(secrets), logging.StreamHandler(sys.stderr)
    first: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
    ]
    last: list[Processor] = [
        structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
        structlog.processors.JSONRenderer(_as_json),
        redaction,
    ]
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*first, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last, _decoded],
        )
    )
    logging.basicConfig(level=max(number, logging.INFO), handlers=[handler])
    logging.captureWarnings(True)
    for noisy, minimum in (("alembic", logging.WARNING), ("slack_bolt.AsyncApp", logging.ERROR)):
        logging.getLogger(noisy).setLevel(max(number, minimum))
    structlog.configure(
        processors=[*first, *last],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    threading.excepthook = lambda failed: _on_crash(failed.exc_type, failed.exc_value, failed.exc_traceback)
    sys.unraisablehook = lambda failed: _on_crash(failed.exc_type, failed.exc_value, failed.exc_traceback)


@contextmanager
def crashes_logged(unless: Callable[[Exception], bool]) -> Iterator[None]:
    """Log an exception and exit with status 1, `unless` it is one that is reported otherwise."""
    try:
        yield
    except Exception as error:
        if unless(error):
            raise
        _on_crash(type(error), error, error.__traceback__)
        raise SystemExit(1) from None


def _as_json(event: Any, **_options: Any) -> bytes:
    try:
        return orjson.dumps(event, default=repr)
    except TypeError:  # half of a character, as only a forged request has it
        return json.dumps(event, default=repr, ensure_ascii=True).encode()


def _decoded(_logger: object, _method: str, line: Any) -> str:
    """The line as the standard library's handlers want it."""
    return bytes(line).decode()


def _on_crash(kind: type[BaseException], error: BaseException | None, where: TracebackType | None) -> None:
    """Log an exception that nothing caught, before the thread or the process ends."""
    if issubclass(kind, KeyboardInterrupt | SystemExit):
        return
    structlog.get_logger().critical("crashed", exc_info=(kind, error, where))
