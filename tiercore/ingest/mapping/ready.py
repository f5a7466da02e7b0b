"""The mappings that come with tierbot, by name (data#ready-mappings)."""

import tomllib
from functools import cache
from importlib import resources
from pathlib import PurePath

_FOLDER = resources.files("tiercore.ingest.mapping") / "ready"


@cache
def ready_mappings() -> dict[str, str]:
    """The name of each ready mapping, and what it reads."""
    names = sorted(PurePath(each.name).stem for each in _FOLDER.iterdir() if each.name.endswith(".toml"))
    return {name: str(tomllib.loads(ready_text(name))["about"]) for name in names}


def ready_text(name: str) -> str:
    """The TOML of a ready mapping. Raises OSError if there is none of that name."""
    return (_FOLDER / f"{name}.toml").read_text(encoding="utf-8")
