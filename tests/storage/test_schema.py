"""Opening a database file: migrations, each whole or not at all, and one sentence for every file that cannot be used."""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from storage.database import Database
from storage.schema import (
    DatabaseOpenError,
    Migration,
    MigrationState,
    prepare_database,
    read_migration_state,
    read_migrations,
    split_statements,
)

NOBODY = 65534

FIRST = Migration("0001_first.sql", "CREATE TABLE first (id BIGINT);\nINSERT INTO first VALUES (1);\n")
SECOND = Migration("0002_second.sql", "CREATE TABLE second (id BIGINT);\n")


def fetch(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def tables(path: Path) -> set[object]:
    return {name for (name,) in fetch(path, "SELECT name FROM sqlite_master WHERE type = 'table'")}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "headcount.sqlite3"


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user of the machine may enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        yield folder
        folder.chmod(0o777)


@contextmanager
def as_ordinary_user() -> Iterator[None]:
    """Give up root for a moment: permissions do not bind it."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def refusal(path: Path) -> str:
    """Return the sentence with which the path is refused, checked for what all of them promise."""
    with pytest.raises(DatabaseOpenError) as caught:
        prepare_database(path, 1)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert "; " in sentence, "what to do comes after the semicolon"
    return sentence


class TestMigrations:
    def test_a_new_database_gets_all_migrations_with_name_checksum_and_time(self, path: Path) -> None:
        state = prepare_database(path, 42, [FIRST, SECOND])
        assert state == MigrationState((), ("0001_first.sql", "0002_second.sql"))
        assert fetch(path, "SELECT name, checksum, applied_at_ms FROM migrations ORDER BY name") == [
            ("0001_first.sql", FIRST.checksum, 42),
            ("0002_second.sql", SECOND.checksum, 42),
        ]
        assert {"first", "second"} <= tables(path)

    def test_an_applied_migration_is_not_applied_again(self, path: Path) -> None:
        prepare_database(path, 1, [FIRST])
        assert prepare_database(path, 2, [FIRST, SECOND]) == MigrationState(
            ("0001_first.sql",), ("0002_second.sql",)
        )
        assert fetch(path, "SELECT id FROM first") == [(1,)]
        assert fetch(path, "SELECT applied_at_ms FROM migrations ORDER BY name") == [(1,), (2,)]

    def test_a_migration_that_fails_leaves_nothing_of_itself_and_keeps_those_before_it(
        self, path: Path
    ) -> None:
        failing = Migration(
            "0002_failing.sql", "CREATE TABLE second (id BIGINT);\nINSERT INTO nowhere VALUES (1);"
        )
        with pytest.raises(DatabaseOpenError):
            prepare_database(path, 1, [FIRST, failing])
        assert "first" in tables(path)
        assert "second" not in tables(path)
        assert fetch(path, "SELECT name FROM migrations") == [("0001_first.sql",)]

    def test_a_changed_migration_is_refused(self, path: Path) -> None:
        prepare_database(path, 1, [FIRST])
        changed = Migration(FIRST.name, FIRST.sql + "-- changed\n")
        with pytest.raises(DatabaseOpenError, match=r"0001_first\.sql is not the one"):
            prepare_database(path, 1, [changed])

    def test_a_schema_newer_than_the_program_is_refused_and_untouched(self, path: Path) -> None:
        prepare_database(path, 1, [FIRST, SECOND])
        with pytest.raises(DatabaseOpenError, match=r"newer version .* 0002_second\.sql") as caught:
            prepare_database(path, 2, [FIRST])
        assert str(path) in str(caught.value)
        assert read_migration_state(path, [FIRST, SECOND]).pending == ()

    def test_the_state_is_read_without_creating_or_changing_the_file(self, path: Path) -> None:
        assert read_migration_state(path, [FIRST]) == MigrationState((), ("0001_first.sql",))
        assert not path.exists()
        prepare_database(path, 1, [FIRST])
        assert read_migration_state(path, [FIRST, SECOND]) == MigrationState(
            ("0001_first.sql",), ("0002_second.sql",)
        )
        assert "second" not in tables(path)

    def test_the_shipped_migrations_are_numbered_without_a_gap(self) -> None:
        numbers = [int(migration.name[:4]) for migration in read_migrations()]
        assert numbers == list(range(1, len(numbers) + 1))

    def test_line_endings_do_not_change_a_checksum(self, tmp_path: Path) -> None:
        for shipped in read_migrations():
            copy = tmp_path / shipped.name
            copy.write_bytes(shipped.sql.replace("\n", "\r\n").encode())
            assert Migration(shipped.name, copy.read_text(encoding="utf-8")).checksum == shipped.checksum


class TestStatements:
    @pytest.mark.parametrize(
        ("script", "statements"),
        [
            ("", []),
            ("-- only words; and more\n", []),
            ("SELECT 1; SELECT 2;", ["SELECT 1;", "SELECT 2;"]),
            ("SELECT ';';\nSELECT 2;\n-- end\n", ["SELECT ';';", "SELECT 2;"]),
            ("SELECT 1 -- one; two\n;", ["SELECT 1 -- one; two\n;"]),
            (
                "CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; DELETE FROM c; END;",
                ["CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; DELETE FROM c; END;"],
            ),
        ],
        ids=["nothing", "comment", "one line", "semicolon in a string", "semicolon in a comment", "trigger"],
    )
    def test_only_the_semicolon_after_a_statement_ends_it(self, script: str, statements: list[str]) -> None:
        assert list(split_statements(script)) == statements

    def test_a_statement_without_an_end_is_refused(self) -> None:
        with pytest.raises(ValueError, match="SELECT 2"):
            list(split_statements("SELECT 1;\nSELECT 2\n"))


class TestRefusals:
    def test_a_file_that_is_no_database(self, path: Path) -> None:
        path.write_text("A shopping list, and a long one at that. " * 50)
        assert f"{path} is not a database" in refusal(path)

    def test_a_damaged_database(self, path: Path) -> None:
        prepare_database(path, 1)
        content = bytearray(path.read_bytes())
        content[4096 * 2 : 4096 * 4] = b"\xff" * 4096 * 2
        path.write_bytes(content)
        assert f"{path} is damaged" in refusal(path)

    def test_a_truncated_database(self, path: Path) -> None:
        prepare_database(path, 1)
        path.write_bytes(path.read_bytes()[: 4096 * 3])
        assert f"{path} is damaged" in refusal(path)

    def test_a_database_of_another_program(self, path: Path) -> None:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE songs (title TEXT)")
        assert f"{path} belongs to another program" in refusal(path)
        assert tables(path) == {"songs"}

    def test_a_path_that_is_a_folder(self, tmp_path: Path) -> None:
        assert f"{tmp_path} is a folder" in refusal(tmp_path)

    def test_a_folder_that_cannot_be_created(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        assert "cannot be created" in refusal(tmp_path / "file" / "headcount.sqlite3")

    def test_a_file_that_cannot_be_read(self, open_folder: Path) -> None:
        path = open_folder / "headcount.sqlite3"
        prepare_database(path, 1)
        path.chmod(0o000)
        with as_ordinary_user():
            assert f"{path} cannot be read (Permission denied)" in refusal(path)
            with pytest.raises(DatabaseOpenError, match="cannot be read"):
                read_migration_state(path)

    def test_a_file_that_cannot_be_written(self, open_folder: Path) -> None:
        path = open_folder / "headcount.sqlite3"
        prepare_database(path, 1)
        path.chmod(0o444)
        with as_ordinary_user():
            assert f"{path} cannot be written" in refusal(path)

    def test_a_folder_that_cannot_be_written(self, open_folder: Path) -> None:
        path = open_folder / "headcount.sqlite3"
        prepare_database(path, 1)
        path.chmod(0o666)
        open_folder.chmod(0o555)
        with as_ordinary_user():
            assert f"{path} cannot be written" in refusal(path)

    def test_a_new_file_in_a_folder_that_cannot_be_written(self, open_folder: Path) -> None:
        open_folder.chmod(0o555)
        with as_ordinary_user():
            assert "cannot be written" in refusal(open_folder / "headcount.sqlite3")

    async def test_opening_raises_the_same(self, tmp_path: Path) -> None:
        with pytest.raises(DatabaseOpenError, match="is a folder"):
            await Database.open(tmp_path, now_ms=1)

    async def test_opening_creates_the_folder_and_the_schema(self, tmp_path: Path) -> None:
        path = tmp_path / "new" / "folder" / "headcount.sqlite3"
        database = await Database.open(path, now_ms=1)
        await database.close()
        assert read_migration_state(path).pending == ()
