"""Preferences: the dashboard shown first, a channel's partner, and feedback."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, delete, insert, select

from tiercore.access import Grant, SlackUser
from tiercore.people.audit import record
from tiercore.people.people import identity_of, staff_of
from tiercore.people.types import LONGEST_FEEDBACK, ChannelMoved, Identity, NotAllowed
from tiercore.program import Model
from tiercore.storage.bulk import table
from tiercore.storage.enterprise import in_same_enterprise
from tiercore.storage.tables.notifications import SubscriptionRow
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


def set_channel_partner(connection: Connection, user: SlackUser, grant: Grant | None, now: datetime) -> ChannelMoved:
    """Set the partner that the user's channel is about, or clear it (None). Returns the change and whom to tell.

    Only who looks after the partner it was about and the one it will be about may do so, or an admin. This is only the
    default for questions that name no partner; it grants no access. Raises NotAllowed.
    """
    by = identity_of(connection, user)
    if by is None or not by.may_settle(None):
        raise NotAllowed("Only a CAM, a CC or an admin can set which partner a channel is about.")
    before, after = channel_partner(connection, user), grant.partner.partner_id if grant else None
    if not by.may_settle(before):
        raise NotAllowed("This channel is about a partner you don't look after. Ask its CAM or CC, or an admin.")
    if not by.may_settle(after):
        raise NotAllowed("Only this partner's CAM or CC, or an admin, can make a channel about it.")
    moved = ChannelMoved(str(user.channel_id), user.user_id, before, after)
    if before == after:
        return moved
    channel = table(ChannelRow)
    connection.execute(delete(channel).where(_is_asked_in(channel, user)))
    if after:
        row = {"team_id": user.team_id, "channel_id": user.channel_id, "partner_id": after}
        connection.execute(insert(channel), [row])
    record(
        connection, now, f"{user.team_id}/{user.user_id}", "settled a channel", moved.channel_id, after or "no partner"
    )
    before_users = [*staff_of(connection, user.team_id, before), *_subscribers(connection, user)] if before else []
    return replace(
        moved,
        before_users=_others(before_users, user),
        after_users=_others(staff_of(connection, user.team_id, after), user),
    )


def _others(users: Sequence[SlackUser], than: SlackUser) -> tuple[SlackUser, ...]:
    """Each user once, by ID, but the one."""
    by_id = {each.user_id: each for each in users if each.user_id != than.user_id}
    return tuple(by_id[each] for each in sorted(by_id))


def _subscribers(connection: Connection, user: SlackUser) -> list[SlackUser]:
    """Who subscribed the channel."""
    subscription = table(SubscriptionRow)
    same = in_same_enterprise(subscription.c.team_id, user.team_id) & (subscription.c.place == user.channel_id)
    found = connection.execute(select(subscription.c.team_id, subscription.c.made_by).where(same).distinct())
    return [SlackUser(*row) for row in found]


def channel_partner(connection: Connection, user: SlackUser) -> str | None:
    """The ID of the partner that the user's channel is about, None if there is none."""
    channel = table(ChannelRow)
    partner_id: str | None = connection.scalar(select(channel.c.partner_id).where(_is_asked_in(channel, user)))
    return partner_id


def _is_asked_in(channel: Table, user: SlackUser) -> ColumnElement[bool]:
    """Whether a row is of the channel that the user asks in."""
    return in_same_enterprise(channel.c.team_id, user.team_id) & (channel.c.channel_id == user.channel_id)


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
