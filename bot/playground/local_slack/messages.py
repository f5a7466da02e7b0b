"""Validate messages, whether from an API call, a response_url or an acknowledgement."""

from collections.abc import Iterator
from typing import Any

from bot.playground.local_slack.blockcheck import interactive, problems
from bot.playground.local_slack.blockcheck.checks import wrong
from bot.playground.local_slack.copies import copied
from bot.playground.local_slack.errors import ApiError
from bot.playground.local_slack.state.state import SlackState

Json = dict[str, Any]
TEXT_LIMIT = 40_000
_NOT_ACTIONABLE = {"image", "mrkdwn", "plain_text", "rich_text_section", "rich_text_list"}
_NOT_ACTIONABLE |= {"rich_text_preformatted", "rich_text_quote"}


def message_contents(state: SlackState, body: Json) -> tuple[str, list[Json]]:
    """A message's text and its blocks, with generated ids where they have none. Raises ApiError as Slack does."""
    text, blocks = body.get("text"), body.get("blocks")
    if text is not None and not isinstance(text, str):
        raise ApiError("invalid_arguments", ["must be a string [json-pointer:/text]"])
    if blocks is not None:
        require_blocks(state, blocks)
    if not text and not blocks and not body.get("attachments"):
        raise ApiError("no_text")
    if text and len(text) > TEXT_LIMIT:
        raise ApiError("msg_too_long")
    return text or "", with_ids(state, blocks or [])


def require_blocks(state: SlackState, blocks: object) -> None:
    """Raises ApiError: invalid_blocks_format where these aren't blocks at all, invalid_blocks with the problems."""
    if not isinstance(blocks, list) or not all(isinstance(each, dict) for each in blocks):
        raise ApiError("invalid_blocks_format")
    if found := problems(blocks, "message") or list(unsupported(state, blocks, "/blocks")):
        raise ApiError("invalid_blocks", found)


def metadata_of(body: Json) -> Json | None:
    """A message's metadata. Raises ApiError: invalid_metadata_format."""
    metadata = body.get("metadata")
    if not metadata:
        return None
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_type"), str):
        raise ApiError("invalid_metadata_format")
    if not isinstance(metadata.get("event_payload"), dict):
        raise ApiError("invalid_metadata_format")
    return metadata


def with_ids(state: SlackState, blocks: list[Json]) -> list[Json]:
    """A copy of the blocks in which every block and interactive element has an id, generated where it has none."""
    identified = copied(blocks)
    for block in every_block(identified):
        block.setdefault("block_id", f"b{next(state.counter)}")
        for element, _ in interactive(block):
            if element.get("type") not in _NOT_ACTIONABLE:
                element.setdefault("action_id", f"a{next(state.counter)}")
    return identified


def every_block(blocks: list[Json]) -> Iterator[Json]:
    """The blocks, and those nested in them."""
    for block in blocks:
        yield block
        if block.get("type") == "container":
            yield from every_block(block["child_blocks"])
        elif block.get("type") == "carousel":
            yield from every_block(block["elements"])


def unsupported(state: SlackState, value: Any, pointer: str) -> Iterator[str]:
    """One sentence for everything of an unsupported type, and for every picture whose file can't be shown."""
    if isinstance(value, list):
        for index, each in enumerate(value):
            yield from unsupported(state, each, f"{pointer}/{index}")
    elif isinstance(value, dict):
        kind = value.get("type")
        if isinstance(kind, str) and kind in state.unsupported_types:
            yield wrong(f"unsupported type: {kind}", f"{pointer}/type")
        if value.get("slack_file") is not None and not state.files.can_show(value["slack_file"]):
            yield wrong("invalid slack file", f"{pointer}/slack_file")
        for key, each in value.items():
            yield from unsupported(state, each, f"{pointer}/{key}")
