"""A partner's books made of entries, as `read_books` would read them with every client."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from tiercore.facts.entries import Certification, Partner, TierCredited, ToolUsage
from tiercore.facts.holds import Holds
from tiercore.program import Program
from tiercore.rating.credits import ClientBook
from tiercore.rating.rating import credits_of
from tiercore.rating.retention_months import retention_months
from tiercore.rating.timeline import timeline_of
from tiercore.scenarios.books import OtherClients, PartnerBooks


def partner_books(
    partner: Partner,
    clients: Sequence[ClientBook],
    program: Program,
    as_of: date,
    tier: str | None = None,
    certifications: Sequence[Certification] = (),
    usage: Sequence[ToolUsage] = (),
    holds: Holds | None = None,
) -> PartnerBooks:
    """The books on the day; `tier` was credited a year before it."""
    mine = [each for book in clients for each in credits_of(book, program) if each.partner_id == partner.partner_id]
    used = defaultdict(list)
    for each in usage:
        used[each.client_id].append(each)
    since = as_of - timedelta(400)
    credited = (TierCredited(partner.partner_id, tier, since),) if tier else ()
    levels = [level for book in clients for level in book.levels]
    return PartnerBooks(
        partner,
        tuple(certifications),
        credited,
        holds or {},
        since,
        tuple(timeline_of(mine, used)),
        tuple(retention_months(mine, levels, program)),
        {book.client.client_id: book for book in clients},
        used,
        OtherClients(),
    )
