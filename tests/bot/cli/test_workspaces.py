"""The operator's side of many workspaces: whose they are, invitations, removing, and the keys of their tokens."""

import asyncio
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from bot.cli.main import app
from bot.slack.token_keys import TokenKeys, new_key
from tests.support.operator import NOW, PARTNERS, PUBLIC_URL, Operator
from tiercore.workspaces.types import InstalledToken, WorkspaceRole


def rows(printed: str) -> dict[str, str]:
    """The lines of the list, by team."""
    return {line.split("  ")[1].strip(): line for line in map(_narrow, printed.splitlines()[1:])}


def _narrow(line: str) -> str:
    return "  ".join(filter(None, map(str.strip, line.split("  "))))


def test_the_list_says_whose_each_workspace_is_and_what_was_removed(operator: Operator):
    operator.done("workspaces", "remove", "T77", "--yes")
    found = rows(operator.done("workspaces"))
    assert found["T01"] == "Program  T01  program  2022-09-05 12:00  U0ADMIN"
    assert found["T77"].startswith("Zweite GmbH  T77  partner  PB  2022-09-05 12:00  U0BEA2")
    assert " by operator" in found["T77"]


def test_roles_and_ties_are_changed_and_the_answer_says_so(operator: Operator):
    assert "T77 is tied to PA." in operator.done("workspaces", "tie", "T77", "PA")
    assert "T77 is no longer tied to PB." in operator.done("workspaces", "untie", "T77", "PB")
    assert "T77  partner  PA" in rows(operator.done("workspaces"))["T77"]
    without = operator.done("workspaces", "role", "T01", "partner")
    assert "T01 is now a partner's." in without
    assert "nobody is a CAM, CC or admin anywhere" in without
    assert "nobody" not in operator.done("workspaces", "role", "T01", "program")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["workspaces", "tie", "T99", "PA"], "The app isn't installed in T99. tierbot workspaces lists where it is."),
        (["workspaces", "tie", "T77", "PX"], "There is no partner PX. Give its ID"),
        (["workspaces", "tie", "T01", "PA"], "the program's own workspace"),
        (["workspaces", "untie", "T77", "PA"], "isn't tied to PA"),
        (["workspaces", "untie", "T77", "PB"], "tie another one first"),
        (["workspaces", "role", "T77", "program"], "is tied to PB"),
        (["workspaces", "remove", "T99", "--yes"], "The app isn't installed in T99"),
        (["invite", "--partner", "PX"], "There is no partner PX"),
    ],
)
def test_what_can_not_be_is_refused_with_what_to_do(operator: Operator, words: list[str], said: str):
    before = operator.done("workspaces")
    assert said in operator.refused(*words)
    assert operator.done("workspaces") == before


def test_a_workspace_is_removed_only_after_a_yes(operator: Operator):
    assert operator.run("workspaces", "remove", "T77", typing="n\n").exit_code == 1
    assert len(operator.tokens(operator.key)) == 2
    assert "purged in 30 days" in operator.done("workspaces", "remove", "T77", typing="y\n")
    assert operator.tokens(operator.key) == ["xoxe.xoxb-T01"]
    assert "isn't installed in T77" in operator.refused("workspaces", "remove", "T77", "--yes")


@pytest.mark.parametrize(
    ("words", "role", "partners"),
    [
        (["--partner", "PA", "--partner", "PB"], WorkspaceRole.PARTNER, ("PA", "PB")),
        (["--program"], WorkspaceRole.PROGRAM, ()),
    ],
)
def test_an_invitations_link_installs_what_it_is_for(
    operator: Operator, words: list[str], role: WorkspaceRole, partners: tuple[str, ...]
):
    link, valid = operator.done("invite", *words).splitlines()
    code = link.removeprefix(f"{PUBLIC_URL}/slack/install?invite=")
    assert code != link
    assert "once, for 14 days" in valid
    assert (f"tied to {' and '.join(partners)}." if partners else "the program's own.") in valid
    workspaces = operator.workspaces

    async def install():
        by = replace(PARTNERS, team_id="T88")
        token = InstalledToken("A1", "B1", "U0BOT", frozenset(), "sealed")
        return await workspaces.install(by, token, await workspaces.use_state(await workspaces.begin(code)))

    found = asyncio.run(install()).workspace
    assert (found.role, found.partners) == (role, partners)
    assert code not in operator.done("audit")


