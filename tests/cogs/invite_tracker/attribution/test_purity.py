"""The core is given the time and plain data; it fetches neither."""

import ast
from pathlib import Path

import pytest

import cogs.invite_tracker.attribution.ledger as ledger

PACKAGE = Path(ledger.__file__).parent
ALLOWED = {"collections", "dataclasses", "datetime", "enum", "typing", "storage", "cogs"}


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("*.py")), ids=lambda path: path.stem)
def test_a_module_of_the_core_imports_nothing_that_has_effects(path: Path) -> None:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    assert {name.split(".")[0] for name in names} <= ALLOWED
    assert all(
        name.startswith("cogs.invite_tracker.attribution") for name in names if name.startswith("cogs")
    )
    assert all(name == "storage.records" for name in names if name.startswith("storage"))


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("*.py")), ids=lambda path: path.stem)
def test_a_module_of_the_core_reads_no_clock(path: Path) -> None:
    called = {
        node.func.attr
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert called.isdisjoint({"now", "utcnow", "today", "time", "monotonic", "now_ms"})
