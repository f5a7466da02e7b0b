"""The checks of an app that is installed by a click in many workspaces: its address, its keys, and where it is
(slack#workspaces).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import DatabaseError

from bot.doctor.finding import Finding, good, must, note
from bot.doctor.installation import read_only_engine
from bot.doctor.slack import check_token
from bot.settings import Settings
from bot.slack.manifest import REDIRECT_PATH
from bot.slack.scopes import SCOPES, Scope
from bot.slack.token_keys import TokenKeys, unopened
from bot.wiring import NotReadyToRun, require_schema
from tiercore.notifications.types import Subscription
from tiercore.storage.engine import is_sqlite, reading
from tiercore.storage.schema import NewerDatabase
from tiercore.storage.transactions import utc_now
from tiercore.workspaces.storing import workspaces
from tiercore.workspaces.tokens import tokens
from tiercore.workspaces.types import InstalledToken, Workspace, WorkspaceRole

_NAMED = 5
_AGAIN = "have the app installed there again (tierbot invite makes the link)"
Found = tuple[list[Workspace], dict[str, InstalledToken]]


async def check_workspaces(
    settings: Settings,
    subscriptions: Sequence[Subscription],
    enterprises: Mapping[str, str],
    clock: Callable[[], datetime] = utc_now,
) -> list[Finding]:
    """Check the app's address, whether the keys open every token, whose the workspaces are and what they granted; and
    with the token of one that is the program's, what check_slack does. `clock` gives the time.
    """
    found = [*_address(settings)]
    installed = _installed(settings)
    if installed is None:
        return found
    all_of_them, by_team = installed
    present = [each for each in all_of_them if not each.is_removed]
    keys = TokenKeys(settings.keys)
    lost = unopened(keys, by_team.items())
    found += [*_keys(settings, lost, by_team), *_whose(present)]
    programs = next((each for each in present if each.role is WorkspaceRole.PROGRAM and each.team_id not in lost), None)
    found += _scopes({team: token for team, token in by_team.items() if not programs or team != programs.team_id})
    if programs is None or (token := by_team.get(programs.team_id)) is None:
        return found
    if token.expires_at is not None and token.expires_at <= clock():
        ended = f"the token of {programs.name} ended at {token.expires_at:%Y-%m-%d %H:%M} UTC"
        return [*found, note(f"Slack: not asked, because {ended}", "tierbot serve renews it")]
    asked = check_token(settings, keys.open(token.token), _AGAIN, subscriptions, enterprises)
    return [*found, *await asked]


def _address(settings: Settings) -> Iterator[Finding]:
    url = f"{settings.public_url}{REDIRECT_PATH}"
    if settings.public_url.startswith("https://"):
        yield good(f"Slack: many workspaces; the app's redirect URL is {url} (tierbot manifest --oauth)")
    else:
        yield must(f"Slack: {url} isn't https, and Slack sends nobody there", "set TIERBOT_PUBLIC_URL to https://…")


def _installed(settings: Settings) -> Found | None:
    """All workspaces, and their tokens by team; None where the database can't be used, which check_database says."""
    url = settings.database
    if is_sqlite(url) and not Path(url.database or "").exists():
        return None
    engine = read_only_engine(url)
    try:
        require_schema(engine)
        with reading(engine) as connection:
            return workspaces(connection), dict(tokens(connection))
    except (NotReadyToRun, NewerDatabase, DatabaseError):
        return None
    finally:
        engine.dispose()


def _keys(settings: Settings, lost: list[str], by_team: Mapping[str, InstalledToken]) -> Iterator[Finding]:
    if lost:
        what = f"keys: none of TIERBOT_TOKEN_KEYS opens the token of {_named(lost)}: nothing is answered or sent there"
        yield must(what, f"add the key that was there before; or {_AGAIN}")
    older = [each for each in unopened(TokenKeys(settings.keys[:1]), by_team.items()) if each not in lost]
    if older:
        yield note(f"keys: {_tokens(len(older))} sealed with an older key", "tierbot keys rotate")
    elif by_team and not lost:
        yield good(f"keys: {_tokens(len(by_team))} sealed with the first key")


def _whose(present: Sequence[Workspace]) -> Iterator[Finding]:
    programs = [each for each in present if each.role is WorkspaceRole.PROGRAM]
    partners = [each for each in present if each.role is WorkspaceRole.PARTNER]
    if present:
        yield good(f"workspaces: {len(programs):,} of the program, {len(partners):,} of partners")
    if not programs:
        remedy = "tierbot invite --program, or tierbot workspaces role TEAM program"
        yield must("workspaces: none is the program's own, so nobody is a CAM, CC or admin in Slack", remedy)
    if open_ones := [each.team_id for each in partners if not each.partners]:
        what = f"workspaces: tied to no partner: {_named(open_ones)}; people there see what they are linked to"
        yield note(what, "tierbot workspaces tie TEAM PARTNER")


def _scopes(by_team: Mapping[str, InstalledToken]) -> Iterator[Finding]:
    for scope in SCOPES:
        if without := [team for team, token in by_team.items() if scope.name not in token.scopes]:
            yield _not_granted(scope, without)


def _not_granted(scope: Scope, without: Sequence[str]) -> Finding:
    what = f"scopes: {scope.name} is not granted in {_named(without)}: {scope.without}"
    return note(what, _AGAIN) if scope.optional else must(what, _AGAIN)


def _tokens(count: int) -> str:
    return "1 token is" if count == 1 else f"{count:,} tokens are"


def _named(teams: Sequence[str]) -> str:
    more = f" and {len(teams) - _NAMED:,} more" if len(teams) > _NAMED else ""
    return f"{', '.join(teams[:_NAMED])}{more}"
