"""The operator's view of automatic messages: the outbox, upcoming digests, and a backup that can be restored."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from bot.cli.main import app
from tests.support.sample_folder import TABLE, write_folder
from tests.support.served_bot import PEOPLE, TODAY, WORKSPACE, link_user
from tiercore.access import SlackUser
from tiercore.ingest.importing import import_folder
from tiercore.notifications.outbox import put
from tiercore.notifications.outbox_types import OutboxMessage
from tiercore.notifications.subscriptions import subscribe
from tiercore.notifications.timetable import Schedule
from tiercore.notifications.types import Topic
from tiercore.program import load_program
from tiercore.storage.bulk import table
from tiercore.storage.engine import create_database_engine, database_url
from tiercore.storage.schema import upgrade
from tiercore.storage.tables.notifications import OutboxRow, SubscriptionRow
from tiercore.storage.transactions import Transactions


@pytest.fixture
def writer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Transactions:
    """A SQLite file with the sample folder, used by the command line; Ana and Carla are subscribed."""
    (tmp_path / "rules.toml").write_text(TABLE)
    url = f"sqlite:///{tmp_path / 'tierbot.db'}"
    monkeypatch.setenv("TIERBOT_DATABASE_URL", url)
    monkeypatch.setenv("TIERBOT_PROGRAM", str(tmp_path / "rules.toml"))
    monkeypatch.setenv("TIERBOT_TODAY", TODAY.isoformat())
    engine = create_database_engine(database_url(url))
    upgrade(engine)
    program = load_program(tmp_path / "rules.toml")
    assert not import_folder(engine, program, write_folder(tmp_path / "data"), today=TODAY).problems
    writer = Transactions(engine)
    for person, topics in ((PEOPLE[0], [Topic.PROGRESS]), (PEOPLE[2], [Topic.PORTFOLIO, Topic.ALERTS])):
        link_user(engine, WORKSPACE.team_id, person.user_id, person.email)
        user, schedule = SlackUser(WORKSPACE.team_id, person.user_id), Schedule(0, 540, "Europe/Berlin")
        writer.write_now(
            lambda connection, now, user=user, topics=topics, schedule=schedule: subscribe(
                connection, user, topics, schedule, None, now
            )
        )
    return writer


def output_of(*words: str) -> str:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == 0, result.output
    return " ".join(result.stdout.split())


def test_a_dry_run_lists_who_gets_what_and_when_and_sends_nothing(writer: Transactions):
    text = output_of("digest", "--dry-run", "--on", "2022-09-05")
    assert "Mon 2022-09-05 07:00 ana@example.com progress Partner A: 420 points" in text
    assert "Mon 2022-09-05 07:00 carla@example.com portfolio 3 partners: " in text
    only = output_of("digest", "--dry-run", "--on", "2022-09-05", "--as", "ana@example.com")
    assert "carla@example.com" not in only
    assert "Requirements" in only
    assert output_of("outbox").startswith("Week 20")


def test_without_dry_run_the_command_says_that_serve_sends_digests(writer: Transactions):
    result = CliRunner().invoke(app, ["digest"])
    assert result.exit_code == 2
    assert "--dry-run" in result.output


def test_the_outbox_lists_failed_messages_and_resends_them(writer: Transactions):
    now = datetime.now(UTC) - timedelta(hours=1)
    writer.write_now(lambda connection, at: put(connection, [OutboxMessage("k1", "T1", "C1", {}, now)], at))
    assert "pending 1" in output_of("outbox")
    dead = {"state": "dead", "reason": "is_archived"}
    writer.write_now(lambda connection, _: connection.execute(update(table(OutboxRow)).values(dead)))
    assert "1 dead C1 k1 is_archived" in output_of("outbox")
    assert "Message 1 will be sent again." in output_of("outbox", "resend", "1")
    assert "pending 1" in output_of("outbox")
    refused = CliRunner().invoke(app, ["outbox", "resend", "9"])
    assert refused.exit_code == 1
    assert "No message 9 is held or dead." in refused.output


def test_many_messages_are_resent_by_reason_or_all_at_once(writer: Transactions):
    now = datetime.now(UTC) - timedelta(hours=1)
    messages = [OutboxMessage(f"k{number}", "T1", f"C{number}", {}, now) for number in range(1, 6)]
    writer.write_now(lambda connection, at: put(connection, messages, at))
    outbox = table(OutboxRow)
    for numbers, reason in (((1, 2), "missing_scope (needs im:write)"), ((3, 4, 5), "msg_too_long")):
        values = update(outbox).where(outbox.c.outbox_id.in_(numbers)).values(state="dead", reason=reason)
        writer.write_now(lambda connection, _, values=values: connection.execute(values))
    assert "Messages 1, 2 will be sent again." in output_of("outbox", "resend", "--reason", "missing_scope")
    assert "Message 3 will be sent again." in output_of("outbox", "resend", "3")
    assert "Messages 4, 5 will be sent again." in output_of("outbox", "resend", "--all")
    for words, said in ((("--all",), "Nothing is held"), (("--reason", "like it"), "has a reason with “like it”")):
        nothing = CliRunner().invoke(app, ["outbox", "resend", *words])
        assert nothing.exit_code == 1
        assert said in nothing.output
    for words in ((), ("3", "--all")):
        assert CliRunner().invoke(app, ["outbox", "resend", *words]).exit_code == 2


def test_an_empty_outbox_and_a_week_without_digests_are_sentences(writer: Transactions):
    text = output_of("outbox")
    assert text.endswith("The outbox is empty.")
    assert "None" not in text
    nobody = output_of("digest", "--dry-run", "--on", "2022-09-05", "--as", "bea@example.com")
    assert nobody == "No digests are due that week for bea@example.com: /digest monday 9:00 in Slack subscribes."


def test_digests_due_but_not_planned_are_reported_once(writer: Transactions):
    long_ago = {"next_at": 0}
    writer.write_now(lambda connection, _: connection.execute(update(table(SubscriptionRow)).values(long_ago)))
    text = output_of("outbox")
    assert "3 digests are due and not planned yet. A serving bot plans them within a minute" in text
    assert "no digest was due yet" not in text


def test_the_outbox_names_the_recipient_of_a_direct_message(writer: Transactions):
    message = OutboxMessage("k1", WORKSPACE.team_id, PEOPLE[0].user_id, {}, datetime.now(UTC))
    writer.write_now(lambda connection, at: put(connection, [message], at))
    writer.write_now(lambda connection, _: connection.execute(update(table(OutboxRow)).values({"state": "held"})))
    assert "1 held ana@example.com k1" in output_of("outbox")


def test_a_backup_is_complete_and_gives_the_same_answers(
    writer: Transactions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    copy = tmp_path / "backups" / "monday.db"
    assert CliRunner().invoke(app, ["backup", str(copy)]).exit_code == 1, (
        "a folder that is not there may be a mount that is not"
    )
    copy.parent.mkdir()
    assert "bytes" in output_of("backup", str(copy))
    before = output_of("ask", "/tier", "--as", "ana@example.com")
    monkeypatch.setenv("TIERBOT_DATABASE_URL", f"sqlite:///{copy}")
    assert output_of("ask", "/tier", "--as", "ana@example.com") == before
    again = CliRunner().invoke(app, ["backup", str(copy)])
    assert again.exit_code == 1
    assert "already exists" in again.output
