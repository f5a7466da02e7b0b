"""files.getUploadURLExternal, the POST of the bytes, files.completeUploadExternal, files.info, and private URLs."""

from http import HTTPStatus
from typing import Any

from aiohttp import web
from aiohttp.web_request import FileField

from bot.playground.local_slack.api.call import answered
from bot.playground.local_slack.api.chat import postable_channel, show
from bot.playground.local_slack.api.file_json import as_json
from bot.playground.local_slack.errors import ApiError
from bot.playground.local_slack.state.files import File
from bot.playground.local_slack.state.state import SlackState

Json = dict[str, Any]
METHOD = "upload_url"
DOWNLOAD = "url_private"
SIGN_IN = "<!DOCTYPE html><html><head><title>Sign in | Slack</title></head><body></body></html>"


def get_upload_url(state: SlackState, arguments: Json) -> Json:
    """files.getUploadURLExternal: an upload URL for so many bytes."""
    name, length = arguments.get("filename"), arguments.get("length")
    missing = [key for key in ("filename", "length") if not arguments.get(key)]
    if missing:
        raise ApiError("invalid_arguments", [f"missing required field: {each}" for each in missing])
    if not str(length).isdecimal() or not int(str(length)):
        raise ApiError("invalid_arguments", ["must be a whole number greater than 0 [json-pointer:/length]"])
    private = f"{state.url}files-pri/{state.workspace.team_id}-"
    file, key = state.files.expect(str(name), int(str(length)), state.clock(), private)
    return {"upload_url": f"{state.url}upload/v1/{key}", "file_id": file.file_id}


async def serve(state: SlackState, request: web.Request) -> web.StreamResponse:
    """Answer a POST to an upload URL, of the bytes themselves or a form's file. Slack answers "OK - 123" in plain text.

    Its faults are those of the method "upload_url"; the journal has the number of bytes.
    """
    data = await _bytes(request)

    async def described(_request: web.Request) -> Json:
        return {"length": len(data)}

    taken: list[File] = []

    def take(_arguments: Json) -> Json:
        taken.append(state.files.take(request.match_info["key"], data))
        return {"file_id": taken[0].file_id}

    answer = await answered(state, request, METHOD, take, described)
    return web.Response(text=f"OK - {len(data)}") if taken and answer.status == 200 else answer


async def _bytes(request: web.Request) -> bytes:
    if request.content_type != "multipart/form-data":
        return await request.read()
    form = await request.post()
    field = next((each for each in form.values() if isinstance(each, FileField)), None)
    return field.file.read() if field is not None else b""


def complete_upload(state: SlackState, arguments: Json) -> Json:
    """files.completeUploadExternal: once per file; without a channel only the bot sees it."""
    requested = _requested(arguments.get("files"))
    files = [(state.files.uploaded(each.get("id")), each.get("title")) for each in requested]
    channel_id = _channel(state, arguments)
    for file, title in files:
        state.files.complete(file, title, channel_id)
    if channel_id is not None:
        names = ", ".join(file.title for file, _ in files)
        shown = tuple(file.file_id for file, _ in files)
        show(state, channel_id, str(arguments.get("initial_comment") or names), [], files=shown)
    return {"files": [{"id": file.file_id, "title": file.title} for file, _ in files]}


def _requested(files: object) -> list[Json]:
    if not isinstance(files, list) or not files or not all(isinstance(each, dict) for each in files):
        raise ApiError("invalid_arguments", ["missing required field: files"])
    return files


def _channel(state: SlackState, arguments: Json) -> str | None:
    if not arguments.get("channel_id"):
        return None
    try:
        return postable_channel(state, arguments["channel_id"]).channel_id
    except ApiError as error:
        raise ApiError("invalid_channel" if error.error == "channel_not_found" else error.error) from error


def info(state: SlackState, arguments: Json) -> Json:
    """files.info: a file's details, without its mimetype while Slack is still processing it."""
    file = state.files.completed(arguments.get("file"))
    details = as_json(state, file)
    file.unready = max(0, file.unready - 1)
    return {"file": details, "comments": [], "response_metadata": {"next_cursor": ""}}


async def serve_private(state: SlackState, request: web.Request) -> web.StreamResponse:
    """Answer a GET of a file's private URL, which takes the bot's token and files:read.

    Without them Slack shows its sign-in page. The faults are those of the method "url_private".
    """
    file = state.files.find(f"{state.url.rstrip('/')}{request.rel_url.path}")
    header = request.headers.get("Authorization", "")
    found: list[bytes] = []

    async def described(_request: web.Request) -> Json:
        return {"file": file.file_id if file else None}

    def send(_arguments: Json) -> Json:
        if file is None or file.data is None:
            raise ApiError("file_not_found", status=404)
        if state.is_current(header.removeprefix("Bearer ")) and "files:read" in state.workspace.scopes:
            found.append(file.data)
        return {"length": len(file.data)}

    answer = await answered(state, request, DOWNLOAD, send, described)
    if answer.status != HTTPStatus.OK or file is None:
        return answer
    if not found:
        return web.Response(text=SIGN_IN, content_type="text/html")
    return web.Response(body=found[0], content_type=file.mimetype)
