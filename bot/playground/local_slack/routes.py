"""The local Slack's HTTP server: which of its workspaces a request is for."""

from collections.abc import Callable, Sequence

from aiohttp import web

from bot.playground.local_slack import consent, response_url
from bot.playground.local_slack.api import files, methods
from bot.playground.local_slack.apps import OAuthApp
from bot.playground.local_slack.socket_delivery import SocketDelivery
from bot.playground.local_slack.state.state import SlackState

MAX_REQUEST_BYTES = 4 * 1024 * 1024


def create_application(
    states: Callable[[], Sequence[SlackState]], oauth: OAuthApp, sockets: SocketDelivery
) -> web.Application:
    """The routes. What belongs to no workspace is the first one's."""

    def with_token(token: str) -> SlackState:
        """The workspace that a token is of, or was."""
        known = (each for each in states() if token and token in (each.bot_token, each.former_token[0], *each.revoked))
        return next(known, states()[0])

    def of_team(team_id: str) -> SlackState:
        return next((each for each in states() if each.workspace.team_id == team_id), states()[0])

    async def api(request: web.Request) -> web.StreamResponse:
        return await methods.serve(with_token(await methods.token_of(request)), request, oauth)

    async def respond(request: web.Request) -> web.StreamResponse:
        return await response_url.serve(of_team(request.match_info["team"]), request)

    async def upload(request: web.Request) -> web.StreamResponse:
        key = request.match_info["key"]
        return await files.serve(next((each for each in states() if each.files.expects(key)), states()[0]), request)

    async def private(request: web.Request) -> web.StreamResponse:
        return await files.serve_private(of_team(request.match_info["file"].partition("-")[0]), request)

    app = web.Application(client_max_size=MAX_REQUEST_BYTES)
    app.router.add_route("*", "/api/{method}", api)
    app.router.add_post("/{kind:commands|actions}/{team}/{key}", respond)
    app.router.add_post("/upload/v1/{key}", upload)
    app.router.add_get("/files-pri/{file}/{name}", private)
    app.router.add_get("/link/", sockets.serve)
    app.router.add_routes(consent.routes(states, oauth))
    return app