@pytest.mark.parametrize("unset", ["SLACK_CLIENT_ID", "TIERBOT_PUBLIC_URL"])
def test_without_an_address_no_link_is_made_and_the_error_says_what_to_set(operator: Operator, unset: str):
    before = operator.done("audit")
    operator.set(**{unset: ""})
    said = operator.refused("invite", "--partner", "PA")
    assert "PUBLIC_URL" in said
    assert unset.removeprefix("TIERBOT_") in said
    operator.set(SLACK_CLIENT_ID="")
    assert operator.done("audit") == before


def test_an_invitation_is_for_one_thing(operator: Operator):
    for words in ([], ["--program", "--partner", "PA"], ["--all", "--program"]):
        assert operator.run("invite", *words).exit_code == 2


def test_a_key_is_changed_without_a_moment_in_which_a_token_is_lost(operator: Operator):
    first = operator.key
    printed = operator.run("keys", "new")
    second = printed.stdout.strip()
    assert "first in TIERBOT_TOKEN_KEYS" in printed.stderr
    operator.set(TIERBOT_TOKEN_KEYS=f"{second},{first}")
    assert "2 tokens are sealed with the first key. The other keys" in operator.done("keys", "rotate")
    assert operator.tokens(second) == ["xoxe.xoxb-T01", "xoxe.xoxb-T77"]
    operator.set(TIERBOT_TOKEN_KEYS=second)
    assert operator.done("keys", "rotate").strip() == "2 tokens are sealed with the first key."


def test_a_token_that_no_key_opens_is_named_and_nothing_is_half_rotated(operator: Operator):
    lost, first, second = new_key(), operator.key, new_key()
    operator.key = lost
    operator.install(replace(PARTNERS, team_id="T88"), WorkspaceRole.PARTNER, "PA")
    operator.set(TIERBOT_TOKEN_KEYS=f"{second} {first}")
    said = operator.refused("keys", "rotate")
    assert "none of the 2 keys opens the token of T88, so nothing was changed" in said
    assert "tierbot workspaces remove" in said
    assert operator.tokens(first, lost) == ["xoxe.xoxb-T01", "xoxe.xoxb-T77", "xoxe.xoxb-T88"]
    operator.done("workspaces", "remove", "T88", "--yes")
    assert "2 tokens" in operator.done("keys", "rotate")


def test_what_is_sealed_with_an_unknown_key_while_tokens_are_rotated_changes_nothing(operator: Operator):
    """As when a workspace is installed between the look at all tokens and the change."""
    ours, lost = TokenKeys([new_key(), operator.key]), operator.key
    operator.key = new_key()
    operator.install(replace(PARTNERS, team_id="T88"), WorkspaceRole.PARTNER, "PA")
    with pytest.raises(ValueError, match="isn't in TIERBOT_TOKEN_KEYS"):
        asyncio.run(operator.workspaces.reseal(ours.reseal))
    assert len(operator.tokens(lost, operator.key)) == 3


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("", "set TOKEN_KEYS, too (tierbot keys new makes a key)"),
        ("abc", "setting TIERBOT_TOKEN_KEYS: key 1 isn't one that tierbot keys new makes"),
    ],
)
def test_a_bad_key_is_refused_in_words_that_do_not_show_it(operator: Operator, keys: str, said: str):
    operator.set(TIERBOT_TOKEN_KEYS=keys)
    assert said in operator.refused("keys", "rotate")
    operator.set(TIERBOT_TOKEN_KEYS=f"{operator.key},secret-{operator.key}")
    refused = operator.refused("keys", "rotate")
    assert "key 2" in refused
    assert operator.key not in refused


def test_without_any_workspace_the_commands_say_so(engine, monkeypatch: pytest.MonkeyPatch):
    operator = Operator(engine, monkeypatch)
    assert "tierbot invite --program" in operator.done("workspaces")
    assert "no token to seal" in operator.done("keys", "rotate")
    operator.set(SLACK_CLIENT_ID="", TIERBOT_TOKEN_KEYS="")
    assert "TIERBOT_TOKEN_KEYS is not set: tierbot keys new" in operator.refused("keys", "rotate")


def test_each_command_of_the_family_shows_an_example():
    for words in (["workspaces"], *(["workspaces", each] for each in ("role", "tie", "untie", "remove")), ["keys"]):
        helped = CliRunner().invoke(app, [*words, "--help"])
        assert helped.exit_code == 0
        assert f"tierbot {words[0]}" in helped.stdout


def test_the_day_of_a_removal_and_of_its_purge_are_thirty_days_apart(operator: Operator):
    asyncio.run(operator.workspaces.remove("T77"))
    [line] = [line for line in operator.done("workspaces").splitlines() if "T77" in line]
    assert f"{NOW:%Y-%m-%d %H:%M} by operator" in line
    assert "2022-10-05 12:00" in line
