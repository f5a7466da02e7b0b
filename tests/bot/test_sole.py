"""A SQLite database is served by one process; the second is told what to do, and may once the first is gone."""

from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from bot.sole import ServedAlready, sole_server


def test_a_second_server_of_a_sqlite_file_is_refused_while_the_first_runs(tmp_path: Path):
    url = make_url(f"sqlite:///{tmp_path / 'tierbot.db'}")
    with sole_server(url):
        with pytest.raises(ServedAlready, match="SQLite is for one process"), sole_server(url):
            pass
        with sole_server(make_url(f"sqlite:///{tmp_path / 'other.db'}")):
            pass
    with sole_server(url):
        pass


def test_any_number_may_serve_postgresql():
    url = make_url("postgresql://tierbot@localhost/tierbot")
    with sole_server(url), sole_server(url):
        pass
