"""The discord.py client: intents, extensions, and the order in which things start and stop."""

import asyncio
import logging
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.command_errors import CommandTree
from bot.discord_time import DiscordTime
from bot.gateway import share_the_loop
from bot.health_watch import HealthWatch
from bot.lifecycle import GuildLifecycle
from bot.parts import Parts
from bot.request_pace import RequestPace
from bot.settings.log import SettingsLog
from bot.settings.pages import SettingsScreen
from bot.text.command_names import CommandTranslator
from bot.text.language import N_, _
from bot.ui.actions import ACTION_ITEMS, Actions
from bot.ui.border import enter
from bot.ui.look import answer

_log = logging.getLogger(__name__)

EXTENSIONS = (
    "cogs.settings",
    "cogs.invite_tracker",
    "cogs.serverstats",
    "cogs.privacy",
    "cogs.help",
    "cogs.first_contact",
    "cogs.doctor",
    "cogs.api_keys",
)

INTENTS = discord.Intents(
    guilds=True,
    members=True,
    moderation=True,
    invites=True,
    voice_states=True,
    presences=True,
    guild_messages=True,
    message_content=True,
    guild_reactions=True,
    guild_polls=True,
)

# The floor that discord.py sets. Longer waits raise discord.RateLimited, so that one slow route never blocks another.
MAX_RATELIMIT_TIMEOUT_SECONDS = 30.0

SETTLE_SECONDS = 15.0

NO_PRESENCE_INTENT = (
    "The Presence Intent is switched off: statuses and activities are not recorded, and counters of them do not work, "
    "but for an estimate of who is online "
    "(Developer Portal → your application → Bot → Privileged Gateway Intents)."
)
NO_CONTENT_INTENT = (
    "The Message Content Intent is switched off: the starboard shows links without text, "
    "and of polls only the votes are counted "
    "(Developer Portal → your application → Bot → Privileged Gateway Intents)."
)


UNKNOWN_FORM = N_(
    "I was restarted while this form was open, so I do not know it any more: nothing was saved. Please open it again."
)


