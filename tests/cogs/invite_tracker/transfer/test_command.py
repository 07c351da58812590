"""`python -m bot export` and `import`, on a database on the disk."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import orjson
import pytest

from bot.cli import COLUMN_ROLES, EXPORTED, TRANSFER, main
from cogs.invite_tracker.settings import MODULE
from cogs.invite_tracker.transfer import command
from cogs.invite_tracker.transfer.foreign import ROLES
from cogs.invite_tracker.transfer.sheets import SHEETS
from storage.database import Database
from storage.schema import prepare_database
from storage.sole_use import sole_use
from tests.cogs.invite_tracker.transfer.examples import joins_of

ROOT = Path(__file__).parents[4]
SERVER = 100
ADA, BEA = 1199648432165432165, 1199648432165432166
HEADER = "member,inviter,code,date\n"
ROW = f"{ADA},{BEA},abc,2026-01-05 10:00:00\n"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database in which the invite tracker is enabled in one server, and the folder that the commands run in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HEADCOUNT_CONFIG", raising=False)
    path = tmp_path / "data" / "headcount.sqlite3"
    monkeypatch.setenv("HEADCOUNT_STORAGE__PATH", str(path))
    prepare_database(path, 1)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO guild_modules VALUES (?, ?, 1, '{}', 1)", (SERVER, MODULE))
    return path


def count_joins(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        (count,) = connection.execute("SELECT COUNT(*) FROM joins").fetchone()
    return int(count)


def run(*arguments: str) -> int:
    (name, *rest) = arguments
    return main([name, "--server", str(SERVER), *rest])


def foreign_rows(count: int) -> Iterator[str]:
    yield HEADER
    for number in range(count):
        yield f"{ADA + number},{BEA},code{number % 50},2026-01-{number % 28 + 1:02} 10:00:00\n"


def fill(path: Path, count: int, first: int = 1) -> None:
    """Put joins on record that were measured here."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(
            "INSERT INTO joins (guild_id, join_id, member_id, joined_at_ms, recorded_at_ms, source, code, inviter_id,"
            " method, certainty, account_created_at_ms, had_avatar, is_rejoin, is_own_invite)"
            " VALUES (?, ?, ?, ?, 1, 'invite', 'abc', 7, 'uses_rise', 'certain', 0, 1, 0, 0)",
            ((SERVER, number, number, 1_000 + number) for number in range(first, first + count)),
        )


def folder_of_dry_run(path: Path) -> Path:
    """Return where a dry run keeps its copy of all records."""
    return path.with_name(f"{path.name}-dry-run")


def test_the_command_line_knows_the_feature_that_it_finds_by_name() -> None:
    assert command.__name__ == TRANSFER
    assert tuple(SHEETS) == EXPORTED
    assert ROLES == COLUMN_ROLES


