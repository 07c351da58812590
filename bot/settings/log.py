"""Tells every change of settings: in the log, and in the server's log channel with who and what."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final

import aiohttp
import discord

from bot.acting import Actor, current_actor
from bot.settings.fields import NAMED_MOST, SettingChange, write_to_fit
from bot.settings.guild_settings import GuildSettingsBook
from bot.text.language import Language, _, speaking
from bot.ui.look import NO_PINGS, fit_lines, make_embed

_log = logging.getLogger(__name__)

CLOSE_SECONDS: Final = 5.0
LINES_LENGTH: Final = 3_500

Describe = Callable[[], Sequence[SettingChange]]
"""Describes what was changed in the language of the context; called once for the log channel."""

AfterChange = Callable[[int, int], Coroutine[Any, Any, None]]
"""Given a server and the person who changed its settings, shows what holds now where that person still sees the old."""


class SettingsLog:
    """Says what was changed, once it is stored. Nobody waits for it, and nothing is undone when it cannot be said."""

    def __init__(self, client: discord.Client, settings: GuildSettingsBook) -> None:
        self._client = client
        self._settings = settings
        self._under_way: set[asyncio.Task[None]] = set()
        self.after_change: AfterChange | None = None
        """Set by the settings screen."""

    def note(
        self, guild_id: int, title: str, describe: Describe, *, former_channel_id: int | None = None
    ) -> None:
        """Tell a change of the part of that title (marked with N_), made by whoever is behind this task.

        `former_channel_id` is a log channel that is none any more: those who read it are told as well.
        """
        actor = current_actor()
        with speaking(Language.ENGLISH):
            changes = describe()
            told = "; ".join(f"{change.label}: {_in_log(change)}" for change in changes)
        if not changes:
            return
        _log.info(
            "Settings changed: %s: %s.",
            title,
            told,
            extra={
                "event": "settings_changed",
                "guild_id": guild_id,
                "user_id": actor.user_id,
                "actor": actor.name,
            },
        )
        if self.after_change is not None and actor.user_id is not None:
            self._begin(self.after_change(guild_id, actor.user_id))
        for channel_id in {self._settings.log_channel_id_of(guild_id), former_channel_id}:
            if channel_id is None:
                continue
            self._begin(self._tell(guild_id, channel_id, title, describe, actor))

    def note_switch(self, guild_id: int, title: str, *, is_on: bool) -> None:
        """Tell that the module of that title (marked with N_) was enabled or disabled."""

        def describe() -> tuple[SettingChange, ...]:
            states = (_("off"), _("on"))
            return (SettingChange(_("Module"), states[not is_on], states[is_on]),)

        self.note(guild_id, title, describe)

    async def close(self) -> None:
        """Let what is under way reach Discord."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=CLOSE_SECONDS)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name="settings log")
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _tell(
        self, guild_id: int, channel_id: int, title: str, describe: Describe, actor: Actor
    ) -> None:
        guild = self._client.get_guild(guild_id)
        channel = guild.get_channel(channel_id) if guild is not None else None
        if guild is None or not isinstance(channel, discord.abc.Messageable):
            return
        with speaking(self._settings.language_for(guild)):
            changes = describe()
            text = write_to_fit(
                lambda most: "\n".join(f"**{each.label}:** {each.difference(most)}" for each in changes),
                LINES_LENGTH,
            )
            # What still does not fit are very many settings at once.
            text = fit_lines(text.split("\n"), LINES_LENGTH, lambda more: _("… and {more} more", more=more))
            embed = make_embed(_("Settings changed: {title}", title=_(title)), f"{text}\n-# {_who(actor)}")
        try:
            await channel.send(embed=embed, allowed_mentions=NO_PINGS)
        except (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, TimeoutError) as error:
            _log.warning(
                "The log channel could not be written to: %s",
                error,
                extra={"event": "log_channel_failed", "guild_id": guild_id},
            )


def _in_log(change: SettingChange) -> str:
    if change.added or change.removed:
        return change.difference(NAMED_MOST[0])
    return f"{change.before} -> {change.after}"


def _who(actor: Actor) -> str:
    if actor.user_id is not None:
        return _("by {person}", person=f"<@{actor.user_id}>")
    return _("by {person}", person=actor.name) if actor.name else _("by the bot itself")