class HeadcountClient(commands.AutoShardedBot):
    """The bot. Features are extensions; they find what they need in `parts`."""

    def __init__(self, parts: Parts) -> None:
        discord_config = parts.config.discord
        discord_time = DiscordTime(parts.clock)
        options: dict[str, Any] = {}
        if discord_config.shard_ids:
            options["shard_ids"] = list(discord_config.shard_ids)
        super().__init__(
            # Slash commands only: without the message content intent a prefix would never be seen.
            command_prefix=(),
            help_command=None,
            tree_cls=CommandTree,
            intents=INTENTS,
            shard_count=discord_config.shard_count,
            # 100,000 cached members are about 100 MB; features fetch the few members that they show.
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags(joined=True, voice=False),
            max_messages=None,
            http_trace=discord_time.make_trace(),
            max_ratelimit_timeout=MAX_RATELIMIT_TIMEOUT_SECONDS,
            allowed_mentions=discord.AllowedMentions.none(),
            allowed_contexts=app_commands.AppCommandContext(guild=True),
            allowed_installs=app_commands.AppInstallationType(guild=True),
            **options,
        )
        self.request_pace = RequestPace(parts.clock)
        self.http.request = self.request_pace.around(self.http.request)  # type: ignore[method-assign]
        self.parts = parts
        self.discord_time = discord_time
        self.lifecycle = GuildLifecycle(self, parts, discord_time)
        self.health = HealthWatch(self, parts, self.lifecycle)
        self.actions = Actions()
        self.command_ids: dict[str, int] = {}
        """Discord's ids of the commands, by name; a command of a group has its group's."""
        self.settings_screen: SettingsScreen
        """Set by the feature that brings the screen, which is loaded first."""
        self.settings_log = SettingsLog(self, parts.guild_settings)

    async def setup_hook(self) -> None:
        """Load the features, publish their commands and start their jobs; the gateway is not connected yet."""
        self._give_up_refused_intents()
        share_the_loop(self)
        if not self.parts.config.discord.parse_messages:
            self.parts.intake.bypass("MESSAGE_CREATE")
        self.parts.intake.attach(self)
        await self.parts.guild_settings.open()
        await self.parts.api_keys.open()
        await self.parts.recorder.open()
        await self.lifecycle.start()
        self.health.start()
        self.add_dynamic_items(*ACTION_ITEMS)
        for extension in EXTENSIONS:
            await self.load_extension(extension)
        await self.tree.set_translator(CommandTranslator())
        await self._publish_commands()
        for module in self.parts.modules:
            for job in module.jobs:
                self.parts.scheduler.add_job(job.name, job.run, every_seconds=job.every_seconds)
        self.parts.scheduler.start()

    def dispatch(self, event_name: str, /, *args: Any, **kwargs: Any) -> None:
        """Let the intake learn of connections at once; listeners would hear of them a task later."""
        # Comes with every event of the gateway, and nobody listens.
        if event_name == "socket_event_type":
            return
        self.parts.intake.note_dispatch(event_name, *args)
        super().dispatch(event_name, *args, **kwargs)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Answer a form that was opened by a process before this one; discord.py drops it without a word."""
        if interaction.type is not discord.InteractionType.modal_submit or interaction.response.is_done():
            return
        # One that is known has a task already, begun before this one. There is no public way to ask for it.
        known = self._connection._view_store._modals  # noqa: SLF001
        data: Any = interaction.data
        if data["custom_id"] not in known:
            enter(interaction)
            await answer(interaction, _(UNKNOWN_FORM))

    async def on_shard_ready(self, shard_id: int) -> None:
        """Tell the operator that a shard is at work."""
        guilds = sum(guild.shard_id == shard_id for guild in self.guilds)
        _log.info(
            "Shard %d is ready; servers: %d.",
            shard_id,
            guilds,
            extra={"event": "shard_ready", "shard_id": shard_id, "guilds": guilds},
        )

    async def close(self) -> None:
        """Stop cleanly: jobs first, then what the features have under way, then the connection."""
        if self.is_closed():
            return
        await self.parts.scheduler.shutdown()
        for module in self.parts.modules:
            try:
                await asyncio.wait_for(module.settle(), SETTLE_SECONDS)
            except Exception:
                _log.exception("The module %s did not settle.", module.name)
        await self.settings_log.close()
        await self.health.close()
        await self.parts.recorder.close()
        await self.lifecycle.stop()
        await super().close()

    def _give_up_refused_intents(self) -> None:
        """Leave out the privileged intents that features can do without, and that the application does not have.

        Discord would refuse the connection otherwise (Gateway Close Event Code 4014).
        """
        flags = self.application.flags if self.application is not None else discord.ApplicationFlags()
        intents = self.intents
        if not (flags.gateway_presence or flags.gateway_presence_limited):
            intents.presences = False
            _log.warning(NO_PRESENCE_INTENT, extra={"event": "intent_missing", "intent": "presences"})
        if not (flags.gateway_message_content or flags.gateway_message_content_limited):
            intents.message_content = False
            _log.warning(NO_CONTENT_INTENT, extra={"event": "intent_missing", "intent": "message_content"})
        # discord.py identifies with what it finds here; there is no public way once the client is made.
        self._connection._intents = intents  # noqa: SLF001

    async def _publish_commands(self) -> None:
        guild_id = self.parts.config.discord.command_guild_id
        if guild_id is None:
            published = await self.tree.sync()
            self.command_ids = {command.name: command.id for command in published}
            return
        guild = discord.Object(guild_id)
        self.tree.copy_global_to(guild=guild)
        published = await self.tree.sync(guild=guild)
        self.command_ids = {command.name: command.id for command in published}
