"""Structured logs: one JSON line per event, without secrets or message texts."""

import logging
import re
import sys
from collections.abc import Iterable
from typing import Any

import orjson
import structlog

_SLACK_SECRETS = r"xox[a-z]{1,2}-[\w-]+|xapp-[\w-]+|(?<=://hooks\.slack\.com/)[\w/%-]+|(?<=[?&]ticket=)[\w%.-]+"
_URL_CREDENTIALS = r"(?<=://)[^/@\s\"]+:[^/@\s\"]+(?=@)"
_HINTS = ("xox", "xapp-", "://", "ticket=")  # a line without any of these can't match the patterns above
HIDDEN = "[hidden]"


class Redaction:
    """Redacts log lines: Slack's tokens, response URLs and tickets, passwords in URLs, and the given `secrets`."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        given = [each for each in secrets if len(each) >= 8]
        self._text = re.compile("|".join([*map(re.escape, given), _SLACK_SECRETS, _URL_CREDENTIALS]))
        self._bytes = re.compile(self._text.pattern.encode())
        self._hints = [each.encode() for each in (*_HINTS, *given)]

    def __call__(self, _logger: object, _method: str, line: Any) -> bytes:
        """The line with its secrets hidden, as structlog's last processor."""
        text = bytes(line)
        return self._bytes.sub(HIDDEN.encode(), text) if any(each in text for each in self._hints) else text

    def formatter(self, template: str) -> logging.Formatter:
        """A formatter for the standard library's logs that hides the same secrets."""
        pattern = self._text

        class RedactingFormatter(logging.Formatter):
            def format(self, record: logging.LogRecord) -> str:
                return pattern.sub(HIDDEN, super().format(record))

        return RedactingFormatter(template)


def set_up_logging(level: str, secrets: Iterable[str] = ()) -> None:
    """Log at `level` and above to standard error. The Slack libraries stay at INFO: below it they log bodies."""
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    redaction, handler = Redaction(secrets), logging.StreamHandler(sys.stderr)
    handler.setFormatter(redaction.formatter("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=max(number, logging.INFO), handlers=[handler])
    for noisy, minimum in (("alembic", logging.WARNING), ("slack_bolt.AsyncApp", logging.ERROR)):
        logging.getLogger(noisy).setLevel(max(number, minimum))
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
