"""Progress and expiry at the same time become one digest, and two again on the way down (migration 0025)."""

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, Table, insert, select, text

from tests.support.old_schema import step_back
from tiercore.storage.bulk import table
from tiercore.storage.engine import writing
from tiercore.storage.schema import alembic_config, upgrade
from tiercore.storage.tables.notifications import RunRow, SubscriptionRow

BOTH, APART, ALONE, PAUSED = "U1", "U2", "U3", "U4"
MINUTES = {
    (BOTH, "progress"): 540,
    (BOTH, "expiry"): 540,
    (APART, "progress"): 540,
    (APART, "expiry"): 600,
    (ALONE, "expiry"): 540,
    (PAUSED, "progress"): 540,
    (PAUSED, "expiry"): 540,
}
AFTER = {(BOTH, "digest"), (APART, "progress"), (APART, "expiry"), (ALONE, "expiry"), (PAUSED, "digest")}


@pytest.fixture
def before() -> str:
    """The revision before the one digest."""
    return str(ScriptDirectory.from_config(alembic_config()).get_revision("0025").down_revision)


@pytest.fixture
def old(engine: Engine, before: str) -> Engine:
    """Subscriptions of an earlier release: to both at one time, at two, to one of them, and to both while paused."""
    step_back(engine, before)
    rows = [
        {
            "subscription_id": f"{user}-{topic}",
            "team_id": "T1",
            "place": user,
            "topic": topic,
            "weekday": 0,
            "minute": minute,
            "timezone": "UTC",
            "paused": user == PAUSED,
            "made_by": user,
            "made_at": 1,
            "next_at": None if user == PAUSED else 2,
            "ended": False,
            "follows_profile": False,
            "shared_confirmed": False,
        }
        for (user, topic), minute in MINUTES.items()
    ]
    run = {"subscription_id": "U1-progress", "week": "2022-W36", "due_at": 1, "outcome": "planned"}
    subscriptions, runs = as_it_is(engine, "subscription"), as_it_is(engine, "run")
    with writing(engine) as connection:
        connection.execute(insert(subscriptions), rows)
        connection.execute(insert(runs), [run])
    return engine


def as_it_is(engine: Engine, name: str) -> Table:
    return Table(name, MetaData(), autoload_with=engine)


def topics_of(engine: Engine) -> set[tuple[str, str]]:
    with engine.connect() as connection:
        found = connection.execute(text("SELECT place, topic FROM subscription WHERE NOT ended"))
        return {(place, topic) for place, topic in found}


def test_who_got_both_at_one_time_gets_one_digest_and_its_runs_go_on(old: Engine):
    upgrade(old)
    assert topics_of(old) == AFTER
    with writing(old) as connection:
        digest = connection.execute(select(table(SubscriptionRow)).filter_by(place=BOTH, ended=False)).one()
        assert (digest.subscription_id, digest.rhythm, digest.only_news) == ("U1-progress", "weekly", False)
        assert digest.next_at == 2
        assert connection.scalars(select(table(RunRow).c.period)).all() == ["2022-W36"]


def test_on_the_way_down_a_digest_is_both_again_and_weekly(old: Engine, before: str):
    upgrade(old)
    monthly = {"subscription_id": "U1-progress", "period": "2022-09", "due_at": 2, "outcome": "planned"}
    with writing(old) as connection:
        connection.execute(insert(table(RunRow)), [monthly])
    step_back(old, before)
    assert topics_of(old) == set(MINUTES)
    with writing(old) as connection:
        assert connection.scalars(text("SELECT week FROM run")).all() == ["2022-W36"]
    upgrade(old)
    assert topics_of(old) == AFTER
