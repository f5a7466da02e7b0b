"""What's new: the user-visible lines of each release, and the roadmap, from CHANGELOG.md and docs/roadmap.md."""

import re
from pathlib import Path

Releases = list[tuple[str, list[str]]]
LATEST = 8
_BUILT_IN = Path(__file__).parent / "pages"  # what setup.py puts into the wheel
_REPOSITORY = Path(__file__).parent.parent
_MARKUP = re.compile(r"`|\*+|\[([^]]*)\]\([^)]*\)")


def releases() -> Releases:
    """The latest releases, newest first, then the roadmap: from the installed package, or from the repository."""
    if _BUILT_IN.is_dir():
        changes, roadmap = _BUILT_IN / "CHANGELOG.md", _BUILT_IN / "roadmap.md"
    else:
        changes, roadmap = _REPOSITORY / "CHANGELOG.md", _REPOSITORY / "docs" / "roadmap.md"
    return [*_sections(changes)[:LATEST], *_sections(roadmap)]


def _sections(path: Path) -> Releases:
    """A page's second-level headings, each with its bullets as plain text, without those under "for operators"."""
    if not path.is_file():
        return []
    sections: Releases = []
    for_everyone = True
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            for_everyone = not line.startswith("###")
        if line.startswith("## "):
            sections.append((line[3:].strip(), []))
        elif not for_everyone:
            continue
        elif line.startswith("- ") and sections:
            sections[-1][1].append(_without_markup(line[2:]))
        elif line.startswith("  ") and sections and sections[-1][1]:
            sections[-1][1][-1] += " " + _without_markup(line.strip())
    return sections


def _without_markup(line: str) -> str:
    return _MARKUP.sub(lambda found: found[1] or "", line)
