"""Programs loaded once: tables of rules with the same name and text are the same program, which is immutable."""

from pathlib import Path

from tiercore.program import Program, load_program

_LOADED: dict[tuple[str, bytes] | None, Program] = {}


def load_program_once(overlay: Path | None = None) -> Program:
    """See `load_program`: what it raises, it raises each time."""
    if overlay is not None and not overlay.is_file():
        return load_program(overlay)
    key = overlay and (overlay.name, overlay.read_bytes())
    if key not in _LOADED:
        _LOADED[key] = load_program(overlay)
    return _LOADED[key]
