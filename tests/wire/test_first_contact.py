"""The first message in a new server, over a real connection: its start-up order is Discord's."""

from pathlib import Path

from tests.wire.town import Town, town


def greetings(here: Town) -> list[int]:
    """Return whom each message in the channel mentions."""
    messages = here.world.messages.get(here.channel.id, {}).values()
    return [user_id for message in messages for user_id in message.mention_user_ids]


async def added_again(here: Town, by_id: int) -> None:
    here.world.kick_bot(here.guild.id)
    await here.world.until(lambda: here.client.get_guild(here.guild.id) is None)
    here.world.add_bot_again(here.guild.id, by_id=by_id)
    await here.world.until(lambda: greetings(here))


async def test_whoever_adds_the_bot_is_told_once_whatever_restarts_and_outages_follow(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        assert greetings(here) == []
        await added_again(here, here.ben.id)
        assert greetings(here) == [here.ben.id]
        await here.stop()
        await here.start()
        here.world.begin_outage(here.guild.id)
        await here.world.until(lambda: here.seen_guild.unavailable)
        here.world.end_outage(here.guild.id)
        await here.world.until(lambda: not here.seen_guild.unavailable)
        # An introduction of a further server comes after one of this server would have come.
        other = here.world.make_guild("Lighthouse")
        here.world.kick_bot(other.id)
        here.world.add_bot_again(other.id, by_id=other.owner_id)
        await here.world.until(lambda: here.world.messages.get(other.channel_ids[0]))
        assert greetings(here) == [here.ben.id]


async def test_a_server_that_was_joined_while_the_bot_was_away_is_told_at_the_next_start(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as here:
        here.world.kick_bot(here.guild.id)
        await here.world.until(lambda: here.client.get_guild(here.guild.id) is None)
        await here.stop()
        here.world.add_bot_again(here.guild.id, by_id=here.ben.id)
        await here.start()
        await here.world.until(lambda: greetings(here))
        assert greetings(here) == [here.ben.id]
