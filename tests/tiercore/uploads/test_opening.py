"""What dropped files are read as: ours, a ready mapping, a dropped one, or a proposal."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.sample_folder import FOLDER
from tiercore.ingest.mapping import MappingError
from tiercore.program import load_program
from tiercore.uploads.opening import Opened, open_files, settings_in, write_files
from tiercore.uploads.types import DroppedFile, plain_name

CATALOGUE = load_program(None).catalogue
LIST = "Date,Customer,Product,Monthly amount,Type,Country\n2022-03-01,Acme,Marketing Hub,500,New,US\n"
SAID = "partner_id=P001 currency=USD motion=sourced"


def opened(folder: Path, text: str = "", partners: frozenset[str] | None = None, **files: str) -> Opened:
    """What the files of these names are read as."""
    dropped = [DroppedFile(name.replace("__", "."), content.encode()) for name, content in files.items()]
    write_files(folder, dropped)
    return open_files(folder, tuple(each.name for each in dropped), text, partners, CATALOGUE)


def test_our_files_are_read_as_they_are(tmp_path: Path):
    found = opened(tmp_path, sales__csv=FOLDER["sales.csv"], clients__csv=FOLDER["clients.csv"])
    assert found.source
    assert [each.file for each in found.source.tables().tables] == ["clients.csv", "sales.csv"]
    assert (found.source.name, found.source.lists_everyone, found.read_as) == ("sales.csv, clients.csv", False, "")


def test_a_list_of_sales_is_read_by_the_ready_mapping_that_its_columns_fit(tmp_path: Path):
    found = opened(tmp_path, SAID, march__csv=LIST)
    assert found.read_as == "the ready mapping sales-list"
    assert found.source
    assert [each.file for each in found.source.tables().tables] == ["clients.csv", "sales.csv"]


def test_a_foreign_list_that_is_called_like_one_of_our_files_is_recognized_by_its_columns(tmp_path: Path):
    assert opened(tmp_path, SAID, sales__csv=LIST).read_as == "the ready mapping sales-list"


def test_what_a_list_does_not_say_is_asked_for(tmp_path: Path):
    found = opened(tmp_path, "partner_id=P001", march__csv=LIST)
    assert (found.source, found.settings) == (None, ("motion", "currency"))


def test_a_cam_of_one_partner_need_not_name_it(tmp_path: Path):
    assert opened(tmp_path, "", frozenset({"P1"}), march__csv=LIST).settings == ("motion", "currency")


def test_unknown_columns_get_a_proposed_mapping(tmp_path: Path):
    found = opened(tmp_path, deals__csv="Wann,Wem,Wieviel\n2022-03-01,Acme,500\n")
    assert found.source is None
    assert found.proposal.startswith("# How tierbot reads deals.csv.")


def test_a_mapping_that_is_dropped_with_its_export_is_used(tmp_path: Path):
    mapping = '[clients]\nclient_id = "Wer"\nname = "Wer"\ncountry = { value = "DE" }\n'
    found = opened(tmp_path, mapping__toml=mapping, kunden__csv="Wer,Egal\nAcme,x\n")
    assert found.source
    assert [each.file for each in found.source.tables().tables] == ["clients.csv"]
    assert found.source.tables().problems == []


def test_what_is_wrong_with_a_dropped_mapping_is_said(tmp_path: Path):
    with pytest.raises(MappingError, match="clints"):
        opened(tmp_path, mapping__toml='[clints]\nname = "Wer"\n', kunden__csv="Wer,Egal\nAcme,x\n")


def test_settings_are_read_from_what_was_written_with_the_files():
    said = 'these are mine: partner_id=P001, currency = "EUR"; dates=day-first &amp; motion=“sourced”'
    assert settings_in(said) == {"partner_id": "P001", "currency": "EUR", "dates": "day-first", "motion": "sourced"}


@given(st.text(max_size=300))
def test_a_files_name_stays_within_its_folder(name: str):
    found = plain_name(name)
    assert found
    assert not set(found) & {"/", "\\", "\0"}
    assert found.isprintable()
    assert not found.startswith(".")
    assert len(found) <= 131


def test_a_dropped_list_with_several_partners_names_is_told_that_all_goes_to_one(tmp_path: Path):
    (header, row, _), on_file = LIST.split("\n"), {"nordwind": "P001", "südlicht": "P002"}
    text = "\n".join([f"{header},Agency", f"{row},Nordwind", f"{row.replace('Acme', 'Bolt')},Südlicht"])
    (tmp_path / "march.csv").write_text(text)
    source = open_files(tmp_path, ("march.csv",), SAID, None, CATALOGUE, on_file).source
    assert source
    assert [each.value for each in source.tables().warnings if each.kind == "unread partners"] == ["Agency"]
