"""Statements that another SQL database would understand, too."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

STORAGE = Path(__file__).parents[2] / "storage"

SQL = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|CREATE|VALUES|WITH|FROM|WHERE)\b")
DATE_FUNCTIONS = re.compile(
    r"\b((date|time|datetime|julianday|strftime|unixepoch|timediff)\s*\(|CURRENT_(TIMESTAMP|DATE|TIME)\b)",
    re.IGNORECASE,
)
# `WITHOUT ROWID` is an option of a table, and not a use of the row's number.
ROWID = re.compile(
    r"(?<!WITHOUT )\b(rowid|_rowid_|oid)\b|\bAUTOINCREMENT\b|\blast_insert_rowid\b", re.IGNORECASE
)


def statements() -> Iterator[tuple[str, str]]:
    """Yield every text in storage/ that has SQL in it, with where it stands."""
    for file in sorted(STORAGE.rglob("*.sql")):
        yield file.name, re.sub(r"--[^\n]*", "", file.read_text(encoding="utf-8"))
    for file in sorted(STORAGE.rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        described = {id(text) for text in docstrings(tree)}
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and id(node) not in described
                and SQL.search(node.value)
            ):
                yield f"{file.name}:{node.lineno}", node.value


def docstrings(tree: ast.Module) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        # Texts that stand alone: of modules, classes and functions, and below constants and fields.
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value


def offences(pattern: re.Pattern[str]) -> list[str]:
    return [f"{place}: {found.group()}" for place, sql in statements() if (found := pattern.search(sql))]


def test_no_statement_uses_a_date_function() -> None:
    assert offences(DATE_FUNCTIONS) == []


def test_no_statement_uses_a_row_number() -> None:
    assert offences(ROWID) == []


def test_the_scan_sees_statements_in_modules_and_migrations() -> None:
    places = {place.partition(":")[0] for place, _ in statements()}
    assert {"0001_invite_tracker.sql", "joins.py", "invite_counts.py", "invites.py", "guilds.py"} <= places


def test_the_scan_would_find_each_offence() -> None:
    assert DATE_FUNCTIONS.search("SELECT strftime('%s', x)")
    assert DATE_FUNCTIONS.search("DEFAULT CURRENT_TIMESTAMP")
    assert ROWID.search("SELECT rowid FROM joins")
    assert ROWID.search("INTEGER PRIMARY KEY AUTOINCREMENT")
    assert not ROWID.search("CREATE TABLE a (b BIGINT PRIMARY KEY) WITHOUT ROWID")
    assert not DATE_FUNCTIONS.search("joined_at_ms - recorded_at_ms")


def test_ids_and_times_are_bigint_and_flags_smallint() -> None:
    columns = [
        (name, kind)
        for file in sorted(STORAGE.rglob("*.sql"))
        for name, kind in re.findall(
            r"^ {4}(\w+) (BIGINT|SMALLINT|INTEGER|INT|TEXT|BLOB|REAL)\b",
            file.read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    ]
    assert columns
    wrong = [
        (name, kind)
        for name, kind in columns
        if (name.endswith(("_id", "_ms")) and kind != "BIGINT")
        or (name.startswith(("is_", "had_")) and kind != "SMALLINT")
    ]
    assert wrong == []
