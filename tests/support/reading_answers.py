"""Answers over a filled database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.engine import URL

from tiercore.answers import Answers
from tiercore.ledger import Ledger
from tiercore.program import Program
from tiercore.storage.reader import create_reader
from tiercore.storage.transactions import Transactions


@asynccontextmanager
async def answers_from(url: URL, program: Program, transactions: Transactions | None = None) -> AsyncIterator[Answers]:
    """The answers by the program, with a reader of their own; with `transactions` they rate open deals, too."""
    reader = create_reader(url)
    await reader.open()
    try:
        yield Answers(Ledger(reader, program), transactions)
    finally:
        await reader.close()
