"""From a portal alone to a right ledger: what discovery proposes, what it asks, and what the answers make of it."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.main import app
from bot.hubspot.discovery import proposed_mapping
from bot.hubspot.schema import Pipeline, PortalSchema, Property, Stage
from bot.playground.local_hubspot.limits import Limits
from bot.playground.local_hubspot.server import HubSpot
from bot.playground.portal import portal_of
from bot.settings import Settings
from bot.wiring import create_core
from tests.support.portal_in_thread import InThread
from tests.support.portals import invented_rows, write_rows
from tests.support.synced_portal import NO_LIMITS, ledger, ledger_of_files
from tiercore.ingest.mapping.drafts import DECIDE

FACTS = invented_rows(deals=5, lines=2)
RUN = CliRunner()
WON, LOST = Stage("won", "Won", 1.0), Stage("lost", "Lost", 0.0)


def answered(proposal: str, answers: dict[str, str]) -> str:
    """The mapping with the lines under each question uncommented, "…" filled in."""
    lines, answer = list[str](), None
    for line in proposal.splitlines():
        if line.startswith(DECIDE):
            answer = next(each for key, each in answers.items() if key in line)
        elif answer is not None and line.startswith("# "):
            line = line.removeprefix("# ").replace("…", answer)
        else:
            answer = None
        lines.append(line)
    return "\n".join(lines)


@pytest.mark.slow
def test_a_discovered_mapping_with_its_questions_answered_gives_the_ledger_of_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    write_rows({**FACTS, **{name: [] for name in FACTS if name != "partners.csv"}}, tmp_path / "first")
    with InThread(HubSpot(portal_of(FACTS), limits=Limits(**NO_LIMITS))) as hubspot:
        monkeypatch.setenv("TIERBOT_HUBSPOT_TOKEN", hubspot.token)
        monkeypatch.setenv("TIERBOT_HUBSPOT_URL", hubspot.url)
        monkeypatch.setenv("TIERBOT_TODAY", "2022-12-05")
        assert RUN.invoke(app, ["import", "first"]).exit_code == 0
        proposed = RUN.invoke(app, ["sync", "hubspot", "--discover", "--to", "m.toml"])
        assert proposed.exit_code == 0, proposed.output
        text = Path("m.toml").read_text("utf-8")
        asked = [number for number, line in enumerate(text.splitlines(), 1) if line.startswith(DECIDE)]
        assert [f"line {number}:" in proposed.output for number in asked] == [True, True]
        assert RUN.invoke(app, ["sync", "hubspot", "--discover", "--to", "m.toml"]).exit_code == 1  # never overwritten
        assert Path("m.toml").read_text("utf-8") == text
        Path("m.toml").write_text(answered(text, {"Price change": "increase", "what a client pays": ""}), "utf-8")
        synced = RUN.invoke(app, ["sync", "hubspot", "--map", "m.toml"])
    assert synced.exit_code == 0, synced.output
    assert ledger(create_core(Settings()).engine) == ledger_of_files(FACTS, tmp_path)


def a_schema(
    *pipelines: Pipeline, companies: Iterable[Property] = (), line_items: Iterable[Property] = ()
) -> PortalSchema:
    names = {"companies": ("name", "country"), "deals": ("closedate", "dealstage"), "line_items": ("name", "hs_mrr")}
    properties = {of: [Property(name, name.title(), "string", {}) for name in each] for of, each in names.items()}
    properties["companies"] += companies
    properties["line_items"] += line_items
    return PortalSchema(properties, pipelines, {})


def test_the_stages_of_every_pipeline_are_told_apart_by_whether_they_are_won():
    proposed, _ = proposed_mapping(a_schema(Pipeline("default", "Sales", (WON, LOST))))
    assert 'count = ["won"]  # Sales: Won' in proposed
    assert 'skip = ["lost"]  # Sales: Lost' in proposed
    unnamed = Pipeline("p", "Deals", (Stage("1", "Gewonnen", None), Stage("2", "Verloren", None)))
    assert 'count = ["1"]' in proposed_mapping(a_schema(unnamed))[0]


def test_a_pipeline_that_may_not_be_of_sales_is_a_question():
    other = Pipeline("9", "Onboarding", (Stage("done", "Done", 1.0),))
    proposed, questions = proposed_mapping(a_schema(Pipeline("default", "Sales", (WON, LOST)), other))
    assert 'count = ["default"]  # Sales\nskip = ["9"]  # Onboarding' in proposed
    assert any("are deals of the pipeline Onboarding sales?" in each for each in questions)


def test_a_pipeline_of_subscriptions_is_never_counted_as_sales():
    levels = Pipeline("7", "Subscription changes", (Stage("on", "On", 1.0),))
    proposed, questions = proposed_mapping(a_schema(Pipeline("p", "Closing", (WON,)), levels))
    assert 'count = ["p"]  # Closing\nskip = ["7"]  # Subscription changes' in proposed
    assert any(each.startswith("subscriptions: ") for each in questions)


def test_a_portal_without_partners_asks_whose_sales_these_are():
    proposed, questions = proposed_mapping(a_schema(Pipeline("p", "Closing", (WON,))))
    assert "[partners]" not in proposed
    assert [each for each in questions if each.startswith("partner_id: ")] == [
        "partner_id: whose sales are these?",
        "partner_id: are these partners in tierbot yet? Import partners.csv first",
    ]


def test_the_net_price_is_taken_before_the_unit_price_and_the_frequency_before_the_term():
    named = ("price", "quantity", "recurringbillingfrequency", "hs_recurring_billing_period")
    properties = [Property(name, name, "string", {}) for name in named]
    proposed, _ = proposed_mapping(a_schema(Pipeline("p", "Closing", (WON,)), line_items=properties))
    months = 'months = ["recurringbillingfrequency", "hs_recurring_billing_period"]'
    assert f'else = {{ amount = "price", times = "quantity", {months} }}' in proposed
    properties.append(Property("amount", "Net price", "number", {}))
    proposed, _ = proposed_mapping(a_schema(Pipeline("p", "Closing", (WON,)), line_items=properties))
    assert f'else = {{ amount = "amount", {months} }}' in proposed


def test_without_partner_objects_clients_are_the_companies_that_are_not_partners():
    kind = Property("type", "Type", "enumeration", {"PARTNER": "Partner", "PROSPECT": "Prospect"})
    number = Property("our_number", "Partner number", "string", {})
    proposed, _ = proposed_mapping(a_schema(Pipeline("p", "Closing", (WON,)), companies=[kind, number]))
    assert '[[partners.rows]]\ncolumn = "type"  # Type\ncount = ["PARTNER"]\notherwise = "skip"' in proposed
    assert '[[clients.rows]]\ncolumn = "type"  # Type\nskip = ["PARTNER"]\notherwise = "count"' in proposed


def test_stages_that_are_neither_won_nor_lost_are_of_open_deals_with_their_chance():
    stages = (Stage("sent", "Contract Sent", 0.9), Stage("first", "First talk", 0.25), WON, LOST)
    motion = Property("motion", "Motion", "enumeration", {"a": "Partner Collab"})
    number = Property("partner_number", "Partner number", "string", {})
    schema = a_schema(Pipeline("p", "Closing", stages))
    schema.properties["deals"] += [motion, number]  # type: ignore[operator]
    proposed, _ = proposed_mapping(schema)
    assert 'open = ["sent", "first"]  # Closing: Contract Sent, Closing: First talk' in proposed
    assert '[pipeline]\ndeal_id = "hs_object_id"' in proposed
    assert '[pipeline.probability.values]\n"sent" = "90"\n"first" = "25"' in proposed
    assert '[pipeline.motion.values]\n"a" = "sourced"' in proposed
