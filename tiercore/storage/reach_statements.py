"""SQL for who someone is, which partners they may see, and who looks after a partner."""

from sqlalchemy import String, and_, bindparam, func, null, select

from tiercore.storage.bulk import table
from tiercore.storage.compiled import SHORT
from tiercore.storage.enterprise import in_same_enterprise
from tiercore.storage.tables.derived import DerivedRow, PartnerVersionRow
from tiercore.storage.tables.ledger import LinkRow, PartnerRow, PersonRow
from tiercore.storage.tables.people import ChannelRow, PreferenceRow
from tiercore.storage.workspaces import counts_in

_partner, _person, _link = table(PartnerRow), table(PersonRow), table(LinkRow)
_own = table(PartnerVersionRow)
_derived, _preference, _channel = table(DerivedRow), table(PreferenceRow), table(ChannelRow)

_VERSION = select(_derived.c.version).scalar_subquery()
_MODEL = select(_preference.c.model).where(_preference.c.email == _person.c.email).scalar_subquery()
_TEAM = bindparam("team_id", type_=String)
_EMAIL = (
    select(func.min(_link.c.email))  # of at most one, see people.enterprise
    .where(in_same_enterprise(_link.c.team_id, _TEAM), _link.c.user_id == bindparam("user_id"))
    .scalar_subquery()
)
_HERE = (
    select(func.min(_channel.c.partner_id))
    .where(in_same_enterprise(_channel.c.team_id, _TEAM), _channel.c.channel_id == bindparam("channel_id"))
    .scalar_subquery()
)
_ALL_CHANGED_AT = select(_derived.c.all_changed_at).scalar_subquery()
_OWN_VERSION = select(_own.c.version).where(_own.c.partner_id == _partner.c.partner_id).scalar_subquery()
_REACH = (
    *(_person.c.email, _person.c.name, _person.c.role, _partner.c.partner_id, _partner.c.name, _OWN_VERSION),
    *(_VERSION, _ALL_CHANGED_AT, _MODEL),
)

REACH_OF_SLACK_USER = (
    select(*_REACH, _HERE)
    .select_from(_person.outerjoin(_partner, _partner.c.partner_id == _person.c.partner_id))
    .where(_person.c.email == _EMAIL, counts_in(_person, _TEAM))
    .order_by(_partner.c.name)
    .execution_options(**{SHORT: True})
)

REACH_OF_MAILBOX = (
    select(*_REACH, null())
    .select_from(_person.outerjoin(_partner, _partner.c.partner_id == _person.c.partner_id))
    .where(_person.c.email == bindparam("email"))
    .order_by(_partner.c.name)
)

EVERY_PARTNER = select(_partner.c.partner_id, _partner.c.name, _OWN_VERSION).order_by(_partner.c.name)

VERSION = select(_derived.c.version)

CONTACTS = (
    select(_person.c.role, _person.c.name, _person.c.email, func.min(_link.c.user_id))
    .select_from(
        _person.outerjoin(_link, and_(_link.c.email == _person.c.email, in_same_enterprise(_link.c.team_id, _TEAM)))
    )
    .where(_person.c.partner_id == bindparam("partner_id"), (_person.c.role == "cam") | (_person.c.role == "cc"))
    .group_by(_person.c.role, _person.c.name, _person.c.email)
    .order_by(_person.c.role, _person.c.name)
)
