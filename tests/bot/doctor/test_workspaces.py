"""`tierbot doctor` of an app that is installed by a click: address, keys, whose the workspaces are, scopes."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.doctor.workspaces import check_workspaces
from bot.playground.local_slack.server import Slack
from bot.settings import Settings
from bot.slack.scopes import SCOPES
from bot.slack.token_keys import TokenKeys, new_key
from tests.support.databases import Databases
from tests.support.operator import NOW, PARTNERS, PROGRAMS, Operator
from tests.support.served_bot import WORKSPACE
from tests.support.two_partners import fill
from tiercore.storage.engine import create_database_engine
from tiercore.workspaces.types import InstalledToken, WorkspaceRole


@pytest.fixture
def operator(databases: Databases, monkeypatch: pytest.MonkeyPatch):
    """The operator of an app that is installed nowhere yet."""
    engine = create_database_engine(databases.filled(fill))
    yield Operator(engine, monkeypatch)
    engine.dispose()


async def install(operator: Operator, by, role: WorkspaceRole, *partners: str, token: InstalledToken) -> None:
    """Install the app with the token as it is given; its text is sealed with the operator's key."""
    seal = TokenKeys([operator.key]).seal
    state = await operator.workspaces.begin(await operator.workspaces.invite(None, role, partners))
    sealed = replace(token, token=seal(token.token), refresh_token=seal("xoxe-1"))
    await operator.workspaces.install(by, sealed, await operator.workspaces.use_state(state))


def token_of(text: str, without: str = "", expires_at: datetime | None = None) -> InstalledToken:
    """A token with every scope but one."""
    granted = frozenset(each.name for each in SCOPES) - {without}
    return InstalledToken("A1", "B1", "U0BOT", granted, text, None, expires_at)


async def lines(settings: Settings | None = None) -> list[str]:
    """What the check finds, a day after noon of the tests' day."""
    clock = NOW + timedelta(days=1)
    return [str(each) for each in await check_workspaces(settings or Settings(), [], {}, lambda: clock)]


async def test_before_any_installation_it_says_how_the_first_one_is_made(operator: Operator):
    assert await lines() == [
        "✓ Slack: many workspaces; the app's redirect URL is https://tierbot.example.com/slack/oauth_redirect "
        "(tierbot manifest --oauth)",
        "✗ workspaces: none is the program's own, so nobody is a CAM, CC or admin in Slack → tierbot invite --program, "
        "or tierbot workspaces role TEAM program",
    ]


async def test_the_programs_token_is_asked_and_the_others_are_not(operator: Operator):
    async with Slack(workspace=WORKSPACE) as slack:
        operator.set(TIERBOT_SLACK_API_URL=slack.api_url, TIERBOT_SLACK_RESPONSE_URL=slack.response_prefix)
        await install(operator, PROGRAMS, WorkspaceRole.PROGRAM, token=token_of(slack.bot_token))
        await install(operator, PARTNERS, WorkspaceRole.PARTNER, "PB", token=token_of("xoxb-theirs"))
        found = await lines()
        assert [each.method for each in slack.journal.received] == ["auth.test"]
    assert found[1:3] == [
        "✓ keys: 2 tokens are sealed with the first key",
        "✓ workspaces: 1 of the program, 1 of partners",
    ]
    assert "✓ Slack: the token is tierbot's in " in found[3]
    assert {line[0] for line in found} == {"✓"}


async def test_a_token_that_has_ended_is_not_asked_and_serve_renews_it(operator: Operator):
    await install(operator, PROGRAMS, WorkspaceRole.PROGRAM, token=token_of("xoxe", expires_at=NOW))
    assert (await lines())[-1] == (
        "– Slack: not asked, because the token of Program ended at 2022-09-05 12:00 UTC → tierbot serve renews it"
    )


async def test_a_refused_token_is_to_be_installed_again(operator: Operator):
    async with Slack(workspace=WORKSPACE) as slack:
        operator.set(TIERBOT_SLACK_API_URL=slack.api_url, TIERBOT_SLACK_RESPONSE_URL=slack.response_prefix)
        await install(operator, PROGRAMS, WorkspaceRole.PROGRAM, token=token_of("xoxb-revoked"))
        last = (await lines())[-1]
    assert last.startswith("✗ Slack: the bot token is refused")
    assert last.endswith("have the app installed there again (tierbot invite makes the link)")


async def test_what_workspaces_lack_is_named_with_the_workspaces(operator: Operator):
    other = replace(PARTNERS, team_id="T78", name="Open GmbH")
    await install(operator, PARTNERS, WorkspaceRole.PARTNER, "PB", token=token_of("x", without="im:write"))
    await install(operator, other, WorkspaceRole.PARTNER, token=token_of("y", without="users:read"))
    found = await lines()
    assert (
        "– workspaces: tied to no partner: T78; people there see what they are linked to → tierbot workspaces tie "
        in ("\n".join(found))
    )
    [must] = [line for line in found if line.startswith("✗ scopes")]
    [may] = [line for line in found if line.startswith("– scopes")]
    assert "im:write is not granted in T77: no digest or alert for a person" in must
    assert "users:read is not granted in T78" in may


async def test_many_workspaces_are_named_by_the_first_ones(operator: Operator):
    for number in range(7):
        by = replace(PARTNERS, team_id=f"T{number}")
        await install(operator, by, WorkspaceRole.PARTNER, token=token_of("x"))
    assert any("T0, T1, T2, T3, T4 and 2 more" in line for line in await lines())


async def test_an_older_key_is_to_be_rotated_and_a_lost_one_to_be_added(operator: Operator):
    await install(operator, PARTNERS, WorkspaceRole.PARTNER, "PB", token=token_of("x"))
    second = new_key()
    operator.set(TIERBOT_TOKEN_KEYS=f"{second},{operator.key}")
    assert "– keys: 1 token is sealed with an older key → tierbot keys rotate" in await lines()
    operator.set(TIERBOT_TOKEN_KEYS=second)
    [lost] = [line for line in await lines() if "keys:" in line]
    assert lost.startswith(
        "✗ keys: none of TIERBOT_TOKEN_KEYS opens the token of T77: nothing is answered or sent there"
    )


async def test_a_removed_workspace_counts_for_nothing(operator: Operator):
    await install(operator, PARTNERS, WorkspaceRole.PARTNER, "PB", token=token_of("x", without="im:write"))
    await operator.workspaces.remove("T77")
    found = "\n".join(await lines())
    assert "T77" not in found
    assert "im:write" not in found


async def test_an_address_that_slack_would_not_take_is_reported(operator: Operator):
    operator.set(TIERBOT_PUBLIC_URL="http://127.0.0.1:3000")
    assert (await lines())[0].startswith("✗ Slack: http://127.0.0.1:3000/slack/oauth_redirect isn't https")


def test_the_command_checks_workspaces_where_the_app_is_installed_by_a_click(operator: Operator):
    printed = operator.run("doctor").stdout
    assert "✗ workspaces: none is the program's own" in printed
    assert "SLACK_BOT_TOKEN" not in printed
    operator.set(TIERBOT_DATABASE_URL="sqlite:////nowhere/at-all.db")
    without = operator.run("doctor").stdout
    assert "many workspaces" in without
    assert "workspaces: none" not in without
