"""`/recalibration` after a recalibration: what it did, by what is known today and what was known then."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.wiring import Core, open_conversation
from handlers.conversation import Answer
from handlers.typed_command import TypedCommand
from tests.support.sample_folder import FOLDER, write_folder
from tiercore.access import Mailbox
from tiercore.ingest.importing import import_folder

HEAD = FOLDER["sales.csv"].splitlines()[0]
Asked = Callable[[str, date], Awaitable[tuple[str, dict[str, Any]]]]


@pytest.fixture
async def asked(core: Core) -> AsyncIterator[Asked]:
    """What Ana is answered to words after the command on a day: the text and the JSON."""
    today = date(2023, 1, 20)
    async with open_conversation(core, lambda: today) as (conversation, _):

        async def ask(words: str, day: date) -> tuple[str, dict[str, Any]]:
            nonlocal today
            today = day
            found = await conversation.answer(TypedCommand("recalibration", words), Mailbox("ana@example.com"))
            assert isinstance(found, Answer)
            return found.message.text, found.record

        yield ask


def correct(core: Core, folder: Path, row: str, day: date) -> None:
    imported = import_folder(core.engine, core.program, write_folder(folder, sales=f"{HEAD}\n{row}\n"), today=day)
    assert not imported.problems


@pytest.mark.parametrize("day", [date(2023, 1, 15), date(2023, 2, 14)])
async def test_the_result_is_shown_until_the_next_window_begins(asked: Asked, day: date):
    text, record = await asked("", day)
    assert text.startswith("Partner A: Gold kept at the recalibration on 15 Jan 2023, by the numbers.")
    assert "Gold or higher on 15 Aug 2022" in text
    assert (record["recalibration"], record["is_past"], record["outcome"]) == ("2023-01-15", True, "gold")
    assert [each["enough"] for each in record["samples"]] == [True, True, True, False, False, False]


async def test_from_then_on_the_next_one_is_shown_and_the_last_by_its_word(asked: Asked):
    text, record = await asked("", date(2023, 2, 15))
    assert record["recalibration"] == "2023-07-15"
    assert "is_past" not in record
    text, record = await asked("last", date(2023, 2, 15))
    assert (record["recalibration"], record["is_past"]) == ("2023-01-15", True)
    assert "kept at the recalibration on 15 Jan 2023" in text
    _, record = await asked("next", date(2023, 1, 15))
    assert record["recalibration"] == "2023-07-15"


async def test_without_a_tier_to_review_the_next_one_is_shown_unless_asked(core: Core):
    async with open_conversation(core, lambda: date(2023, 1, 20)) as (conversation, _):
        bea = Mailbox("bea@example.com")
        coming = await conversation.answer(TypedCommand("recalibration"), bea)
        last = await conversation.answer(TypedCommand("recalibration", "last"), bea)
        assert isinstance(coming, Answer)
        assert isinstance(last, Answer)
        assert coming.record["recalibration"] == "2023-07-15"
        assert "no credited tier to review on 15 Jan 2023" in last.message.text


async def test_what_was_known_on_the_day_is_named_where_it_differs(core: Core, tmp_path: Path, asked: Asked):
    """Of the sales that kept Gold one was none: the import that corrects it comes after the recalibration."""
    correct(core, tmp_path, "S9,PA,C1,Service Hub,cross_sell,sourced,100.00,USD,2023-01-10", date(2023, 1, 15))
    _, record = await asked("last", date(2023, 1, 16))
    assert record["known_then"] is None
    correct(core, tmp_path, "S1,PA,C1,Marketing Hub,net_new,assisted,0.00,USD,2021-10-05", date(2023, 1, 18))
    correct(core, tmp_path, "S2,PA,C1,Sales Hub,cross_sell,sourced,0.00,USD,2022-03-01", date(2023, 1, 18))
    text, record = await asked("last", date(2023, 1, 18))
    assert text.startswith("Partner A: Gold lost on 15 Jan 2023, by the numbers: now no tier.")
    assert "The credited tier on file is still Gold." in text
    assert "By what was known on 15 Jan 2023, Gold was kept." in text
    assert "Corrected since: 15 Aug 2022 (points reach Gold then)" in text
    assert (record["result"], record["known_then"]["outcome"]) == ("lost", "gold")
