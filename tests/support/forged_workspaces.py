"""Forged payloads of every surface across workspaces, enterprises and channels, and who reads what the bot answers."""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from handlers import tier_setup
from handlers.entry_windows import SUBMITTED
from handlers.responder import ON_CLICK
from handlers.typed_command import QUESTIONS
from handlers.views.case import ANSWER, SHOW
from handlers.views.deals import MOVE_FORM
from handlers.views.entry_fields import FIELDS
from handlers.views.entry_forms import written
from handlers.views.parts.choices import FLAG, WHAT_IF
from handlers.views.proposals import DECLINING
from handlers.views.sharing import CHOOSING, PREVIEW
from handlers.views.upload import DISCARD, IMPORT
from tiercore.typed.types import Draft, Kind

Json = dict[str, Any]
PROGRAM, OWN, OTHER = "T01LOCAL", "T02ZWEITE", "T03DRITTE"
BEA, PETRA = (OWN, "U0BEA2"), (OTHER, "U0PETRA")
SENDERS = (BEA, BEA, BEA, PETRA, PETRA, (OWN, "U0CARLA2"), (OWN, "U0NEW"), (OTHER, "U0QUENTIN"))
USERS = ("U0ANA", "U0BEA", "U0CARLA", "U0ADMIN", "U0BEA2", "U0CARLA2", "U0PETRA", "U0EVE")
TEAMS: tuple[Any, ...] = (PROGRAM, OWN, OTHER, "T0OTHER", "E03DRITTE", "", None)
ENTERPRISES = (None, None, "E03DRITTE", "E0OTHER", PROGRAM)
CHANNELS = ("C01SALES", "C02TEAM", "C03TEAM", "D0ANA", "D0BEA2", "C99", "")
PARTNERS = ("PA", "PB", "PC", "PD", "PX", None, "*", "")
TEXTS = (
    *("", "platinum", "sold", "pa", "pc", "geheim", '"geheim & sohne"', "gehiem", "verborgen", "partner a", "C3", "c1"),
    *("C1 PC", "PC platinum", "all", "30d", "225 points", "PC PA", "here PC", "here none", "link ana@example.com"),
    *("link petra@example.com", "link admin@example.com", "invite petra@example.com", "cases", "add sale", "unlink me"),
    *("monday 9:00 here", "alerts on here", "status here", "now", "pause", "off here", "prefer points", "_", "%"),
)
CLICKED = (*ON_CLICK, IMPORT, DISCARD)
ENTRY_ACTIONS = ("new", "edit", "withdraw", "client", "change", "deal:won", "keep")
ACTIONS = ("ask", "open", "more", "home", "form", "do", "entry", "asof")
FORMS = (
    *("contact", "feedback", "link", "invite", "digest", FLAG, ANSWER, SHOW, DECLINING),
    *("share", WHAT_IF, "news", *tier_setup.WINDOWS),
)
CALLBACKS = (
    *("link", "invite", "feedback", "digest", CHOOSING, PREVIEW, WHAT_IF, MOVE_FORM),
    *(*SUBMITTED, FLAG, ANSWER, DECLINING, *tier_setup.KINDS),
)


@dataclass(frozen=True, slots=True)
class Forged:
    """One request: its surface and body, a form's fields or an event, and the user in whose name Slack sends it."""

    surface: str
    body: Json
    reader: tuple[Any, str]

    @property
    def is_event(self) -> bool:
        """Whether it is sent as JSON."""
        return self.surface == "event"


