"""Who of the program looks after the partners that someone may see."""

from collections import Counter

from tiercore.access import Reach
from tiercore.facts.entries import Role
from tiercore.ledger import Ledger, scope_of
from tiercore.storage.partner_ids import ids_of
from tiercore.storage.portfolio_statements import people_with
from tiercore.storage.reader import Query


async def names_of(ledger: Ledger, reach: Reach, role: Role) -> dict[str, int]:
    """Of how many partners in reach each person has this role, by their names in alphabetical order."""
    query: Query = (people_with(role), {"partner_ids": ids_of(each.partner_id for each in reach.partners)})
    [rows] = await ledger.reader.fetch(query, scope=scope_of(reach.viewer))
    return dict(sorted(Counter(name for _, name in rows if name).items()))
