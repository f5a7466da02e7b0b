"""The simulated workspace: its people and channels."""

import re
from dataclasses import dataclass, replace

from bot.playground.local_slack.errors import ApiError
from bot.terminal.text import clean

_MENTION = re.compile(r"([@#])([A-Z0-9]{2,})\b")

EVERY_SCOPE = (
    *("commands", "chat:write", "files:read", "files:write", "users:read", "users:read.email"),
    *("channels:read", "channels:history", "groups:read", "groups:history", "im:read", "im:history", "im:write"),
)


@dataclass(frozen=True, slots=True)
class Person:
    """A Slack user. `team_id` is set for people whose home is another workspace: one of the same enterprise if
    `enterprise_id` is the workspace's, otherwise of another organisation (Slack Connect). An outsider's e-mail can be
    seen if they `shares_email`.
    `deleted` is Slack's word for a deactivated account.
    """

    user_id: str
    name: str
    real_name: str = ""
    email: str = ""
    tz: str = "Europe/Berlin"
    team_id: str | None = None
    enterprise_id: str | None = None
    shares_email: bool = False
    is_admin: bool = False
    deleted: bool = False
    is_guest: bool = False
    has_confirmed_email: bool = True


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel or direct message. `members` is None for everyone; `has_bot` tells whether the bot was invited. One
    that `is_ext_shared` is with the `connected` teams; those that are `invited` haven't accepted yet.
    """

    channel_id: str
    name: str
    members: frozenset[str] | None = None
    is_ext_shared: bool = False
    is_private: bool = False
    is_archived: bool = False
    has_bot: bool = True
    dm_with: str | None = None
    connected: tuple[str, ...] = ()
    invited: tuple[str, ...] = ()

    def includes(self, user_id: str) -> bool:
        """Whether this person can read the channel."""
        return self.members is None or user_id in self.members


@dataclass(frozen=True, slots=True)
class Workspace:
    """One Slack workspace with one app installed, whose bot token has the `scopes`. Where it `is_org_wide` the app is
    installed in the whole enterprise, whose other workspaces have the same people and channels.
    """

    people: tuple[Person, ...] = (Person("U01ANNA", "anna", "Anna Local", "anna@example.com"),)
    channels: tuple[Channel, ...] = (Channel("C01GENERAL", "general"),)
    team_id: str = "T01LOCAL"
    domain: str = "local"
    name: str = "Local"
    enterprise_id: str | None = None
    app_id: str = "A01TIERBOT"
    bot_id: str = "B01TIERBOT"
    bot_user_id: str = "U01TIERBOT"
    bot_name: str = "tierbot"
    scopes: tuple[str, ...] = EVERY_SCOPE
    is_org_wide: bool = False

    @property
    def installed_in(self) -> str:
        """The ID of what the app is installed in: the workspace, or the enterprise."""
        return self.enterprise_id or self.team_id if self.is_org_wide else self.team_id

    def with_scopes(self, scopes: tuple[str, ...]) -> "Workspace":
        """The same with a token of these scopes."""
        return replace(self, scopes=scopes)


class Directory:
    """Finds people and channels by id or name, and opens a direct message on first use."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.people = {each.user_id: each for each in workspace.people}
        self.channels = {each.channel_id: each for each in workspace.channels}

    def change(self, whom: Person | Channel) -> None:
        """Put a changed person or channel in the place of the one with the same id."""
        if isinstance(whom, Person):
            self.people[whom.user_id] = whom
        else:
            self.channels[whom.channel_id] = whom

    def person(self, who: Person | str) -> Person:
        """A person by id, name or @name. Raises ApiError("user_not_found")."""
        if isinstance(who, Person):
            return self.people.setdefault(who.user_id, who)
        name = who.removeprefix("@")
        found = self.people.get(who) or next((each for each in self.people.values() if each.name == name), None)
        if found is None:
            raise ApiError("user_not_found")
        return found

    def channel(self, where: Channel | str) -> Channel:
        """A channel by id, name or #name, or someone's direct message by their id. Raises ApiError."""
        if isinstance(where, Channel):
            return self.channels.setdefault(where.channel_id, where)
        if where in self.people:
            return self.direct_message(where)
        name = where.removeprefix("#")
        found = self.channels.get(where) or next((c for c in self.channels.values() if c.name == name), None)
        if found is None:
            raise ApiError("channel_not_found")
        return found

    def channel_or_first(self, where: Channel | str | None) -> Channel:
        """A channel, by default the workspace's first. Raises ApiError."""
        return self.channel(where) if where is not None else next(iter(self.channels.values()))

    def direct_message(self, user_id: str) -> Channel:
        """The direct message between this person and the bot."""
        channel_id = f"D{self.person(user_id).user_id[1:]}"
        new = Channel(channel_id, "directmessage", frozenset({user_id}), is_private=True, dm_with=user_id)
        return self.channels.setdefault(channel_id, new)

    def with_names(self, text: str) -> str:
        """The text of a terminal with names in the place of ids: "@U1" becomes "@Ana Arden", and "#C1" "#general"."""
        return _MENTION.sub(lambda found: f"{found[1]}{self._name_of(found[2])}", text)

    def _name_of(self, entry_id: str) -> str:
        if person := self.people.get(entry_id):
            return clean(person.real_name or person.name)
        channel = self.channels.get(entry_id)
        return clean(channel.name) if channel else entry_id

    def team_of(self, person: Person) -> str:
        """The id of the team that someone belongs to."""
        return person.team_id or self.workspace.team_id

    def enterprise_of(self, person: Person) -> str | None:
        """The id of the enterprise that someone belongs to."""
        return person.enterprise_id if person.team_id else self.workspace.enterprise_id

    def is_member(self, person: Person) -> bool:
        """Whether someone can use the workspace as their own: it is, or it is of the same enterprise as theirs."""
        if person.team_id in (None, self.workspace.team_id):
            return True
        return person.enterprise_id is not None and person.enterprise_id == self.workspace.enterprise_id
