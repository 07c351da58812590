"""Introduces the bot once to whoever added it, also when that happened while the bot was away."""

import logging
from typing import Final

import aiohttp
import discord
from discord.ext import commands

from bot.client import HeadcountClient
from bot.request_failures import REQUEST_FAILURES
from bot.text.language import speaking
from bot.ui.mentions import command_mention
from cogs.first_contact.addressee import choose_channel, find_member, find_person
from cogs.first_contact.introduction import introduction
from storage.first_contacts import delete_first_contact, upsert_first_contact

_log = logging.getLogger(__name__)

NEW_FOR_MS: Final = 7 * 86_400_000
"""Who added the bot longer ago has found their way: a lost database must not write to every server."""
SERVER_ERROR: Final = 500
"""From this HTTP status on it is Discord that has a problem."""


class Greeter(commands.Cog):
    """Makes the bot introduce itself where it is new.

    Discord's event for a new server also comes after an outage and at every start; what tells them apart is
    when the bot was added, which is stored with each introduction.
    """

    def __init__(self, client: HeadcountClient) -> None:
        self._client = client
        self._database = client.parts.database

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Take a server that the bot was added to while it was connected."""
        await self.greet(guild)

    @commands.Cog.listener()
    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Take a server that is there at a start, or again after an outage."""
        await self.greet(guild)

    async def greet(self, guild: discord.Guild) -> None:
        """Introduce the bot, unless that was done, or the bot has been there for long."""
        joined_at = guild.me.joined_at
        if joined_at is None:
            return
        joined_at_ms = int(joined_at.timestamp() * 1000)
        if self._client.parts.clock.now_ms() - joined_at_ms > NEW_FOR_MS:
            return
        # Noted first: a crash in between leaves one person without a message, and nobody with two.
        async with self._database.write() as tx:
            if not await upsert_first_contact(tx, guild.id, joined_at_ms):
                return
        try:
            await self._introduce(guild)
        except REQUEST_FAILURES as error:
            if not _was_surely_not_sent(error):
                _log.info(
                    "The bot could not introduce itself: %s",
                    error,
                    extra={"event": "bot_not_introduced", "guild_id": guild.id},
                )
                return
            _log.warning(
                "The bot could not introduce itself; it tries again when the server comes up anew: %s",
                error,
                extra={"guild_id": guild.id},
            )
            async with self._database.write() as tx:
                await delete_first_contact(tx, guild.id, joined_at_ms)

    async def _introduce(self, guild: discord.Guild) -> None:
        """Write to the person in a channel; by a direct message where no channel will do."""
        person = await find_person(guild)
        member = await find_member(guild, person.id) if person is not None else None
        if member is None:
            _log.info(
                "Nobody to introduce the bot to.",
                extra={"event": "bot_not_introduced", "guild_id": guild.id},
            )
            return
        channel = choose_channel(guild, member)
        await self._write(member if channel is None else channel, guild, member)
        _log.info(
            "The bot was added to a server and introduced itself.",
            extra={
                "event": "bot_introduced",
                "guild_id": guild.id,
                "channel_id": channel.id if channel else None,
            },
        )

    async def _write(
        self, to: discord.TextChannel | discord.Member, guild: discord.Guild, person: discord.Member
    ) -> None:
        parts = self._client.parts
        pages = parts.modules.settings_pages()
        has_settings = any([await page.is_enabled(guild.id) for page in pages])
        with speaking(parts.guild_settings.language_for(guild)):
            view = introduction(
                guild,
                person.id,
                pages,
                {name: command_mention(self._client, name) for name in ("settings", "help")},
                parts.config.links.documentation,
                has_settings=has_settings,
                in_guild=to is not person,
            )
        await to.send(view=view, allowed_mentions=discord.AllowedMentions(users=[person]))


def _was_surely_not_sent(error: Exception) -> bool:
    """Whether another try is worth it, and cannot say the same twice: an answer that never came may have been a yes."""
    match error:
        case discord.HTTPException():
            return error.status >= SERVER_ERROR
        case discord.RateLimited() | aiohttp.ClientConnectorError():
            return True
        case _:
            return False
