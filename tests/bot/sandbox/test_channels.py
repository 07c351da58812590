"""Channels as a real discord.py client makes, changes and loses them."""

import discord
import pytest

from bot.sandbox.people import Person
from bot.sandbox.world import World

from .contract import ContractBot, town


async def test_an_age_limit_is_seen_and_threads_have_their_parents() -> None:
    async with town() as here:
        thread = here.world.start_thread(here.channel.id, here.ada.id, "talk")
        channel = here.seen_guild.get_channel(here.channel.id)
        assert isinstance(channel, discord.TextChannel)
        before = channel.nsfw
        here.world.set_nsfw(here.channel.id)
        await here.world.until(lambda: here.bot.seen("guild_channel_update"))
        assert (before, channel.nsfw) == (False, True)
        seen_thread = here.seen_guild.get_thread(thread.id)
        assert seen_thread is not None
        assert seen_thread.is_nsfw()
        fetched = await here.bot.fetch_channel(here.channel.id)
        assert isinstance(fetched, discord.TextChannel)
        assert fetched.nsfw


async def test_an_age_limit_is_there_from_the_beginning() -> None:
    world = World()
    guild = world.make_guild("Other")
    world.set_nsfw(world.first_channel(guild.id).id)
    async with town(world=world) as here:
        channel = here.bot.get_channel(world.first_channel(guild.id).id)
        assert isinstance(channel, discord.TextChannel)
        assert channel.nsfw
        made = await here.seen_guild.create_text_channel("night", nsfw=True)
        assert made.nsfw
        await made.edit(nsfw=False)
        assert made.id not in world.nsfw_channel_ids


async def test_the_bot_makes_a_locked_voice_channel_in_a_category() -> None:
    async with town() as here:
        category = await here.seen_guild.create_category("Counters")
        locked = discord.PermissionOverwrite(connect=False)
        channel = await here.seen_guild.create_voice_channel(
            "Members: 3", category=category, overwrites={here.seen_guild.default_role: locked}
        )
        assert (channel.name, channel.category_id) == ("Members: 3", category.id)
        assert channel.overwrites_for(here.seen_guild.default_role).connect is False
        stored = here.world.channels[channel.id]
        assert not here.world.compute_permissions(here.guild.id, here.ada.id, stored.id) & (1 << 20)
        await here.world.until(lambda: len(here.bot.seen("guild_channel_create")) == 2)


async def test_a_channel_without_overwrites_of_its_own_takes_over_its_categorys() -> None:
    async with town() as here:
        everyone = here.seen_guild.default_role
        category = await here.seen_guild.create_category("Hall")
        await category.set_permissions(everyone, send_messages=False)
        synced = await category.create_text_channel("synced")
        assert synced.overwrites_for(everyone).send_messages is False


async def test_overwrites_can_only_give_or_take_what_the_bot_has() -> None:
    held = discord.Permissions(view_channel=True, manage_channels=True, manage_roles=True, connect=True)
    async with town(bot_permissions=held) as here:
        everyone = here.seen_guild.default_role
        here.guild.everyone_role.permissions = discord.Permissions(view_channel=True).value

        async def make(**permissions: bool) -> discord.VoiceChannel:
            overwrite = discord.PermissionOverwrite(**permissions)
            return await here.seen_guild.create_voice_channel("Members", overwrites={everyone: overwrite})

        for wrong in ({"speak": False}, {"manage_roles": False}):
            with pytest.raises(discord.Forbidden) as refused:
                await make(**wrong)
            assert refused.value.code == 50013
        channel = await make(view_channel=True)
        with pytest.raises(discord.Forbidden):
            await channel.edit(overwrites={everyone: discord.PermissionOverwrite(speak=False)})


async def test_a_category_takes_fifty_channels() -> None:
    async with town() as here:
        category = here.world.category(here.guild.id, "Full")
        for number in range(50):
            here.world.create_channel(here.guild.id, f"c{number}", parent_id=category.id)
        with pytest.raises(discord.HTTPException) as refused:
            await here.seen_guild.create_text_channel("more", category=discord.Object(category.id))  # type: ignore[arg-type]
        assert refused.value.code == 50035
        assert "50" in refused.value.text


async def test_a_guild_takes_five_hundred_channels() -> None:
    async with town() as here:
        for number in range(499):
            here.world.create_channel(here.guild.id, f"c{number}", announce=False)
        with pytest.raises(discord.HTTPException) as refused:
            await here.seen_guild.create_voice_channel("more")
        assert refused.value.code == 30013


