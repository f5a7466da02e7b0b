"""A year of random partners, and by a model of its own which messages about credit days each should get.

The model knows the rules as the documentation states them and imports nothing that computes: points are sums over
sales, days are compared one by one.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from dateutil.relativedelta import relativedelta

BEGINS, ENDS = date(2022, 10, 1), date(2023, 9, 1)
TIERS = {"gold": 200, "platinum": 600, "diamond": 1500}
RANKS = {None: -1, "gold": 0, "platinum": 1, "diamond": 2}
MANAGED = 10
_HEADS = {
    "partners": "partner_id,name,country,currency,joined_on",
    "clients": "client_id,name,country",
    "sales": "sale_id,partner_id,client_id,product_line,deal_type,motion,mrr,currency,sold_on",
    "subscriptions": "client_id,product_line,mrr,currency,effective_on",
    "agreements": "agreement_id,partner_id,client_id,starts_on,ends_on",
    "usage": "client_id,month,tools_used",
    "certifications": "partner_id,certification,valid_from,valid_until",
    "tiers": "partner_id,tier,credited_on",
    "people": "email,name,role,partner_id",
}


@dataclass(frozen=True, slots=True)
class Sold:
    """A sale of so many points, on file from `known` on."""

    day: date
    points: int
    known: date


@dataclass(frozen=True, slots=True)
class Row:
    """A row of tiers.csv, on file from `known` on."""

    day: date
    tier: str | None
    known: date


@dataclass(slots=True)
class Member:
    """A partner of the year."""

    partner_id: str
    certified_until: date
    sales: list[Sold] = field(default_factory=list)
    tiers: list[Row] = field(default_factory=list)

    def reached(self, day: date, known: date) -> str | None:
        """The tier that the figures of a day reach, by what is on file on another."""
        if day > self.certified_until:
            return None
        active = [each for each in self.sales if each.known <= known and each.day <= day]
        total = MANAGED + sum(each.points for each in active if day < each.day + relativedelta(months=12))
        sold = total - MANAGED
        return max((tier for tier, need in TIERS.items() if total >= need and sold >= 1), key=RANKS.get, default=None)

    def held(self, eve: date, known: date) -> tuple[str | None, date | None, str | None]:
        """The tier on file for a day, since when, and the one before it."""
        found: tuple[str | None, date | None, str | None] = (None, None, None)
        for row in sorted((each for each in self.tiers if each.known <= known), key=lambda each: each.day):
            if row.day <= eve and (found[1] is None or row.tier != found[0]):
                found = (row.tier, row.day, found[0])
        return found

    def on_file(self, day: date, known: date) -> Row | None:
        """What the program credited from a credit day on, before the next."""
        until = day + relativedelta(months=1)
        rows = [each for each in self.tiers if each.known <= known and day <= each.day < until]
        return max(rows, key=lambda each: each.day, default=None)

    def review(self, day: date, eve: date, known: date) -> tuple[str, str | None]:
        """What the recalibration on `day` does to the tier held on the eve: the outcome and the tier."""
        tier, since, former = self.held(eve, known)
        if tier is None:
            return "nothing", None
        gained = RANKS[former] <= RANKS[tier]
        if gained and since and day < since + relativedelta(months=6):
            return "protected", tier
        reached = [self.reached(each, known) for each in sampled(day)]
        best = max(reached, key=RANKS.__getitem__)
        is_enough = RANKS[best] >= RANKS[tier]
        lower = min(best, tier, key=RANKS.__getitem__)
        if day > self.certified_until:
            return ("at_risk" if is_enough else "lost"), lower
        return ("kept", tier) if is_enough else ("lost", lower)

    def outcome(self, day: date, known: date) -> tuple[str, str | None]:
        """What a credit day did to the tier, and the tier: the program's word first, then the rules."""
        eve = day - timedelta(1)
        held, since, _ = self.held(eve, known)
        is_review = (day.month, day.day) in ((1, 15), (7, 15))
        said, tier = self.review(day, eve, known) if is_review else ("nothing", held)
        up, before = self.reached(day, known), self.reached(day - relativedelta(months=1), known)
        if since and RANKS[up] > RANKS[held] and RANKS[before] < RANKS[up]:
            said, tier = "gained", up
        row = self.on_file(day, known)
        if row is None:
            return said, tier
        if RANKS[row.tier] != RANKS[held]:
            return ("gained" if RANKS[row.tier] > RANKS[held] else "lost"), row.tier
        if said == "nothing" or (said == "protected"):
            return said, row.tier
        return "kept", row.tier

    def in_danger(self, today: date) -> bool:
        """Whether the next recalibration would cost the tier."""
        return self.review(next_recalibration(today), today, today)[0] in ("lost", "at_risk")


