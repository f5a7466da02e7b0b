"""`make mutants` counts the surviving mutants by module and fails if there are any."""

from io import StringIO

from rich.console import Console

from bench.mutants import by_module, report

RESULTS = """
    tiercore.rating.sold.x_falls__mutmut_1: killed
    tiercore.rating.sold.x_falls__mutmut_2: timeout
    tiercore.rating.sold.x_falls__mutmut_3: not checked
    tiercore.questions.gap.x_gap_to__mutmut_1: killed
    tiercore.questions.gap.x_gap_to__mutmut_2: survived
    tiercore.questions.gap.x_sources_of__mutmut_1: no tests
    tiercore.facts.money.xǁMoneyǁ__add____mutmut_1: not checked
""".splitlines()


def printed(*modules: str) -> tuple[int, list[str]]:
    out = StringIO()
    code = report(by_module(RESULTS, modules), Console(file=out, width=120))
    return code, [" ".join(line.replace("│", " ").split()) for line in out.getvalue().splitlines()]


def test_each_module_has_a_score_and_every_survivor_is_listed():
    code, lines = printed()
    assert code == 1
    assert "tiercore.rating.sold 3 2 0 1 100.0%" in lines
    assert "tiercore.questions.gap 3 1 2 0 33.3%" in lines
    assert "tiercore.questions.gap.x_gap_to__mutmut_2: survived" in lines
    assert "tiercore.questions.gap.x_sources_of__mutmut_1: no tests" in lines
    assert not any(line.startswith("tiercore.facts.money") for line in lines), "none of it was tried"


def test_it_passes_only_if_mutants_were_tried_and_all_were_killed():
    assert printed("tiercore.rating.sold")[0] == 0
    assert printed("tiercore.questions.gap")[0] == 1
    assert printed("tiercore.facts.money") == (1, ["No mutant was tried."])
    assert printed("tiercore.rating.nonsense")[0] == 1
