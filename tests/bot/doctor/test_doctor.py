"""`tierbot doctor`: one line per check with what to do, and no check changes anything."""

import asyncio
import hashlib
import os
import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from bot.cli.main import app
from bot.doctor.finding import Finding, Mark
from bot.doctor.slack import check_slack
from bot.playground.local_slack.server import Slack
from bot.playground.local_slack.state.workspace import EVERY_SCOPE, Channel, Workspace
from bot.settings import Settings
from tests.support.old_schema import step_back
from tests.support.sample_folder import TABLE, write_folder
from tiercore.nightly import record
from tiercore.notifications.timetable import Schedule
from tiercore.notifications.types import Subscription, Topic
from tiercore.program import load_program, template
from tiercore.storage.bulk import table
from tiercore.storage.engine import create_database_engine, database_url
from tiercore.storage.tables.verified import VerifiedRow
from tiercore.verification.verify import Verified

RUN = CliRunner()
TODAY = date(2022, 9, 5)
CHANNELS = (Channel("C01IN", "in"), Channel("C02OUT", "out", has_bot=False))


@pytest.fixture
def work_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with every rule of its day configured."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TIERBOT_PROGRAM", "rules.toml")
    monkeypatch.setenv("TIERBOT_TODAY", TODAY.isoformat())
    filled = template(load_program(), TODAY).replace("# [", "[").replace("# 2", "2").replace('"not set" }', "12 }")
    (tmp_path / "rules.toml").write_text(filled)
    return tmp_path


@pytest.fixture
def filled(work_folder: Path) -> Path:
    """The same, with the sample folder imported."""
    assert RUN.invoke(app, ["import", str(write_folder(work_folder / "data"))]).exit_code == 0
    return work_folder


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slack]:
    """A local Slack in its own thread, because the command runs its own event loop; the token is set."""
    with ServeInThread(Slack(workspace=Workspace(channels=CHANNELS))) as server:
        monkeypatch.setenv("SLACK_BOT_TOKEN", server.bot_token)
        monkeypatch.setenv("SLACK_SIGNING_SECRET", server.signing_secret)
        monkeypatch.setenv("TIERBOT_SLACK_API_URL", server.api_url)
        monkeypatch.setenv("TIERBOT_SLACK_RESPONSE_URL", server.response_prefix)
        yield server


class ServeInThread:
    """Serve for the duration of the block."""

    def __init__(self, slack: Slack) -> None:
        self.slack, self._loop = slack, asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def __enter__(self) -> Slack:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.slack.start(), self._loop).result(10)
        return self.slack

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self.slack.stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


def run_doctor() -> tuple[list[str], int]:
    """The lines, and the exit status."""
    result = RUN.invoke(app, ["doctor"])
    assert result.stderr == ""
    return result.stdout.splitlines(), result.exit_code


def test_a_healthy_installation_has_only_good_lines_and_status_0(filled: Path, slack: Slack):
    for name in ("admin", "ana"):
        link = ["link", "--team", "T01", "--user", f"U0{name.upper()}", "--email", f"{name}@example.com"]
        assert RUN.invoke(app, link).exit_code == 0
    lines, status = run_doctor()
    assert status == 0, lines
    assert {line[0] for line in lines} == {"✓"}
    assert [line[2:].partition(":")[0] for line in lines] == [
        *("database", "rules", "Slack", "scopes", "clock", "channels", "files")
    ]
    assert lines[2] == "✓ Slack: the token is tierbot's in Local (T01LOCAL)"


def test_doctor_changes_nothing(filled: Path, slack: Slack):
    def content(file: Path) -> bytes:
        if file.suffix != ".db":
            return file.read_bytes()
        with closing(sqlite3.connect(file)) as connection:
            return "\n".join(connection.iterdump()).encode()

    def state() -> dict[str, str]:
        # SQLite's own files beside the database come and go with whoever has it open.
        files = [path for path in filled.iterdir() if path.is_file() and path.suffix not in (".db-shm", ".db-wal")]
        return {path.name: hashlib.sha256(content(path)).hexdigest() for path in files}

    before = state()
    run_doctor()
    assert state() == before
    assert {each.method for each in slack.journal.received} == {"auth.test"}


def test_without_a_token_one_line_says_that_slack_is_skipped(filled: Path):
    lines, status = run_doctor()
    assert "– Slack: left out, because neither SLACK_BOT_TOKEN nor SLACK_CLIENT_ID is set" in lines
    assert status == 0


def test_a_missing_database_is_not_created(work_folder: Path):
    lines, status = run_doctor()
    assert lines[0] == "✗ database: there is no tierbot.db yet → tierbot import FOLDER makes it"
    assert status == 1
    assert not (work_folder / "tierbot.db").exists()


