"""Everything that docstrings, comments and pages point to exists."""

from pathlib import Path

import pytest

from tests.support.citations import Pages, anchors_of, slug_of
from tests.support.documents import CODE, FILES, PAGES, ROOT


def test_every_citation_in_the_code_has_an_anchor():
    pages = Pages(ROOT)
    assert len(CODE) > 300
    assert [found for path in CODE for found in pages.unresolved_in_code(path)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_of_a_page_resolves(page: Path):
    assert Pages(ROOT).unresolved_in_page(page) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_source_file_named_by_a_page_exists(page: Path):
    assert Pages(ROOT).missing_files(page, FILES) == []


def test_the_code_cites_the_pages_that_contain_its_rules():
    cited = "".join(path.read_text(encoding="utf-8") for path in CODE)
    for page in ("how-tiers-work", "digests-and-alerts", "architecture", "slack", "data", "roadmap-2022"):
        assert f"{page}#" in cited, page


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "rules.md").write_text("# Rules\n## Retention: C$R and GRR\n## Expiry\n## Expiry\n")
    return Pages(tmp_path)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('"""Sold points (rules#expiry)."""', []),
        ('"""Sold points (rules#lapse)."""', ["rules#lapse"]),
        ('"""Sold points (ruling#expiry)."""', ["ruling#expiry"]),
        ("x = 1  # as in rules#expiry-1, see rules.md", []),
        ("x = 1  # as in rules#expiry-2, see program.md", ["rules#expiry-2", "program.md"]),
        ('def f():\n    """By docs/rules.md."""', []),
        ('class C:\n    """By docs/ruling.md."""', ["docs/ruling.md"]),
        ('"""By rules.md §4."""', ["§4 (cite page#anchor)"]),
        ('"""The gap (roadmap, Partner A)."""', ["roadmap, (cite page#anchor)"]),
        ('x = "no#comment and no-page.md"', []),
    ],
)
def test_a_broken_citation_in_code_is_found(pages: Pages, source: str, found: list[str]):
    path = pages.root / "code.py"
    path.write_text(source)
    assert [each.split(": ", 1)[1] for each in pages.unresolved_in_code(path)] == found


@pytest.mark.parametrize(
    ("name", "source", "found"),
    [
        ("rules.toml", "a = 1  # rules#expiry, rules#lapse", ["rules#lapse"]),
        ("Makefile", "# by gone.md\nall:\n\tmake", ["gone.md"]),
        ("page.jsx", "a() // rules#lapse\n/* see\n gone.md */ b('rules#c')", ["rules#lapse", "gone.md"]),
        ("page.css", "a { color: red#b; } /* rules#expiry */", []),
    ],
)
def test_a_broken_citation_in_other_comments_is_found(pages: Pages, name: str, source: str, found: list[str]):
    path = pages.root / name
    path.write_text(source)
    assert [each.split(": ", 1)[1] for each in pages.unresolved_in_code(path)] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[expiry](docs/rules.md#expiry), [here](#top)\n# Top", []),
        ("[gone](docs/gone.md)", ["docs/gone.md"]),
        ("one\n\n[lapse](docs/rules.md#lapse)", ["docs/rules.md#lapse"]),
        ("![picture](docs/none.png)", ["docs/none.png"]),
        ("[`code`](docs/none.md) and `[code](docs/none.md)`", ["docs/none.md"]),
        ("```\n[in a block](none.md)\n```", []),
        ("[elsewhere](https://example.com/none), [mail](mailto:a@example.com)", []),
    ],
)
def test_a_broken_link_is_found(pages: Pages, text: str, found: list[str]):
    path = pages.root / "page.md"
    path.write_text(text)
    assert [each.split(": ", 1)[1] for each in pages.unresolved_in_page(path)] == found


def test_a_missing_source_file_is_found(pages: Pages):
    path = pages.root / "page.md"
    path.write_text("`bot/cli/main.py`, `main.py`, `cli/gone.py`, views/answers/X.py\n```text\n└ main.mjs\n```")
    assert pages.missing_files(path, ["bot/cli/main.py"]) == ["cli/gone.py", "main.mjs"]


def test_anchors_are_githubs(pages: Pages):
    assert anchors_of(pages.docs / "rules.md") == {"rules", "retention-cr-and-grr", "expiry", "expiry-1"}
    assert slug_of("`tierbot` – what's [new](x.md)?") == "tierbot--whats-new"
