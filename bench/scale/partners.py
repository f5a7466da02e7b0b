"""The generated partners: their sizes, their people, and what is known of each beside its sales."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from bench.scale.files import ProgramFiles
from bench.scale.market import CAM_PARTNERS, COURSES, DAYS, MARKETS, PRODUCTS, QUALIFYING, TODAY

_SHIFT = 3  # of the sizes 1 / (rank + shift): the largest has 3 % of a million sales
_MAX_PARTNERS, _SALES_PER_PARTNER = 10_000, 100
_TIERS = ("gold", "platinum", "diamond", "elite")


@dataclass(frozen=True, slots=True)
class GeneratedPartner:
    """A partner: its number (from 1), market (a place in MARKETS), day of joining (a place in DAYS) and sales."""

    number: int
    market: int
    joined: int
    sales: int

    @property
    def partner_id(self) -> str:
        """The ID in the files."""
        return f"P{self.number:05d}"


def sizes(sales: int, random: Random) -> Sequence[int]:
    """The sales of each partner, in a random order: few have very many, most fewer than 100; they add up to `sales`."""
    partners = min(_MAX_PARTNERS, max(1, sales // _SALES_PER_PARTNER))
    weights = [1 / (rank + _SHIFT) for rank in range(partners)]
    total = sum(weights)
    found = [int(sales * weight / total) for weight in weights]
    found[0] += sales - sum(found)
    random.shuffle(found)
    return found


def partners(sales: int, random: Random) -> Iterator[GeneratedPartner]:
    """The partners of a program with so many sales, by number."""
    for number, size in enumerate(sizes(sales, random), 1):
        yield GeneratedPartner(number, random.randrange(len(MARKETS)), random.randrange(0, 500), size)


def write_partner(files: ProgramFiles, partner: GeneratedPartner, random: Random) -> None:
    """Write all that is known of the partner beside its clients."""
    partner_id, (country, currency, _) = partner.partner_id, MARKETS[partner.market]
    elite = DAYS[TODAY - 200] if partner.sales > 5_000 else ""
    name = f"Partner {partner.number} Studio"
    files.rows["partners"].append(f"{partner_id},{name},{country},{currency},{DAYS[partner.joined]},{elite},")
    _write_people(files, partner)
    _write_certifications(files, partner, random)
    files.rows["tiers"] += _tiers(partner, random)


def _write_people(files: ProgramFiles, partner: GeneratedPartner) -> None:
    rows, partner_id = files.rows["people"], partner.partner_id
    for person in range(1 + partner.number % 2):
        rows.append(f"{partner_id.lower()}.{person}@example.com,Person {person} of {partner_id},partner,{partner_id}")
    cam = (partner.number - 1) // CAM_PARTNERS
    rows.append(f"cam{cam}@example.com,CAM {cam},cam,{partner_id}")


def write_admin(files: ProgramFiles) -> None:
    """Write the person who sees every partner."""
    files.rows["people"].append("admin@example.com,Adele Admin,admin,")


def _write_certifications(files: ProgramFiles, partner: GeneratedPartner, random: Random) -> None:
    """The qualifying one renewed each year, one in twenty not the last time, and its team's courses."""
    rows, since = files.rows["certifications"], partner.joined
    expired = random.random() < 0.05
    while since < TODAY - (400 if expired else 0):
        rows.append(f"{partner.partner_id},{QUALIFYING},{DAYS[since]},{DAYS[since + 390]}")
        since += 365
    for course in random.sample(COURSES, min(len(COURSES), 1 + partner.sales // 300)):
        since = random.randrange(partner.joined, TODAY)
        rows.append(f"{partner.partner_id},{course},{DAYS[since]},{DAYS[since + 750]}")


def _tiers(partner: GeneratedPartner, random: Random) -> Iterator[str]:
    """The tiers that it rose to, the higher the more it sells, each on a 15th."""
    reached = sum(partner.sales >= limit for limit in (20, 80, 500, 6_000))
    fifteenths = [at for at in range(partner.joined + 60, TODAY) if DAYS[at].endswith("-15")]
    days = sorted(random.sample(fifteenths, reached))
    for tier, day in zip(_TIERS, days, strict=False):
        yield f"{partner.partner_id},{tier},{DAYS[day]}"


def write_deals(files: ProgramFiles, partner: GeneratedPartner, clients: Sequence[str], random: Random) -> None:
    """Write up to three deals that are open, of clients on file and of new ones."""
    rows, (country, currency, _) = files.rows["pipeline"], MARKETS[partner.market]
    for number in range(partner.number % 4):
        client = random.choice(clients) if clients and number else ""
        new = "," if client else f"New client {number},{country}"
        product, usd = random.choice(PRODUCTS)
        day, chance = DAYS[TODAY + random.randrange(1, 100)], random.choice(("95", "60", "30", ""))
        deal_id = f"D{partner.number}-{number}"
        rows.append(f"{deal_id},{partner.partner_id},{client},{new},{product},sourced,{usd},{currency},{day},{chance},")
