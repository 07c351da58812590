"""Several guilds and shards; enabling, disabling, being put out of a guild and coming back."""

import asyncio
from pathlib import Path

from bot.config import RetentionConfig
from bot.sandbox.people import Person
from cogs.invite_tracker.settings import MODULE
from storage.guild_modules import fetch_module
from storage.guilds import fetch_guild_tables
from storage.records import Certainty
from tests.wire.town import AnswersLate, Town, eventually, quick_config, town, with_shards


async def stored_rows(here: Town, guild_id: int) -> dict[str, int]:
    """Return how many rows each table holds of a guild, leaving out those that hold none."""
    async with here.database.read() as rx:
        tables = await fetch_guild_tables(rx)
        counts = {
            table: (await rx.fetch_all(f"SELECT COUNT(*) FROM {table} WHERE guild_id = ?", (guild_id,)))[0][0]
            for table in tables
        }
    return {table: count for table, count in counts.items() if count}


async def test_two_guilds_at_once_do_not_touch_each_other(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        other = here.world.make_guild("Haven")
        await here.world.until(lambda: here.client.get_guild(other.id))
        channel = here.world.first_channel(other.id)
        here.world.add_old_member(other.id, here.ben.id)
        await here.enable(other.id)
        ours, theirs = here.invite(), here.world.make_invite(channel.id, here.ben.id)
        person = here.join(ours)
        here.world.join(other.id, person.id, code=theirs.code)
        first, second = await here.recorded(person), await here.recorded(person, guild_id=other.id)

        assert (first.certainty, first.code, first.guild_id) == (Certainty.CERTAIN, ours.code, here.guild.id)
        assert (second.certainty, second.code, second.guild_id) == (Certainty.CERTAIN, theirs.code, other.id)


async def test_a_guild_in_which_the_module_is_disabled_is_not_recorded(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        other = here.world.make_guild("Haven")
        await here.world.until(lambda: here.client.get_guild(other.id))
        person = here.newcomer()
        here.world.join(other.id, person.id)
        await here.recorded(here.join(here.invite()))

        assert set(await stored_rows(here, other.id)) <= {"guilds"}


async def test_one_shard_decides_while_the_other_is_disconnected(tmp_path: Path) -> None:
    async with town(tmp_path, config=with_shards(quick_config(), 2), is_enabled=False) as here:
        guilds = [here.world.make_guild(f"Shard {shard}", shard_id=shard, shard_count=2) for shard in (0, 1)]
        await here.world.until(lambda: all(here.client.get_guild(guild.id) for guild in guilds))
        codes = []
        for guild in guilds:
            here.world.add_old_member(guild.id, here.ada.id)
            await here.enable(guild.id)
            channel = here.world.first_channel(guild.id)
            codes.append(here.world.make_invite(channel.id, here.ada.id).code)
        here.world.switches.refuse_connections = True
        await here.server.gateway.drop_sockets(shard_id=1)
        unseen, seen = here.newcomer(), here.newcomer()
        here.world.join(guilds[1].id, unseen.id, code=codes[1])
        here.world.join(guilds[0].id, seen.id, code=codes[0])
        join = await here.recorded(seen, guild_id=guilds[0].id)
        before = await here.joins_of(unseen, guilds[1].id)
        here.world.switches.refuse_connections = False
        after = await here.recorded(unseen, guild_id=guilds[1].id)

        assert (join.certainty, join.code) == (Certainty.CERTAIN, codes[0])
        assert before == []
        assert (after.certainty, after.code) == (Certainty.CERTAIN, codes[1])


async def test_an_admin_enables_the_module_by_its_command(tmp_path: Path) -> None:
    async with town(tmp_path, is_enabled=False) as here:
        await here.world.until(lambda: here.world.find_command("invite_tracker", None))
        owner = Person(here.world, here.guild.id, here.guild.owner_id)
        result = await owner.slash(here.channel.id, "invite_tracker enable")
        await here.caught_up()
        invite = here.invite()
        join = await here.recorded(here.join(invite))

        assert result.acknowledged
        assert (join.certainty, join.code) == (Certainty.CERTAIN, invite.code)


async def test_disabling_deletes_everything_and_records_nothing_more(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        invite = here.invite(max_uses=2)
        await here.recorded(here.join(invite))
        undecided = here.join(invite)
        await here.world.until(lambda: here.execute("SELECT 1 FROM arrivals"))
        await here.service.disable(here.guild.id)
        here.leave(undecided)
        unrecorded = here.join(here.invite())
        # A join that is still on its way would be told to the module that is enabled again.
        await here.world.until(lambda: here.seen_guild.get_member(unrecorded.id))
        # Enabled again, the module knows nothing of before.
        await here.enable()

        assert set(await stored_rows(here, here.guild.id)) <= {
            "guilds",
            "guild_modules",
            "invite_baselines",
            "known_invites",
        }
        assert await here.fetch_joins([record.user_id for record in here.world.history]) == []


async def test_after_an_accidental_kick_the_data_is_still_there(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        invite = here.invite()
        before = here.join(invite)
        await here.recorded(before)
        here.world.kick_bot(here.guild.id)
        await here.world.until(lambda: here.client.get_guild(here.guild.id) is None)
        await here.client.parts.scheduler.run_now("departed guilds")
        during = here.join(invite)
        here.world.add_bot_again(here.guild.id)
        await here.world.until(lambda: here.client.get_guild(here.guild.id))
        await here.caught_up()
        missed = await here.recorded(during)
        after = await here.recorded(here.join(invite))
        await here.client.parts.scheduler.run_now("departed guilds")

        assert len(await here.joins_of(before)) == 1
        assert (missed.certainty, missed.code) == (Certainty.CERTAIN, invite.code)
        assert (after.certainty, after.code) == (Certainty.CERTAIN, invite.code)
        assert here.execute("SELECT departed_at_ms FROM guilds") == [(None,)]
        assert await here.joins_of(here.world.users[here.world.bot_user.id]) == []


async def test_the_data_of_a_departed_guild_goes_in_time_and_tracking_ends_with_it(tmp_path: Path) -> None:
    config = quick_config().model_copy(update={"retention": RetentionConfig(departed_guild_days=0)})
    async with town(tmp_path, config=config) as here:
        await here.recorded(here.join(here.invite()))
        here.world.kick_bot(here.guild.id)
        await here.world.until(lambda: here.client.get_guild(here.guild.id) is None)

        async def is_deleted() -> bool:
            await here.client.parts.scheduler.run_now("departed guilds")
            return await stored_rows(here, here.guild.id) == {}

        await eventually(is_deleted, "the data of the guild is deleted")
        here.world.add_bot_again(here.guild.id)
        await here.world.until(lambda: here.client.get_guild(here.guild.id))
        here.join(here.invite())
        # Enabling goes through all that a tracker does: what the join above had stirred would be on record by then.
        await here.enable()

        assert await here.fetch_joins([record.user_id for record in here.world.history[:-1]]) == []


async def test_a_guild_left_while_the_bot_was_down_is_noticed(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        await here.recorded(here.join(here.invite()))
        await here.client.parts.scheduler.run_now("heartbeat")
        await here.stop()
        here.world.kick_bot(here.guild.id)
        await here.start()
        await here.client.parts.scheduler.run_now("departed guilds")

        ((departed_at_ms,),) = await asyncio.to_thread(here.execute, "SELECT departed_at_ms FROM guilds")
        assert departed_at_ms is not None
        assert await here.fetch_joins([record.user_id for record in here.world.history])


async def test_enabling_waits_until_disabling_has_ended(tmp_path: Path) -> None:
    """Two admins disable while people join, and a third enables: what is enabled last is tracked."""
    async with town(tmp_path) as here:
        invite = here.invite()
        for _ in range(5):
            here.join(invite)
        await here.world.until(lambda: here.execute("SELECT 1 FROM arrivals"))

        async def enable() -> None:
            # Only once the first of the two has deleted everything.
            await eventually(is_disabled, "the module is disabled")
            await here.service.enable(here.guild.id)

        async def is_disabled() -> bool:
            async with here.database.read() as rx:
                return await fetch_module(rx, here.guild.id, MODULE) is None

        disabling = (here.service.disable(here.guild.id), here.service.disable(here.guild.id))
        *_, enabled = await asyncio.gather(*disabling, enable(), return_exceptions=True)
        await here.caught_up()
        await here.calm()
        join = await here.recorded(here.join(invite))

        assert enabled is None
        assert (join.certainty, join.code) == (Certainty.CERTAIN, invite.code)


async def test_an_invite_made_while_the_module_is_disabled_leaves_nothing(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        here.world.switches.chance = AnswersLate()
        here.world.switches.route_latency_ms["POST", "/channels/{id}/invites"] = (500, 500)
        making = asyncio.create_task(
            here.service.create_invite(
                here.guild.id,
                here.channel.id,
                max_uses=0,
                max_age_seconds=0,
                is_temporary=False,
                for_user_id=here.ben.id,
            )
        )
        await here.world.until(lambda: here.world.live_invites(here.guild.id))
        await here.service.disable(here.guild.id)
        (refused,) = await asyncio.gather(making, return_exceptions=True)

        assert "counts for nobody" in str(refused)
        assert set(await stored_rows(here, here.guild.id)) <= {"guilds"}


async def test_put_out_of_the_guild_and_back_in_the_midst_of_a_burst_loses_no_join(tmp_path: Path) -> None:
    async with town(tmp_path, rest_latency_ms=(5, 30)) as here:
        invites = [here.invite(), here.invite(here.ben)]
        await here.looked()
        for number in range(45):
            here.join(invites[number % 2])
            if number == 15:
                here.world.kick_bot(here.guild.id)
            if number == 30:
                here.world.add_bot_again(here.guild.id)
            await asyncio.sleep(0.01)
        joins = await here.all_recorded()

        here.assert_never_wrong(joins)
        here.assert_totals(joins)
