"""Texts: made safe for a terminal first, then parsed as plain_text or mrkdwn."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from rich.emoji import Emoji
from rich.text import Text

Json = dict[str, Any]
UNBROKEN_SPACE = "\ue000"  # a space where no line may break; `clean` removes it from data, `render` makes it a space
_JOINER = "\u200d"
_UNSAFE_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn"}
_STYLES = {"bold": "bold", "italic": "italic", "strike": "strike", "code": "cyan"}
_MARKUP = re.compile(
    r"```(?P<block>.+?)```"
    r"|`(?P<code>[^`\n]+)`"
    r"|<(?P<angle>[^<>\n]+)>"
    r"|(?<![\w*])\*(?P<bold>[^*\n]+)\*(?![\w*])"
    r"|(?<![\w_])_(?P<italic>[^_\n]+)_(?![\w_])"
    r"|(?<![\w~])~(?P<strike>[^~\n]+)~(?![\w~])",
    re.DOTALL,
)
_AMOUNT = re.compile(r"\u00a0|\u202f|(?<=\d) (?=%)|(?<=[$€£¥]) (?=\d)|(?<=\b[A-Z]{3}) (?=\d)")
_HEX = re.compile(r"[0-9a-f]{2,6}(-[0-9a-f]{2,6})*")


def clean(text: object) -> str:
    """The text without anything that a terminal would interpret, such as escape sequences or direction marks."""
    said = str(text)
    return said if said.isprintable() else "".join(_clean(each) for each in said.replace("\r\n", "\n"))


def _clean(character: str) -> str:
    if character in ("\n", _JOINER):
        return character
    if character == "\t" or unicodedata.category(character) in ("Zl", "Zp"):
        return " "
    return "" if unicodedata.category(character) in _UNSAFE_CATEGORIES else character


def keep_amounts_unbroken(text: str) -> str:
    """The text with unbroken spaces in its amounts, such as "CHF 7,500.00" and "50 %"."""
    return _AMOUNT.sub(UNBROKEN_SPACE, text)


def unescaped(text: str) -> str:
    """The text with Slack's three entities as characters."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def read(text_object: Json | None) -> Text:
    """A plain_text or mrkdwn object as styled text."""
    fields = text_object or {}
    text = keep_amounts_unbroken(clean(fields.get("text", "")))
    if fields.get("type") == "mrkdwn":
        return mrkdwn(text)
    return Text(Emoji.replace(text) if fields.get("emoji", True) else text)


def mrkdwn(text: str) -> Text:
    """Slack's markup, which must have been cleaned, as styled text."""
    lines = (_line(line) for line in _MARKUP.sub(_one_line_blocks, text).split("\n"))
    return Text("\n").join(lines)


def _one_line_blocks(found: re.Match[str]) -> str:
    """A code block as single lines of code, so that the rest can be parsed line by line."""
    block = found.group("block")
    if block is None:
        return found.group()
    return "\n".join(f"`{line}`" if line else "" for line in block.strip("\n").replace("`", "'").split("\n"))


def _line(line: str) -> Text:
    quoted = line.startswith("&gt;") or (line.startswith(">") and not line.startswith("><"))
    if not quoted:
        return _spans(line, "")
    return Text("│ ").append_text(_spans(line.removeprefix("&gt;").removeprefix(">").lstrip(), "dim"))


def _spans(line: str, style: str) -> Text:
    text, at = Text(style=style), 0
    for found in _MARKUP.finditer(line):
        text.append(_said(line[at : found.start()]))
        text.append_text(_marked(found))
        at = found.end()
    text.append(_said(line[at:]))
    return text


def _said(part: str) -> str:
    return unescaped(Emoji.replace(part))


def _marked(found: re.Match[str]) -> Text:
    kind, inner = next((name, part) for name, part in found.groupdict().items() if part is not None)
    if kind == "angle":
        return Text(_reference(inner), style="underline")
    if kind == "code":
        return Text(unescaped(inner), style=_STYLES["code"])
    return _spans(inner, _STYLES[kind])


def _reference(inner: str) -> str:
    """The visible text of a link, a mention or a date."""
    target, _, label = inner.partition("|")
    label, target = unescaped(label), unescaped(target)
    if target.startswith(("@", "#")):
        return target[0] + (label or target[1:])
    if target.startswith("!"):
        return label or "@" + target[1:].split("^")[0]
    return f"{label} ({target})" if label and label != target else target


def span(element: Json) -> Text:
    """An element of a line of rich text."""
    style = " ".join(_STYLES[key] for key, on in (element.get("style") or {}).items() if on and key in _STYLES)
    return Text(_span(element), style=style)


def _span(element: Json) -> str:
    match element.get("type"):
        case "text":
            return keep_amounts_unbroken(clean(element.get("text", "")))
        case "link":
            url, label = clean(element.get("url", "")), clean(element.get("text") or "")
            return f"{label} ({url})" if label and label != url else url
        case "emoji":
            return _emoji(element)
        case "user" | "channel" | "usergroup" | "team" as kind:
            sign = "#" if kind == "channel" else "@"
            return sign + clean(element.get(f"{kind}_id", ""))
        case "broadcast":
            return "@" + clean(element.get("range", ""))
        case _:
            return clean(element.get("fallback") or element.get("value") or "")


def _emoji(element: Json) -> str:
    name, unicode = clean(element.get("name", "")), str(element.get("unicode", "")).lower()
    if _HEX.fullmatch(unicode) and all(int(each, 16) < 0x110000 for each in unicode.split("-")):
        return clean("".join(chr(int(each, 16)) for each in unicode.split("-")))
    return Emoji.replace(f":{name}:")


def spans(elements: Iterator[Json] | list[Json]) -> Text:
    """The elements of a line of rich text."""
    return Text("").join(span(each) for each in elements)
