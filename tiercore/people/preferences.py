"""Preferences: the dashboard shown first, a channel's partner, and feedback."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from tiercore.access import Grant, SlackUser
from tiercore.people.audit import record
from tiercore.people.people import identity_of
from tiercore.people.types import LONGEST_FEEDBACK, Identity, NotAllowed
from tiercore.program import Model
from tiercore.storage.bulk import table
from tiercore.storage.tables.people import ChannelRow, FeedbackRow, PreferenceRow


def prefer(connection: Connection, user: SlackUser, model: Model | None) -> Identity | None:
    """Save which dashboard the user sees first (None: the one that the day's rules use); the tier is unaffected.

    Returns the person, or None for an unlinked user, for whom nothing is saved.
    """
    person, preference = identity_of(connection, user), table(PreferenceRow)
    if person is None:
        return None
    connection.execute(delete(preference).where(preference.c.email == person.email))
    if model is not None:
        connection.execute(insert(preference), [{"email": person.email, "model": model}])
    return person


def set_channel_partner(connection: Connection, user: SlackUser, grant: Grant | None, now: datetime) -> str | None:
    """Set the partner that the user's channel is about, or clear it (None). Returns the partner's ID before.

    This is only the default for questions that name no partner; it grants no access. Raises NotAllowed.
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
    new_partner = grant.partner.partner_id if grant else "no partner"
    record(connection, now, f"{user.team_id}/{user.user_id}", "settled a channel", str(user.channel_id), new_partner)
    return before


def channel_partner(connection: Connection, user: SlackUser) -> str | None:
    """The ID of the partner that the user's channel is about, None if there is none."""
    channel = table(ChannelRow)
    same = (channel.c.team_id == user.team_id) & (channel.c.channel_id == user.channel_id)
    partner_id: str | None = connection.scalar(select(channel.c.partner_id).where(same))
    return partner_id


def save_feedback(connection: Connection, user: SlackUser, text: str, now: datetime) -> Identity | None:
    """Save a feedback message, cut to LONGEST_FEEDBACK characters. Returns the person, None for an unlinked user."""
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
