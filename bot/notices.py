"""Compose the outbox's messages that nobody subscribed to: requests, cases, proposals, and news of the rules."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

from handlers.arrivals import Arrivals
from handlers.errors import EXPECTED, refusal
from handlers.services import Services
from handlers.sharing import Sharer
from handlers.typed_command import TypedCommand
from handlers.views import alert as alert_view
from handlers.views import case as case_view
from handlers.views import deals as deal_view
from handlers.views import matches, tier_table, undelivered
from handlers.views import proposals as proposal_view
from handlers.views import sharing as sharing_view
from handlers.views.parts.blocks import Message
from handlers.views.parts.surfaces import without_natives
from scheduler.delivery import Draft, NoLongerWanted
from tiercore.access import NoSuchPartner, NotLinked, SlackUser
from tiercore.answers import Answers
from tiercore.approvals.types import Part
from tiercore.facts.entries import Role
from tiercore.notifications.outbox_types import ClaimedMessage
from tiercore.people.types import InvalidChange
from tiercore.sharing.types import share_in

Body = dict[str, Any]


class Notices:
    """Composes them within what the reader may see at that moment; `today` gives the day that they are about."""

    def __init__(
        self,
        answers: Answers,
        services: Services,
        today: Callable[[], date],
        sharer: Sharer | None = None,
        arrivals: Arrivals | None = None,
    ) -> None:
        self._sharer, self._arrivals = sharer, arrivals
        self._answers, self._services, self._today = answers, services, today
        self._by_kind: dict[str, Callable[[ClaimedMessage], Awaitable[Draft]]] = {
            "asked": self._help_request,
            "typed_match": self._match,
            "pipeline_deal": self._deal,
            "case": self._case,
            "unreachable": self._unreachable,
            "proposal": self._proposal,
            "rules_changed": self._rules_changed,
            "shared": self._shared,
            "not_shared": self._not_shared,
            "installed": self._arrival,
            "workspace_news": self._arrival,
            "colleague": self._arrival,
        }

    def about(self, queued: ClaimedMessage) -> Awaitable[Draft] | None:
        """The message as of now, which raises NoLongerWanted; None where it is a subscription's."""
        compose = self._by_kind.get(str(queued.content.get("kind")))
        return compose(queued) if compose else None

    async def _unreachable(self, queued: ClaimedMessage) -> Draft:
        """What someone is told whose channel the bot can't post to."""
        told = body_of(undelivered.unreachable(str(queued.content["channel"]), str(queued.content["word"])))
        return Draft(told, again=told)

    async def _help_request(self, queued: ClaimedMessage) -> Draft:
        """The message that asks someone for help with an alert."""
        try:
            reach = await self._answers.reach(SlackUser(queued.team_id, queued.target))
            grant = reach.grant_of(str(queued.content["partner"]))
        except (NotLinked, NoSuchPartner) as error:
            raise NoLongerWanted("the person asked can no longer see this partner") from error
        signals = await self._answers.reports.signals(grant, self._today())
        signal = signals.named(str(queued.content["signal"]))
        message = alert_view.help_requested(str(queued.content["by"]), signals, signal)
        return Draft(body_of(message), urgent=True)

    async def _match(self, queued: ClaimedMessage) -> Draft:
        """The message that asks which counts: what someone typed, or another row. Raises NoLongerWanted."""
        user = SlackUser(queued.team_id, queued.target)
        found = await self._services.typed.match_for(user, str(queued.content["match"]))
        if found is None or not found[0].is_open:
            raise NoLongerWanted("somebody has decided, or the person asked can no longer see it")
        return Draft(body_of(matches.matching(found[0], decides=found[1])))

    async def _deal(self, queued: ClaimedMessage) -> Draft:
        """The message that asks what became of a deal past its day. Raises NoLongerWanted."""
        user = SlackUser(queued.team_id, queued.target)
        try:
            line = await self._services.pipeline.find(user, str(queued.content["deal"]))
        except (NotLinked, InvalidChange) as error:
            await self._services.pipeline.ask_somebody_else(str(queued.content["deal"]))
            raise NoLongerWanted("the deal is closed, or the person asked can no longer see it") from error
        if line.expected_on.isoformat() != queued.content["day"]:
            raise NoLongerWanted("the deal is expected on another day by now")
        return Draft(body_of(deal_view.card(line, self._today())))

    async def _case(self, queued: ClaimedMessage) -> Draft:
        """The first message of a thread about a flagged figure, its update, or a reply about what somebody did."""
        content, reader = queued.content, SlackUser(queued.team_id, queued.target)
        try:
            case, may_settle = await self._services.cases.find(reader, str(content["case"]))
        except InvalidChange as error:
            raise NoLongerWanted("the reader can no longer see this case") from error
        if content.get("as") == "reply":
            values = (str(content.get(each, "")) for each in ("claimed", "was"))
            body = body_of(case_view.step(case, str(content["event"]), str(content["by"]), *values))
            return Draft(body, urgent=True, again=body)
        body = body_of(case_view.message(case, self._services.cases.now(), may_settle=may_settle))
        return Draft(body, changes=content.get("as") == "change", urgent=True, again=body)

    async def _proposal(self, queued: ClaimedMessage) -> Draft:
        """A proposal's card, its update, or the outcome in its thread. Raises NoLongerWanted."""
        user, proposal_id = SlackUser(queued.team_id, queued.target), str(queued.content["proposal"])
        shown, how = await self._services.approvals.shown_to(user, proposal_id), queued.content["as"]
        if shown is None and how == "change":
            return Draft(body_of(proposal_view.closed()), changes=True)
        if shown is None:
            raise NoLongerWanted("the person has nothing to decide any more")
        if how == "change":
            return Draft(body_of(proposal_view.card(shown)), changes=True)
        if shown.part is Part.DECIDER and not shown.proposal.is_open and (how == "card" or queued.root is None):
            raise NoLongerWanted("it was decided before the card was sent")
        message = proposal_view.card(shown) if how == "card" else proposal_view.outcome(shown)
        return Draft(body_of(message), urgent=True)

    async def _shared(self, queued: ClaimedMessage) -> Draft:
        """What somebody shared, if whoever is there may still see it; otherwise the sharer is told why not."""
        user = SlackUser(queued.team_id, str(queued.content["by"]))
        if self._sharer is None:
            raise NoLongerWanted("nothing is shared from the command line")
        try:
            message = await self._sharer.compose(user, share_in(queued.content, queued.target))
        except EXPECTED as error:
            reason = refusal(error, TypedCommand("tier"), user).text
            sharing = self._services.sharing
            await sharing.not_shared(queued.team_id, user.user_id, queued.key, queued.target, reason)
            raise NoLongerWanted(reason) from error
        return Draft(body_of(message), plain=plain_body(message))

    async def _not_shared(self, queued: ClaimedMessage) -> Draft:
        """To the sharer: what they shared was not sent."""
        return Draft(body_of(sharing_view.not_shared(str(queued.content["target"]), str(queued.content["reason"]))))

    async def _arrival(self, queued: ClaimedMessage) -> Draft:
        """What is said when a partner's workspace arrives. Raises NoLongerWanted."""
        if self._arrivals is None:
            raise NoLongerWanted("nobody is told from the command line")
        reader, content = SlackUser(queued.team_id, queued.target), queued.content
        match content["kind"]:
            case "installed":
                message = await self._arrivals.installed(reader)
            case "colleague":
                message = await self._arrivals.colleague(reader, str(content["by"]))
            case _:
                message = await self._arrivals.news(reader, content)
        if message is None:
            raise NoLongerWanted("the app was removed, or the reader has nothing to do with it any more")
        return Draft(body_of(message))

    async def _rules_changed(self, queued: ClaimedMessage) -> Draft:
        """The news of changed thresholds, for someone who works for the program. Raises NoLongerWanted."""
        try:
            reach = await self._answers.reach(SlackUser(queued.team_id, queued.target))
        except NotLinked as error:
            raise NoLongerWanted("the person is no longer linked") from error
        proposal = await self._services.approvals.approved(str(queued.content["proposal"]))
        if proposal is None or not reach.roles - {Role.PARTNER}:
            raise NoLongerWanted("the person no longer works for the program")
        return Draft(body_of(tier_table.changed(proposal.payload)))


def plain_body(message: Message) -> Body:
    """The message without native blocks, for a workspace that refuses them."""
    return {"text": message.text, "blocks": without_natives(message)}


def body_of(message: Message) -> Body:
    """The message as chat.postMessage takes it."""
    return {"text": message.text, "blocks": message.blocks}
