"""What of another partner a text gives away: its words, and its figures where they stand as figures."""

import re
from collections.abc import Sequence


def given_away(secrets: Sequence[str], text: str) -> list[str]:
    """The secrets that the text shows. Digits within an identifier or a timestamp are no figure."""
    return [each for each in secrets if re.search(_pattern(each), text)]


def _pattern(secret: str) -> str:
    literal = re.escape(secret)  # which comes first: looking for it is then fast in megabytes, too
    return rf"{literal}(?<![\w.]{literal})(?!\w)" if secret[0].isdigit() else literal
