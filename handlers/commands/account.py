"""`/tier link`, `unlink`, `invite`, `here`, `prefer`: what people change about their own account or a channel."""

from typing import get_args

import structlog

from handlers.commands.cases import cases
from handlers.commands.entries import ENTRY_SUBCOMMANDS, MATCH_DECISIONS
from handlers.context import Context, Handler, Subcommand
from handlers.gateway import SlackRefused
from handlers.parsing.words import joined, words_of
from handlers.question import InvalidInput
from handlers.views import account as view
from handlers.views import arrival as arrival_view
from handlers.views.parts.blocks import Message
from handlers.views.replies import plain_reply
from tiercore.access import Grant, NotLinked, Reach, SlackUser, plain
from tiercore.facts.entries import Role
from tiercore.people.link_codes import is_link_code
from tiercore.people.types import InvalidChange, NotAllowed
from tiercore.program import Model
from tiercore.workspaces.types import WorkspaceRole

log = structlog.get_logger()
_NONE_WORDS = frozenset({"none", "nobody", "nothing", "off", "clear"})


def as_subcommand(text: str) -> tuple[str, str] | None:
    """The subcommand that the text after `/tier` begins with, and the text after it; None for a question."""
    words = words_of(text)
    if not words or words[0].quoted or plain(words[0].text) not in SUBCOMMANDS:
        return None
    return plain(words[0].text), joined(words[1:]) or ""


async def _link(context: Context, viewer: SlackUser, text: str) -> Message:
    """`link`, `link EMAIL` or `link CODE`."""
    if await context.reach(viewer):
        return view.linked_already()
    if is_link_code(text):
        person = await context.services.people.use_code(viewer, text)
        return view.onboarding(person.name)
    if linked := await _link_by_email(context, viewer, text):
        return linked
    slack_email = await context.gateway.email_of(viewer.user_id)
    email = text.strip().lower() or (slack_email or "").lower()
    if "@" not in email:
        return view.how_to_link()
    request = await context.services.people.request_link(viewer, email)
    approvers = [each for each in request.approvers if await _is_reached(context, each)]
    for each in approvers:
        context.notify(
            [each],
            view.request(request, slack_email if request.is_vouched else None, await _where(context, each, viewer)),
        )
    log.info("link_requested", team=viewer.team_id, user=viewer.user_id, approvers=len(approvers))
    return view.asked_to_link(email)


async def _is_reached(context: Context, user: SlackUser) -> bool:
    """Whether the user is there, in a workspace that the bot is in."""
    try:
        workspace = await context.workspace_of(user.team_id)
    except SlackRefused:
        return False
    return await workspace.is_here(user)


async def _link_by_email(context: Context, viewer: SlackUser, text: str) -> Message | None:
    """The reply after linking a person by the e-mail that Slack has verified to be theirs.

    None unless the operator trusts that e-mail's domain, the viewer asks for no other e-mail, and people.csv has it.
    """
    if not context.trusted_domains:
        return None
    email = await context.gateway.verified_email_of(viewer)
    if email is None or email.rpartition("@")[2] not in context.trusted_domains:
        return None
    if text.strip().lower() not in ("", email):
        return None
    person = await context.services.people.link_by_email(viewer, email)
    return view.onboarding(person.name) if person else None


async def _decide(context: Context, viewer: SlackUser, request_id: str, *, approve: bool) -> Message:
    decision = await context.services.people.decide_link(viewer, request_id, approve=approve)
    context.notify([decision.user], view.onboarding(decision.name) if approve else view.declined())
    where = await _where(context, viewer, decision.user)
    return view.decided(decision, where)


async def _where(context: Context, viewer: SlackUser, user: SlackUser) -> str:
    """The name of another workspace that the user is in, where a mention of them says nothing; "" for the viewer's."""
    return "" if user.team_id == viewer.team_id else await context.services.workspaces.name_of(user.team_id)


async def approve(context: Context, viewer: SlackUser, request_id: str) -> Message:
    """Approve a request to be linked (its Approve button)."""
    return await _decide(context, viewer, request_id, approve=True)


async def decline(context: Context, viewer: SlackUser, request_id: str) -> Message:
    """Decline a request to be linked (its Decline button)."""
    return await _decide(context, viewer, request_id, approve=False)


async def _unlink(context: Context, viewer: SlackUser, _text: str) -> Message:
    """`unlink`: removes the viewer's own link."""
    email = await context.services.people.unlink(viewer)
    return view.unlinked(email)


async def _invite(context: Context, viewer: SlackUser, text: str) -> Message:
    """`invite EMAIL`: a one-time code for someone; `invite partner NAME`: a link for a partner's own workspace."""
    words = words_of(text)
    if words and not words[0].quoted and plain(words[0].text) == "partner":
        grant = (await context.answers.reach(viewer)).grant(joined(words[1:]))
        return await invite_partner(context, viewer, grant.partner.partner_id)
    if "@" not in text:
        raise InvalidInput(
            "Who is it for? Type their e-mail from people.csv, like /tier invite ana@example.com, or a partner that "
            "installs tierbot in its own workspace, like /tier invite partner NAME."
        )
    code = await context.services.people.create_code(viewer, text)
    return view.code(text.strip().lower(), code)