async def test_a_text_channel_does_not_get_the_name_it_was_given() -> None:
    async with town() as here:
        text = await here.seen_guild.create_text_channel("Members: 1,234 now")
        voice = await here.seen_guild.create_voice_channel("Members: 1,234 now")
        assert (text.name, voice.name) == ("members-1234-now", "Members: 1,234 now")
        edited = await text.edit(name="Online  Members")
        assert edited is not None
        assert edited.name == "online-members"
        with pytest.raises(discord.HTTPException) as refused:
            await voice.edit(name="x" * 101)
        assert refused.value.code == 50035


async def test_a_deleted_category_leaves_its_channels_without_a_parent() -> None:
    async with town() as here:
        category = here.world.category(here.guild.id, "Counters")
        voice = here.world.create_channel(here.guild.id, "Members", type=2, parent_id=category.id)
        here.world.delete_channel(category.id)
        await here.world.until(lambda: here.bot.seen("guild_channel_update"))
        assert [one.id for one in here.bot.seen("guild_channel_delete")] == [category.id]
        channel = here.seen_guild.get_channel(voice.id)
        assert channel is not None
        assert channel.category_id is None


async def test_a_deleted_channel_takes_its_threads_and_messages_along() -> None:
    async with town() as here:
        channel = here.world.text_channel(here.guild.id, "short")
        thread = here.world.start_thread(channel.id, here.ada.id, "talk")
        message = here.world.say(channel.id, here.ada.id, "hello")
        inside = here.world.say(thread.id, here.ada.id, "inside")
        here.world.delete_channel(channel.id)
        await here.world.until(lambda: here.bot.seen("guild_channel_delete"))
        assert here.seen_guild.get_thread(thread.id) is None
        for channel_id, message_id in ((channel.id, message.id), (thread.id, inside.id)):
            with pytest.raises(discord.NotFound) as gone:
                await here.bot.get_partial_messageable(channel_id).fetch_message(message_id)
            assert gone.value.code == 10003
        sent = {entry[1] for entry in here.world.transcript if entry[0] == "GATEWAY"}
        assert not sent & {"MESSAGE_DELETE", "MESSAGE_DELETE_BULK", "THREAD_DELETE"}
        with pytest.raises(discord.NotFound) as gone:
            await here.bot.fetch_channel(channel.id)
        assert gone.value.code == 10003


async def test_a_private_thread_is_hidden_from_who_is_not_in_it() -> None:
    few = discord.Permissions(view_channel=True, read_message_history=True)
    async with town(bot_permissions=few) as here:
        thread = here.world.start_thread(here.channel.id, here.ada.id, "psst", private=True)
        here.world.say(thread.id, here.ada.id, "secret")
        here.world.say(here.channel.id, here.ada.id, "open")
        await here.world.until(lambda: "open" in [one.content for one in here.bot.seen("message")])
        assert "secret" not in [one.content for one in here.bot.seen("message")]


async def test_people_in_voice_are_there_at_the_beginning_and_move_and_leave() -> None:
    world = World()
    guild = world.make_guild("Other")
    pier, deck = world.voice_channel(guild.id, "Pier"), world.voice_channel(guild.id, "Deck")
    [bob] = world.add_crowd(guild.id, 1)
    world.enter_voice(guild.id, bob, pier.id, self_mute=True)
    async with town(world=world, bot=ContractBot()) as here:
        seen = here.bot.get_guild(guild.id)
        assert seen is not None
        member = seen.get_member(bob)
        assert member is not None
        assert member.voice is not None
        assert member.voice.self_mute
        world.enter_voice(guild.id, bob, deck.id)
        await world.until(lambda: here.bot.seen("voice_state_update"))
        assert member.voice is not None
        assert (member.voice.channel and member.voice.channel.id) == deck.id
        world.leave_voice(guild.id, bob)
        world.leave_voice(guild.id, bob)
        world.say(world.first_channel(guild.id).id, bob, "bye")
        await world.until(lambda: here.bot.seen("message"))
        assert [state.channel_id for state in guild.voice_states.values()] == []
        assert len(here.bot.seen("voice_state_update")) == 2


@pytest.mark.parametrize("how", ["channel gone", "member gone"])
async def test_nobody_stays_in_voice_without_the_channel_or_the_membership(how: str) -> None:
    async with town() as here:
        voice = here.world.voice_channel(here.guild.id, "Pier")
        await Person(here.world, here.guild.id, here.ada.id).enter_voice(voice.id)
        if how == "channel gone":
            here.world.delete_channel(voice.id)
        else:
            here.world.leave(here.guild.id, here.ada.id)
        await here.world.until(lambda: len(here.bot.seen("voice_state_update")) == 2)
        assert here.guild.voice_states == {}
