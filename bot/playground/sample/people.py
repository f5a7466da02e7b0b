"""The sample's people: one or two per partner (two thirds have two), CAMs, a CC and two admins."""

from collections.abc import Iterator

from bot.playground.sample.agencies import AGENCIES, Agency
from tiercore.facts.entries import Person, Role

_LAST_NAMES = "Arden Bello Castro Dahl Egan Fischer Gallo Haas Ibarra Jansen Kato Lund Moreau Novak Okoro Petit".split()
_SECOND = (
    "Aiko Bruno Celia Dario Emil Fatima Goran Heidi Ivan Joana Kofi Leila Marco Nadia Oscar Paula Rafael Selma "
    "Tomas Ursula Vera Wim Yusuf Zara Anton Belen Cora"
).split()
_ADMINS = (("admin@example.com", "Adele Admin"), ("astrid@example.com", "Astrid Abel"))
_CAMS = (("carla@example.com", "Carla Conti"), ("cheng@example.com", "Cheng Li"), ("duncan@example.com", "Duncan Reid"))
_CC = ("dev@example.org", "Dev Mistry")
_CC_PARTNERS = 8


def people() -> Iterator[Person]:
    """One entry per person and partner; an admin's has no partner."""
    yield from (Person(email, name, Role.ADMIN) for email, name in _ADMINS)
    for number, agency in enumerate(AGENCIES):
        yield _first(number, agency)
        if number % 3:
            yield _second(number, agency)
        email, name = _CAMS[number % len(_CAMS)]
        yield Person(email, name, Role.CAM, agency.partner_id)
        if number < _CC_PARTNERS:
            yield Person(*_CC, Role.CC, agency.partner_id)


def _first(number: int, agency: Agency) -> Person:
    last = "Lindqvist" if agency.person == "Bert" else _LAST_NAMES[number % len(_LAST_NAMES)]
    return Person(f"{agency.person.lower()}@example.com", f"{agency.person} {last}", Role.PARTNER, agency.partner_id)


def _second(number: int, agency: Agency) -> Person:
    first, last = _SECOND[number - number // 3 - 1], _LAST_NAMES[(number + 5) % len(_LAST_NAMES)]
    return Person(f"{first.lower()}@example.org", f"{first} {last}", Role.PARTNER, agency.partner_id)
