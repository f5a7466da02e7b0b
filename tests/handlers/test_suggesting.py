"""What is offered for words that aren't understood leads on: no suggestion fails in its turn."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.settings import Settings
from bot.wiring import create_core, open_conversation
from handlers.conversation import Conversation
from handlers.errors import EXPECTED
from handlers.suggesting import refusal_with_suggestions
from handlers.typed_command import QUESTIONS, TypedCommand, typed_command
from handlers.views.parts.choices import read_value
from tests.support.sample_folder import TABLE, write_folder
from tests.support.served_bot import TODAY
from tiercore.access import Mailbox, WhichPartner
from tiercore.ingest.importing import import_folder

PEOPLE = [Mailbox("ana@example.com"), Mailbox("carla@example.com"), Mailbox("admin@example.com")]
WORDS = ("hepl", "cleints", "expirng", "platnum", "recalibraton", "pasue", "acme", "partner", "sold", "3 monts", "x y")


@pytest.fixture
async def conversation(tmp_path: Path) -> AsyncIterator[Conversation]:
    rules = tmp_path / "rules.toml"
    rules.write_text(TABLE)
    url = f"sqlite:///{tmp_path / 'tierbot.db'}"
    core = create_core(Settings(database_url=url, program=rules, today=TODAY), may_create=True)
    import_folder(core.engine, core.program, write_folder(tmp_path / "data"), today=TODAY)
    async with open_conversation(core) as (opened, _):
        yield opened
    core.engine.dispose()


def typed() -> Iterator[TypedCommand]:
    """Every command with each word that is near another command, a subcommand, a tier, a name or help."""
    near = {f"{word[:-2]}{word[-1]}{word[-2]}" for word in QUESTIONS}
    for word in QUESTIONS:
        yield from (typed_command(word, text) for text in sorted({*WORDS, *near}))


async def test_every_suggestion_for_every_word_after_every_command_leads_on(conversation: Conversation):
    offered = 0
    for viewer in PEOPLE:
        for command in typed():
            try:
                await conversation.message(command, viewer)
            except EXPECTED as error:
                for _, word, text, partner_id in await offers(error, command, viewer, conversation):
                    offered += 1
                    await require_leading_on(TypedCommand(word, text, partner_id), viewer, conversation)
    assert offered > 100


async def offers(error, command, viewer, conversation):
    """The suggestions in the reply, as its buttons ask them."""
    refused = await refusal_with_suggestions(error, command, viewer, conversation)
    if isinstance(error, WhichPartner):
        return []
    found = [each for block in refused.message.blocks if block["type"] == "actions" for each in block["elements"]]
    return [(each["text"]["text"], *read_value(each["value"])) for each in found if each["action_id"] != "form:link"]


async def require_leading_on(command, viewer, conversation):
    try:
        await conversation.message(command, viewer)
    except WhichPartner as error:
        for partner in error.choices:
            chosen = TypedCommand(command.word, error.words, partner.partner_id)
            await conversation.message(chosen, viewer)


@pytest.mark.parametrize("word", QUESTIONS)
async def test_mistyped_help_offers_help_after_every_command(conversation: Conversation, word: str):
    command = typed_command(word, "hepl")
    with pytest.raises(EXPECTED) as raised:
        await conversation.message(command, PEOPLE[0])
    found = await offers(raised.value, command, PEOPLE[0], conversation)
    assert (f"/{word} help", word, "help", None) in found
