"""What people call a country."""

from babel import Locale

_SHORT = {"US": "the US", "GB": "the UK"}
_WITH_ARTICLE = frozenset("AE BS CC CD CF CG CK DO FK FO GM IO IM KM KY MH MP MV NL PH SB TC UM VI".split())


def country(code: str) -> str:
    """A country within a sentence, by its ISO 3166 code: "Germany", "the Netherlands", "the US"."""
    if code in _SHORT:
        return _SHORT[code]
    called = str(Locale("en").territories.get(code, code))
    return f"the {called}" if code in _WITH_ARTICLE else called
