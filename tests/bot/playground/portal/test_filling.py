"""A portal holds the facts of the files, in HubSpot's way."""

from pathlib import Path

from bot.playground.local_hubspot.portal.object_types import TYPES
from bot.playground.local_hubspot.portal.portal import Portal
from bot.playground.portal import portal_of, rows_of
from tests.support.portals import invented_rows, write_rows

COUNTED = ("closedwon", "changed")


def deals(portal: Portal) -> list[dict[str, str]]:
    return [each.properties for each in portal.records["deals"] if not each.is_archived]


def test_every_property_that_a_record_has_is_described() -> None:
    portal = portal_of(invented_rows())
    for each in TYPES:
        used = {name for record in portal.records[each.name] for name in record.properties}
        assert used <= portal.properties[each.name].keys()


def test_every_value_of_an_enumeration_is_among_its_options_where_it_has_some() -> None:
    portal = portal_of(invented_rows())
    for each in TYPES:
        for name, described in portal.properties[each.name].items():
            options = {value for value, _ in described.options}
            values = {record.properties[name] for record in portal.records[each.name] if name in record.properties}
            assert not options or values <= options


def test_a_deal_has_a_line_item_for_each_product_line() -> None:
    portal = portal_of(invented_rows(deals=2, lines=3))
    won = [
        each for each in portal.records["deals"] if each.properties["dealstage"] == "closedwon" and not each.is_archived
    ]
    assert [len(portal.associated("deals", each.id, "line_items")) for each in won] == [3, 3]


def test_some_line_items_have_the_price_of_a_year_in_place_of_an_mrr() -> None:
    items = [each.properties for each in portal_of(invented_rows()).records["line_items"]]
    by_year = [each for each in items if each["hs_mrr"] == "0"]
    assert by_year
    assert {each["hs_recurring_billing_period"] for each in by_year} == {"P12M"}


def test_deals_that_do_not_count_are_there_too() -> None:
    portal = portal_of(invented_rows())
    assert {each["dealstage"] for each in deals(portal)} == {"closedwon", "changed", "closedlost", "contractsent"}
    assert sum(each.is_archived for each in portal.records["deals"]) == 1


def test_stages_and_pipelines_of_deals_are_those_of_the_portal() -> None:
    portal = portal_of(invented_rows())
    known = {(each.id, stage.id) for each in portal.pipelines["deals"] for stage in each.stages}
    assert {(each["pipeline"], each["dealstage"]) for each in deals(portal)} <= known


def test_a_folder_gives_the_same_portal_as_its_rows(tmp_path: Path) -> None:
    rows = invented_rows()
    assert rows_of(write_rows(rows, tmp_path)) == rows
