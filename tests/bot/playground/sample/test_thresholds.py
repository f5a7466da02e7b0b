"""The SAMPLE table: invented values, values left alone, and ascending tiers."""

from datetime import date

import pytest

from tiercore.facts.money import Money
from tiercore.facts.points import MICRO
from tiercore.facts.unknown import NotConfigured
from tiercore.program import Confidence, Program, load_program

DEMO, SINCE_2025, SINCE_2026 = date(2022, 9, 5), date(2025, 8, 1), date(2026, 11, 23)
TIERS = ["gold", "platinum", "diamond", "elite"]


@pytest.fixture(scope="module")
def program(folder, sample) -> Program:
    return load_program(folder / "program.toml")


def test_answers_show_the_samples_label(program):
    assert program.label == "SAMPLE thresholds, invented for the demo"


def test_the_published_645_for_platinum_is_not_overridden(program):
    published = program.provenance("thresholds.platinum.combined", DEMO)
    assert (published.value, published.confidence, published.overlay) == (645 * MICRO, Confidence.STATED, False)


def test_the_published_elite_target_of_2021_is_not_overridden(program):
    published = program.provenance("thresholds.elite.sold_dollars", date(2021, 9, 5))
    assert (published.value, published.overlay) == (Money(65_000_00, "USD"), False)


def test_every_invented_value_is_marked(program):
    invented = [dated for parameter in program.parameters for dated in parameter.dated if dated.overlay]
    assert {(dated.confidence, dated.source) for dated in invented} == {(Confidence.SAMPLE, "invented for the demo")}


def test_platinums_minimums_are_partner_as_current_points(program):
    minimums = {minimum.source: minimum.points for minimum in program.on(DEMO).tier("platinum").minimums}
    assert minimums == {"sold": 270 * MICRO, "managed": 150 * MICRO}


@pytest.mark.parametrize(
    ("day", "sources"), [(DEMO, ["sold", "managed"]), (SINCE_2025, ["sourced", "managed"]), (SINCE_2026, ["sourced"])]
)
def test_every_version_has_all_its_minimums_configured(program, day, sources):
    for name in TIERS:
        tier = program.on(day).tier(name)
        assert [minimum.source for minimum in tier.minimums] == sources
        figures = (tier.combined, *(minimum.points for minimum in tier.minimums))
        assert not any(isinstance(figure, NotConfigured) for figure in figures)


@pytest.mark.parametrize("day", [DEMO, date(2024, 5, 1), SINCE_2025, SINCE_2026])
def test_tiers_ascend_in_every_figure(program, day):
    figures = [(t.combined, *(m.points for m in t.minimums)) for t in map(program.on(day).tier, TIERS)]
    for column in zip(*figures, strict=True):
        assert list(column) == sorted(set(column))
    assert all(combined >= sum(minimums) for combined, *minimums in figures)


def test_tiers_of_the_dollar_model_ascend(program):
    tiers = list(map(program.on(date(2021, 9, 5)).tier, TIERS))
    for amounts in ([t.sold_dollars for t in tiers], [t.managed_dollars for t in tiers]):
        assert [money.minor for money in amounts] == sorted({money.minor for money in amounts})


def test_retention_minimums_are_not_configured(program):
    for name in ("gold", "platinum", "diamond"):
        assert isinstance(program.on(DEMO).tier(name).retention_above, NotConfigured)
