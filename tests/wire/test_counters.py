"""Counters on the wire: the hidden limit of renames, restarts, large servers, and what is deleted while the bot is away."""

import asyncio
from pathlib import Path

import discord
import pytest

from tests.wire.harbour import AT_ONCE_SECONDS, CHANNEL, counters_alone, harbour
from tests.wire.town import AnswersLate, eventually

__all__ = ["counters_alone"]


async def test_a_busy_hour_never_meets_the_limit_of_renames(tmp_path: Path) -> None:
    async with harbour(tmp_path) as here:
        counter = await here.make()
        for _minute in range(60):
            await here.grow()
            await here.update(minutes=1)
        await here.update(minutes=6)

        statuses = [request.status for request in here.renames()]
        assert set(statuses) == {200}
        assert 10 <= len(statuses) <= 11
        assert here.name_of(counter) == f"Members: {len(here.guild.members)}"


async def test_a_refused_rename_waits_for_its_time_and_nothing_waits_for_it(tmp_path: Path) -> None:
    """People renamed the channel while the bot was away: it cannot know, and Discord refuses for almost ten minutes."""
    async with harbour(tmp_path) as here:
        counter = await here.make()
        for name in ("a", "b"):
            here.server._api._limits.take_rename(counter.channel_id, here.clock.monotonic())  # type: ignore[union-attr]
            here.world.channels[counter.channel_id].name = name
        await here.stop()
        await here.start()
        await here.update()

        assert [request.status for request in here.renames()] == [429]
        (stored,) = await here.counters()
        assert stored.blocked_until_ms is not None
        assert 500_000 < stored.blocked_until_ms - here.clock.now_ms() <= 600_000

        channel = here.seen_guild.get_channel(counter.channel_id)
        assert isinstance(channel, discord.VoiceChannel)
        async with asyncio.timeout(AT_ONCE_SECONDS):
            await channel.edit(user_limit=7)
        assert here.world.channels[counter.channel_id].user_limit == 7

        await here.update(minutes=8)
        await here.stop()
        await here.start()
        await here.update()
        assert [request.status for request in here.renames()] == [429, 200]
        assert here.name_of(counter) == "b"
        await here.update(minutes=2.5)
        assert here.name_of(counter) == "Members: 2"


