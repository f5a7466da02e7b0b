"""What's new: the user-visible lines of each release, and what comes next, from CHANGELOG.md and docs/roadmap.md."""

import re
from pathlib import Path

Releases = list[tuple[str, list[str]]]
LATEST = 8
_BUILT_IN = Path(__file__).parent / "pages"  # what setup.py puts into the wheel
_REPOSITORY = Path(__file__).parent.parent
_MARKS = re.compile(r"`|\*+|\[([^]]*)\]\([^)]*\)")


def releases() -> Releases:
    """The latest releases, newest first, then the roadmap: from an installation's own pages, or the repository's."""
    if _BUILT_IN.is_dir():
        changes, roadmap = _BUILT_IN / "CHANGELOG.md", _BUILT_IN / "roadmap.md"
    else:
        changes, roadmap = _REPOSITORY / "CHANGELOG.md", _REPOSITORY / "docs" / "roadmap.md"
    return [*_sections(changes)[:LATEST], *_sections(roadmap)]


def _sections(path: Path) -> Releases:
    """A page's second-level headings, each with its bullets as plain sentences; not those for operators below it."""
    if not path.is_file():
        return []
    found: Releases = []
    everybodys = True
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            everybodys = not line.startswith("###")
        if line.startswith("## "):
            found.append((line[3:].strip(), []))
        elif not everybodys:
            continue
        elif line.startswith("- ") and found:
            found[-1][1].append(_plain(line[2:]))
        elif line.startswith("  ") and found and found[-1][1]:
            found[-1][1][-1] += " " + _plain(line.strip())
    return found


def _plain(line: str) -> str:
    return _MARKS.sub(lambda mark: mark[1] or "", line)
