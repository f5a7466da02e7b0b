"""What documents and comments point to: links in Markdown, and citations such as how-tiers-work#expiry in the code."""

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

_CITATION = re.compile(r"(?<![\w/.#&-])([a-z][a-z0-9-]+)#([\w-]+)")
_PAGE_NAME = re.compile(r"(?<![\w*])((?:[\w-]+/)*[\w-]+\.md)\b")
_BY_NUMBER = re.compile(r"§\s?\d|(?<=\()(?:program|design|reliability|performance|roadmap), ")
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^()\s]+)(?:\s+\"[^\"]*\")?\)")
_HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*\s*$", re.MULTILINE)
_MODULE = re.compile(r"(?<![\w/.-])((?:[\w-]+/)*[\w-]+\.(?:py|mjs|jsx))\b")
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//")
_SLASHES = re.compile(r"/\*.*?\*/|(?<![:\w])//[^\n]*", re.DOTALL)
_SCRIPTS = (".js", ".mjs", ".jsx", ".css")


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of a repository: `docs` contains those cited by name only."""

    root: Path
    docs: Path = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "docs", self.root / "docs")

    def unresolved_in_code(self, path: Path) -> list[str]:
        """The broken citations in the file's docstrings and comments, each with its line."""
        source = path.read_text(encoding="utf-8")
        if not any(pattern.search(source) for pattern in (_CITATION, _PAGE_NAME, _BY_NUMBER)):
            return []  # most files: tokenizing them takes far longer than this search
        return [
            f"{path.relative_to(self.root)}:{line}: {found}"
            for line, text in comments_of(path)
            for found in self._unresolved_citations(text, path.parent)
        ]

    def unresolved_in_page(self, path: Path) -> list[str]:
        """The broken relative links of a Markdown page, each with its line."""
        text = without_code(path.read_text(encoding="utf-8"))
        return [
            f"{path.relative_to(self.root)}:{text.count(chr(10), 0, link.start()) + 1}: {link[1]}"
            for link in _LINK.finditer(text)
            if not _ELSEWHERE.match(link[1]) and not self._leads_somewhere(path, link[1])
        ]

    def missing_files(self, path: Path, files: Iterable[str]) -> list[str]:
        """The source files named by a Markdown page that match no path in `files`, except the placeholder /X.py."""
        named = [name for name in _MODULE.findall(path.read_text(encoding="utf-8")) if not name.endswith("/X.py")]
        return [name for name in dict.fromkeys(named) if not any(f"/{each}".endswith(f"/{name}") for each in files)]

    def _leads_somewhere(self, page: Path, link: str) -> bool:
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists():
            return False
        return not anchor or (target.suffix == ".md" and anchor in anchors_of(target))

    def _unresolved_citations(self, text: str, folder: Path) -> Iterator[str]:
        for page, anchor in _CITATION.findall(text):
            target = self.docs / f"{page}.md"
            if not target.is_file() or anchor not in anchors_of(target):
                yield f"{page}#{anchor}"
        for name in _PAGE_NAME.findall(text):
            if not any((base / name).is_file() for base in (self.root, self.docs, folder)):
                yield name
        yield from (f"{found.strip()} (cite page#anchor)" for found in _BY_NUMBER.findall(text))


@cache
def anchors_of(page: Path) -> frozenset[str]:
    """The anchors of a page's headings as on GitHub; repeated headings get a number."""
    seen: Counter[str] = Counter()
    found = set()
    for heading in _HEADING.findall(_FENCE.sub("", page.read_text(encoding="utf-8"))):
        slug = slug_of(heading)
        found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return frozenset(found)


def slug_of(heading: str) -> str:
    """A heading's anchor: its text in lower case, spaces as hyphens, other punctuation dropped."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")


def comments_of(path: Path) -> Iterator[tuple[int, str]]:
    """A Python file's docstrings and any file's comments, each with the number of its first line."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        yield from _docstrings(ast.parse(text))
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string
    elif path.suffix in _SCRIPTS:
        for found in _SLASHES.finditer(text):
            yield text.count("\n", 0, found.start()) + 1, found[0]
    else:
        for number, line in enumerate(text.splitlines(), start=1):
            if "#" in line:
                yield number, line.partition("#")[2]


def _docstrings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            value = first.value if isinstance(first, ast.Expr) else None
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield first.lineno, value.value


def without_code(text: str) -> str:
    """The page with its code blanked out and all lines in place."""
    blanked = _FENCE.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    return _CODE.sub(lambda found: " " * len(found[0]), blanked)
