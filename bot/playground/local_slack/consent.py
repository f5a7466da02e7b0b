"""Slack's page on which somebody allows an app in their workspace, or cancels: what Add to Slack opens."""

from collections.abc import Callable, Sequence
from html import escape
from urllib.parse import urlsplit

from aiohttp import web

from bot.playground.local_slack.apps import OAuthApp
from bot.playground.local_slack.state.state import SlackState

AUTHORIZE_PATH = "/oauth/v2/authorize"
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; background: #fff; color: #1d1c1d }
main { max-width: 34rem; margin: 3rem auto; padding: 0 1.5rem } h1 { font-size: 1.6rem; line-height: 1.25 }
h2 { font-size: 1.1rem; margin: 1.6rem 0 .4rem } ul { padding-left: 1.2rem; margin: .3rem 0 }
select, button { font: inherit; padding: .5rem 1rem; border-radius: 4px; border: 1px solid #8b8b8d; background: #fff }
label { display: block } select { width: 100%; margin-top: .3rem }
p.answer { display: flex; gap: .8rem; justify-content: flex-end; margin: 1.6rem 0 }
button.allow { background: #007a5a; border-color: #007a5a; color: #fff; font-weight: 700 }
code { background: #eef0f3; padding: 0 .3rem } small { color: #595859 }
"""


def routes(states: Callable[[], Sequence[SlackState]], app: OAuthApp) -> list[web.RouteDef]:
    """The page, and its answer, which only the page itself may give."""

    async def page(request: web.Request) -> web.Response:
        try:
            asked = app.asked(str(request.rel_url))
        except ValueError as error:
            return _html(_error(str(error)), 400)
        return _html(_page(states(), app, asked["scope"].split(","), request.query_string))

    async def answer(request: web.Request) -> web.Response:
        if urlsplit(request.headers.get("Origin", "")).netloc != request.host:
            raise web.HTTPForbidden(text="only from Slack's own page")
        form = await request.post()
        team_id, _, user_id = str(form.get("who", "")).partition("/")
        state = next((each for each in states() if each.workspace.team_id == team_id), None)
        if state is None or user_id not in state.directory.people:
            return _html(_error("choose who you are in which workspace"), 400)
        url = str(request.rel_url)
        try:
            back = app.allow(url, state, user_id) if form.get("answer") == "allow" else app.deny(url)
        except ValueError as error:
            return _html(_error(str(error)), 400)
        return web.Response(status=303, headers={**_HEADERS, "Location": back})

    return [web.get(AUTHORIZE_PATH, page), web.post(AUTHORIZE_PATH, answer)]


def _page(states: Sequence[SlackState], app: OAuthApp, scopes: Sequence[str], query: str) -> str:
    named = "".join(f"<li><code>{escape(each)}</code></li>" for each in scopes if each)
    return _document(
        "tierbot is requesting permission to access a Slack workspace",
        f"""<form method="post" action="{escape(f"{AUTHORIZE_PATH}?{query}")}">
<label>Workspace, and who you are there <select name="who">{_people(states, app.signed_in)}</select></label>
<h2>What will tierbot be able to do?</h2><ul>{named}</ul>
<p class="answer"><button name="answer" value="cancel">Cancel</button>
<button class="allow" name="answer" value="allow">Allow</button></p></form>
<small>This is the local Slack of the demo.</small>""",
    )


def _people(states: Sequence[SlackState], signed_in: tuple[str, str] | None) -> str:
    groups = []
    for state in states:
        team_id, options = state.workspace.team_id, []
        for each in state.directory.people.values():
            chosen = " selected" if (team_id, each.user_id) == signed_in else ""
            name = escape(each.real_name or each.name)
            options.append(f'<option value="{escape(f"{team_id}/{each.user_id}")}"{chosen}>{name}</option>')
        groups.append(f'<optgroup label="{escape(state.workspace.name)}">{"".join(options)}</optgroup>')
    return "".join(groups)


def _error(why: str) -> str:
    return _document("Something went wrong", f"<p>Slack's reason: {escape(why)}.</p>")


def _document(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width, initial-scale=1"><title>{escape(title)}</title><style>{_STYLE}</style>'
        f"<main><h1>{escape(title)}</h1>{body}</main></html>"
    )


def _html(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", headers=_HEADERS)
