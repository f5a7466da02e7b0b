"""What people type: sentences are understood, and whatever is suggested can be typed."""

import asyncio
import json
import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.settings import Settings
from bot.wiring import Core, create_core, open_conversation
from handlers.conversation import Conversation
from handlers.errors import EXPECTED, Refusal
from handlers.suggesting import refusal_with_suggestions
from handlers.typed_command import typed_command
from handlers.views.parts.blocks import Message
from tests.support.examples import share_of_examples
from tests.support.sample_folder import FOLDER, TABLE, write_folder
from tests.support.served_bot import TODAY
from tiercore.access import Mailbox
from tiercore.ingest.importing import import_folder

PEOPLE = ("ana", "carla", "admin")
ANSWERED, WHICH = "answered", "which_partner"
UNDERSTOOD = (ANSWERED, WHICH)


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Core]:
    """The sample folder, with two partners whose names look like sentences."""
    folder = tmp_path_factory.mktemp("sentences")
    more = "PE,The Gap in June,US,USD,2021-05-01\nPF,Studio 54,US,USD,2021-05-01\n"
    people = "".join(f"carla@example.com,Carla,cam,{each}\n" for each in ("PE", "PF"))
    changed = {"partners": FOLDER["partners.csv"] + more, "people": FOLDER["people.csv"] + people}
    write_folder(folder / "data", **changed)
    (folder / "rules.toml").write_text(TABLE)
    url = f"sqlite:///{folder / 'tierbot.db'}"
    created = create_core(Settings(database_url=url, program=folder / "rules.toml", today=TODAY), may_create=True)
    assert not import_folder(created.engine, created.program, folder / "data", today=TODAY).problems
    yield created
    created.engine.dispose()


async def reply(conversation: Conversation, who: str, word: str, text: str) -> tuple[str, Message]:
    """How a question ends, and the message."""
    command, viewer = typed_command(word, text), Mailbox(f"{who}@example.com")
    try:
        return ANSWERED, (await conversation.message(command, viewer)).message
    except EXPECTED as error:
        refused: Refusal = await refusal_with_suggestions(error, command, viewer, conversation)
        return refused.code, refused.message


def replies(core: Core, *asked: tuple[str, str, str]) -> list[tuple[str, Message]]:
    async def all_of_them() -> list[tuple[str, Message]]:
        async with open_conversation(core) as (conversation, _):
            return [await reply(conversation, *each) for each in asked]

    return asyncio.run(all_of_them())


def buttons(message: Message) -> list[tuple[str, str, str | None]]:
    """The questions that the reply's buttons ask."""
    rows = (block["elements"] for block in message.blocks if block["type"] == "actions")
    return [tuple(json.loads(each["value"])) for row in rows for each in row if each.get("value", "").startswith("[")]


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("/gap platinum please", "/gap platinum"),
        ("/gap how far am I from platinum?", "/gap platinum"),
        ("/gap How much is missing to reach Platinum, please!", "/gap platinum"),
        ("/gap what do we still need?", "/gap"),
        ("/expiring next 30 days", "/expiring 30"),
        ("/expiring in 30 days", "/expiring 30"),
        ("/expiring what is expiring within the next 3 months?", "/expiring 3 months"),
        ("/expiring next week", "/expiring 7"),
        ("/expiring this month?", "/expiring 1 month"),
        ("/expiring tomorrow", "/expiring 1"),
        ("/gap what's missing for diamond?", "/gap diamond"),
        ("/gap next tier", "/gap"),
        ("/gap - platinum …", "/gap platinum"),
        ("/clients sorted by name", "/clients by name"),
        ("/changes this week", "/changes last week"),
        ("/changes what have we lost since june?", "/changes june"),
        ("/why sold please", "/why sold"),
        ("/tier how are we doing?", "/tier"),
        ("/tier how is Partner A doing?", "/tier Partner A"),
        ("/clients by managed, please", "/clients by managed"),
        ("/progress as numbers", "/progress numbers"),
        ("/recalibration when is it?", "/recalibration"),
        ("/convert how much is 5 000,50 EUR worth?", "/convert 5000.50 EUR"),
        ("/convert 1,5k", "/convert 1500"),
    ],
)
def test_a_sentence_asks_what_its_words_ask(core: Core, asked: str, meant: str):
    (said, sentence), (known, words) = replies(
        core, *(("ana", *each[1:].partition(" ")[::2]) for each in (asked, meant))
    )
    assert (said, sentence.text) == (known, words.text)
    assert said == ANSWERED