async def invite_partner(context: Context, viewer: SlackUser, partner_id: str) -> Message:
    """A link with which the partner installs the app in its own workspace. Raises InvalidChange where the app can be in
    one workspace only, or is in the partner's already.
    """
    grant = (await context.answers.reach(viewer)).grant_of(partner_id)
    name, workspaces = grant.partner.name, context.services.workspaces
    if not context.public_url:
        raise InvalidChange(
            f"tierbot is set up for this workspace only, so {name} can't install it elsewhere. The operator changes "
            "that with SLACK_CLIENT_ID (docs/slack.md)."
        )
    if await workspaces.has_workspace(partner_id):
        raise InvalidChange(f"{name} has installed tierbot already. Its people type /tier link there.")
    code = await workspaces.invite(viewer, WorkspaceRole.PARTNER, [partner_id])
    log.info("partner_invited", team=viewer.team_id, user=viewer.user_id, partner=partner_id)
    return arrival_view.invitation(name, f"{context.public_url}/slack/install?invite={code}")


async def _here(context: Context, viewer: SlackUser, text: str) -> Message:
    """`here PARTNER`, `here none`, or `here` alone, which shows the channel's partner."""
    reach = await context.answers.reach(viewer)
    if not text:
        return view.channel_is_about(reach.names(reach.here).get(reach.here or ""))
    grant = None if plain(text) in _NONE_WORDS else reach.grant(text)
    is_new = grant is not None and grant.partner.partner_id != reach.here
    if grant and is_new and reach.roles - {Role.PARTNER} and await _is_shared(context, viewer, grant):
        return view.confirm_shared(grant.partner.name, grant.partner.partner_id)
    return await _settle(context, viewer, reach, grant)


async def _is_shared(context: Context, viewer: SlackUser, grant: Grant) -> bool:
    """Whether the channel is shared with another organization. Raises NotAllowed where that one is of other partners.

    With one workspace nothing is known of the others, and what is sent to the channel is confirmed by itself.
    """
    info = await context.workspace.channel(str(viewer.channel_id)) if context.is_in_many else None
    if info is None or not info.is_shared:
        return False
    if await context.services.workspaces.are_of_others(info.teams, [grant.partner.partner_id]):
        raise NotAllowed("This channel is shared with an organization that this partner isn't. Choose another channel.")
    return True


async def confirm_here(context: Context, viewer: SlackUser, partner_id: str) -> Message:
    """Make a channel that is shared with another organization about the partner, and say so there (its button)."""
    reach = await context.answers.reach(viewer)
    grant = reach.grant_of(partner_id)
    is_shared = await _is_shared(context, viewer, grant)
    reply = await _settle(context, viewer, reach, grant)
    if is_shared and partner_id != reach.here:
        notice = view.shared_is_about(grant.partner.name, viewer.user_id)
        await context.workspace.gateway.post(str(viewer.channel_id), {"text": notice.text, "blocks": notice.blocks})
    return reply


async def _settle(context: Context, viewer: SlackUser, reach: Reach, grant: Grant | None) -> Message:
    moved = await context.services.people.set_channel_partner(viewer, grant)
    names = reach.names(moved.before, moved.after)
    sides = ((moved.before, moved.before_users, False), (moved.after, moved.after_users, True))
    for partner_id, users, is_now in sides:
        if partner_id and users:
            context.notify(users, view.channel_moved(moved, names.get(partner_id, partner_id), is_now=is_now))
    return view.channel_is_about(grant.partner.name if grant else None, new=True)


async def _setup(context: Context, viewer: SlackUser, _text: str) -> Message:
    """`setup`, where no window can be opened."""
    await context.answers.reach(viewer)
    return plain_reply("The tier table is set in a window.", "Type /tier setup in Slack, as an admin.")


async def _prefer(context: Context, viewer: SlackUser, text: str) -> Message:
    """`prefer points`, `prefer dollars`, or `prefer default` to go by the day's rules."""
    choice = plain(text)
    model: Model | None = next((each for each in get_args(Model) if each == choice), None)
    if model is None and choice not in (*_NONE_WORDS, "default"):
        raise InvalidInput("Which dashboard should come first? Type /tier prefer points, dollars or default.")
    if not await context.services.people.prefer(viewer, model):
        raise NotLinked
    return view.preferred(model)


SUBCOMMANDS: dict[str, Subcommand] = {
    each.word: each
    for each in (
        Subcommand("link", "link [e-mail or code]", "ask to be linked, or use a code", _link),
        Subcommand("unlink", "unlink", "remove your own link", _unlink),
        Subcommand(
            "invite",
            "invite e-mail or partner NAME",
            "make a one-time code that links someone, or a link with which a partner installs tierbot in its own "
            "workspace (CAMs, CCs, admins)",
            _invite,
            for_program=True,
        ),
        Subcommand(
            "here", "here [partner or none]", "set this channel's partner (CAMs, CCs, admins)", _here, for_program=True
        ),
        Subcommand("cases", "cases", "list the figures flagged as not matching the dashboard", cases),
        Subcommand("setup", "setup", "set the program's tier table (admins)", _setup, for_program=True),
        Subcommand("prefer", "prefer points, dollars or default", "choose the dashboard you see first", _prefer),
        *ENTRY_SUBCOMMANDS.values(),
    )
}
DECISIONS: dict[str, Handler] = {"approve": approve, "decline": decline, **MATCH_DECISIONS}
CLICKS: dict[str, Handler] = {**DECISIONS, "prefer": _prefer, "confirm_here": confirm_here}
