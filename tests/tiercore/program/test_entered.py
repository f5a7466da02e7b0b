"""Figures that people entered: over the shipped rules, under the operator's table, dated like any other rule."""

from datetime import UTC, date, datetime
from pathlib import Path

from tiercore.facts.points import MICRO
from tiercore.facts.unknown import NotConfigured
from tiercore.program import Entered, Entry, Program, load_program, with_entered
from tiercore.program.entered import FigureChange, TableChange

ENTRY = Entry("ada@example.com", datetime(2022, 8, 1, tzinfo=UTC), "eve@example.com", datetime(2022, 8, 2, tzinfo=UTC))


def entered(
    value: str, since: date, figure: str = "combined", tier: str = "gold", until: date | None = None
) -> Entered:
    return Entered(tier, figure, value, since, until, "partner portal", ENTRY)


def gold_total(program: Program, day: date) -> object:
    return program.on(day).tier("gold").combined


def test_an_entered_figure_holds_from_its_day_on():
    program = with_entered(load_program(), [entered("322.5", date(2022, 8, 1))])
    assert isinstance(gold_total(program, date(2022, 7, 31)), NotConfigured)
    assert gold_total(program, date(2022, 8, 1)) == 322_500_000
    found = program.provenance("thresholds.gold.combined", date(2022, 8, 1))
    assert (found.source, found.entry) == ("partner portal", ENTRY)


def test_a_later_entry_ends_it_and_one_of_the_same_day_replaces_it():
    first = entered("300", date(2022, 8, 1), until=date(2022, 8, 1))
    again, later = entered("310", date(2022, 8, 1), until=date(2022, 9, 1)), entered("not set", date(2022, 9, 1))
    program = with_entered(load_program(), [first, again, later])
    assert gold_total(program, date(2022, 8, 31)) == 310 * MICRO
    assert isinstance(gold_total(program, date(2022, 9, 1)), NotConfigured)


def test_the_shipped_rules_end_an_entered_figure_where_the_program_changed():
    program = with_entered(load_program(), [entered("300", date(2022, 8, 1))])
    assert isinstance(gold_total(program, date(2025, 7, 15)), NotConfigured)


def test_the_operators_table_wins_from_the_first_day_on_which_it_sets_the_figure(tmp_path: Path):
    table = tmp_path / "program.toml"
    table.write_text("[thresholds.gold.combined]\n2022-09-01 = { value = 200 }\n")
    values = [
        entered("300", date(2022, 8, 1)),
        entered("310", date(2022, 10, 1)),
        entered("5", date(2022, 10, 1), "sold_minimum"),
    ]
    program = with_entered(load_program(table), values)
    assert gold_total(program, date(2022, 8, 31)) == 300 * MICRO
    assert gold_total(program, date(2022, 9, 1)) == gold_total(program, date(2022, 10, 1)) == 200 * MICRO
    assert program.on(date(2022, 10, 1)).tier("gold").minimums[0].points == 5 * MICRO


def test_entering_again_takes_the_place_of_what_was_entered_before():
    once = with_entered(load_program(), [entered("300", date(2022, 8, 1))])
    assert isinstance(gold_total(with_entered(once, []), date(2022, 8, 1)), NotConfigured)


def test_entered_figures_change_no_points():
    shipped = load_program()
    program = with_entered(shipped, [entered("300", date(2022, 8, 1)), entered("65", date(2022, 8, 1), "retention")])
    assert program.rating_fingerprint == shipped.rating_fingerprint
    assert program.rating_changes == shipped.rating_changes


def test_a_change_is_the_same_after_it_was_written():
    change = TableChange(date(2022, 8, 1), "Portal", (FigureChange("gold", "combined", "322.5", "not set"),))
    assert TableChange.read(change.payload) == change