async def test_a_short_refusal_does_not_hold_up_another_change_of_the_channel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For up to 30 seconds discord.py waits inside of the request; what else is changed must not queue behind it."""
    monkeypatch.setattr("cogs.serverstats.counters.channels.RENAME_SECONDS", 3.0)
    async with harbour(tmp_path) as here:
        counter = await here.make()
        here.world.switches.fail(
            "PATCH",
            f"/channels/{counter.channel_id}",
            status=429,
            body={"retry_after": 20.0, "global": False},
        )
        await here.grow()
        update = asyncio.create_task(here.update())
        await here.world.until(lambda: [request.status for request in here.renames()] == [429])
        channel = here.seen_guild.get_channel(counter.channel_id)
        assert isinstance(channel, discord.VoiceChannel)

        await channel.edit(user_limit=7)

        assert not update.done()
        await update
        assert here.name_of(counter) == "Members: 2"
        await here.update(minutes=6)
        assert here.name_of(counter) == "Members: 3"


async def test_the_distance_between_renames_is_kept_across_a_restart(tmp_path: Path) -> None:
    async with harbour(tmp_path) as here:
        counter = await here.make()
        await here.grow()
        await here.update()
        assert here.name_of(counter) == "Members: 3"
        await here.stop()
        here.world.join(here.guild.id, here.world.add_person("late").id)
        await here.start()

        await here.update(minutes=5)
        assert here.name_of(counter) == "Members: 3"
        await here.update(minutes=1)
        assert here.name_of(counter) == "Members: 4"


async def test_a_channel_that_discord_cannot_rename_does_not_stop_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cogs.serverstats.counters.channels.RENAME_SECONDS", 2.0)
    async with harbour(tmp_path) as here:
        broken, sound = await here.make(), await here.make()
        here.world.switches.fail("PATCH", f"/channels/{broken.channel_id}", status=500, times=None)
        await here.grow()
        await here.update()
        assert here.name_of(broken) == "Members: 2"
        assert here.name_of(sound) == "Members: 3"
        (trouble,) = here.module.troubles(here.guild.id)
        assert trouble.startswith(f"Discord did not rename <#{broken.channel_id}>")

        here.world.switches.faults.clear()
        # Discord counts what it failed at as well.
        await here.update(minutes=11)
        assert here.name_of(broken) == "Members: 3"
        assert here.module.troubles(here.guild.id) == ()


async def test_the_roles_and_statuses_of_10_000_members_are_counted_without_caching_them(
    tmp_path: Path,
) -> None:
    async with harbour(tmp_path, crowd=10_000, online=3_000) as here:
        crew = next(role for role in here.guild.roles.values() if role.name == "Crew")
        members = await here.make(7, role_id=crew.id)
        online = await here.make(3, role_id=crew.id)
        everyone = await here.make(7, role_id=here.guild.id, format="All: <value>")
        statuses = await here.make(1)

        assert here.name_of(members) == "Crew: 10000"
        assert here.name_of(online) == "Online Crew: 3000"
        assert here.name_of(everyone) == "All: 10002"
        assert here.name_of(statuses) == "Online: 3000 · DND: 0 · Offline: 7002"

        # The first comes online, one of them leaves; no list is read again.
        crowd = [user_id for user_id, member in here.guild.members.items() if member.role_ids == [crew.id]]
        here.world.set_presence(here.guild.id, crowd[-1], "idle")
        here.world.leave(here.guild.id, crowd[0])
        here.world.edit_member(here.guild.id, crowd[1], {"role_ids": []})
        await here.world.until(lambda: here.seen_guild.member_count == 10_001)
        lists = len(here.world.requests("GET", "/guilds/{id}/members"))
        assert lists == 11

        async def is_shown() -> bool:
            await here.update(minutes=10)
            return here.name_of(online) == "Online Crew: 2999" and here.name_of(members) == "Crew: 9998"

        await eventually(is_shown, "the role counts follow")
        assert len(here.world.requests("GET", "/guilds/{id}/members")) == lists


async def test_who_came_online_before_the_counter_was_made_is_counted(tmp_path: Path) -> None:
    """discord.py drops the presences of members whom it has not cached: the gateway is asked for all of them once."""
    async with harbour(tmp_path, crowd=2_000) as here:
        crowd = list(here.guild.members)[-50:]
        for user_id in crowd:
            here.world.set_presence(here.guild.id, user_id, "online")
        await here.grow()
        assert here.name_of(await here.make(2)) == "Online: 50"
        assert here.name_of(await here.make(4)) == f"Offline: {len(here.guild.members) - 50}"
        assert len(here.seen_guild.members) < 1_000


async def test_a_role_taken_away_while_the_members_are_listed_is_not_given_back(tmp_path: Path) -> None:
    """The list was put together before, and arrives after the event."""
    async with harbour(tmp_path, crowd=20, online=20) as here:
        crew = next(role for role in here.guild.roles.values() if role.name == "Crew")
        crowd = [user_id for user_id, member in here.guild.members.items() if member.role_ids == [crew.id]]
        here.world.switches.chance = AnswersLate()
        here.world.switches.route_latency_ms["GET", "/guilds/{id}/members"] = (150, 150)
        request = f"GET /guilds/{here.guild.id}/members"
        making = asyncio.create_task(here.make(3, role_id=crew.id))
        await here.world.until(lambda: ("HTTP", request) in [one[:2] for one in here.world.transcript])
        for user_id in crowd[:5]:
            here.world.edit_member(here.guild.id, user_id, {"role_ids": []})
        assert here.name_of(await making) == "Online Crew: 15"


async def test_what_was_deleted_while_the_bot_was_away_is_found_out(tmp_path: Path) -> None:
    async with harbour(tmp_path) as here:
        gone, kept = await here.make(), await here.make(8)
        await here.stop()
        here.world.delete_channel(gone.channel_id)
        await here.start()
        await here.update()
        assert await here.counters() == (kept,)

        category_id = here.module.require_settings(here.guild.id).counters_category_id or 0
        await here.stop()
        here.world.delete_channel(category_id)
        await here.start()
        await here.update()
        assert await here.counters() == ()
        assert not here.module.require_settings(here.guild.id).counters_enabled
        assert kept.channel_id not in here.world.channels


async def test_a_category_deleted_under_the_bots_eyes_ends_the_counters(tmp_path: Path) -> None:
    async with harbour(tmp_path) as here:
        counter = await here.make()
        here.world.delete_channel(here.module.require_settings(here.guild.id).counters_category_id or 0)

        async def is_over() -> bool:
            settings = here.module.require_settings(here.guild.id)
            return not settings.counters_enabled and await here.counters() == ()

        await eventually(is_over, "the counters are gone")
        await here.world.until(lambda: counter.channel_id not in here.world.channels)


async def test_a_channel_that_discord_does_not_speak_of_clearly_is_kept(tmp_path: Path) -> None:
    async with harbour(tmp_path) as here:
        counter = await here.make()
        await here.stop()
        here.world.delete_channel(counter.channel_id)
        await here.start()
        here.world.switches.fail("GET", CHANNEL, status=503, times=1)
        await here.update()
        assert await here.counters() == (counter,)
        await here.update()
        assert await here.counters() == ()


@pytest.mark.parametrize("fault", ["lost answer", "broken answer", "restart"])
async def test_a_goal_is_announced_once_whatever_happens(tmp_path: Path, fault: str) -> None:
    async with harbour(tmp_path) as here:
        await here.make(goal=3, announce_channel_id=here.channel.id)
        await here.grow()
        if fault == "lost answer":
            here.world.switches.fail(
                "POST", "/channels/{id}/messages", drop_connection=True, after_effect=True
            )
        elif fault == "broken answer":
            here.world.switches.fail("POST", "/channels/{id}/messages", status=503, after_effect=True)
        await here.update(minutes=10)
        await here.stop()
        await here.start()
        await here.update(minutes=10)
        await here.update(minutes=10)

        assert here.messages() == ["🎉 The goal of **3** members is reached: there are **3** now!"]


async def test_two_updates_at_once_rename_and_announce_once(tmp_path: Path) -> None:
    async with harbour(tmp_path) as here:
        counter = await here.make(goal=3, announce_channel_id=here.channel.id)
        here.world.switches.rest_latency_ms = (20, 40)
        await here.grow()
        await asyncio.gather(*(here.update() for _ in range(5)))
        await here.seen_name(counter, "Members: 0")
        assert len(here.renames()) == 1
        assert len(here.messages()) == 1