def test_an_old_database_asks_for_migrate_and_a_migrated_one_for_rebuild(filled: Path):
    step_back(create_database_engine(database_url("sqlite:///tierbot.db")), "0001")
    lines, status = run_doctor()
    assert lines[0].startswith("✗ database: the database is at revision 0001")
    assert lines[0].endswith("→ tierbot migrate")
    assert status == 1
    RUN.invoke(app, ["migrate"])
    assert run_doctor()[0][0].endswith("→ tierbot rebuild")


def test_an_invalid_file_and_an_unreachable_server_are_reported(work_folder: Path, monkeypatch: pytest.MonkeyPatch):
    (work_folder / "tierbot.db").write_bytes(b"this is no database" * 100)
    assert "✗ database: sqlite:///tierbot.db can't be used: file is not a database" in run_doctor()[0][0]
    monkeypatch.setenv("TIERBOT_DATABASE_URL", "postgresql://ann:secret@127.0.0.1:1/x")
    line = run_doctor()[0][0]
    assert line.startswith("✗ database: postgresql://ann:***@127.0.0.1:1/x can't be used: ")
    assert "secret" not in line


@pytest.mark.slow
def test_a_postgresql_database_is_checked(work_folder: Path, postgres, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TIERBOT_DATABASE_URL", postgres.url(postgres.create_database()))
    assert run_doctor()[0][0].startswith("✗ database: the database is at revision none")
    assert RUN.invoke(app, ["migrate"]).exit_code == 0
    assert run_doctor()[0][0].endswith("is reachable and at this version's revision")


def test_missing_rules_name_the_template_command(filled: Path, monkeypatch: pytest.MonkeyPatch):
    (filled / "rules.toml").write_text(TABLE)
    lines, status = run_doctor()
    assert (
        "✗ rules: thresholds.diamond.combined is not set on 2022-09-05 → thresholds.diamond.combined.2022-07-18 = "
        "{ value = … } (tierbot rules --template)"
    ) in lines
    assert any(line.startswith("– rules: retention.platinum is not set") for line in lines)
    assert status == 1
    monkeypatch.setenv("TIERBOT_TODAY", "2026-11-28")
    assert any("sold_minimum" in line and "ended on 2025-07-15" in line for line in run_doctor()[0])


def test_the_line_of_what_is_set_speaks_of_what_decides_and_the_others_say_that_they_decide_nothing(filled: Path):
    text = (filled / "rules.toml").read_text()
    (filled / "rules.toml").write_text(re.sub(r"\[retention\..*\n.*\n", "", text))
    lines, status = run_doctor()
    rules = [line for line in lines if " rules: " in line]
    assert rules[0] == "✓ rules: every threshold of 2022-09-05 that decides about a tier is set"
    assert rules[1:]
    assert all(line.startswith("– rules: ") and ": no tier depends on it" in line for line in rules[1:])
    assert status == 0


def test_an_invalid_program_table_is_reported_and_the_rest_is_still_checked(filled: Path):
    (filled / "rules.toml").write_text("[thresholds.gold.combind]\n2022-07-18 = { value = 1 }\n")
    lines, status = run_doctor()
    assert any(line.startswith("✗ rules: rules.toml: thresholds.gold.combind: is not a rule") for line in lines)
    assert any(line.startswith("✓ files") for line in lines)
    assert status == 1


@pytest.mark.parametrize(
    ("days", "not_recounted", "left_out", "mark", "said"),
    [
        (1, 0, "", "✓", "verified on {:%Y-%m-%d %H:%M} UTC for 4 partners: all equal"),
        (
            1,
            12,
            "",
            "✓",
            "verified on {:%Y-%m-%d %H:%M} UTC for 4 partners: all equal, 12 sold credits with deal-based",
        ),
        (3, 0, "", "–", "not verified since {:%Y-%m-%d}"),
        (1, 0, "the rules have changed", "–", "not verified since {:%Y-%m-%d}: the rules have changed"),
    ],
)
def test_figures_are_good_only_while_their_verification_says_something(
    filled: Path, days: int, not_recounted: int, left_out: str, mark: str, said: str
):
    at = datetime.now(UTC) - timedelta(days=days)
    engine = create_database_engine(Settings().database)
    with engine.begin() as connection:
        record(connection, Verified(partners=4, not_recounted=not_recounted), at)
        connection.execute(update(table(VerifiedRow)).values(left_out=left_out))
    engine.dispose()
    [shown] = [line for line in run_doctor()[0] if " figures: " in line]
    assert shown.startswith(f"{mark} figures: {said.format(at)}")


def test_figures_that_were_never_verified_are_no_good_line(filled: Path):
    engine = create_database_engine(Settings().database)
    with engine.begin() as connection:
        record(connection, Verified(), datetime.now(UTC))
        connection.execute(update(table(VerifiedRow)).values(verified_at=None, left_out="a reason"))
    engine.dispose()
    [shown] = [line for line in run_doctor()[0] if " figures: " in line]
    assert shown.startswith("– figures: not verified yet: a reason")


def test_files_readable_by_others_are_listed_with_the_chmod_command(filled: Path):
    (filled / ".env").write_text("")
    (filled / "backups").mkdir(mode=0o755)
    os.chmod("tierbot.db", 0o644)
    os.chmod(".env", 0o640)
    lines, status = run_doctor()
    assert [line for line in lines if "files" in line] == [
        "✗ files: others on this machine can use .env (640) → chmod 600 .env",
        "✗ files: others on this machine can use tierbot.db (644) → chmod 600 tierbot.db",
        "✗ files: others on this machine can use backups (755) → chmod 700 backups",
    ]
    assert status == 1
    for name, mode in ((".env", 0o600), ("tierbot.db", 0o600), ("backups", 0o700)):
        os.chmod(name, mode)
    assert run_doctor()[1] == 0


def test_a_channel_with_digests_but_without_the_bot_is_named(filled: Path, slack: Slack):
    for channel in CHANNELS:
        row = ("s" + channel.channel_id, "T01LOCAL", channel.channel_id, "progress", 0, 540, "UTC", 0, "U01", 0)
        with sqlite3.connect("tierbot.db") as connection:
            connection.execute(
                "INSERT INTO subscription (subscription_id, team_id, place, topic, weekday, minute, timezone, paused,"
                " made_by, made_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )
    lines, status = run_doctor()
    assert "✓ channels: tierbot is in C01IN, which gets digests or alerts" in lines
    assert any(line.startswith("✗ channels: C02OUT gets digests or alerts, and tierbot isn't in it") for line in lines)
    assert status == 1


def settings_of(slack: Slack, **more: object) -> Settings:
    tokens = {"slack_bot_token": slack.bot_token, "slack_signing_secret": slack.signing_secret}
    return Settings(**{**tokens, "slack_api_url": slack.api_url, "slack_response_url": slack.response_prefix, **more})


def lines_about(found: list[Finding], name: str) -> list[str]:
    return [str(each) for each in found if each.what.startswith(name)]


async def test_a_missing_scope_says_what_it_costs_and_only_required_ones_must_be_added():
    without = tuple(scope for scope in EVERY_SCOPE if scope not in ("im:write", "users:read.email"))
    async with Slack(workspace=Workspace(scopes=without)) as slack:
        found = await check_slack(settings_of(slack), [], {})
    needed, optional = (each for each in found if each.what.startswith("scopes"))
    assert (needed.mark, optional.mark) == (Mark.MUST, Mark.NOTE)
    assert "im:write is not granted: no digest or alert for a person → add it under OAuth & Permissions" in str(needed)
    assert "users:read.email is not granted: people type their own e-mail" in str(optional)


@pytest.mark.parametrize(
    ("off", "line"),
    [
        (0, "✓ clock: as Slack's"),
        (59, "✓ clock: as Slack's"),
        (
            90,
            "✗ clock: this machine is 90 seconds ahead of Slack; "
            "tierbot serve goes by Slack's time, other commands here don't → set the clock by NTP",
        ),
        (
            -4000,
            "✗ clock: this machine is 4,000 seconds behind Slack; "
            "tierbot serve goes by Slack's time, other commands here don't → set the clock by NTP",
        ),
    ],
)
async def test_the_clock_is_compared_with_slacks_clock(off: int, line: str):
    now = datetime(2026, 11, 28, 12, tzinfo=UTC).timestamp()
    async with Slack(clock=lambda: now) as slack:
        found = await check_slack(settings_of(slack), [], {}, clock=lambda: now + off)
    assert lines_about(found, "clock") == [line]


async def test_a_refused_token_and_an_unreachable_slack_are_reported():
    async with Slack() as slack:
        [refused] = await check_slack(settings_of(slack, slack_bot_token="xoxb-other"), [], {})
        api_url = slack.api_url
    assert str(refused).startswith("✗ Slack: the bot token is refused: invalid_auth → copy the Bot User OAuth Token")
    [away] = await check_slack(settings_of(slack, slack_api_url=api_url), [], {})
    assert str(away).startswith(f"✗ Slack: {api_url} can't be reached")


async def test_missing_signing_secret_and_app_token_are_reported():
    async with Slack() as slack:
        found = await check_slack(settings_of(slack, slack_signing_secret=None), [], {})
    assert found[0].mark is Mark.MUST
    assert "neither SLACK_SIGNING_SECRET nor SLACK_APP_TOKEN" in found[0].what


async def test_without_history_scope_the_bots_channel_membership_is_unknown():
    without = tuple(scope for scope in EVERY_SCOPE if not scope.endswith(":history"))
    to = Subscription("s", "T01LOCAL", "C01IN", Topic.PROGRESS, Schedule(0, 540, "UTC"), False, None, "U01", None)
    async with Slack(workspace=Workspace(channels=CHANNELS, scopes=without)) as slack:
        found = await check_slack(settings_of(slack), [to], {})
    assert lines_about(found, "channels") == [
        "– channels: whether tierbot is in C01IN can't be told: missing_scope (needs channels:history) → look in Slack"
    ]
