"""One request never holds up the others: whatever is typed, and whoever asks (architecture#hot-path)."""

import asyncio

import pytest

from bot.playground.local_slack.server import Slack
from bot.settings import Settings
from bot.wiring import create_core
from tests.support.databases import Databases
from tests.support.sample_folder import FOLDER, TABLE, write_folder
from tests.support.served_bot import PEOPLE, TODAY, WORKSPACE, connected_bot, link_user, text_of
from tests.support.waiting import TIMEOUT
from tests.support.watchdog import no_hold
from tiercore.ingest.importing import import_folder
from tiercore.program import load_program
from tiercore.storage.schema import upgrade

PARTNERS = 5_000
HOSTILE = ("a " * 2_000, "x" * 4_000, "﷽" * 4_000, "é̂̇" * 1_300, "Agentur Müller " * 30, "30d " * 900, '"' * 4_000)


@pytest.fixture(scope="module")
def fill(tmp_path_factory: pytest.TempPathFactory):
    """The sample folder with 5,000 more partners, which Carla looks after too."""
    numbers = range(PARTNERS)
    more = "".join(f"Q{number},Agentur Müller & Söhne {number},DE,EUR,2021-05-01\n" for number in numbers)
    people = "".join(f"carla@example.com,Carla,cam,Q{number}\n" for number in numbers)
    changed = {"partners": FOLDER["partners.csv"] + more, "people": FOLDER["people.csv"] + people}
    folder = write_folder(tmp_path_factory.mktemp("many"), **changed)
    rules = tmp_path_factory.mktemp("rules") / "rules.toml"
    rules.write_text(TABLE)

    def filled(engine):
        upgrade(engine)
        assert not import_folder(engine, load_program(rules), folder, today=TODAY).problems
        for person in PEOPLE[:4]:
            link_user(engine, WORKSPACE.team_id, person.user_id, person.email)

    return filled, rules


@pytest.mark.slow
async def test_nothing_holds_the_event_loop_for_50_milliseconds(databases: Databases, fill):
    filled, rules = fill
    url = databases.filled(filled).render_as_string(hide_password=False)
    core = create_core(Settings(database_url=url, program=rules, today=TODAY, port=0))
    async with Slack(workspace=WORKSPACE, patience=TIMEOUT, ack_seconds=TIMEOUT) as slack:
        bot = connected_bot(core, slack)
        await bot.start()
        slack.bot_url = f"http://127.0.0.1:{bot.port}/slack/events"
        async with no_hold():
            for who in ("carla", "admin", "ana"):
                for word in ("/tier", "/gap", "/clients", "/changes", "/convert", "/why"):
                    for text in HOSTILE:
                        assert text_of(await slack.command(who, word, text))
                for text in ("", "Agentur", "agentur muller sohne 77", "Agentur Müler Söne 1234"):
                    assert text_of(await slack.command(who, "/tier", text))
            home = asyncio.create_task(slack.open_home("admin"))  # an overview of 5,000 partners takes seconds
            for _ in range(100):
                assert text_of(await slack.command("ana", "/tier"))
            home.cancel()
        await bot.stop()
    core.engine.dispose()
