"""A file dropped in a direct message: previewed, imported by a click, and only what its sender may import."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.playground.local_slack import faults
from tests.support.sample_folder import FOLDER
from tests.support.served_bot import ServedBot, text_of
from tests.support.waiting import TIMEOUT, wait_until
from tiercore.people.audit import latest
from tiercore.storage.bulk import table
from tiercore.storage.engine import reading
from tiercore.storage.import_log import logged_imports
from tiercore.storage.tables.ledger import PersonRow, SaleRow
from tiercore.storage.tables.uploads import UploadedFileRow, UploadRow

HEAD = FOLDER["sales.csv"].splitlines()[0]
NEW = "S9,PB,C2,Sales Hub,net_new,sourced,500.00,EUR,2022-08-01"


def sales(*rows: str) -> dict[str, bytes]:
    """A sales.csv with these rows."""
    return {"sales.csv": "\n".join([HEAD, *rows, ""]).encode()}


def count(tierbot: ServedBot, model: type) -> int:
    with reading(tierbot.core.engine) as connection:
        return connection.scalar(select(func.count()).select_from(table(model)))


def sale(tierbot: ServedBot, sale_id: str):
    rows = table(SaleRow)
    with reading(tierbot.core.engine) as connection:
        return connection.execute(select(rows).where(rows.c.sale_id == sale_id)).mappings().one_or_none()


async def test_an_admin_previews_a_file_and_imports_it_by_a_click(tierbot: ServedBot):
    card = await tierbot.slack.share("admin", sales(NEW))
    assert "sales.csv: 1 new row." in text_of(card)
    assert "Nothing is stored yet." in text_of(card)
    assert sale(tierbot, "S9") is None
    done = await tierbot.slack.click("admin", card.message, "Import")
    assert "Imported sales.csv: 1 new row." in text_of(done)
    assert done.message.replaced
    assert sale(tierbot, "S9")["partner_id"] == "PB"
    with reading(tierbot.core.engine) as connection:
        logged = logged_imports(connection, 1)[0]
        assert (logged.source, logged.by) == ("sales.csv", "admin@example.com")
        assert ("T01LOCAL/U0ADMIN", "imported", "sales.csv") in [
            (each.actor, each.change, each.subject) for each in latest(connection, 5)
        ]
    assert count(tierbot, UploadedFileRow) == 0


async def test_the_card_says_what_the_file_changes_in_the_past(tierbot: ServedBot):
    changed = FOLDER["sales.csv"].splitlines()[1].replace("6000.00", "7500.00")
    card = await tierbot.slack.share("admin", sales(changed))
    assert "1 changed" in text_of(card)
    assert "Changes points of past days" in text_of(card)
    assert "Partner A: +" in text_of(card)


async def test_a_file_with_nothing_new_offers_no_import(tierbot: ServedBot):
    card = await tierbot.slack.share("admin", {"sales.csv": FOLDER["sales.csv"].encode()})
    assert "sales.csv: nothing to import." in text_of(card)
    assert "do:import_upload" not in json.dumps(card.blocks)


async def test_bad_cells_come_as_a_table_with_what_would_be_right(tierbot: ServedBot):
    rows = [NEW.replace("500.00", "1000.000").replace("S9", f"S{at}") for at in range(100, 200)]
    card = await tierbot.slack.share("admin", sales(*rows))
    assert "100 problems. Nothing was stored." in text_of(card)
    head = next(each for each in card.blocks if each["type"] == "data_table")["rows"][0]
    assert [each["text"] for each in head] == ["File", "Line", "Column", "Value", "Problem", "What to do"]
    assert "… and 60 more." in text_of(card)
    assert count(tierbot, UploadedFileRow) == 0


async def test_bad_cells_are_listed_in_a_workspace_without_tables(tierbot: ServedBot):
    tierbot.slack.unsupported_types.add("data_table")
    card = await tierbot.slack.share("admin", sales(NEW.replace("500.00", "x")))
    assert "1 problem. Nothing was stored." in text_of(card)
    assert "Column: mrr" in text_of(card)


async def test_several_files_are_one_import(tierbot: ServedBot):
    files = sales(NEW.replace("C2", "C9")) | {"clients.csv": b"client_id,name,country\nC9,Neu GmbH,DE\n"}
    card = await tierbot.slack.share("admin", files)
    assert "sales.csv and clients.csv: 2 new rows." in text_of(card)
    assert "Imported" in text_of(await tierbot.slack.click("admin", card.message, "Import"))
    assert sale(tierbot, "S9")["client_id"] == "C9"


async def test_a_dropped_list_of_people_takes_access_from_nobody(tierbot: ServedBot):
    before = count(tierbot, PersonRow)
    file = {"people.csv": b"email,name,role,partner_id\nnew@example.com,New,partner,PA\n"}
    card = await tierbot.slack.share("admin", file)
    await tierbot.slack.click("admin", card.message, "Import")
    assert count(tierbot, PersonRow) == before + 1


async def test_discarded_files_are_deleted_at_once(tierbot: ServedBot):
    card = await tierbot.slack.share("admin", sales(NEW))
    assert count(tierbot, UploadedFileRow) == 1
    done = await tierbot.slack.click("admin", card.message, "Discard")
    assert "Discarded. Nothing was stored" in text_of(done)
    assert count(tierbot, UploadedFileRow) == 0


async def test_files_that_nobody_decided_about_are_deleted_after_a_day(tierbot: ServedBot):
    card = await tierbot.slack.share("admin", sales(NEW))
    tierbot.clock.jump(tierbot.clock() + timedelta(hours=25))
    await wait_until(lambda: count(tierbot, UploadRow) == 0, "the files to be deleted")
    assert count(tierbot, UploadedFileRow) == 0
    late = await tierbot.slack.click("admin", card.message, "Import")
    assert "no longer here" in text_of(late)
    assert sale(tierbot, "S9") is None


async def test_a_cam_imports_rows_of_the_partners_they_look_after(tierbot: ServedBot):
    card = await tierbot.slack.share("carla", sales(NEW))
    assert "Imported sales.csv" in text_of(await tierbot.slack.click("carla", card.message, "Import"))
    assert sale(tierbot, "S9")["partner_id"] == "PB"


async def test_each_row_that_isnt_the_cams_is_named(tierbot: ServedBot):
    card = await tierbot.slack.share("carla", sales(NEW, NEW.replace("S9,PB", "S8,PC"), NEW.replace("S9", "S4")))
    assert "2 problems. Nothing was stored." in text_of(card)
    assert "CAMs import rows of the partners they look after; an admin imports everything." in text_of(card)
    bad = next(each for each in card.blocks if each["type"] == "data_table")["rows"][1:]
    assert [[cell["text"] for cell in row[:4]] for row in bad] == [
        ["sales.csv", "3", "partner_id", "PC"],
        ["sales.csv", "4", "partner_id", "S4"],
    ]
    assert count(tierbot, UploadedFileRow) == 0


async def test_a_partner_that_isnt_theirs_reads_like_one_that_doesnt_exist(tierbot: ServedBot):
    told = []
    for partner in ("PC", "ZZ"):
        card = await tierbot.slack.share("carla", sales(NEW.replace("PB", partner)))
        told.append(text_of(card).replace(partner, "…"))
    assert told[0] == told[1]


async def test_partner_people_are_told_who_imports(tierbot: ServedBot):
    card = await tierbot.slack.share("ana", sales(NEW.replace("PB", "PA")))
    assert "Only CAMs and admins can import files." in text_of(card)
    assert not tierbot.slack.journal.calls("url_private")


async def test_a_stranger_is_offered_a_link(tierbot: ServedBot):
    card = await tierbot.slack.share("eve", sales(NEW))
    assert "I don't know who you are yet." in text_of(card)


async def test_only_the_person_who_dropped_a_file_can_import_it(tierbot: ServedBot):
    card = await tierbot.slack.share("admin", sales(NEW))
    own = await tierbot.slack.share("carla", sales(NEW.replace("S9", "S8")))
    value = next(each for block in card.blocks for each in block.get("elements", ()) if "value" in each)["value"]
    for block in own.message.blocks:
        for element in block.get("elements", ()):
            if element.get("action_id") in ("do:import_upload", "do:discard_upload"):
                element["value"] = value
    for button in ("Import", "Discard"):
        forged = await tierbot.slack.click("carla", own.message, button)
        assert "Only the person who dropped these files" in text_of(forged)
    assert sale(tierbot, "S9") is None
    assert count(tierbot, UploadedFileRow) == 2


async def test_the_right_is_looked_up_again_when_import_is_pressed(tierbot: ServedBot):
    card = await tierbot.slack.share("carla", sales(NEW))
    people = FOLDER["people.csv"].replace("carla@example.com,Carla,cam,PB\n", "")
    other = await tierbot.slack.share("admin", {"people.csv": people.encode()})
    assert "nothing to import" in text_of(other)  # a dropped list takes nothing away: the operator does
    with tierbot.core.engine.begin() as connection:
        rows = table(PersonRow)
        connection.execute(rows.delete().where(rows.c.email == "carla@example.com", rows.c.partner_id == "PB"))
    refused = await tierbot.slack.click("carla", card.message, "Import")
    assert "Nothing was stored." in text_of(refused)
    assert sale(tierbot, "S9") is None


async def test_a_second_click_imports_nothing_again(tierbot: ServedBot):
    card = await tierbot.slack.share("admin", sales(NEW))
    await tierbot.slack.click("admin", card.message, "Import")
    assert "imported already" in text_of(await tierbot.slack.click("admin", card.message, "Import"))


async def test_the_answer_says_when_the_data_changed_after_the_preview(tierbot: ServedBot):
    first = await tierbot.slack.share("admin", sales(NEW))
    second = await tierbot.slack.share("admin", sales(NEW))
    await tierbot.slack.click("admin", second.message, "Import")
    late = await tierbot.slack.click("admin", first.message, "Import")
    assert "The data changed since I showed you this" in text_of(late)


async def test_slacks_retries_are_answered_once(tierbot: ServedBot):
    card = await tierbot.slack.share("admin", sales(NEW))
    event = next(each for each in tierbot.slack.journal.entries if getattr(each, "kind", "") == "message").payload
    channel = card.message.channel
    for retry in (1, 2, 3):
        await tierbot.slack.event("admin", event["event"], event_id=event["event_id"], retry=retry)
    again = await tierbot.slack.share("admin", {}, "hello")
    assert "I answer commands" in text_of(again)
    cards = [each for each in tierbot.slack.messages(channel) if each.author is None]
    assert len(cards) == 2


async def test_words_get_an_answer_and_the_bots_own_messages_none(tierbot: ServedBot):
    hint = await tierbot.slack.share("ana", {}, "hi there")
    assert "I answer commands. Type /tier" in text_of(hint)
    own = {"type": "message", "channel": hint.message.channel, "channel_type": "im", "ts": "1.2", "text": "x"}
    for event in (
        {**own, "bot_id": "B01TIERBOT"},
        {**own, "user": tierbot.slack.state.workspace.bot_user_id},
        {**own, "subtype": "message_changed"},
        {**own, "channel_type": "channel"},
    ):
        await tierbot.slack.event("ana", event)
    last = await tierbot.slack.share("ana", {}, "and again")
    cards = [each for each in tierbot.slack.messages(last.message.channel) if each.author is None]
    assert len(cards) == 2


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("sales.xls", "Save it as .xlsx first."),
        ("all.zip", "Unpack it"),
        ("photo.png", "I take .csv and .xlsx files."),
    ],
)
async def test_other_kinds_of_files_are_named_with_what_to_do(tierbot: ServedBot, name: str, said: str):
    card = await tierbot.slack.share("admin", {name: b"PK"})
    assert f"I can't import {name}." in text_of(card)
    assert said in text_of(card)


async def test_too_much_is_refused_before_it_is_downloaded(tierbot: ServedBot):
    card = await tierbot.slack.share("admin", {"sales.csv": b"x" * ((20 << 20) + 1)})
    assert "That is more than 20 MB." in text_of(card)
    assert not tierbot.slack.journal.calls("url_private")


async def test_a_file_that_is_larger_than_slack_says_is_cut_off(tierbot: ServedBot):
    share = tierbot.slack.state.files.share

    def understated(owner, name, data, channel, created, private):
        file = share(owner, name, data, channel, created, private)
        file.length = 5
        return file

    tierbot.slack.state.files.share = understated
    card = await tierbot.slack.share("admin", {"sales.csv": b"x" * ((20 << 20) + 1)})
    assert "That is more than 20 MB." in text_of(card)


async def test_the_token_goes_to_slack_alone(tierbot: ServedBot):
    channel = tierbot.slack.directory.direct_message("U0ADMIN").channel_id
    for number, url in enumerate(("https://evil.example/sales.csv", "http://127.0.0.1:1/x.csv", "")):
        file = {"id": "F1", "name": "sales.csv", "size": 3, "url_private": url}
        event = {"type": "message", "subtype": "file_share", "channel": channel, "channel_type": "im", "files": [file]}
        await tierbot.slack.event("admin", {**event, "ts": f"{number}.5"}, wait=TIMEOUT)
        [*_, last] = tierbot.slack.messages(channel)
        assert "isn't stored in Slack" in text_of(last)


async def test_a_failing_download_is_tried_again_and_then_told(tierbot: ServedBot):
    tierbot.slack.faults.add("url_private", faults.server_error(503))
    assert "1 new row" in text_of(await tierbot.slack.share("admin", sales(NEW)))
    tierbot.slack.faults.add("url_private", faults.server_error(503), times=2)
    card = await tierbot.slack.share("admin", sales(NEW))
    assert "I couldn't read sales.csv. Slack didn't hand it over. Drop it again in a minute." in text_of(card)


async def test_days_that_can_be_read_two_ways_are_asked_about_and_said_with_the_file(tierbot: ServedBot):
    row = NEW.replace("2022-08-01", "01/08/2022")
    card = await tierbot.slack.share("admin", sales(row))
    assert "write dates=day-first (or month-first) with the file" in text_of(card)
    said = await tierbot.slack.share("admin", sales(row), "dates=day-first")
    assert "sales.csv: 1 new row." in text_of(said)
    await tierbot.slack.click("admin", said.message, "Import")
    assert str(sale(tierbot, "S9")["sold_on"]) == "2022-08-01"


async def test_amounts_that_can_be_read_two_ways_are_asked_about_and_said_with_the_file(tierbot: ServedBot):
    row = NEW.replace(NEW.split(",")[6], '"1,234"')
    card = await tierbot.slack.share("admin", sales(row))
    assert "write decimal=point (or comma) with the file" in text_of(card)
    said = await tierbot.slack.share("admin", sales(row), "decimal=point")
    assert "sales.csv: 1 new row." in text_of(said)
