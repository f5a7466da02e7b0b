"""What spreadsheets make of ids: how each looks afterwards, what happened, and what would be right."""

import re

_MONTH = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
NO_RESULT = "#FORMULA!"  # what a cell is read as that has a formula whose result isn't saved
_ERRORS = "formula|ref|n/a|value|name|div/0|null|num|spill|calc|getting_data|field|blocked"
_AS_TEXT = "export the column as text, so that the id stays as its source has it"
_MANGLED = (
    (
        r"[+-]?\d(?:[.,]\d+)?e[+-]\d+|\d[.,]\d+e\d+",
        "is a number in scientific notation, without the id's last digits",
        _AS_TEXT,
    ),
    (rf"#(?:{_ERRORS})[!?]?|#+", "is a spreadsheet's error and not an id", _AS_TEXT),
    (r"=.*", "is a spreadsheet's formula", 'write its result alone, such as S1 for ="S1"'),
    (r"'.*|\".*\"", "has a spreadsheet's mark of text around it", "write it without the quotes"),
    (r"\d+[.,]0+", "is a whole number with decimals", f"write it without them; {_AS_TEXT}"),
    (r"\d{1,3}(?:[,.'’]\d{3})+", "has thousands separators", f"write it without them; {_AS_TEXT}"),
    (r"[1-9]\d{14}0{2,}", "has zeros from the 16th digit on, where a spreadsheet loses count", _AS_TEXT),
    (
        rf"\d{{4}}-\d{{2}}-\d{{2}}(?:[ t]\d{{2}}:\d{{2}}.*)?|\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}"
        rf"|\d{{1,2}}[-. ](?:{_MONTH})[a-z]*(?:[-. ]\d{{2,4}})?|(?:{_MONTH})[a-z]*[-. ]\d{{2,4}}",
        "is a day, which a spreadsheet makes of ids such as 3-1 or MAR24",
        _AS_TEXT,
    ),
    (r"true|false|nan|none|null|undefined|n/a|-+|\?+", "is what programs write where there is no id", "give the id"),
    (r".*(?:\s\s|[^\S ]).*", "has spaces that look like one plain space", "write it with one plain space or none"),
)
_ERROR = re.compile(rf"#(?:{_ERRORS})[!?]?|#{{3,}}", re.IGNORECASE)
_ANY = re.compile("|".join(f"({pattern})" for pattern, _, _ in _MANGLED), re.IGNORECASE | re.DOTALL)
# The same for a whole column, in the syntax that Python and Rust have in common.
MANGLED = rf"(?is)^(?:{'|'.join(pattern for pattern, _, _ in _MANGLED)})$"
_MAY_BE = re.compile(
    r"\A[\d#='\"+?-]|[-. ]\d|\A(?:true|false|nan|none|null|undefined|n/a)\Z|\s\s|[^\S ]", re.IGNORECASE
)
_BLANK = re.compile(r"\s+")
_LONGEST_PADDED = 20


def what_happened(value: str) -> tuple[str, str] | None:
    """What a spreadsheet did to an id, and what would be right; None if it looks as its source has it."""
    found = _ANY.fullmatch(value) if _MAY_BE.search(value) else None
    if not found or not found.lastindex:
        return None
    _, message, remedy = _MANGLED[found.lastindex - 1]
    return message, remedy


def error_in(value: str, *, is_id: bool) -> tuple[str, str] | None:
    """What is wrong with a cell that has a spreadsheet's error; of ids, which are warned of, only with no result."""
    if value == NO_RESULT:
        remedy = "open the file in a spreadsheet program, save it, and import it again"
        return "stands for a formula whose result isn't saved in the file", remedy
    if is_id or not _ERROR.fullmatch(value):
        return None
    return "is a spreadsheet's error", "correct the cell's formula"


def plain_form(value: str, *, upper: bool) -> str:
    """The id without what is easily written otherwise: capitals, spaces, leading zeros, decimals of a whole number."""
    plain = value.upper() if upper else value.lower()
    if not plain.isascii() or " " in plain:
        plain = _BLANK.sub("", plain)
    if plain[-2:] == ".0" and plain[:-2].isdigit():
        plain = plain[:-2]
    return plain.lstrip("0") or plain if plain[:1] == "0" and plain.isdigit() else plain


def padded(value: str, ids: "set[str]") -> str | None:
    """The one of `ids` that has become `value` by losing its leading zeros."""
    if not value.isdigit():
        return None
    wider = (value.zfill(width) for width in range(len(value) + 1, _LONGEST_PADDED))
    return next((each for each in wider if each in ids), None)
