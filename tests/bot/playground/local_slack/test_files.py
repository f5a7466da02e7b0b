"""File uploads with slack_sdk's client, and the image blocks that show the files."""

from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.local_slack import faults
from bot.playground.local_slack.server import Slack

Json = dict[str, Any]
PNG = b"\x89PNG\r\n\x1a\n and the rest"


@pytest.fixture
def client(slack: Slack) -> AsyncWebClient:
    slack.state.rate_limits = False
    return AsyncWebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])


async def refused(call: Any) -> Json:
    with pytest.raises(SlackApiError) as caught:
        await call
    return dict(caught.value.response.data)


async def request_upload(client: AsyncWebClient, data: bytes = PNG, name: str = "chart.png") -> tuple[str, str]:
    response = await client.files_getUploadURLExternal(filename=name, length=len(data))
    return response["upload_url"], response["file_id"]


async def post(url: str, data: Any) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.post(url, data=data) as got:
        return got.status, await got.text()


async def upload_file(client: AsyncWebClient, data: bytes = PNG, name: str = "chart.png") -> str:
    url, file_id = await request_upload(client, data, name)
    await post(url, data)
    await client.files_completeUploadExternal(files=[{"id": file_id, "title": "Chart"}])
    return file_id


def image(file_id: str) -> Json:
    return {"type": "image", "alt_text": "A chart", "slack_file": {"id": file_id}}


async def test_a_file_is_uploaded_in_three_steps_and_keeps_its_bytes(slack: Slack, client: AsyncWebClient) -> None:
    url, file_id = await request_upload(client)
    assert url.startswith(slack.url)
    assert await post(url, PNG) == (200, f"OK - {len(PNG)}")
    response = await client.files_completeUploadExternal(files=[{"id": file_id, "title": "Chart"}])
    assert response["files"] == [{"id": file_id, "title": "Chart"}]
    assert slack.files[file_id].data == PNG
    assert slack.files[file_id].channels == []
    assert slack.messages("#sales") == []
    assert [each.method for each in slack.journal.received][1] == "upload_url"


async def test_the_sdks_upload_shares_the_file_in_a_channel(slack: Slack, client: AsyncWebClient) -> None:
    await client.files_upload_v2(content=PNG, filename="chart.png", title="Chart", channel="C01SALES")
    assert [(each.data, each.channels) for each in slack.files] == [(PNG, ["C01SALES"])]
    assert [each.text for each in slack.messages("#sales")] == ["Chart"]


async def test_the_bytes_can_be_sent_as_a_form(slack: Slack, client: AsyncWebClient) -> None:
    url, file_id = await request_upload(client)
    form = aiohttp.FormData()
    form.add_field("filename", PNG, filename="chart.png")
    assert (await post(url, form))[0] == 200
    assert slack.files[file_id].data == PNG


async def test_a_wrong_length_or_url_is_refused(slack: Slack, client: AsyncWebClient) -> None:
    url, file_id = await request_upload(client)
    assert (await post(url, PNG + b"!"))[0] == 400
    assert (await post(f"{slack.url}upload/v1/nowhere", PNG))[0] == 404
    assert slack.files[file_id].data is None
    assert [each.error for each in slack.journal.calls("upload_url")] == ["length_mismatch", "upload_not_found"]


@pytest.mark.parametrize("missing", ["filename", "length"])
async def test_an_upload_needs_a_name_and_a_length(missing: str, client: AsyncWebClient) -> None:
    params = {key: value for key, value in {"filename": "a.png", "length": "3"}.items() if key != missing}
    response = await refused(client.api_call("files.getUploadURLExternal", params=params))
    assert response["error"] == "invalid_arguments"
    assert response["response_metadata"]["messages"] == [f"[ERROR] missing required field: {missing}"]


