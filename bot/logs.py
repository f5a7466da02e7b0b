"""Structured logs: one JSON line an event, no secrets and no message text."""

import logging
import sys

import orjson
import structlog


def set_up_logging(level: str) -> None:
    """Log at `level` and above to standard error; the Slack libraries never below INFO, where they log bodies."""
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    logging.basicConfig(level=max(number, logging.INFO), stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    for chatty, least in (("alembic", logging.WARNING), ("slack_bolt.AsyncApp", logging.ERROR)):
        logging.getLogger(chatty).setLevel(max(number, least))
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(orjson.dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
