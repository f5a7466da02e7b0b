"""The documents, and the files whose comments cite them."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("bot", "handlers", "scheduler", "tiercore", "tests", "bench")
NOT_OURS = {"node_modules", "dist", "__pycache__"}
WITH_COMMENTS = {".py", ".toml", ".js", ".mjs", ".jsx", ".css"}
CODE = sorted(
    [
        *(ROOT / name for name in ("Makefile", "app_manifest.yml", "pyproject.toml", ".ci/run")),
        *(path for name in ("docs/deploy", ".github") for path in (ROOT / name).rglob("*.*") if path.is_file()),
        *(
            path
            for name in PACKAGES
            for path in (ROOT / name).rglob("*")
            if path.suffix in WITH_COMMENTS and not NOT_OURS & set(path.parts)
        ),
    ]
)
PAGES = sorted(
    {ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")}
    | {path for name in PACKAGES for path in (ROOT / name).rglob("*.md") if not NOT_OURS & set(path.parts)}
)
FILES = [str(path.relative_to(ROOT)) for name in PACKAGES for path in (ROOT / name).rglob("*.*")]


def readme_table(heading: str) -> str:
    """The example table of operators' own rules below a heading of the page about rules."""
    page = (ROOT / "tiercore" / "program" / "README.md").read_text(encoding="utf-8")
    return page.split(f"\n## {heading}\n")[1].split("```toml\n")[1].split("```")[0]
