"""Delivery is tested on each engine; most of these tests take real seconds."""

import pytest


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Each engine in turn: what is specific to one is tested with storage."""
    return str(request.param)
