"""Product lines, editions, names and origins on small inputs (how-tiers-work#product-lines)."""

from sqlalchemy import Engine

from tests.support.cases import imported_case

ANA, ROOT = "ana@example.com", "root@example.com"


async def test_the_edition_upgrade_of_a_line_of_2021_keeps_its_three_points(engine: Engine):
    with imported_case("an_edition_upgrade", engine) as asked:
        why = await asked.json("/why sold", "2024-05-02", ANA)
        assert why["total"] == "80.00"
        assert {each["entry"]: each["points"] for each in why["credits"]} == {"S2": "50.00", "S3": "30.00"}
        tier = await asked.text("/tier", "2024-05-02", ANA)
        assert "100%" in tier
        shown = await asked.text("/clients C1", "2024-05-02", ANA)
        assert "Marketing Hub Enterprise" in shown
        retention = await asked.json("/why retention", "2024-05-02", ANA)
        assert (retention["total"], retention["losses"]) == ("100.00", [])


async def test_a_renamed_line_that_simply_appears_is_the_same_line(engine: Engine):
    with imported_case("a_renamed_line", engine) as asked:
        client = await asked.json("/clients C1", "2024-05-02", ANA)
        assert (client["sold"], client["managed"]) == ("30.00", "10.00")
        [line] = client["product_lines"]
        assert (line["product_line"], line["edition"]) == ("Content Hub", "Professional")
        assert line["mrr"] == {"amount": "1000.00", "currency": "USD"}
        assert (await asked.json("/changes 60d", "2024-05-02", ANA))["clients"] == []


async def test_a_renamed_line_is_shown_by_the_name_of_the_day(engine: Engine):
    with imported_case("a_renamed_line", engine) as asked:
        assert "CMS Hub Professional" in await asked.text("/clients C1", "2024-03-01", ANA)
        assert "Content Hub Professional" in await asked.text("/clients C1", "2024-05-02", ANA)


async def test_the_old_name_ended_by_a_zero_on_the_day_of_the_new_one_cancels_nothing(engine: Engine):
    with imported_case("a_rename_that_ends_the_old_name", engine) as asked:
        client = await asked.json("/clients C1", "2024-06-01", ANA)
        assert (client["sold"], client["managed"]) == ("30.00", "10.00")
        assert [each["lost"] for each in client["sales"]] == ["0.00"]
        retention = await asked.json("/why retention", "2024-06-01", ANA)
        assert (retention["total"], retention["losses"]) == ("100.00", [])
        assert "100%" in await asked.text("/tier", "2024-06-01", ANA)


async def test_an_upsell_on_a_line_whose_levels_begin_in_2019_earns_three(engine: Engine):
    with imported_case("an_export_that_begins_with_an_upsell", engine) as asked:
        why = await asked.json("/why sold", "2024-05-02", ANA)
        assert why["total"] == "15.00"
        [credit] = why["credits"]
        assert (credit["rated_on"], credit["origin"]) == ("2019-03-01", "first_level")
        assert not credit["older_line_may_have_another_rate"]
        assert "has paid since then" in await asked.text("/why sold", "2024-05-02", ANA)


async def test_clients_see_what_expires_beyond_a_credit_that_goes_on_higher(engine: Engine):
    with imported_case("a_share_that_rises_and_then_ends", engine) as asked:
        [client] = (await asked.json("/clients Alpha", "2025-03-01", ROOT))["clients"]
        assert (client["lapses_on"], client["lapsing"]) == ("2026-01-01", "10.00")
        expiring = await asked.json("/expiring 365d Alpha", "2025-03-01", ROOT)
        assert [(each["lapses_on"], each["points"]) for each in expiring["items"]] == [("2026-01-01", "10.00")]


async def test_a_sale_that_is_cancelled_on_its_day_never_counts_so_it_never_expires(engine: Engine):
    with imported_case("a_sale_cancelled_on_its_day", engine) as asked:
        expiring = await asked.json("/expiring Alpha", "2024-06-01", ROOT)
        assert (expiring["total"], expiring["items"], expiring["months"]) == ("0.00", [], [])
