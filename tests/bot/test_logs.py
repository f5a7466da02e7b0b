"""Logs contain no secrets, message texts or figures."""

import asyncio
import gc
import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Callable, Iterator

import pytest
import structlog

from bot import logs

SECRETS = {
    "a bot token": "xoxb-12345-abcDEF-9",
    "an app-level token": "xapp-1-A01-22-ffee",
    "a response URL": "https://hooks.slack.com/commands/T1/22/abcDEF",
    "a socket's ticket": "wss://wss-primary.slack.com/link/?ticket=ab-cd&app_id=A1",
    "a database's password": "postgresql+psycopg://tierbot:hunter2@db/tierbot",
    "the signing secret": "8f742231b10e8888abcd99yyyzzz85a5",
}
TELLING = ("xoxb-12345", "xapp-1", "T1/22/abcDEF", "ab-cd", "hunter2", "8f742231b10e8888")


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], str]]:
    """Logging configured as by `serve`, and its output."""

    class Out(io.StringIO):
        buffer = io.BytesIO()

    out, before, handlers = Out(), structlog.get_config(), logging.root.handlers
    Out.buffer = io.BytesIO()
    hooks = threading.excepthook, sys.unraisablehook
    monkeypatch.setattr(logs.sys, "stderr", out)
    monkeypatch.setattr(logging.root, "handlers", [])
    logs.set_up_logging("INFO", [SECRETS["the signing secret"]])
    yield lambda: Out.buffer.getvalue().decode() + out.getvalue()
    structlog.configure(**before)
    logging.captureWarnings(False)
    logging.root.handlers = handlers
    threading.excepthook, sys.unraisablehook = hooks


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_no_logger_logs_a_secret(logged: Callable[[], str], secret: str):
    structlog.get_logger().warning("odd", reason=f"answer of {secret} was odd")
    logging.getLogger("slack_sdk.web").warning("calling %s", secret)
    try:
        raise RuntimeError(secret)
    except RuntimeError:
        structlog.get_logger().exception("fault")
        logging.getLogger("aiohttp").exception("fault")
    lines = logged()
    assert not [each for each in TELLING if each in lines], lines
    assert lines.count(logs.HIDDEN) >= 4


async def _lost() -> None:
    raise RuntimeError("lost\ntask")


def _collected() -> None:
    class Dying:
        def __del__(self) -> None:
            raise ValueError("while\ndying")

    Dying()


def test_everything_is_one_json_line(logged: Callable[[], str]):
    """Our events, the libraries' logs and tracebacks, warnings, and what nothing caught."""
    structlog.get_logger().info("own", text="two\nlines")
    for name in ("slack_bolt.AsyncApp", "apscheduler.executors", "aiohttp.server", "asyncio", "sqlalchemy.pool"):
        try:
            raise RuntimeError("two\nlines")
        except RuntimeError:
            logging.getLogger(name).exception("failed\n%s", "badly")
    warnings.warn("old\nfashioned", stacklevel=1)

    async def fail() -> None:
        lost = asyncio.get_running_loop().create_task(_lost())
        asyncio.get_running_loop().call_soon(_lost, 1)
        await asyncio.wait((lost,))

    asyncio.run(fail())
    gc.collect()
    thread = threading.Thread(target=lambda: {}["missing"])
    thread.start()
    thread.join()
    _collected()
    with pytest.raises(SystemExit), logs.crashes_logged(unless=lambda error: False):
        raise ValueError("the\nend")
    lines = [json.loads(line) for line in logged().splitlines()]
    assert [line["event"].split("\n")[0] for line in lines if line["level"] == "info"] == ["own"]
    assert sum(line["event"] == "failed\nbadly" for line in lines) == 5
    assert sum(line["event"] == "crashed" for line in lines) == 3
    assert {"py.warnings", "asyncio"} <= {line.get("logger") for line in lines}
    assert all(line["timestamp"] for line in lines)


def test_an_error_is_logged_with_its_location_and_without_the_data(monkeypatch):
    class Out:
        buffer = io.BytesIO()

        def write(self, _text: str) -> None: ...

    monkeypatch.setattr(logs.sys, "stderr", Out())
    before = structlog.get_config()
    try:
        logs.set_up_logging("INFO")
        secret = "Top Secret GmbH"
        try:
            raise ValueError("odd")
        except ValueError:
            structlog.get_logger().exception("fault", reference="abc")
        del secret
    finally:
        structlog.configure(**before)
    line = Out.buffer.getvalue().decode()
    assert json.loads(line)["reference"] == "abc"
    assert "test_logs.py" in line
    assert "Top Secret" not in line


def test_half_of_a_character_or_a_huge_number_is_logged_like_anything_else(logged: Callable[[], str]):
    structlog.get_logger().warning("unknown_choice", user="\ud800", value=10**40)
    assert [json.loads(line)["event"] for line in logged().splitlines()] == ["unknown_choice"]