def sampled(day: date) -> list[date]:
    """The six sampling days of a recalibration."""
    return [day - relativedelta(months=back) for back in range(5, -1, -1)]


def next_recalibration(today: date) -> date:
    """The first recalibration after today."""
    days = [date(year, month, 15) for year in (2022, 2023, 2024) for month in (1, 7)]
    return min(each for each in days if each > today)


def due(member: Member, today: date) -> Iterator[str]:
    """What is to be sent by a check of today, if it wasn't sent before: ends of keys."""
    credit_days = [date(2022, 1, 15) + relativedelta(months=number) for number in range(30)]
    last = max(each for each in credit_days if each <= today)
    if (today - last).days <= 7 and member.outcome(last, today)[0] != "nothing":
        yield f"credit_day:{{}}:{member.partner_id}:{last}"
    recalibration = next_recalibration(today)
    left = (recalibration - today).days
    for days in (60, 30, 7):
        if days - 7 <= left <= days and member.in_danger(today):
            yield f"recalibration_ahead:{{}}:{member.partner_id}:{recalibration}:{days}"


def members_of(chance: random.Random, number: int) -> list[Member]:
    """Random partners, with tiers, sales and the program's own word around every threshold and day."""
    found = []
    for at in range(number):
        until = chance.choice((date(2030, 1, 1), date(2030, 1, 1), date(2022, 12, 20), date(2023, 3, 14)))
        member = Member(f"P{at}", until)
        for _ in range(chance.randrange(2, 9)):
            day = BEGINS + timedelta(chance.randrange(-360, 330))
            late = chance.choice((0, 0, 0, 3, 20))
            points = chance.choice((60, 100, 190, 300, 600))
            member.sales.append(Sold(day, points, max(BEGINS, day) + timedelta(late)))
        if chance.random() < 0.85:
            member.tiers.append(Row(date(2022, chance.choice((3, 6, 9)), 15), chance.choice([*TIERS]), BEGINS))
        for _ in range(chance.randrange(3)):
            day = date(2022, 10, 15) + relativedelta(months=chance.randrange(10))
            day += timedelta(chance.choice((0, 0, 4)))
            tier = chance.choice([*TIERS, None])
            if day not in [each.day for each in member.tiers]:
                member.tiers.append(Row(day, tier, day + timedelta(chance.choice((0, 2, 6, 12, 40)))))
        found.append(member)
    return found


def write_known(folder: Path, members: Sequence[Member], today: date) -> Path:
    """The files as they are on a day."""
    folder.mkdir(parents=True, exist_ok=True)
    rows: dict[str, list[str]] = {name: [] for name in _HEADS}
    for member in members:
        partner, client = member.partner_id, f"C{member.partner_id}"
        rows["partners"].append(f"{partner},{partner},US,USD,2019-01-01")
        rows["clients"].append(f"{client},{client},US")
        rows["subscriptions"].append(f"{client},Service Hub,{MANAGED * 100},USD,2020-01-01")
        rows["agreements"].append(f"A{partner},{partner},{client},2020-01-01,")
        rows["usage"].append(f"{client},2022-01,5")
        rows["certifications"].append(f"{partner},Solutions Partner Certification,2020-01-01,{member.certified_until}")
        rows["people"].append(f"carla@example.com,Carla,cam,{partner}")
        for at, sale in enumerate(member.sales):
            if sale.known <= today:
                what = f"{client},Sales Hub,net_new,assisted,{sale.points * 100 / 3:.2f},USD,{sale.day}"
                rows["sales"].append(f"S{partner}{at},{partner},{what}")
        rows["tiers"] += [
            f"{partner},{each.tier or 'untiered'},{each.day}" for each in member.tiers if each.known <= today
        ]
    rows["people"].append(f"bea@example.com,Bea,partner,{members[0].partner_id}")
    for name, head in _HEADS.items():
        (folder / f"{name}.csv").write_text("\n".join([head, *rows[name]]) + "\n")
    return folder
