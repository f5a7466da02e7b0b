"""Plans from a partner's books made of a few clients, and whether one that is carried out reaches its tier."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from tests.support.partner_books import partner_books
from tiercore.facts.entries import (
    Agreement,
    Certification,
    Client,
    DealType,
    Motion,
    Partner,
    PipelineDeal,
    Sale,
    SubscriptionLevel,
)
from tiercore.facts.money import Money
from tiercore.planning.aims import is_reached
from tiercore.planning.plan import Plan, plan_for
from tiercore.planning.steps import Kind, Wish
from tiercore.program import Program, load_program
from tiercore.questions.pipeline import OpenDeal
from tiercore.rating.credits import ClientBook
from tiercore.rating.timeline import balance_on
from tiercore.scenarios.applying import with_entries
from tiercore.scenarios.books import PartnerBooks, facts_on

DAY, BY = date(2025, 9, 5), date(2026, 1, 14)
PARTNER = Partner("P1", "Partner A", "US", "USD", date(2019, 1, 1))
CERTIFIED = Certification("P1", "Solutions Partner Certification", date(2025, 1, 1), date(2027, 1, 1))
MARKETING, SALES = "Marketing Hub", "Sales Hub"
RULES = """
[thresholds.gold.combined]
2025-07-15 = { value = 100 }
[thresholds.gold.sourced_minimum]
2025-07-15 = { value = 40 }
[thresholds.gold.managed_minimum]
2025-07-15 = { value = 20 }
[thresholds.platinum.combined]
2025-07-15 = { value = 300 }
[thresholds.platinum.sourced_minimum]
2025-07-15 = { value = 100 }
[thresholds.platinum.managed_minimum]
2025-07-15 = { value = 50 }
[thresholds.diamond.sourced_minimum]
2025-07-15 = { value = 100 }
[thresholds.diamond.managed_minimum]
2025-07-15 = { value = 50 }
"""


def rules_of(folder: Path, table: str) -> Program:
    """The program of a table, written into the folder."""
    file = folder / "rules.toml"
    file.write_text(table)
    return load_program(file)


def client(
    number: int,
    dollars: int,
    *,
    country: str = "US",
    began: date = date(2023, 3, 1),
    ends_on: date | None = None,
    managed: bool = True,
) -> ClientBook:
    """A client that pays for Marketing Hub since it was sold in 2023, managed by the partner until `ends_on`."""
    found = ClientBook(Client(f"C{number}", f"Client {number}", country))
    mrr = Money(dollars * 100, "USD")
    found.sales.append(Sale(f"S{number}", "P1", f"C{number}", MARKETING, DealType.NET_NEW, Motion.SOURCED, mrr, began))
    found.levels.append(SubscriptionLevel(f"C{number}", MARKETING, mrr, began))
    if managed:
        found.agreements.append(Agreement(f"A{number}", "P1", f"C{number}", began, ends_on))
    return found


def other_line(number: int, dollars: int) -> ClientBook:
    """A client of another line, by which the partner is known to sell it."""
    book = client(number, dollars)
    sale = replace(book.sales[0], sale_id=f"T{number}", product_line=SALES, deal_type=DealType.CROSS_SELL)
    book.sales.append(sale)
    book.levels.append(replace(book.levels[0], product_line=SALES))
    return book


def planned(
    program: Program, *clients: ClientBook, tier: str | None = "gold", wish: Wish | None = None, **more
) -> Plan:
    """The plan of a partner with these clients, to Platinum by BY if no wish says otherwise."""
    books = partner_books(more.pop("partner", PARTNER), clients, program, DAY, tier, more.pop("certified", [CERTIFIED]))
    return plan_for(wish or Wish("platinum", BY), DAY, program, replace(books, **more))


def deal(number: int, expected_on: date, mrr: int = 1_500, motion: Motion = Motion.SOURCED, **more: object) -> OpenDeal:
    """An open deal about Sales Hub with client 2."""
    money = Money(mrr * 100, "USD")
    found = PipelineDeal(f"D{number}", "P1", "C2", None, None, SALES, motion, money, expected_on)
    return OpenDeal(replace(found, **more), "Client 2", expected_on)


def usd(dollars: int) -> Money:
    """Whole dollars."""
    return Money(dollars * 100, "USD")


def applied(books: PartnerBooks, plan: Plan, program: Program, without: int | None = None) -> PartnerBooks:
    """The books with the entries of the plan's steps, without one of them if wished, through the scenarios."""
    steps = [each for number, each in enumerate(plan.steps) if number != without]
    if any(each.kind is Kind.MEMBERSHIP for each in steps):
        books = replace(books, partner=replace(books.partner, membership_until=date(2040, 1, 1)))
    return with_entries(books, [entry for each in steps for entry in each.entries], program)


def is_held(books: PartnerBooks, plan: Plan, program: Program, without: int | None = None) -> bool:
    """Whether the plan's tier is reached on its day once its steps are done, all but one if wished."""
    after = applied(books, plan, program, without)
    facts, balance = facts_on(after, plan.by), balance_on(after.timeline, plan.by)
    return is_reached(plan.aim.tier, plan.by, plan.aim.rules, facts, balance)
