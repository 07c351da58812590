"""What the README says of joins and of files: the import prints what is shown there, and the numbers are those of the code."""

import re
import shlex
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.cli import COLUMN_ROLES, main
from bot.clock import SystemClock
from bot.config import InviteTrackerConfig, RetentionConfig
from cogs.invite_tracker.confirming.pace import TRIES_MOST, Pace
from cogs.invite_tracker.confirming.search_requests import MEMBERS_PER_REQUEST
from cogs.invite_tracker.counting import STATISTICS_DAYS
from cogs.invite_tracker.leaderboard.schedule import LATE_MOST_MS
from cogs.invite_tracker.settings import MODULE, InviteTrackerSettings
from cogs.invite_tracker.transfer.foreign import find_columns
from cogs.invite_tracker.tree.growing import DEPTH_MOST, PEOPLE_MOST
from cogs.invite_tracker.tree.wording import LIST_PEOPLE_MOST
from storage.schema import prepare_database

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
KNOWING, INVITES = (
    README.partition(f"\n## {title}\n")[2].partition("\n## ")[0] for title in ("How it knows", "Invites")
)

ANTON = 1441529309050175488
OTHER_BOT = f"""\
Joined user,Invited by,Invite,When
{ANTON + 1},{ANTON},discord.gg/KEVwcsao,14/11/2026 20:42
{ANTON + 2},{ANTON},KEVwcsao,02/03/2026 18:05
{ANTON + 3},Unknown,vanity,15/11/2026 09:30
"""


class StoppedClock(SystemClock):
    """Always on the day on which the README's example was taken."""

    def now_ms(self) -> int:
        return int(datetime(2026, 11, 21, 20, tzinfo=UTC).timestamp()) * 1000


def plain(text: str) -> str:
    return " ".join(text.split())


def test_the_import_prints_what_the_readme_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed, _, shown = INVITES.partition("```console\n$ ")[2].partition("```")[0].partition("\n")
    _python, _m, _bot, *arguments = shlex.split(typed)
    server_id = int(arguments[arguments.index("--server") + 1])
    database = tmp_path / "headcount.sqlite3"
    prepare_database(database, 1)
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("INSERT INTO guild_modules VALUES (?, ?, 1, '{}', 1)", (server_id, MODULE))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HEADCOUNT_CONFIG", raising=False)
    monkeypatch.setenv("HEADCOUNT_STORAGE__PATH", str(database))
    monkeypatch.setattr("bot.cli.SystemClock", StoppedClock)
    Path(arguments[-1]).write_text(OTHER_BOT, encoding="utf-8")

    assert main(arguments) == 0
    assert capsys.readouterr().out == shown

    named = re.search(r'--columns "([^"]+)"', INVITES)
    assert named is not None
    columns = dict(pair.split("=") for pair in named[1].split(","))
    assert set(columns) == set(COLUMN_ROLES)
    header = OTHER_BOT.partition("\n")[0].split(",")
    assert find_columns(header, columns) == find_columns(header, {})


def test_the_numbers_are_those_of_the_code() -> None:
    config = InviteTrackerConfig()
    pace = Pace(int(config.members_search_after_seconds * 1000), config.late_counter_ms)
    last_at_ms = sum(pace.again_at_ms(tries, 0) or 0 for tries in range(1, TRIES_MOST + 1))
    assert pace.guild_distance_ms == 5_000
    assert pace.distance_ms == 1_000
    assert pace.refused_ms == 3_600_000
    assert 29 * 60_000 < last_at_ms < 32 * 60_000
    assert (TRIES_MOST, MEMBERS_PER_REQUEST) == (6, 10)
    for sentence in (
        "about an ambiguous join after five seconds, about an unknown one after half a minute",
        "up to six times within half an hour",
        "ten members a request, one request in five seconds about a server, and one a second in all",
        "tries again every hour",
    ):
        assert sentence in plain(KNOWING)
    assert config.existing_members
    assert not InviteTrackerSettings().count_existing
    assert LATE_MOST_MS == 24 * 3_600_000
    assert DEPTH_MOST == 5
    assert RetentionConfig().joins == STATISTICS_DAYS
    for sentence in (
        f"a list up to {LIST_PEOPLE_MOST} people, a picture up to {PEOPLE_MOST}, five levels deep",
        f"for {STATISTICS_DAYS} days from the day on which they were put on record",
        f"Joins of more than {STATISTICS_DAYS} days ago are on record, but in no count.",
    ):
        assert sentence in plain(INVITES)


def test_it_says_that_inviting_is_not_rewarded() -> None:
    assert "**No rewards for inviters.**" in INVITES
