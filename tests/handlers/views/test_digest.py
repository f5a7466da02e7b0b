"""The digest: its first line is the verdict, and it is one line only where there is nothing to say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.views.answers import digest as view
from handlers.views.parts.blocks import Message
from handlers.views.parts.verdict import headline
from tests.support.partner_days import lines_of, partner_days, programs
from tiercore.program import Program
from tiercore.questions.verdict import VerdictKind

WHICH = st.sampled_from(["set", "raised", "unset"])


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Program]:
    return programs(tmp_path_factory.mktemp("rules"))


def has_chart(message: Message) -> bool:
    return any(block["type"] == "data_visualization" for block in message.blocks)


@given(data=st.data(), which=WHICH)
def test_a_digest_begins_with_the_verdict_and_says_each_act(rules, data, which: str):
    found = data.draw(partner_days(rules[which], held=True)).digest("digest")
    message = view.message(found)
    first = message.blocks[0]["text"]["text"]
    assert message.blocks[0]["type"] == "header"
    assert headline(found.verdict)[:60] in first
    assert message.text.startswith(first.removesuffix("…"))
    said = lines_of(message)
    for act in view.in_sentences(found):
        assert any(act in line for line in said)
    assert bool(found.advice) is not any("Nothing to do" in line for line in said)


@given(data=st.data(), which=WHICH)
def test_a_digest_without_news_is_of_a_tier_that_is_known_to_be_kept(rules, data, which: str):
    found = data.draw(partner_days(rules[which], held=True)).digest("digest")
    if found.has_news:
        return
    assert found.verdict.kind in (VerdictKind.GAIN, VerdictKind.NOTHING)
    assert not found.standing.amiss
    assert not found.doubts
    assert not found.expiry.held
    assert not found.expiry.unknown


@given(data=st.data())
def test_only_a_digest_of_a_subscription_is_one_line_where_there_is_no_news(rules, data):
    found = data.draw(partner_days(rules["set"])).digest("digest")
    asked, sent = (view.message(found, stop=stop) for stop in ("", "/digest pause"))
    assert has_chart(asked)
    assert has_chart(sent) is found.has_news
    assert "stops it" not in str(asked.blocks)
    assert "Your digest: /digest pause stops it" in str(sent.blocks)
