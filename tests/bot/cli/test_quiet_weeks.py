"""A week without news is one line, or nothing where silence was chosen, and never where something isn't known."""

from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.main import app
from tests.support.sample_folder import FOLDER, TABLE, write_folder
from tests.support.served_bot import PEOPLE, TODAY, WORKSPACE, link_user
from tiercore.access import SlackUser
from tiercore.ingest.importing import import_folder
from tiercore.notifications.subscriptions import subscribe
from tiercore.notifications.timetable import Schedule
from tiercore.notifications.types import Topic
from tiercore.program import load_program
from tiercore.storage.engine import create_database_engine, database_url
from tiercore.storage.schema import upgrade
from tiercore.storage.transactions import Transactions

HEAD = FOLDER["sales.csv"].splitlines()[0]
SALES = f"{HEAD}\nS1,PA,C1,Marketing Hub,net_new,sourced,8000.00,USD,2022-08-14\n"
CALM = {
    "sales": SALES,
    "agreements": "agreement_id,partner_id,client_id,starts_on,ends_on\nA1,PA,C1,2021-01-01,\n",
    "certifications": FOLDER["certifications.csv"].replace("2023-01-31", "2030-01-31"),
}
ENDING = CALM["agreements"].replace("2021-01-01,\n", "2021-01-01,2022-12-01\n")
EXPIRING, ANOTHERS = (CALM["certifications"].replace(*each) for each in (("2030-01-31", "2022-12-31"), ("PA,", "PB,")))
SKIPPED = "not sent: skipped: nothing moved and nothing to do"
ONE_LINE = "Partner A: nothing moved and nothing to do this week: Gold is safe until 15 Jan 2023."


class Week:
    """Ana's partner keeps Gold until summer, and nothing happens in the week of 19 September."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._program = folder, load_program(folder / "rules.toml")
        self.engine = create_database_engine(database_url(f"sqlite:///{folder / 'tierbot.db'}"))
        upgrade(self.engine)
        self.imports(TODAY)
        link_user(self.engine, WORKSPACE.team_id, PEOPLE[0].user_id, PEOPLE[0].email)

    def imports(self, today: date, **changed: str) -> None:
        data = write_folder(self._folder / "data", **CALM | changed)
        assert not import_folder(self.engine, self._program, data, today=today, mirror=True).problems

    def subscribed(self, *, silent: bool) -> "Week":
        user, schedule = SlackUser(WORKSPACE.team_id, PEOPLE[0].user_id), Schedule(0, 540, "Europe/Berlin")
        Transactions(self.engine).write_now(
            lambda db, now: subscribe(db, user, [Topic.DIGEST], schedule, None, now, only_news=silent)
        )
        return self

    def says(self) -> str:
        result = CliRunner().invoke(app, ["digest", "--dry-run", "--on", "2022-09-19", "--as", PEOPLE[0].email])
        assert result.exit_code == 0, result.output
        return " ".join(result.stdout.split())


@pytest.fixture
def week(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Week:
    (tmp_path / "rules.toml").write_text(TABLE)
    monkeypatch.setenv("TIERBOT_DATABASE_URL", f"sqlite:///{tmp_path / 'tierbot.db'}")
    monkeypatch.setenv("TIERBOT_PROGRAM", str(tmp_path / "rules.toml"))
    return Week(tmp_path)


def test_a_week_without_news_is_one_line(week: Week):
    said = week.subscribed(silent=False).says()
    assert ONE_LINE in said
    assert "What moved" not in said
    assert "/digest pause stops it" in said


def test_silence_is_shown_as_skipped_with_its_reason(week: Week):
    assert SKIPPED in week.subscribed(silent=True).says()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"sales": f"{SALES}S2,PA,C1,Sales Hub,cross_sell,sourced,100.00,USD,2022-09-15\n"}, "+3 this week"),
        ({"sales": SALES.replace("8000", "8100")}, "corrected in hindsight"),
        ({"certifications": EXPIRING}, "Renew the certification"),
        ({"certifications": ANOTHERS}, "can't tell whether Gold is kept"),
        ({"agreements": ENDING}, "Settle the agreement"),
    ],
)
def test_nothing_is_silent_that_moved_that_is_to_be_done_or_that_is_not_known(week: Week, changed: dict, said: str):
    week.imports(date(2022, 9, 16), **changed)
    told = week.subscribed(silent=True).says()
    assert "skipped" not in told
    assert said in told