def test_what_was_imported_is_exported(path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    Path("other.csv").write_text(HEADER + ROW, encoding="utf-8")
    assert run("import", "other.csv") == 0
    assert b"1 line read: 1 new, 0 on record already" in capsysbinary.readouterr().out

    assert run("export", "--format", "jsonl") == 0
    written = orjson.loads(capsysbinary.readouterr().out)
    assert (written["member_id"], written["inviter_id"], written["code"]) == (str(ADA), str(BEA), "abc")
    assert (written["method"], written["certainty"]) == ("imported", "ambiguous")
    assert written["joined_at"] == "2026-01-05T10:00:00.000Z"


@pytest.mark.parametrize(
    ("arguments", "begin"),
    [
        (("out.csv",), "server_id,"),
        (("out",), "server_id,"),
        (("out.JSONL",), '{"server_id":'),
        (("--format", "csv", "out.jsonl"), "server_id,"),
    ],
)
def test_the_name_of_the_file_says_its_format_where_nobody_does(
    path: Path, arguments: tuple[str, ...], begin: str
) -> None:
    fill(path, 1)
    assert run("export", *arguments) == 0
    assert Path(arguments[-1]).read_text(encoding="utf-8").startswith(begin)


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_an_export_in_an_empty_database_exports_the_same(path: Path, form: str) -> None:
    Path("other.csv").write_text("".join(foreign_rows(20)), encoding="utf-8")
    assert run("import", "other.csv") == 0
    assert run("export", "--format", form, "one") == 0
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM joins")
    assert run("import", "one") == 0
    assert run("export", "--format", form, "two") == 0
    assert joins_of(Path("one").read_text(encoding="utf-8")) == joins_of(
        Path("two").read_text(encoding="utf-8")
    )
    assert count_joins(path) == 20


def test_the_same_file_twice_changes_nothing(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("other.csv").write_text(HEADER + ROW, encoding="utf-8")
    assert run("import", "other.csv") == 0
    capsys.readouterr()
    assert run("import", "other.csv") == 0
    out = capsys.readouterr().out
    assert "0 new, 1 on record already" in out
    assert out.endswith("Nothing was new: nothing was changed.\n")
    assert count_joins(path) == 1


def test_a_dry_run_says_the_same_and_changes_nothing(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("other.csv").write_text(HEADER + ROW, encoding="utf-8")
    before = path.read_bytes()
    # A bot is at work meanwhile, and writes at this very moment.
    with sole_use(path), closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert run("import", "--dry-run", "other.csv") == 0
    tried = capsys.readouterr().out
    assert path.read_bytes() == before
    assert not folder_of_dry_run(path).exists()
    assert run("import", "other.csv") == 0
    done = capsys.readouterr().out
    assert tried.splitlines()[:-1] == done.splitlines()[:-1]
    assert (tried.splitlines()[-1], done.splitlines()[-1]) == (
        "This was a dry run: nothing was changed.",
        "Imported.",
    )


def test_the_report_says_what_counts_and_until_when_it_is_kept(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("other.csv").write_text(HEADER + ROW.replace("2026", "2025"), encoding="utf-8")
    assert run("import", "other.csv") == 0
    out = capsys.readouterr().out
    assert (
        'CSV of another bot (member from "member", inviter from "inviter", code from "code", date from' in out
    )
    assert "Dates that name no timezone are taken for UTC." in out
    assert (
        "0 new joins of the last 31 days, of which 0 for an inviter; 1 older, on record but in no count"
        in out
    )
    assert "Kept for 31 days from today (until " in out


def test_one_refused_line_keeps_everything_out_unless_told_otherwise(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("other.csv").write_text(HEADER + ROW + "ada,,abc,2026-01-05\n", encoding="utf-8")
    assert run("import", "--dry-run", "other.csv") == 1
    assert run("import", "other.csv") == 2
    assert count_joins(path) == 0
    out = capsys.readouterr().out
    assert '  line 3: "ada" is not an id;' in out
    assert out.endswith("correct the refused lines, or leave them out with --skip-refused.\n")
    assert run("import", "--skip-refused", "other.csv") == 0
    assert count_joins(path) == 1


def test_columns_and_dates_are_read_as_told(path: Path) -> None:
    Path("other.csv").write_text(f"Who;By;Through;On\n{ADA};{BEA};abc;03/04/2026 10:00\n", encoding="utf-8")
    columns = "member=Who,inviter=By,code=Through,date=On"
    assert run("import", "--columns", columns, "--date-format", "%d/%m/%Y %H:%M", "other.csv") == 0
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT joined_at_ms FROM joins").fetchone() == (1_775_210_400_000,)


@pytest.mark.parametrize("text", ["member", "who=User", "member="])
def test_columns_that_are_named_wrongly_are_refused(
    path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        run("import", "--columns", text, "other.csv")
    assert "columns are named like member=User,inviter=Invited by" in capsys.readouterr().err


def test_an_import_does_not_disturb_a_bot_that_is_at_work(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("other.csv").write_text(HEADER + ROW, encoding="utf-8")
    with sole_use(path):
        assert run("import", "other.csv") == 2
    assert capsys.readouterr().err.startswith("Another Headcount is at work")
    assert count_joins(path) == 0


async def test_an_export_goes_on_while_a_bot_writes(path: Path) -> None:
    await asyncio.to_thread(fill, path, 3)
    database = await Database.open(path, now_ms=1)
    try:
        async with database.write() as tx:
            await tx.execute("DELETE FROM joins")
            assert await asyncio.to_thread(run, "export", "out.csv") == 0
    finally:
        await database.close()
    written = await asyncio.to_thread(Path("out.csv").read_text, encoding="utf-8")
    assert [join.member_id for join in joins_of(written)] == [1, 2, 3]


@pytest.mark.parametrize(
    "arguments", [("export", "out"), ("import", "other.csv"), ("import", "--dry-run", "other.csv")]
)
def test_a_server_without_the_tracker_is_refused_in_one_sentence(
    path: Path, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("other.csv").write_text(HEADER + ROW, encoding="utf-8")
    (name, *rest) = arguments
    assert main([name, "--server", "101", *rest]) == 2
    assert capsys.readouterr().err.startswith(
        "The invite tracker is not enabled in the server 101; enable it"
    )
    assert not Path("out").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("export", "other.csv"), "other.csv exists already; name a file that does not."),
        (("export", "nowhere/out.csv"), "nowhere/out.csv cannot be written (No such file or directory)."),
        (("import", "nowhere.csv"), "nowhere.csv cannot be read (No such file or directory)."),
        (("import", "latin.csv"), "latin.csv is not text in UTF-8; save it with that encoding."),
        (("import", "empty.csv"), "The file is empty."),
    ],
)
def test_what_cannot_be_done_is_told_in_one_sentence(
    path: Path, arguments: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("other.csv").write_text(HEADER + ROW, encoding="utf-8")
    Path("latin.csv").write_bytes((HEADER + "é").encode("latin-1"))
    Path("empty.csv").write_bytes(b"")
    assert run(*arguments) == 2
    assert capsys.readouterr().err == f"{sentence}\n"
    assert Path("other.csv").read_text(encoding="utf-8") == HEADER + ROW


def test_without_a_database_none_is_made(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("other.csv").write_text(HEADER + ROW, encoding="utf-8")
    for file in path.parent.iterdir():
        file.unlink()
    for arguments in (("export",), ("import", "other.csv"), ("import", "--dry-run", "other.csv")):
        assert run(*arguments) == 2
        assert capsys.readouterr().err == f"There is no database at {path}.\n"
    assert list(path.parent.iterdir()) == []


def test_an_older_database_is_to_be_migrated_first(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM migrations WHERE name LIKE '0009%'")
    assert run("export") == 2
    assert capsys.readouterr().err.endswith("is of an older version; run `python -m bot migrate` first.\n")


@pytest.mark.skipif(os.name != "posix", reason="the modes of POSIX")
def test_only_its_owner_can_read_an_exported_file(path: Path) -> None:
    assert run("export", "out.csv") == 0
    assert Path("out.csv").stat().st_mode & 0o077 == 0


def most_memory_of(work: Callable[[], object]) -> int:
    """Return how many bytes were held at most while this ran."""
    tracemalloc.start()
    try:
        work()
        (_now, most) = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return most


def test_an_export_of_ten_times_as_many_joins_takes_no_more_memory(path: Path) -> None:
    fill(path, 1_000)
    assert run("export", "warm.csv") == 0
    few = most_memory_of(lambda: run("export", "few.csv"))
    fill(path, 9_000, first=1_001)
    many = most_memory_of(lambda: run("export", "many.csv"))
    assert many < few * 1.3
    assert len(joins_of(Path("many.csv").read_text(encoding="utf-8"))) == 10_000


def test_an_import_of_ten_times_as_many_joins_takes_no_more_memory(path: Path) -> None:
    for name, count in (("warm.csv", 1), ("few.csv", 800), ("many.csv", 8_000)):
        Path(name).write_text("".join(foreign_rows(count)), encoding="utf-8")
    assert run("import", "warm.csv") == 0
    few = most_memory_of(lambda: run("import", "few.csv"))
    many = most_memory_of(lambda: run("import", "many.csv"))
    assert many < few * 1.3
    assert count_joins(path) == 8_000


def test_an_import_that_is_killed_in_the_middle_leaves_nothing(path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "import", "--server", str(SERVER), "-"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as importing:
        assert importing.stdin is not None
        # More than any buffer on the way holds: most of it is in the open transaction when all of it was taken.
        for row in foreign_rows(6_000):
            importing.stdin.write(row.encode())
        importing.stdin.flush()
        log = path.with_name(f"{path.name}-wal")
        assert importing.poll() is None
        importing.send_signal(signal.SIGKILL)
        importing.wait(30)
    assert log.exists()
    assert count_joins(path) == 0
    Path("other.csv").write_text("".join(foreign_rows(6_000)), encoding="utf-8")
    assert run("import", "other.csv") == 0
    assert count_joins(path) == 6_000


def test_a_reader_that_has_enough_ends_an_export_quietly(path: Path) -> None:
    fill(path, 20_000)
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "export", "--server", str(SERVER)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as exporting:
        assert exporting.stdout is not None
        assert exporting.stderr is not None
        assert exporting.stdout.readline().startswith(b"server_id,")
        exporting.stdout.close()
        assert exporting.stderr.read() == b""
        assert exporting.wait(30) == 0


@pytest.mark.parametrize("arguments", [("--dry-run",), ()], ids=["dry run", "import"])
def test_what_a_killed_dry_run_left_is_gone_after_the_next(path: Path, arguments: tuple[str, ...]) -> None:
    """It is a copy of all that is on record about people."""
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "import", "--server", str(SERVER), "--dry-run", "-"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
    ) as trying:
        assert trying.stdin is not None
        # More than any buffer on the way holds: the copy is made by the time all of it was taken.
        for row in foreign_rows(6_000):
            trying.stdin.write(row.encode())
        trying.stdin.flush()
        trying.send_signal(signal.SIGKILL)
    assert (folder_of_dry_run(path) / path.name).exists()

    Path("other.csv").write_text(HEADER + ROW, encoding="utf-8")
    assert run("import", *arguments, "other.csv") == 0
    assert not folder_of_dry_run(path).exists()


def test_two_dry_runs_do_not_take_each_others_copy(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("other.csv").write_text(HEADER + ROW, encoding="utf-8")
    with command._folder_for_copy(path) as folder:
        assert run("import", "--dry-run", "other.csv") == 2
        assert capsys.readouterr().err == "Another dry run is under way; wait until it has ended.\n"
        assert run("import", "other.csv") == 0
        assert folder.stat().st_mode & 0o077 == 0
    assert not folder.exists()
