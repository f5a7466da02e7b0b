"""Records are listed, read one by one and in batches."""

from typing import Any

from bot.playground.local_hubspot.server import HubSpot

DEALS = "/crm/objects/2026-03/0-3"


async def test_a_list_goes_through_its_pages_in_order_of_the_ids(client: Any) -> None:
    first = await client.get(DEALS, limit="2")
    second = await client.get(DEALS, limit="2", after=first.after)
    last = await client.get(DEALS, limit="2", after=second.after)
    assert (first.ids, second.ids, last.ids, last.after) == ([1001, 1002], [1003, 1004], [1005], None)


async def test_a_type_may_be_named_in_the_singular_in_the_plural_and_by_its_number(client: Any) -> None:
    for word in ("deal", "deals", "0-3"):
        assert len((await client.get(f"/crm/objects/2026-03/{word}")).ids) == 5
    assert (await client.get("/crm/objects/2026-03/dealz")).status == 404


async def test_properties_that_do_not_exist_are_passed_over(client: Any) -> None:
    answer = await client.get(f"{DEALS}/1001", properties="amount,no_such_property")
    assert answer.body["properties"].keys() == {"amount", "createdate", "hs_lastmodifieddate", "hs_object_id"}


async def test_a_property_without_a_value_is_absent_or_null(hubspot: HubSpot, client: Any) -> None:
    hubspot.portal.change("deals", 1001, {"amount": None})
    assert "amount" not in (await client.get(f"{DEALS}/1001", properties="amount")).body["properties"]
    hubspot.state.empty_as_null = True
    assert (await client.get(f"{DEALS}/1001", properties="amount")).body["properties"]["amount"] is None


async def test_a_page_has_a_hundred_records_at_most_and_fifty_with_history(client: Any) -> None:
    assert (await client.get(DEALS, limit="100")).status == 200
    assert (await client.get(DEALS, limit="101")).body["category"] == "VALIDATION_ERROR"
    assert (await client.get(DEALS, limit="51", propertiesWithHistory="amount")).status == 400
    answer = await client.get(DEALS, limit="50", propertiesWithHistory="amount")
    assert answer.body["results"][0]["propertiesWithHistory"]["amount"][0]["value"] == "100"


async def test_history_has_the_newest_value_first(hubspot: HubSpot, client: Any) -> None:
    hubspot.portal.change("deals", 1001, {"amount": "150"})
    answer = await client.get(f"{DEALS}/1001", propertiesWithHistory="amount")
    assert [each["value"] for each in answer.body["propertiesWithHistory"]["amount"]] == ["150", "100"]


async def test_archived_records_are_listed_on_request_alone(hubspot: HubSpot, client: Any) -> None:
    hubspot.portal.archive("deals", 1002)
    assert (await client.get(DEALS)).ids == [1001, 1003, 1004, 1005]
    assert (await client.get(DEALS, archived="true")).ids == [1002]
    assert (await client.get(f"{DEALS}/1002")).status == 404
    hubspot.portal.restore("deals", 1002)
    assert len((await client.get(DEALS)).ids) == 5


async def test_a_hidden_record_is_in_no_answer_until_it_is_shown_again(hubspot: HubSpot, client: Any) -> None:
    hubspot.portal.hide("deals", 1002)
    assert 1002 not in (await client.get(DEALS)).ids
    assert 1002 not in (await client.search("deals")).ids
    hubspot.portal.hide("deals", 1002, hidden=False)
    assert 1002 in (await client.get(DEALS)).ids


async def test_a_batch_says_which_of_its_ids_it_did_not_find(client: Any) -> None:
    inputs = [{"id": "1001"}, {"id": "77"}, {"id": "1003"}]
    answer = await client.post(f"{DEALS}/batch/read", {"inputs": inputs, "properties": [], "propertiesWithHistory": []})
    assert (answer.status, answer.ids) == (207, [1001, 1003])
    assert answer.body["numErrors"] == 1
    assert answer.body["errors"][0]["context"] == {"ids": ["77"]}


async def test_a_batch_has_a_hundred_ids_at_most(client: Any) -> None:
    for size, status in ((100, 207), (101, 400), (0, 400)):
        body = {"inputs": [{"id": str(each)} for each in range(size)], "properties": [], "propertiesWithHistory": []}
        assert (await client.post(f"{DEALS}/batch/read", body)).status == status


async def test_associations_come_with_a_list_under_hubspots_own_words(hubspot: HubSpot, client: Any) -> None:
    item, company = hubspot.portal.add("line_items", {}), hubspot.portal.add("companies", {})
    hubspot.portal.associate("deals", 1001, "line_items", item)
    hubspot.portal.associate("deals", 1001, "companies", company)
    answer = await client.get(DEALS, limit="1", associations="line_items,companies,contacts")
    found = answer.body["results"][0]["associations"]
    assert [each["id"] for each in found["line items"]["results"]] == [str(item.id)]
    assert [each["type"] for each in found["companies"]["results"]] == ["deal_to_company", "deal_to_company_unlabeled"]


async def test_a_record_with_many_associations_has_pages_of_them(hubspot: HubSpot, client: Any) -> None:
    items = [hubspot.portal.add("line_items", {}).id for _ in range(600)]
    for each in items:
        hubspot.portal.associate("deals", 1001, "line_items", each)
    listed = (await client.get(DEALS, limit="1", associations="line_items")).body["results"][0]["associations"]
    assert len(listed["line items"]["results"]) == 100
    assert listed["line items"]["paging"]
    path, found, after = "/crm/associations/2026-03/deals/line_items/batch/read", [], ""
    for _ in range(2):
        answer = await client.post(path, {"inputs": [{"id": "1001", "after": after}]})
        found += [int(each["toObjectId"]) for each in answer.body["results"][0]["to"]]
        after = answer.body["results"][0].get("paging", {}).get("next", {}).get("after")
    assert (found, after) == (items, None)


async def test_a_batch_of_associations_names_the_records_that_have_none(hubspot: HubSpot, client: Any) -> None:
    hubspot.portal.associate("deals", 1001, "line_items", hubspot.portal.add("line_items", {}))
    body = {"inputs": [{"id": str(each)} for each in range(1001, 1006)]}
    answer = await client.post("/crm/associations/2026-03/0-3/line_items/batch/read", body)
    assert answer.status == 207
    assert [each["from"]["id"] for each in answer.body["results"]] == ["1001"]
    assert {each["subCategory"] for each in answer.body["errors"]} == {"crm.associations.NO_ASSOCIATIONS_FOUND"}


async def test_a_batch_of_associations_has_a_thousand_ids_at_most(client: Any) -> None:
    path = "/crm/associations/2026-03/deals/line_items/batch/read"
    for size, status in ((1_000, 207), (1_001, 400)):
        assert (await client.post(path, {"inputs": [{"id": str(each)} for each in range(size)]})).status == status


async def test_what_describes_the_portal_can_be_read(hubspot: HubSpot, client: Any) -> None:
    names = [each["name"] for each in (await client.get("/crm/properties/2026-03/deals")).body["results"]]
    assert {"dealname", "amount", "hs_object_id"} <= {*names}
    assert (await client.get("/crm/pipelines/2026-03/deals")).body == {"results": []}
    assert (await client.get("/crm/owners/2026-03")).body == {"results": []}
    usage = (await client.get("/account-info/2026-03/api-usage/daily/private-apps")).body["results"][0]
    assert (usage["currentUsage"], usage["usageLimit"]) == (4, 625_000)