class Forger:
    """Makes payloads with everything in them swapped at random. `ids` are those of stored things of other partners and
    workspaces; `trigger` gives one that opens windows in a workspace for a user, `response_url` where a user is
    answered.
    """

    def __init__(
        self,
        rng: random.Random,
        ids: Sequence[str],
        trigger: Callable[[str, str], str],
        response_url: Callable[[Any, str], str],
    ) -> None:
        self._rng, self._ids, self._trigger, self._response_url = rng, ids, trigger, response_url
        self._count = 0

    def __call__(self) -> Forged:
        self._count += 1
        pick = self._rng.choice
        kinds = (self._command, self._click, self._click, self._click, self._submission, self._submission)
        return pick((*kinds, self._options, self._shortcut, self._event))()

    def _command(self) -> Forged:
        team, user = self._sender()
        body = {
            "command": f"/{self._rng.choice(list(QUESTIONS))}",
            "text": " ".join(self._some(TEXTS) for _ in range(self._rng.randrange(1, 3))),
            "team_id": team,
            "user_id": user,
            "channel_id": self._some(CHANNELS),
            "response_url": self._response_url(team, user),
            "trigger_id": self._trigger(str(team), user),
        }
        if enterprise := self._some(ENTERPRISES):
            body["enterprise_id"] = enterprise
        return Forged("command", {key: value for key, value in body.items() if value is not None}, (team, user))

    def _click(self) -> Forged:
        action = self._some(ACTIONS)
        named = {
            "do": f"do:{self._some(CLICKED)}",
            "form": f"form:{self._some(FORMS)}",
            "entry": f"entry:{self._some(ENTRY_ACTIONS)}:{self._id()}",
            "home": f"home:{self._some(('points', 'performance', 'insights', 'partner'))}",
        }.get(action, f"{action}:{self._some(('0', 'clients:0', 'questions'))}")
        value = self._value()
        if action == "more":
            value = f"{self._some(('do', 'ask', 'form'))}:{self._some(CLICKED)}|{value}"
        pressed: Json = {"type": "button", "action_id": named, "block_id": "b", "value": value}
        if self._rng.random() < 0.3:
            pressed = {**pressed, "type": "static_select", "selected_option": {"value": value}}
        where = self._some(("message", "ephemeral", "modal", "home"))
        place: Json = {"container": {"type": "view"}, "view": self._view(where)}
        if where in ("message", "ephemeral"):
            container = {"type": "message", "is_ephemeral": where == "ephemeral", "message_ts": "1.1"}
            place = {"container": container, "channel": {"id": self._some(CHANNELS), "name": "x"}}
        return self._interaction(f"click in {where}", "block_actions", {"actions": [pressed], **place})

    def _submission(self) -> Forged:
        view = {**self._view("modal"), "callback_id": self._some(CALLBACKS), "state": {"values": self._fields()}}
        return self._interaction("modal", "view_submission", {"view": view})

    def _options(self) -> Forged:
        action = self._some(("partner_id", "client_id", "agreement_id", "ask:search:tier", "home:search:points", "x"))
        query = self._some(("", "g", "geh", "part", "verb", "C3", "z"))
        searched = {"action_id": action, "block_id": "b", "value": query, "view": self._view("modal")}
        return self._interaction("suggestion", "block_suggestion", searched)

    def _shortcut(self) -> Forged:
        kind, callback = self._some(("shortcut", "message_action")), self._some(("tier", "x", "PC"))
        return self._interaction("shortcut", kind, {"callback_id": callback, "channel": {"id": self._some(CHANNELS)}})

    def _event(self) -> Forged:
        team, user = self._sender()
        other = {"id": self._some(USERS), "team_id": self._some(TEAMS), "deleted": True, "tz": "Asia/Tokyo"}
        channel = self._some(CHANNELS)
        file = {
            "name": "people.csv",
            "size": 9,
            "url_private": "https://files.slack.com/files-pri/T01LOCAL-F1/people.csv",
        }
        events: tuple[Json, ...] = (
            {"type": "app_home_opened", "tab": "home", "user": user, "view": self._view("home")},
            {"type": "app_home_opened", "tab": "home", "user": user, "view": self._view("home")},
            {"type": "message", "channel_type": "im", "user": user, "channel": f"D{user[1:]}", "files": [file]},
            {"type": "message", "channel_type": "im", "user": user, "channel": f"D{user[1:]}", "text": "hi"},
            {"type": "user_change", "user": other},
            {"type": "channel_shared", "channel": channel, "connected_team_id": self._some(TEAMS)},
            {"type": "channel_archive", "channel": channel, "user": user},
            {"type": "member_joined_channel", "channel": channel, "user": self._some(USERS), "team": self._some(TEAMS)},
        )
        event = {**self._rng.choice(events), "ts": f"{self._count}.1"}
        body = {"type": "event_callback", "team_id": team, "event": event, "event_id": f"Ev{self._count}"}
        if self._rng.random() < 0.8:
            body["authorizations"] = [{"team_id": self._of_installation(team), "enterprise_id": None, "is_bot": True}]
        if self._rng.random() < 0.3:
            body |= {"is_ext_shared_channel": True, "enterprise_id": self._some(ENTERPRISES)}
        return Forged("event", body, (team, user))

    def _interaction(self, surface: str, kind: str, more: Json) -> Forged:
        team, user = self._sender()
        installed = self._of_installation(team)
        body = {
            "type": kind,
            "team": {"id": installed} if installed is not None else None,
            "enterprise": self._some((None, None, {"id": "E03DRITTE"}, {"id": "E0OTHER"})),
            "user": {"id": user, "team_id": team, "name": "ana", "email": "admin@example.com"},
            "trigger_id": self._trigger(str(installed), user),
            "response_url": self._response_url(team, user),
            **more,
        }
        return Forged(surface, body, (team, user))

    def _sender(self) -> tuple[Any, str]:
        """Who sends it: a partner's person or a stranger in a partner's workspace; or somebody's ID in a workspace in
        which nobody has it.
        """
        if self._rng.random() < 0.75:
            return self._rng.choice(SENDERS)
        team, user = self._some((OWN, OTHER, "T0OTHER", "E03DRITTE")), self._some(USERS)
        return (team, user) if (team, user) not in ((OWN, "U0BEA2"), (OTHER, "U0PETRA")) else (OWN, "U0ANA")

    def _of_installation(self, team: Any) -> Any:
        """The workspace that Slack says the app was used in: mostly the sender's."""
        return team if self._rng.random() < 0.6 else self._some(TEAMS)

    def _view(self, where: str) -> Json:
        kind = "home" if where == "home" else "modal"
        view = {"id": f"V{self._count}", "type": kind, "private_metadata": self._value(), "hash": "1", "blocks": []}
        found = {key: self._some(TEAMS) for key in ("app_installed_team_id", "team_id") if self._rng.random() < 0.3}
        return {**view, "callback_id": "", **{key: value for key, value in found.items() if value}}

    def _value(self) -> str:
        """What a button, an option or a window's private_metadata carries."""
        word, text, partner = self._rng.choice(list(QUESTIONS)), self._some(TEXTS), self._some(PARTNERS)
        asked = json.dumps([word, text, partner])
        share = [word, text, partner, "2022-09-05", self._some((*CHANNELS, *USERS)), "hi", "", f"{self._count}"]
        values = (
            *(asked, asked, self._id(), self._id(), str(partner), json.dumps(["points", partner])),
            json.dumps(["2022-09-05", asked]),
            json.dumps([self._id(), partner, "platinum.sold_minimum", 1, 0]),
            *(json.dumps(share), json.dumps(share), written(self._draft()), self._some(CHANNELS), "[]", "{"),
        )
        return self._some(values)

    def _draft(self) -> Draft:
        cells = {
            **{each.column: "2022-09-01" for each in FIELDS[Kind.SALE]},
            "partner_id": self._some(("PA", "PB", "PC")),
            "client_id": self._some(("C1", "C2", "C3")),
            "mrr": "10",
            "currency": "USD",
            "product_line": "Sales Hub",
            "deal_type": "net_new",
            "motion": "sourced",
        }
        return Draft(
            Kind.SALE, cells["partner_id"], cells, f"{self._rng.randrange(16**10):010X}", self._some(("", self._id()))
        )

    def _fields(self) -> Json:
        target, text = self._some((*CHANNELS, *USERS)), self._some(TEXTS)
        return {
            "field": {"field": {"value": self._some(("ana@example.com", "petra@example.com", "ABCD-EFGH", text))}},
            "share-channel": {"share-channel": {"selected_conversation": target}},
            "share-confirm": {"share-confirm": {"selected_options": [{"value": "yes"}]}},
            "topics": {"topics": {"selected_options": [{"value": "digest"}, {"value": "alerts"}]}},
            "zone": {"zone": {"selected_option": {"value": "UTC"}}},
            "kinds": {"kinds": {"selected_options": [{"value": "tier"}]}},
            "expected_on": {"expected_on": {"selected_date": "2022-12-01"}},
            "client": {"client": {"value": self._some(("C1", "C3", "verborgen"))}},
            "shown": {"shown": {"value": "12"}},
            "text": {"text": {"value": "no"}},
        }

    def _id(self) -> str:
        return self._some(self._ids)

    def _some(self, values: Sequence[Any]) -> Any:
        return values[self._rng.randrange(len(values))]
