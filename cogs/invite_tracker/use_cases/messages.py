"""Join and leave messages as they would read now: shown as a preview, and sent as a test."""

import discord

from bot.errors import DiscordRefusedError, UnprocessableEntityError
from bot.text.dates import timezone_named
from bot.text.discord_objects import send_arguments
from bot.text.facts import Moment
from bot.text.language import _, speaking
from bot.text.rendering import RenderedMessage
from cogs.invite_tracker.messages.message_settings import MessageKind, message_of, require_channel
from cogs.invite_tracker.messages.samples import render_sample
from cogs.invite_tracker.use_cases.module import ModuleUseCases


class MessageUseCases(ModuleUseCases):
    """What is done with the messages before anybody comes or goes."""

    async def render_sample(
        self, guild_id: int, kind: MessageKind, person: discord.Member | discord.User
    ) -> RenderedMessage:
        """Return the message of this kind as it would read about this person, in the language of the server."""
        message = message_of((await self.fetch_settings(guild_id)).values, kind)
        guild = self._guild(guild_id)
        channel = guild.get_channel(message.channel_id) if message.channel_id is not None else None
        moment = Moment(self._clock.now_ms(), timezone_named(await self.fetch_timezone(guild_id)))
        with speaking(self._language_of(guild)):
            return render_sample(kind, message, person=person, guild=guild, channel=channel, moment=moment)

    async def send_sample(
        self, guild_id: int, kind: MessageKind, person: discord.Member | discord.User
    ) -> discord.Message:
        """Send that message to its channel, whether or not messages are turned on."""
        message = message_of((await self.fetch_settings(guild_id)).values, kind)
        channel = require_channel(self._guild(guild_id), kind, message)
        rendered = await self.render_sample(guild_id, kind, person)
        if rendered.is_empty:
            raise UnprocessableEntityError(
                _("Nothing is left of this message once its variables are filled in.")
            )
        try:
            return await channel.send(**send_arguments(rendered))
        except discord.HTTPException as error:
            raise DiscordRefusedError(
                _("Discord refused the message: {reason}.", reason=error.text or error.status)
            ) from error
