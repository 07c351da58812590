"""Who is online, from raw presences."""

from collections.abc import Sequence
from typing import Any

from bot.clock import SystemClock
from bot.gateway import GatewayIntake
from cogs.serverstats.statistics.statuses import StatusBoard
from tests.cogs.serverstats.statistics.scenery import GUILD

ELSEWHERE = 200


class Discord:
    """An intake whose events the test sends itself."""

    def __init__(self, present: Sequence[tuple[int, str]] = ()) -> None:
        self.intake = GatewayIntake(SystemClock())
        self.board = StatusBoard(lambda guild_id: present if guild_id == GUILD else ())
        self.board.subscribe(self.intake)

    def send(self, event: str, payload: dict[str, Any]) -> None:
        for handler in tuple(self.intake._handlers[event]):
            handler(payload, 0)

    def show(self, user_id: int, status: str, guild_id: int = GUILD) -> None:
        presence = {"guild_id": str(guild_id), "user": {"id": str(user_id)}, "status": status}
        self.send("PRESENCE_UPDATE", presence)


def numbers(board: StatusBoard, guild_id: int = GUILD) -> tuple[int, int]:
    return board.online_count(guild_id), board.dnd_count(guild_id)


def test_online_and_idle_are_online_and_offline_is_nothing() -> None:
    discord = Discord()
    discord.board.watch(GUILD)
    for user_id, status in enumerate(("online", "idle", "dnd", "offline", "invisible")):
        discord.show(user_id, status)
    assert numbers(discord.board) == (2, 1)
    assert set(discord.board.online_user_ids(GUILD)) == {0, 1}
    discord.show(0, "dnd")
    discord.show(1, "offline")
    assert numbers(discord.board) == (0, 2)


def test_who_leaves_the_server_has_no_status() -> None:
    discord = Discord()
    discord.board.watch(GUILD)
    discord.show(1, "online")
    discord.send("GUILD_MEMBER_REMOVE", {"guild_id": str(GUILD), "user": {"id": "1"}})
    assert numbers(discord.board) == (0, 0)


def test_a_presented_guild_replaces_all_that_was_known() -> None:
    discord = Discord()
    discord.board.watch(GUILD)
    discord.show(1, "online")
    presences = [{"user": {"id": "2"}, "status": "dnd"}, {"user": {"id": "3"}, "status": "idle"}]
    discord.send("GUILD_CREATE", {"id": str(GUILD), "presences": presences})
    assert numbers(discord.board) == (1, 1)
    discord.send("GUILD_CREATE", {"id": str(GUILD), "unavailable": True})
    assert numbers(discord.board) == (1, 1)
    discord.send("GUILD_DELETE", {"id": str(GUILD), "unavailable": True})
    assert numbers(discord.board) == (0, 0)


def test_only_watched_guilds_are_kept() -> None:
    discord = Discord()
    discord.board.watch(GUILD)
    discord.show(1, "online", ELSEWHERE)
    discord.board.watch(ELSEWHERE)
    assert numbers(discord.board, ELSEWHERE) == (0, 0)


def test_whoever_watches_later_begins_with_what_is_known() -> None:
    discord = Discord([(1, "online"), (2, "dnd"), (3, "offline")])
    discord.board.watch(GUILD)
    assert numbers(discord.board) == (1, 1)


def test_a_guild_is_kept_as_long_as_somebody_reads_it() -> None:
    discord = Discord()
    discord.board.watch(GUILD, "one")
    discord.board.watch(GUILD, "two")
    discord.board.unwatch(GUILD, "one")
    assert discord.board.is_watched(GUILD)
    discord.board.unwatch(GUILD, "two")
    discord.board.unwatch(GUILD, "two")
    assert not discord.board.is_watched(GUILD)


def test_nothing_is_heard_after_the_end() -> None:
    discord = Discord()
    discord.board.watch(GUILD)
    discord.board.unsubscribe(discord.intake)
    discord.show(1, "online")
    assert numbers(discord.board) == (0, 0)


def come(discord: Discord, members: int, *, large: bool) -> None:
    discord.send("GUILD_CREATE", {"id": str(GUILD), "member_count": members, "large": large, "presences": []})


def send_part(discord: Discord, nonce: str, index: int, count: int) -> None:
    presences = [{"user": {"id": str(index)}, "status": "online"}]
    part = {"nonce": nonce, "chunk_index": index, "chunk_count": count, "presences": presences}
    discord.send("GUILD_MEMBERS_CHUNK", {"guild_id": str(GUILD), **part})


def test_a_guild_that_came_with_all_its_members_is_complete_whenever_it_is_watched() -> None:
    discord = Discord()
    come(discord, 249, large=False)
    assert not discord.board.is_complete(GUILD)
    discord.board.watch(GUILD)
    assert discord.board.is_complete(GUILD)


def test_a_large_guild_is_complete_when_it_comes_only_up_to_the_limit_of_discord() -> None:
    discord = Discord()
    discord.board.watch(GUILD)
    come(discord, 75_000, large=True)
    assert discord.board.is_complete(GUILD)
    come(discord, 75_001, large=True)
    assert not discord.board.is_complete(GUILD)


def test_a_large_guild_that_is_watched_later_is_complete_after_the_last_part_of_its_list() -> None:
    discord = Discord()
    come(discord, 3_000, large=True)
    discord.board.watch(GUILD)
    assert not discord.board.is_complete(GUILD)
    send_part(discord, "not asked for", 0, 1)
    discord.board.expect_list(GUILD, "mine")
    send_part(discord, "of others", 0, 1)
    send_part(discord, "mine", 1, 2)
    send_part(discord, "mine", 1, 2)
    assert not discord.board.is_complete(GUILD)
    send_part(discord, "mine", 0, 2)
    assert discord.board.is_complete(GUILD)
    assert numbers(discord.board) == (2, 0)


def test_after_an_outage_or_when_nobody_reads_it_a_guild_is_not_complete() -> None:
    discord = Discord()
    discord.board.watch(GUILD)
    come(discord, 3_000, large=True)
    discord.send("GUILD_DELETE", {"id": str(GUILD), "unavailable": True})
    assert not discord.board.is_complete(GUILD)
    come(discord, 3_000, large=True)
    discord.board.unwatch(GUILD)
    assert not discord.board.is_complete(GUILD)
    discord.board.watch(GUILD)
    assert not discord.board.is_complete(GUILD)


def test_a_list_that_was_asked_for_before_an_outage_completes_nothing_after_it() -> None:
    discord = Discord()
    discord.board.watch(GUILD)
    discord.board.expect_list(GUILD, "mine")
    discord.send("GUILD_DELETE", {"id": str(GUILD), "unavailable": True})
    send_part(discord, "mine", 0, 1)
    assert not discord.board.is_complete(GUILD)
