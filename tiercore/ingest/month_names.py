"""Months by their names in the languages of the spreadsheets that people send."""

import re

_NAMES = (
    "jan(uary)? januar jän(ner)? janvier janv enero ene janeiro gennaio gen januari",
    "feb(ruary)? februar février fevrier févr fevr febrero fevereiro fev febbraio februari",
    "mar(ch)? märz maerz mär mrz mars marzo março marco maart mrt",
    "apr(il)? avril avr abril abr aprile",
    "may mai mayo maio maggio mag mei",
    "june? juni juin junio junho giugno giu",
    "july? juli juillet juil julio julho luglio lug",
    "aug(ust)? août aout agosto ago augustus",
    "sept?(ember)? septembre septiembre setiembre setembro set settembre sett",
    "oct(ober)? okt(ober)? octobre octubre outubro out ottobre ott",
    "nov(ember)? novembre noviembre novembro",
    "dec(ember)? dez(ember)? décembre decembre déc diciembre dic dezembro dicembre",
)
_MONTHS = tuple(re.compile("|".join(names.split()), re.IGNORECASE) for names in _NAMES)
MONTH_NAME = r"[^\W\d_]{3,10}"


def month_named(name: str) -> int | None:
    """The month's number, 1 to 12, None for a word that is no month."""
    return next((number for number, months in enumerate(_MONTHS, 1) if months.fullmatch(name)), None)
