"""Tests and benchmarks use only public names, ours and libraries', and share only what is in tests/support."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted(path for folder in ("tests", "bench") for path in (ROOT / folder).rglob("*.py"))
# Documented names that start with an underscore: a named tuple's methods, and exiting a forked process.
DOCUMENTED = {"_replace", "_asdict", "_make", "_fields", "_exit"}
OWN = {"self", "cls"}
BY_NAME = {"getattr", "setattr", "delattr", "hasattr", "patch", "object", "attrgetter", "import_module"}


def is_private(name: str) -> bool:
    """Whether a part of a dotted name starts with a single underscore."""
    return any(part.startswith("_") and not part.startswith("__") for part in name.split("."))


def private_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The line and name of every import, read, write or patch of another module's private name."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                found = [each.name for each in names]
            case ast.ImportFrom(module=module, names=names):
                found = [f"{module or ''}.{each.name}" for each in names]
            case ast.Attribute(value=ast.Name(id=name)) if name in OWN:
                found = []
            case ast.Attribute(attr=name):
                found = [] if name in DOCUMENTED else [name]
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=args) if name in BY_NAME:
                texts = [each.value for each in args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
                found = [each for each in texts if each not in DOCUMENTED]
            case _:
                found = []
        yield from ((node.lineno, each) for each in found if is_private(each))


def helpers_of_tests(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The line and module of every import from a test file or a conftest."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                found = [each.name for each in names]
            case ast.ImportFrom(module=module, names=names):
                found = [f"{module or ''}.{each.name}" for each in names]
            case _:
                found = []
        for each in found:
            if each.split(".")[0] == "tests" and each.split(".")[1:2] != ["support"]:
                yield node.lineno, each


def found_by(look: Callable[[ast.AST], Iterator[tuple[int, str]]]) -> list[str]:
    """The findings in every file, as file:line: name."""
    return [
        f"{path.relative_to(ROOT)}:{line}: {name}" for path in FILES for line, name in look(ast.parse(path.read_text()))
    ]


def test_only_public_names_are_used():
    assert found_by(private_names) == []


def test_shared_test_helpers_are_in_support():
    assert found_by(helpers_of_tests) == []


@pytest.mark.parametrize(
    "line",
    [
        "import slackblocks._core",
        "from slackblocks._core import resolve",
        "from bot.wiring import _core",
        "client._session.close()",
        "schema._config()",
        "sender.scheduler._senders = []",
        "monkeypatch.setattr(serving, '_LEAST', 1)",
        "monkeypatch.setattr('bot.serving._LEAST', 1)",
        "getattr(client, '_session')",
        "import_module('slackblocks._core')",
    ],
)
def test_every_use_of_a_private_name_is_found(line: str):
    assert list(private_names(ast.parse(line)))


@pytest.mark.parametrize("line", ["self._offset = 1", "row._replace(day=1)", "os._exit(0)", "type(x).__name__"])
def test_own_and_documented_names_do_not_count_as_private(line: str):
    assert not list(private_names(ast.parse(line)))


@pytest.mark.parametrize("line", ["from tests.docs import test_pages", "import tests.conftest"])
def test_every_use_of_another_tests_helper_is_found(line: str):
    assert list(helpers_of_tests(ast.parse(line)))
