"""Tells every change of settings: in the log, and in the server's log channel with who and what."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final

import discord

from bot.acting import Actor, current_actor
from bot.settings.fields import NAMED_MOST, SettingChange, write_to_fit
from bot.settings.guild_settings import GuildSettingsBook
from bot.settings.log_channel import post_in_log_channel
from bot.text.escape import escape_in_code, tame_name
from bot.text.language import Language, _, speaking
from bot.ui.look import fit_lines, make_embed

_log = logging.getLogger(__name__)

CLOSE_SECONDS: Final = 5.0
WAITING_MOST: Final = 10
"""So many changes wait to be told in a channel; Discord takes one a second, and a program may make more."""
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
        self._waiting: dict[int, int] = {}
        self._untold: dict[int, int] = {}
        self.after_change: AfterChange | None = None
        """Set by the settings screen."""

    def note(
        self,
        guild_id: int,
        title: str,
        describe: Describe,
        *,
        former_channel_id: int | None = None,
        in_log: str | None = None,
    ) -> None:
        """Tell a change of the part of that title (marked with N_), made by whoever is behind this task.

        `former_channel_id` is a log channel that is none any more: those who read it are told as well. `in_log` takes the place
        of the description in the log of the process, where the description names members.
        """
        actor = current_actor()
        with speaking(Language.ENGLISH):
            changes = describe()
            told = in_log or "; ".join(f"{change.label}: {_in_log(change)}" for change in changes)
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
            waiting = self._waiting.get(channel_id, 0)
            if waiting >= WAITING_MOST:
                self._untold[channel_id] = self._untold.get(channel_id, 0) + 1
                continue
            self._waiting[channel_id] = waiting + 1
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
        def write() -> discord.Embed:
            changes = describe()
            text = write_to_fit(
                lambda most: "\n".join(f"**{each.label}:** {each.difference(most)}" for each in changes),
                LINES_LENGTH,
            )
            # What still does not fit are very many settings at once.
            text = fit_lines(text.split("\n"), LINES_LENGTH, lambda more: _("… and {more} more", more=more))
            return make_embed(_("Settings changed: {title}", title=_(title)), f"{text}\n-# {_who(actor)}")

        def write_number() -> discord.Embed:
            text = _("… and {more} more", more=untold)
            return make_embed(_("Settings changed: {title}", title=_(title)), f"{text}\n-# {_who(actor)}")

        try:
            await post_in_log_channel(self._client, self._settings, guild_id, channel_id, write)
        finally:
            self._waiting[channel_id] -= 1
            is_last = not self._waiting[channel_id]
            if is_last:
                del self._waiting[channel_id]
        # Whoever comes last tells of those that came too fast; the log of the process has them one by one.
        if is_last and (untold := self._untold.pop(channel_id, 0)):
            await post_in_log_channel(self._client, self._settings, guild_id, channel_id, write_number)


def _in_log(change: SettingChange) -> str:
    if change.added or change.removed:
        return change.difference(NAMED_MOST[0])
    return f"{change.before} -> {change.after}"


def _who(actor: Actor) -> str:
    if actor.user_id is not None:
        return _("by {person}", person=f"<@{actor.user_id}>")
    if actor.is_operator:
        return _("by the operator's API key")
    if actor.name is not None:
        return _("by an API key (`{name}`)", name=escape_in_code(tame_name(actor.name)))
    return _("by the bot itself")
