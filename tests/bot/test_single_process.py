"""Only one process can serve a SQLite database; a second one is refused until the first has ended."""

from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from bot.single_process import ServedElsewhere, single_process


def test_a_second_server_on_the_same_sqlite_file_is_refused(tmp_path: Path):
    url = make_url(f"sqlite:///{tmp_path / 'tierbot.db'}")
    with single_process(url):
        with pytest.raises(ServedElsewhere, match="SQLite is for one process"), single_process(url):
            pass
        with single_process(make_url(f"sqlite:///{tmp_path / 'other.db'}")):
            pass
    with single_process(url):
        pass


def test_any_number_of_servers_can_use_postgresql():
    url = make_url("postgresql://tierbot@localhost/tierbot")
    with single_process(url), single_process(url):
        pass
