"""A mapping being written: TOML with a comment for each thing that only the reader knows."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tiercore.ingest.problems import shown

DECIDE = "#?"  # what begins a line that waits for a decision


def quoted(text: str) -> str:
    """The text as a TOML string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(each if each.isprintable() else f"\\U{ord(each):08x}" for each in escaped) + '"'


def listed(texts: Sequence[str]) -> str:
    """The texts as a TOML list."""
    return f"[{', '.join(map(quoted, texts))}]"


def either(texts: Sequence[str]) -> str:
    """The texts as a choice: "mrr, arr or tcv"."""
    return " or ".join([", ".join(texts[:-1]), texts[-1]]) if len(texts) > 1 else "".join(texts)


@dataclass(slots=True)
class Section:
    """A table of the TOML; tables below it come after its own keys."""

    heading: str
    lines: list[str] = field(default_factory=list)
    below: list[str] = field(default_factory=list)
    decided: int = 0

    def set(self, key: str, value: str, why: str = "") -> None:
        """A key that is sure."""
        self.lines.append(f"{key} = {value}" + (f"  # {why}" if why else ""))
        self.decided += 1

    def text(self) -> str:
        """The table as TOML."""
        return "\n".join([self.heading, *self.lines, *self.below])


@dataclass(slots=True)
class Draft:
    """The sections so far, and the questions that are open: what isn't known, and what to fill in."""

    sections: list[Section] = field(default_factory=list)
    questions: list[tuple[str, str]] = field(default_factory=list)

    def section(self, heading: str) -> Section:
        """A new table."""
        self.sections.append(Section(heading))
        return self.sections[-1]

    def ask(self, lines: list[str], key: str, what: str, choices: Sequence[str]) -> None:
        """Leave a key to the reader: the question as a comment, and each choice as a line to uncomment."""
        what = shown(f"{key}: {what}", 500)  # text of the export must not end the comment
        lines += [f"{DECIDE} {what}", *(f"# {choice}" for choice in choices)]
        question = (what, " or ".join(choices))
        if question not in self.questions:
            self.questions.append(question)

    def text(self, head: str) -> str:
        """The whole TOML under its first comment."""
        return "\n\n".join([head, *(section.text() for section in self.sections)]) + "\n"
