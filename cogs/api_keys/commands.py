"""/api_key create, list and delete: they translate between Discord and the use cases, no more."""

from typing import Any, ClassVar, Final

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import HeadcountClient
from bot.text.language import _
from bot.ui.access import Access, AccessTable, check_administrator, check_command
from bot.ui.confirmation import Question
from bot.ui.look import Interaction, answer, shorten
from bot.ui.scope import guild_of
from bot.web.callers import Right
from bot.web.keys import NAME_LENGTH_MOST
from cogs.api_keys.service import ApiKeyService
from cogs.api_keys.wording import choice_text, created_embed, deleted_embed, list_embed, question_embed

COMMAND_ACCESS: Final = {
    "api_key create": Access.ADMINISTRATOR,
    "api_key list": Access.ADMINISTRATOR,
    "api_key delete": Access.ADMINISTRATOR,
}

CHOICES_MOST: Final = 25
CHOICE_NAME_LENGTH: Final = 100


# Unlike other groups it is for administrators as a whole, so that Discord need not even show it to anybody else.
@app_commands.guild_only()
@app_commands.default_permissions(administrator=True)
class ApiKeyCommands(
    commands.GroupCog,
    group_name="api_key",
    group_description="Keys with which programs use the HTTP API of this server",
):
    """The group /api_key."""

    command_access: ClassVar[AccessTable] = COMMAND_ACCESS

    def __init__(self, client: HeadcountClient, service: ApiKeyService) -> None:
        self.service = service
        self._is_http_on = client.parts.config.http.enabled
        self._question = Question(client.actions, "api_key.delete", self._delete, arguments=1)

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Refuse people who may not use the command."""
        check_command(interaction, COMMAND_ACCESS)
        return True

    @app_commands.command(name="create", description="Make a key for a program; it is shown once")
    @app_commands.describe(
        name="What the key is for, such as website",
        read="Read settings, statistics and lists; on when left out",
        write="Change settings, invites and counters; off when left out",
        intake="Report what other software did, such as tickets; off when left out",
    )
    async def create(
        self,
        interaction: Interaction,
        name: app_commands.Range[str, 1, NAME_LENGTH_MOST],
        read: bool = True,
        write: bool = False,
        intake: bool = False,
    ) -> None:
        """Make the key and show it, to this person alone."""
        guild = guild_of(interaction)
        # While the database is busy to write may take longer than Discord waits.
        await interaction.response.defer(ephemeral=True)
        chosen = {Right.READ: read, Right.WRITE: write, Right.INTAKE: intake}
        rights = frozenset(right for right, is_chosen in chosen.items() if is_chosen)
        new = await self.service.create(guild.id, name, rights, interaction.user.id)
        await answer(interaction, embed=created_embed(new, is_http_on=self._is_http_on))

    @app_commands.command(name="list", description="List the keys of this server")
    async def list_keys(self, interaction: Interaction) -> None:
        """Show what there is to know of each key."""
        keys = self.service.keys_of(guild_of(interaction).id)
        await answer(interaction, embed=list_embed(keys, is_http_on=self._is_http_on))

    @app_commands.command(name="delete", description="Delete a key; whatever program uses it is refused")
    @app_commands.describe(key="Choose from the list")
    async def delete(self, interaction: Interaction, key: str) -> None:
        """Ask first."""
        found = self.service.find(guild_of(interaction).id, key)
        await self._question.ask(interaction, question_embed(found), found.key_id, yes=_("Delete"))

    @delete.autocomplete("key")
    async def complete_key(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Offer the keys, to those who may delete them."""
        if interaction.guild_id is None or not interaction.permissions.administrator:
            return []
        wanted = typed.strip().casefold()
        fitting = [
            key
            for key in self.service.keys_of(interaction.guild_id)
            if wanted in key.name.casefold() or key.key_id.startswith(wanted)
        ]
        return [
            app_commands.Choice(name=shorten(choice_text(key), CHOICE_NAME_LENGTH), value=key.key_id)
            for key in fitting[:CHOICES_MOST]
        ]

    async def _delete(self, interaction: Interaction, arguments: tuple[str, ...]) -> discord.Embed:
        check_administrator(interaction)
        [key_id] = arguments
        return deleted_embed(await self.service.delete(guild_of(interaction).id, key_id))
