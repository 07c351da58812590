"""Finding out what the features need, by the names of their modules."""

import sys
from pathlib import Path

import pytest

from bot.doctor.needs import IntentNeed, fetch_needs
from storage.database import Database


async def test_features_with_and_without_needs_are_asked_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needy = tmp_path / "feature_with_needs"
    needy.mkdir()
    (needy / "__init__.py").touch()
    (needy / "doctor.py").write_text(
        "from bot.doctor.needs import IntentNeed\n"
        "async def fetch_needs(rx, guild_id):\n"
        "    return (IntentNeed('members', str(guild_id)),)\n",
        encoding="utf-8",
    )
    modest = tmp_path / "feature_without_needs"
    modest.mkdir()
    (modest / "__init__.py").touch()
    (tmp_path / "feature_of_one_file.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    names = ("feature_of_one_file", "feature_with_needs", "feature_without_needs")
    database = await Database.open(tmp_path / "headcount.sqlite3", now_ms=0)
    try:
        async with database.read() as rx:
            assert await fetch_needs(rx, names, 7) == (IntentNeed("members", "7"),)
    finally:
        await database.close()
        for name in [name for name in sys.modules if name.startswith("feature_")]:
            monkeypatch.delitem(sys.modules, name)