@pytest.mark.parametrize(
    ("asked", "reason", "offered"),
    [
        ("/gap platinum and managed", "called “managed”", ("gap", "platinum")),
        ("/gap platnum please", "called “platnum”", ("gap", "platinum")),
        ("/tier hepl", "called “hepl”", ("tier", "help")),
        ("/tier cleints by name", "“cleints name”", ("clients", "by name")),
        ("/changes last 2 weks please", "called “weks”", ("changes", "2 weeks")),
        ("/clients Partner C", "called “Partner C”", ("clients", "")),
        ("/gap a", "called “a”", ("gap", "")),
    ],
)
def test_words_that_name_nobody_are_said_with_what_can_be_asked(
    core: Core, asked: str, reason: str, offered: tuple[str, str]
):
    for code, message in replies(core, *((who, *asked[1:].partition(" ")[::2]) for who in PEOPLE)):
        assert code == "no_such_partner"
        assert reason in message.blocks[0]["elements"][0]["elements"][0]["text"]
        assert offered in [button[:2] for button in buttons(message)]


def test_a_partner_named_like_a_sentence_is_found_by_its_name(core: Core):
    for asked in ("The Gap in June", "The Gap in June, please", "Studio 54"):
        [(code, message)] = replies(core, ("carla", "tier", asked))
        assert code == ANSWERED
        assert message.text.startswith(("🎯 The Gap in June: ", "🎯 Studio 54: "))
    [(_, own)] = replies(core, ("carla", "expiring", "Studio 54"))
    assert own.text.startswith("Studio 54")


def test_a_client_is_looked_for_among_all_of_ones_partners(core: Core):
    [(one, alone), (several, choice), (none, nobody)] = replies(
        core, ("admin", "clients", "Verborgen"), ("admin", "clients", "acme"), ("admin", "clients", "Nobody Else")
    )
    assert (one, several, none) == (ANSWERED, WHICH, "no_such_partner")
    assert alone.text.startswith("Verborgen")
    assert {button[2] for button in buttons(choice)} == {"PA", "PD"}
    assert buttons(nobody) == []


def test_a_mistyped_subcommand_is_told_how_to_type_it(core: Core):
    [(_, digest), (_, link)] = replies(core, ("ana", "digest", "pasue"), ("ana", "tier", "lnik"))
    assert "To pause digests and alerts, type /digest pause" in digest.text
    assert "type /tier link" in link.text


COMMANDS = ("tier", "gap", "expiring", "progress", "clients", "changes", "recalibration", "digest", "why", "convert")
WORDS = (
    *("please", "how far am I from", "what about", "show me", "and", "the", "next", "in", "last", "since", "?", "!"),
    *("platinum", "Gold", "platnum", "diamnd", "elite tier", "silver"),
    *("30", "30 days", "3 months", "2 weks", "1 monht", "june", "2022-06-15", "2022-13", "5000 days", "next week"),
    *("5000", "5 000,50", "1,5k", "1.234,56", "5.000", "€5,000", "225 points", "EUR", "usd", "$", "k", "-5", "5,0000"),
    *("Partner A", "Partner C", "Partnr A", "PA", "Zweite", "Zweite GmbH", "Studio 54", "The Gap in June", '"Gold"'),
    *(
        "Acme",
        "Acmee",
        "Be, Inc",
        "C1",
        "nonsense",
        "--json",
        "managed",
        "sold",
        "by name",
        "page 2",
        "numbers",
        "hepl",
    ),
    *("cleints", "why", "help", "dollars", "growth", "retention", "expiry", "x", "a", "🎉", ":tada:", '"', "'"),
)
SENTENCES = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)


@settings(max_examples=share_of_examples(1_000))
@given(st.sampled_from(COMMANDS), SENTENCES, st.sampled_from(PEOPLE))
def test_no_suggestion_fails_the_way_the_question_did(core: Core, word: str, text: str, who: str):
    [(code, message)] = replies(core, (who, word, text))
    asked = buttons(message) if code not in UNDERSTOOD else []
    if code == WHICH:
        asked = buttons(message)[:3]
    for suggested, words, partner in asked:
        assert leads_on(core, who, suggested, words, partner), (word, text, suggested, words, partner)
    for number in re.findall(r"Type ([\d.]+) or ([\d.]+)\.", message.text.replace("\u2060", "")):
        for each in number:
            assert replies(core, (who, "convert", each))[0][0] == ANSWERED


def leads_on(core: Core, who: str, word: str, words: str, partner: str | None) -> bool:
    """Whether the button's question is answered, or asks which partner."""

    async def asked() -> bool:
        from handlers.typed_command import TypedCommand

        async with open_conversation(core) as (conversation, _):
            return await conversation.leads_on(TypedCommand(word, words, partner), Mailbox(f"{who}@example.com"))

    return asyncio.run(asked())
