"""Where a person's notifications go, and whether the person may change a channel's."""

from sqlalchemy import Connection

from tiercore.access import SlackUser
from tiercore.notifications.subscription_rows import subscriptions_of
from tiercore.people.people import identity_of
from tiercore.people.preferences import channel_partner
from tiercore.people.types import Identity, InvalidChange, NotAllowed


def target_of(connection: Connection, user: SlackUser, *, channel: bool, is_new: bool = True) -> str:
    """The user, or the channel they ask in if they may manage its notifications. Raises InvalidChange, NotAllowed."""
    person = identity_of(connection, user)
    if not channel:
        if person is None and is_new:
            raise NotAllowed("I don't know who you are yet. Type /tier link.")
        return user.user_id
    about = channel_partner(connection, user) if user.channel_id else None
    if about is None and is_new:
        _require_program_staff(person)
        raise InvalidChange("This channel isn't about a partner yet. Type /tier here PARTNER first.")
    if about is None:
        current = subscriptions_of(connection, user.team_id, str(user.channel_id))
        is_creator = all(each.created_by == user.user_id for each in current)
        if not (_require_program_staff(person).is_admin or is_creator):
            raise NotAllowed("Only an admin, or the person who subscribed this channel, can change that.")
    elif not _require_program_staff(person).is_admin and about not in _require_program_staff(person).looks_after:
        raise NotAllowed("Only this partner's CAM or CC, or an admin, can change this channel's notifications.")
    return str(user.channel_id)


def _require_program_staff(person: Identity | None) -> Identity:
    if person is None or not person.is_program_staff:
        raise NotAllowed("Only a CAM, a CC or an admin can change a channel's notifications.")
    return person
