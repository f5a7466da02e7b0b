"""What is kept is what would be made anew: whoever asks, whatever was imported meanwhile, never beyond rights."""

import random
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.settings import Settings
from bot.wiring import Core, create_core, open_conversation
from handlers.acknowledgement import encoded
from handlers.cache import AnswerCache
from handlers.command_names import CommandNames
from handlers.conversation import Conversation
from handlers.errors import EXPECTED
from handlers.typed_command import TypedCommand, typed_command
from handlers.views.parts.blocks import Message
from tests.support.sample_folder import FOLDER, TABLE, write_folder
from tests.support.served_bot import TODAY, link_user
from tiercore.access import SlackUser
from tiercore.ingest.importing import import_folder
from tiercore.people.preferences import prefer
from tiercore.storage.transactions import Transactions

WHO = ("ana", "bea", "carla", "admin", "eve")
ASKED = (
    ("tier", ""),
    ("tier", "dollars"),
    ("gap", "platinum"),
    ("expiring", ""),
    ("progress", "numbers"),
    ("clients", ""),
    ("digest", ""),
    ("digest", "portfolio"),
)
PARTNERS = ("PA", "PB", "PC", "PD", None)
STEPS = 1_200


@pytest.fixture
def core(tmp_path: Path) -> Iterator[Core]:
    (tmp_path / "rules.toml").write_text(TABLE)
    url = f"sqlite:///{tmp_path / 'tierbot.db'}"
    created = create_core(Settings(database_url=url, program=tmp_path / "rules.toml", today=TODAY), may_create=True)
    import_folder(created.engine, created.program, write_folder(tmp_path / "data"), today=TODAY)
    for who in WHO[:4]:
        link_user(created.engine, "T1", f"U{who.upper()}", f"{who}@example.com")
    yield created
    created.engine.dispose()


def viewer(who: str) -> SlackUser:
    return SlackUser("T1", f"U{who.upper()}", "C1")


def bring(core: Core, folder: Path, name: str, row: str) -> None:
    """Import one more row of a file."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"{FOLDER[name].splitlines()[0]}\n{row}\n")
    assert not import_folder(core.engine, core.program, folder, today=TODAY).problems
    (folder / name).unlink()


async def said(conversation: Conversation, command: TypedCommand, who: str) -> Message | str:
    """The answer, or the kind of refusal."""
    try:
        return (await conversation.message(command, viewer(who))).message
    except EXPECTED as error:
        return type(error).__name__


async def test_a_kept_answer_is_what_would_be_made_for_whoever_asks(
    core: Core, tmp_path: Path, share_of: Callable[[int], int]
):
    rng, transactions = random.Random(21), Transactions(core.engine)
    plain = Core(core.settings.model_copy(update={"keep_answers": 0}), core.program, core.engine)
    async with AsyncExitStack() as stack:
        keeping, _ = await stack.enter_async_context(open_conversation(core))
        making, _ = await stack.enter_async_context(open_conversation(plain))
        for step in range(share_of(STEPS)):
            if rng.random() < 0.03:
                partner, client = rng.choice((("PA", "C1"), ("PB", "C2"), ("PD", "C1")))
                sale = f"N{step},{partner},{client},Sales Hub,upsell,sourced,{rng.randrange(100, 900)},USD,2022-08-01"
                bring(core, tmp_path / "more", "sales.csv", sale)
            if rng.random() < 0.03:
                user, model = viewer(rng.choice(WHO)), rng.choice(("points", "dollars", None))
                transactions.write_now(lambda db, _, user=user, model=model: prefer(db, user, model))
            word, text = rng.choice(ASKED)
            command, who = TypedCommand(word, text, rng.choice(PARTNERS)), rng.choice(WHO)
            assert await said(keeping, command, who) == await said(making, command, who), (step, command, who)


async def test_an_answer_outlives_an_import_of_another_partners_data(core: Core, tmp_path: Path):
    made = list[Message]()

    def encode(message: Message) -> bytes:
        made.append(message)
        return encoded(message, CommandNames("all", ()))

    async with open_conversation(core) as (opened, _):
        conversation = Conversation(opened.answers, opened.today, AnswerCache(encode))
        ask = typed_command("tier", "")
        await said(conversation, ask, "ana")
        bring(core, tmp_path / "more", "sales.csv", "N1,PB,C2,Sales Hub,upsell,sourced,300,USD,2022-08-01")
        await said(conversation, ask, "ana")
        assert len(made) == 1
        bring(core, tmp_path / "more", "sales.csv", "N2,PA,C1,Sales Hub,upsell,sourced,300,USD,2022-08-01")
        await said(conversation, ask, "ana")
        assert len(made) == 2