async def test_an_upload_can_be_completed_only_once_and_only_after_its_bytes_arrived(client: AsyncWebClient) -> None:
    url, file_id = await request_upload(client)
    complete, files = client.files_completeUploadExternal, [{"id": file_id, "title": "Chart"}]
    assert (await refused(complete(files=files)))["error"] == "file_not_found"
    assert (await refused(complete(files=[{"id": "F0000000000"}])))["error"] == "file_not_found"
    assert (await refused(complete(files=[])))["error"] == "invalid_arguments"
    await post(url, PNG)
    assert (await refused(complete(files=files, channel_id="C99")))["error"] == "invalid_channel"
    assert (await refused(complete(files=files, channel_id="C04AWAY")))["error"] == "not_in_channel"
    await complete(files=files)
    assert (await refused(complete(files=files)))["error"] == "file_not_found"
    assert (await post(url, PNG))[0] == 404


async def test_a_file_is_ready_when_it_has_a_mimetype(slack: Slack, client: AsyncWebClient) -> None:
    slack.files.processing = 2
    file_id = await upload_file(client)
    looks = [(await client.files_info(file=file_id))["file"] for _ in range(3)]
    assert [each.get("mimetype") for each in looks] == [None, None, "image/png"]
    assert (looks[2]["title"], looks[2]["size"]) == ("Chart", len(PNG))
    assert (await refused(client.files_info(file="F0000000000")))["error"] == "file_not_found"
    _, other = await request_upload(client)
    assert (await refused(client.files_info(file=other)))["error"] == "file_not_found"


async def test_an_image_is_accepted_once_the_file_is_ready(slack: Slack, client: AsyncWebClient) -> None:
    slack.files.processing = 1
    file_id = await upload_file(client)
    response = await refused(client.chat_postMessage(channel="C01SALES", text="a", blocks=[image(file_id)]))
    assert (response["error"], response["errors"]) == (
        "invalid_blocks",
        ["invalid slack file [json-pointer:/blocks/0/slack_file]"],
    )
    await client.files_info(file=file_id)
    posted = await client.chat_postMessage(channel="C01SALES", text="a", blocks=[image(file_id)])
    by_url = {**image(file_id), "slack_file": {"url": slack.files[file_id].url_private}}
    await client.chat_update(channel="C01SALES", ts=posted["ts"], text="b", blocks=[by_url])


async def test_an_unknown_file_or_one_that_is_no_image_is_refused_everywhere(
    slack: Slack, bot: Any, client: AsyncWebClient
) -> None:
    posted = await client.chat_postMessage(channel="C01SALES", text="a")
    for file_id in ("F0000000000", await upload_file(client, b"a,b", "table.csv")):
        blocks = [{"type": "context", "elements": [image(file_id)]}]
        pointer = "blocks/0/elements/0/slack_file]"
        response = await refused(client.chat_update(channel="C01SALES", ts=posted["ts"], text="b", blocks=blocks))
        assert response["errors"] == [f"invalid slack file [json-pointer:/{pointer}"]
        view = client.views_publish(user_id="U01ANNA", view={"type": "home", "blocks": blocks})
        assert (await refused(view))["errors"] == [f"invalid slack file [json-pointer:/view/{pointer}"]

        async def answer(_bot: Any, _payload: Json, blocks: list[Json] = blocks) -> Json:
            return {"text": "a", "blocks": blocks}

        bot.answer = answer
        sent = (await slack.command("anna", "/tier", wait=0)).sent
        assert (sent.error, sent.shown) == ("invalid_blocks", ())
        status, response = await bot.respond(bot.payloads[-1], {"text": "a", "blocks": blocks})
        assert (status, response["error"]) == (400, "invalid_blocks")


async def test_faults_can_hit_every_step_of_an_upload(slack: Slack, client: AsyncWebClient) -> None:
    for method in ("files.getUploadURLExternal", "files.completeUploadExternal", "files.info", "upload_url"):
        slack.faults.add(method, faults.rate_limited(3))
    assert (await refused(request_upload(client)))["error"] == "ratelimited"
    url, file_id = await request_upload(client)
    assert (await post(url, PNG))[0] == 429
    assert slack.files[file_id].data is None
    assert (await post(url, PNG))[0] == 200
    assert (await refused(client.files_completeUploadExternal(files=[{"id": file_id}])))["error"] == "ratelimited"
    await client.files_completeUploadExternal(files=[{"id": file_id}])
    assert (await refused(client.files_info(file=file_id)))["error"] == "ratelimited"
