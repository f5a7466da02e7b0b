"""Delivery is tested on each engine, most of it by waiting for real seconds."""

import pytest


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Each engine in turn: what is particular to one is tested with the storage."""
    return str(request.param)
