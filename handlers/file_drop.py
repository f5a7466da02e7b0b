"""Files dropped in a direct message with the bot: previewed, then imported or discarded by a click."""

from collections.abc import Sequence
from dataclasses import replace

import structlog

from handlers.context import Context, Handler
from handlers.gateway import Body, SlackGateway, SlackRefused
from handlers.payload import viewer_of
from handlers.presenter import Presenter, as_awaitable, failures_logged
from handlers.question import InvalidInput
from handlers.responder import Responder
from handlers.views import upload as view
from handlers.views.parts.blocks import Message
from handlers.views.parts.formats import name
from tiercore.access import SlackUser
from tiercore.uploads.types import KINDS, MAX_BYTES, MAX_FILES, DroppedFile, plain_name, unlike

_LONGEST_TEXT = 2_000
_WORDS = {
    "missing_scope": "I may not read files here: an admin of this workspace has to install the app again (files:read).",
    "too_large": f"That is more than {MAX_BYTES >> 20} MB. Split the file, or use tierbot import on the server.",
    "not_slacks_address": "That file isn't stored in Slack. Upload the file itself, not a link to it.",
}
log = structlog.get_logger()


class FileDrop:
    """Answers messages to the bot: files with a preview, anything else with what can be done here."""

    def __init__(self, context: Context, presenter: Presenter, responder: Responder) -> None:
        self._context, self._presenter, self._responder = context, presenter, responder
        self._uploads = context.services.uploads

    async def answer(self, event: Body, body: Body) -> None:
        """Answer a message that someone wrote to the bot, once, however often Slack sends it."""
        user, channel = _sender(event, body), str(event.get("channel"))
        with failures_logged():
            upload_id = await self._uploads.claim(user, f"{channel}/{event.get('ts')}")
            if upload_id is None:
                return
            files = [each for each in event.get("files") or () if isinstance(each, dict)]
            text, hint = str(event.get("text") or ""), view.hint(for_partners=self._context.is_partners)
            work = self._preview(user, upload_id, files, text) if files else as_awaitable(hint)
            message = (await self._responder.reply_to(work, "import", user)).message
            await self._presenter.post_natively(channel, message, event.get("thread_ts"))

    async def _preview(self, user: SlackUser, upload_id: str, listed: Sequence[Body], text: str) -> Message:
        importer = await self._uploads.importer(user)
        files = await _downloaded(self._context.gateway, listed)
        outcome = await self._uploads.preview(user, upload_id, files, text[:_LONGEST_TEXT])
        return view.preview(outcome, upload_id, everything=importer.partners is None)

    async def store(self, _context: Context, user: SlackUser, upload_id: str) -> Message:
        """Import (its button)."""
        return view.imported(await self._uploads.store(user, upload_id))

    async def discard(self, _context: Context, user: SlackUser, upload_id: str) -> Message:
        """Discard (its button)."""
        await self._uploads.discard(user, upload_id)
        return view.discarded()

    @property
    def clicks(self) -> dict[str, Handler]:
        """Its buttons' actions."""
        return {view.IMPORT: self.store, view.DISCARD: self.discard}


def is_for_the_bot(event: Body, bot_user_id: str) -> bool:
    """Whether a message event is a person's new message to the bot, and not the bot's own, an edit or a deletion."""
    written_by_a_person = event.get("user") not in (None, bot_user_id) and not event.get("bot_id")
    is_new = event.get("subtype") in (None, "file_share")
    return event.get("channel_type") == "im" and written_by_a_person and is_new


def _sender(event: Body, body: Body) -> SlackUser:
    """Who wrote it, in their own workspace: in a shared direct message it isn't the one that the event came to."""
    team = event.get("user_team") or event.get("team")
    return replace(viewer_of(body), team_id=str(team)) if team else viewer_of(body)


async def _downloaded(gateway: SlackGateway, listed: Sequence[Body]) -> list[DroppedFile]:
    """The files' bytes. Raises InvalidInput where they can't be taken."""
    if len(listed) > MAX_FILES:
        raise InvalidInput(f"That's {len(listed)} files. Drop at most {MAX_FILES} at a time.")
    named = [(plain_name(str(each.get("name") or "file")), each) for each in listed]
    if wrong := [each for each, _ in named if not each.lower().endswith(KINDS)]:
        raise InvalidInput(f"I can't import {name(wrong[0], 60)}. {unlike(wrong[0])}")
    if len({each.lower() for each, _ in named}) < len(named):
        raise InvalidInput("Two of these files have the same name. Drop them one after the other.")
    if sum(int(each.get("size") or 0) for each in listed) > MAX_BYTES:
        raise InvalidInput(_WORDS["too_large"])
    files, room = list[DroppedFile](), MAX_BYTES
    for called, each in named:
        content = await _content(gateway, called, each, room)
        files.append(DroppedFile(called, content))
        room -= len(content)
    return files


async def _content(gateway: SlackGateway, called: str, listed: Body, room: int) -> bytes:
    try:
        if listed.get("file_access") == "check_file_info":
            listed = await gateway.file(str(listed.get("id")))
        return await gateway.download(str(listed.get("url_private_download") or listed.get("url_private") or ""), room)
    except SlackRefused as error:
        log.warning("file_not_downloaded", error=error.word, detail=error.detail[:200])
        why = _WORDS.get(error.word, "Slack didn't hand it over. Drop it again in a minute.")
        raise InvalidInput(f"I couldn't read {name(called, 60)}. {why}") from error
