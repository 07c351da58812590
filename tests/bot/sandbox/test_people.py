"""Interactions over the wire: commands, autocomplete, buttons, selects, forms, reactions."""

from collections.abc import Callable

import discord
import pytest
from discord import app_commands

from bot.sandbox.people import Person
from bot.sandbox.world import BackendError

from .contract import ContractBot, town


class Form(discord.ui.Modal, title="Name"):
    """Ask for a name."""

    name: discord.ui.TextInput["Form"] = discord.ui.TextInput(label="Name", custom_id="name")

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"Hello {self.name.value}", ephemeral=True)


class Panel(discord.ui.View):
    """Offer a button and a menu."""

    @discord.ui.button(label="Open")
    async def open(self, interaction: discord.Interaction, _button: discord.ui.Button["Panel"]) -> None:
        await interaction.response.send_modal(Form())

    @discord.ui.select(options=[discord.SelectOption(label="Red"), discord.SelectOption(label="Blue")])
    async def choose(self, interaction: discord.Interaction, menu: discord.ui.Select["Panel"]) -> None:
        await interaction.response.edit_message(content=f"You chose {menu.values[0]}", view=None)


async def commanding_bot(bot: ContractBot) -> None:
    """Give the bot commands and register them."""
    group = app_commands.Group(name="harbour", description="The harbour")

    @group.command(description="Show the panel")
    async def panel(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("Panel", view=Panel(), ephemeral=True)

    @group.command(description="Greet someone")
    async def greet(interaction: discord.Interaction, member: discord.Member, word: str) -> None:
        await interaction.response.defer(ephemeral=True)
        await interaction.followup.send(f"{word} {member.name}", ephemeral=True)

    @greet.autocomplete("word")
    async def words(_interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=word, value=word) for word in ("hello", "hi") if current in word]

    bot.tree.add_command(group)
    await bot.tree.sync()


async def test_a_slash_command_with_a_member_option_is_answered() -> None:
    async with town() as here:
        await commanding_bot(here.bot)
        ada = Person(here.world, here.guild.id, here.ada.id)
        result = await ada.slash(here.channel.id, "harbour greet", member=here.ada, word="hello")
        assert result.acknowledged
        assert result.response is not None
        assert result.response.content == "hello ada"
        assert result.response.ephemeral


async def test_autocomplete_offers_the_bots_choices() -> None:
    async with town() as here:
        await commanding_bot(here.bot)
        ada = Person(here.world, here.guild.id, here.ada.id)
        choices = await ada.autocomplete(here.channel.id, "harbour greet", "word", "he", member=here.ada)
        assert [choice["value"] for choice in choices] == ["hello"]


async def test_a_button_opens_a_form_and_the_form_is_answered() -> None:
    async with town() as here:
        await commanding_bot(here.bot)
        ada = Person(here.world, here.guild.id, here.ada.id)
        panel = await ada.slash(here.channel.id, "harbour panel")
        assert panel.response is not None
        shown = await ada.click(panel.response, label="Open")
        assert shown.modal is not None
        answer = await ada.submit_modal(shown, {"name": "Ada"})
        assert answer.response is not None
        assert answer.response.content == "Hello Ada"


async def test_a_select_edits_its_message() -> None:
    async with town() as here:
        await commanding_bot(here.bot)
        ada = Person(here.world, here.guild.id, here.ada.id)
        panel = await ada.slash(here.channel.id, "harbour panel")
        assert panel.response is not None
        await ada.select(panel.response, ["Blue"])
        assert panel.response.content == "You chose Blue"
        assert panel.response.components == []


async def test_commands_can_be_registered_for_one_guild() -> None:
    async with town() as here:
        guild = discord.Object(here.guild.id)

        @here.bot.tree.command(description="Here only", guild=guild)
        async def here_only(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("here")

        await here.bot.tree.sync(guild=guild)
        ada = Person(here.world, here.guild.id, here.ada.id)
        result = await ada.slash(here.channel.id, "here_only")
        assert result.response is not None
        assert result.response.content == "here"
        await here.world.until(lambda: here.bot.seen("message"))


async def test_a_message_of_a_person_reaches_the_bot_without_content_if_it_lacks_the_intent() -> None:
    intents = discord.Intents.all()
    intents.message_content = False
    async with town(bot=ContractBot(intents=intents)) as here:
        ada = Person(here.world, here.guild.id, here.ada.id)
        await ada.send(here.channel.id, "secret")
        await here.world.until(lambda: here.bot.seen("message"))
        assert here.bot.seen("message")[0].content == ""
        assert ada.messages(here.channel.id)[0].content == "secret"


async def test_a_reaction_tells_the_author_of_the_message() -> None:
    async with town() as here:
        ada = Person(here.world, here.guild.id, here.ada.id)
        message_id = await ada.send(here.channel.id, "nice")
        await ada.react(ada.message(here.channel.id, message_id), "⭐")
        await here.world.until(lambda: here.bot.seen("raw_reaction_add"))
        [reaction] = here.bot.seen("raw_reaction_add")
        assert reaction.message_author_id == here.ada.id
        await ada.unreact(ada.message(here.channel.id, message_id), "⭐")
        await here.world.until(lambda: here.bot.seen("raw_reaction_remove"))


async def test_voice_states_reach_the_bot() -> None:
    async with town() as here:
        voice = here.world.voice_channel(here.guild.id, "Pier")
        ada = Person(here.world, here.guild.id, here.ada.id)
        await ada.enter_voice(voice.id)
        await ada.leave_voice()
        await here.world.until(lambda: len(here.bot.seen("voice_state_update")) == 2)


async def test_a_person_edits_and_votes_and_only_a_moderator_tidies_up() -> None:
    async with town() as here:
        ada = Person(here.world, here.guild.id, here.ada.id)
        owner = Person(here.world, here.guild.id, here.guild.owner_id)
        message_id = await ada.send(here.channel.id, "helo")
        await ada.edit(ada.message(here.channel.id, message_id), "hello")
        poll = here.world.ask(here.channel.id, here.ada.id, "Tea?", ["yes", "no"])
        await ada.vote(ada.message(here.channel.id, poll.id), 2)
        await ada.react(ada.message(here.channel.id, message_id), "⭐")
        acts: list[Callable[[Person], None]] = [
            lambda person: person.clear_reactions(here.channel.id, message_id, "⭐"),
            lambda person: person.clear_reactions(here.channel.id, message_id),
            lambda person: person.delete_many(here.channel.id, [message_id, poll.id]),
        ]
        for tidy in acts:
            with pytest.raises(BackendError):
                tidy(ada)
            tidy(owner)
        await here.world.until(lambda: here.bot.seen("raw_bulk_message_delete"))
        wanted = ("raw_message_edit", "raw_poll_vote_add", "raw_reaction_clear_emoji", "raw_reaction_clear")
        assert here.bot.names(*wanted) == list(wanted)
