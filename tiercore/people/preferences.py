"""What people want of the bot: a dashboard to see first, a channel's partner, a word with the makers."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from tiercore.access import Grant, SlackUser
from tiercore.people.audit import note
from tiercore.people.people import identity_of
from tiercore.people.types import LONGEST_FEEDBACK, Identity, NotAllowed
from tiercore.program import Model
from tiercore.storage.bulk import table
from tiercore.storage.tables.people import ChannelRow, FeedbackRow, PreferenceRow


def prefer(connection: Connection, user: SlackUser, model: Model | None) -> Identity | None:
    """Note which dashboard someone wants to see first; None goes by the day's rules. The tier is not touched.

    Who they are, None for a stranger, of whom nothing is noted.
    """
    person, preference = identity_of(connection, user), table(PreferenceRow)
    if person is None:
        return None
    connection.execute(delete(preference).where(preference.c.email == person.email))
    if model is not None:
        connection.execute(insert(preference), [{"email": person.email, "model": model}])
    return person


def set_channel_partner(connection: Connection, user: SlackUser, grant: Grant | None, now: datetime) -> str | None:
    """Make the channel that `user` asks in about a partner, or about none: the partner's id before.

    It changes what a question without a partner's name is about, and nobody's leave to see one. Raises NotAllowed.
    """
    by = identity_of(connection, user)
    if by is None or not by.is_program_staff:
        raise NotAllowed("Only a CAM, a CC or an admin can set which partner a channel is about.")
    channel = table(ChannelRow)
    same = (channel.c.team_id == user.team_id) & (channel.c.channel_id == user.channel_id)
    before: str | None = connection.scalar(select(channel.c.partner_id).where(same))
    connection.execute(delete(channel).where(same))
    if grant:
        row = {"team_id": user.team_id, "channel_id": user.channel_id, "partner_id": grant.partner.partner_id}
        connection.execute(insert(channel), [row])
    now_about = grant.partner.partner_id if grant else "no partner"
    note(connection, now, f"{user.team_id}/{user.user_id}", "settled a channel", str(user.channel_id), now_about)
    return before


def channel_partner(connection: Connection, user: SlackUser) -> str | None:
    """The id of the partner that the user's channel is about."""
    channel = table(ChannelRow)
    same = (channel.c.team_id == user.team_id) & (channel.c.channel_id == user.channel_id)
    found: str | None = connection.scalar(select(channel.c.partner_id).where(same))
    return found


def save_feedback(connection: Connection, user: SlackUser, text: str, now: datetime) -> Identity | None:
    """Keep what someone wrote, 3,000 characters at most; who they are, None for a stranger."""
    person = identity_of(connection, user)
    row = {
        "team_id": user.team_id,
        "user_id": user.user_id,
        "email": person.email if person else "",
        "text": text[:LONGEST_FEEDBACK],
        "sent_at": now,
    }
    connection.execute(insert(table(FeedbackRow)), [row])
    return person
