"""Which partners' signals may be at another level on a new day (digests-and-alerts#looks)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from tiercore.access import Grant, Viewer
from tiercore.ledger import Ledger, scope_of
from tiercore.questions.signal_days import may_change
from tiercore.storage.bulk import chunks
from tiercore.storage.signal_statements import without_days

_LONGEST = 14  # days; after more, everybody is looked at
_AT_A_TIME = 1_000


async def possibly_changed(ledger: Ledger, grants: Sequence[Grant], since: date, day: date) -> set[str]:
    """The partners whose signals may be at another level on the day than on the one `since` which their data is the
    same: all of them where the calendar or the rules say so, and otherwise those that aren't known to have no such day
    of their own. Whoever the database doesn't show to the grant's viewer any more is among them.
    """
    days = [since + timedelta(number + 1) for number in range((day - since).days)]
    everybody = {each.partner.partner_id for each in grants}
    if len(days) > _LONGEST or day < since or any(may_change(each, ledger.program) for each in days):
        return everybody
    quiet, by_viewer = set[str](), defaultdict[Viewer | None, list[str]](list)
    for grant in grants:
        by_viewer[None if ledger.immediate else grant.viewer].append(grant.partner.partner_id)
    for viewer, partner_ids in by_viewer.items():
        for some in chunks(partner_ids, _AT_A_TIME):
            [rows] = await ledger.reader.fetch(without_days(some, since, day), scope=scope_of(viewer))
            quiet.update(partner_id for (partner_id,) in rows)
    return everybody - quiet
