"""`/tier` written conventionally: ORM entities summed in Python, the SDK's models for blocks."""

from datetime import date
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.models.blocks import (
    ActionsBlock,
    ButtonElement,
    ContextBlock,
    HeaderBlock,
    PlainTextObject,
    SectionBlock,
)
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlmodel import select

from tiercore.storage.tables.derived import CreditRow
from tiercore.storage.tables.ledger import LinkRow, PartnerRow, PersonRow, TierCreditedRow

TODAY = date(2022, 9, 5).toordinal()


def register(app: AsyncApp, url: str) -> None:
    """Answer `/tier` over the database."""
    parsed = make_url(url)
    driver = "sqlite+aiosqlite" if parsed.get_backend_name() == "sqlite" else "postgresql+psycopg_async"
    engine = create_async_engine(parsed.set(drivername=driver))
    sessions = async_sessionmaker(engine, expire_on_commit=False)

    async def tier(ack: AsyncAck, body: dict[str, Any]) -> None:
        async with sessions() as session:
            binding = await session.get(LinkRow, (body["team_id"], body["user_id"]))
            assert binding is not None
            people = (await session.scalars(select(PersonRow).where(PersonRow.email == binding.email))).all()
            partner = await session.get(PartnerRow, people[0].partner_id)
            assert partner is not None
            own = CreditRow.partner_id == partner.partner_id
            credits = (await session.scalars(select(CreditRow).where(own))).all()
            tiers = select(TierCreditedRow).where(TierCreditedRow.partner_id == partner.partner_id)
            tier_rows = (await session.scalars(tiers)).all()
        await ack(blocks=_blocks(partner.name, list(credits), tier_rows[-1].tier if tier_rows else "none"))

    app.command("/tier")(tier)


def _blocks(name: str, credits: list[CreditRow], tier: str) -> list[Any]:
    totals: dict[str, int] = {}
    for credit in credits:
        if credit.starts_on <= TODAY and (credit.lapses_on is None or credit.lapses_on > TODAY):
            totals[credit.source] = totals.get(credit.source, 0) + (credit.micropoints or 0)
    fields = [f"*{source}*: {points / 1_000_000:.2f}" for source, points in totals.items()]
    return [
        HeaderBlock(text=PlainTextObject(text=f"{name}: {tier}")),
        SectionBlock(text="Points", fields=fields or ["none"]),
        *(SectionBlock(text=f"requirement {number}: {sum(totals.values()) / 1_000_000:.2f}") for number in range(6)),
        ContextBlock(elements=[PlainTextObject(text="As of today")]),
        ActionsBlock(elements=[ButtonElement(text=each, action_id=each, value=each) for each in ("a", "b", "c")]),
    ]
