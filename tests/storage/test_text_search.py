"""Names in stored texts are found however they are written."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage import text_search
from storage.database import Database
from storage.text_search import TEXT_COLUMNS, count_texts_containing


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(tmp_path / "headcount.sqlite3", now_ms=1)
    yield opened
    await opened.close()


async def label(database: Database, *labels: str | None, guild_id: int = 1) -> None:
    """Store invites with these labels."""
    async with database.write() as tx:
        for number, text in enumerate(labels):
            await tx.execute(
                "INSERT INTO known_invites (guild_id, code, uses, accounted_uses, max_uses, is_temporary, label) "
                "VALUES (?, ?, 0, 0, 0, 0, ?)",
                (guild_id, f"code{number}", text),
            )


async def count(database: Database, *names: str | None) -> list[int]:
    """Return in how many texts of guild 1 these names stand."""
    async with database.read() as rx:
        return await count_texts_containing(rx, "invite_tracker", 1, names)


async def test_letters_beyond_ascii_are_found_whatever_their_case(database: Database) -> None:
    await label(database, "Link von Łukasz", "ŁUKASZ", "łukasz", "Straße", "nobody")
    assert await count(database, "Łukasz", "ÉVA", "STRASSE") == [3, 0, 1]


async def test_signs_that_mean_something_in_sql_stand_for_themselves(database: Database) -> None:
    await label(database, "100%", "1000", "a_b", "axb", None)
    assert await count(database, "100%", "a_b", "_", "'") == [1, 1, 1, 0]


async def test_no_name_stands_nowhere(database: Database) -> None:
    await label(database, "", "text")
    assert await count(database, None, "") == [0, 0]


async def test_more_texts_than_are_read_at_once_are_all_counted_and_only_those_of_the_guild(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_search, "TEXTS_AT_ONCE", 3)
    await label(database, *["mia"] * 7)
    await label(database, "mia", guild_id=2)
    assert await count(database, "Mia") == [7]


async def test_the_columns_are_all_those_with_texts_that_people_write(database: Database) -> None:
    """A new column with text must be looked through, or be known to hold none of a person."""
    async with database.read() as rx:
        tables = [
            name for (name,) in await rx.fetch_all("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        columns = {
            (table, row[1])
            for table in tables
            for row in await rx.fetch_all(f"PRAGMA table_info({table})")
            if row[2] == "TEXT"
        }
    searched = {(table, column) for found in TEXT_COLUMNS.values() for table, _key, column in found}
    assert columns - searched == OF_NOBODY


OF_NOBODY = {
    ("api_keys", "key_hash"),
    ("api_keys", "rights"),
    ("corrections", "candidates_before"),
    ("corrections", "certainty_before"),
    ("corrections", "code"),
    ("corrections", "code_before"),
    ("corrections", "credited_code_before"),
    ("corrections", "method_before"),
    ("corrections", "reason_before"),
    ("corrections", "source_before"),
    ("downtimes", "reason"),
    ("guild_modules", "module"),
    # A document: its texts are looked through by the module.
    ("guild_modules", "settings"),
    ("guild_settings", "language"),
    ("guilds", "timezone"),
    ("invite_baselines", "vanity_code"),
    ("joiner_roles", "code"),
    ("joins", "candidates"),
    ("joins", "certainty"),
    ("joins", "code"),
    ("joins", "credited_code"),
    ("joins", "evidence"),
    ("joins", "method"),
    ("joins", "reason"),
    ("joins", "source"),
    ("member_syncs", "stage"),
    ("known_invites", "code"),
    ("leaderboards", "outcome"),
    ("migrations", "checksum"),
    ("migrations", "name"),
    ("role_gifts", "code"),
    ("starboard_entries", "shown"),
    ("starboard_entries", "state"),
    ("starboards", "emoji"),
    ("starboards", "ignored_channel_ids"),
    ("starboards", "ignored_role_ids"),
    ("timezone_changes", "timezone_before"),
    ("unexplained_rises", "code"),
}
