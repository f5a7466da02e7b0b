"""Structured logs: one JSON line an event, no secrets and no message text."""

import logging
import re
import sys
from collections.abc import Iterable
from typing import Any

import orjson
import structlog

_SLACKS = r"xox[a-z]{1,2}-[\w-]+|xapp-[\w-]+|(?<=://hooks\.slack\.com/)[\w/%-]+|(?<=[?&]ticket=)[\w%.-]+"
_IN_A_URL = r"(?<=://)[^/@\s\"]+:[^/@\s\"]+(?=@)"
_SIGNS = ("xox", "xapp-", "://", "ticket=")  # without one of them nothing of the above is there
HIDDEN = "[hidden]"


class Redaction:
    """Hides what is secret in a line: Slack's tokens, response URLs and tickets, passwords in URLs, and `secrets`."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        given = [each for each in secrets if len(each) >= 8]
        self._text = re.compile("|".join([*map(re.escape, given), _SLACKS, _IN_A_URL]))
        self._bytes = re.compile(self._text.pattern.encode())
        self._signs = [each.encode() for each in (*_SIGNS, *given)]

    def __call__(self, _logger: object, _method: str, line: Any) -> bytes:
        """A line of the structured log, in bytes."""
        text = bytes(line)
        return self._bytes.sub(HIDDEN.encode(), text) if any(each in text for each in self._signs) else text

    def formatter(self, form: str) -> logging.Formatter:
        """A formatter of the standard library's logs that hides the same."""
        hide = self._text

        class Hiding(logging.Formatter):
            def format(self, record: logging.LogRecord) -> str:
                return hide.sub(HIDDEN, super().format(record))

        return Hiding(form)


def set_up_logging(level: str, secrets: Iterable[str] = ()) -> None:
    """Log at `level` and above to standard error; the Slack libraries never below INFO, where they log bodies."""
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    redaction, handler = Redaction(secrets), logging.StreamHandler(sys.stderr)
    handler.setFormatter(redaction.formatter("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=max(number, logging.INFO), handlers=[handler])
    for chatty, least in (("alembic", logging.WARNING), ("slack_bolt.AsyncApp", logging.ERROR)):
        logging.getLogger(chatty).setLevel(max(number, least))
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(orjson.dumps),
            redaction,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
