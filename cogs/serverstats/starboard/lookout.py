"""Listens to what happens in all guilds and marks the messages that must be looked at; nothing here waits."""

from collections.abc import Callable, Iterable
from typing import Any

import discord

from bot.client import HeadcountClient
from bot.gateway import Payload
from cogs.serverstats.starboard.guild_state import CHORES, GuildState

Handler = Callable[[Payload, int], None]

FindState = Callable[[int], GuildState | None]
"""Returns the state of a guild in which the starboard is on."""


class Lookout:
    """Reads gateway events; an event that no board can care for costs a few comparisons."""

    def __init__(self, client: HeadcountClient, find_state: FindState) -> None:
        self._client = client
        self._find_state = find_state
        self._subscriptions: dict[str, Handler] = {
            "MESSAGE_REACTION_ADD": self._take_reaction_add,
            "MESSAGE_REACTION_REMOVE": self._take_reaction,
            "MESSAGE_REACTION_REMOVE_EMOJI": self._take_change,
            "MESSAGE_REACTION_REMOVE_ALL": self._take_change,
            "MESSAGE_UPDATE": self._take_update,
            "MESSAGE_DELETE": self._take_delete,
            "MESSAGE_DELETE_BULK": self._take_bulk_delete,
            "CHANNEL_UPDATE": self._take_channel_update,
            "CHANNEL_DELETE": self._take_channel_delete,
            "THREAD_DELETE": self._take_channel_delete,
            "GUILD_CREATE": self._take_guild_create,
        }

    def open(self) -> None:
        """Begin to listen."""
        for event, handler in self._subscriptions.items():
            self._client.parts.intake.subscribe(event, handler)

    def close(self) -> None:
        """Stop listening."""
        for event, handler in self._subscriptions.items():
            self._client.parts.intake.unsubscribe(event, handler)

    def _state(self, payload: Payload) -> GuildState | None:
        return self._find_state(int(payload.get("guild_id") or 0))

    def _places(self, guild_id: int, channel_id: int) -> Iterable[int]:
        """Return the channel's id, and its parent's for a thread that is known."""
        yield channel_id
        guild = self._client.get_guild(guild_id)
        thread = guild.get_thread(channel_id) if guild is not None else None
        if isinstance(thread, discord.Thread):
            yield thread.parent_id

    def _take_reaction_add(self, payload: Payload, received_at_ms: int) -> None:
        # Only this event says who it was.
        member: Any = payload.get("member") or {}
        if not member.get("user", {}).get("bot"):
            self._take_reaction(payload, received_at_ms)

    def _take_reaction(self, payload: Payload, _received_at_ms: int) -> None:
        state = self._state(payload)
        if state is None:
            return
        channel_id = int(payload["channel_id"])
        if state.may_count(self._places(state.guild_id, channel_id), payload["emoji"]):
            state.queue.mark(int(payload["message_id"]), channel_id)

    def _take_change(self, payload: Payload, _received_at_ms: int) -> None:
        self._mark_watched(payload, int(payload["message_id"]))

    def _take_update(self, payload: Payload, _received_at_ms: int) -> None:
        self._mark_watched(payload, int(payload["id"]))

    def _mark_watched(self, payload: Payload, message_id: int) -> None:
        state = self._state(payload)
        if state is not None and state.is_watched(message_id):
            state.queue.mark(message_id, int(payload["channel_id"]))

    def _take_delete(self, payload: Payload, _received_at_ms: int) -> None:
        state = self._state(payload)
        if state is not None:
            self._note_deleted(state, int(payload["channel_id"]), int(payload["id"]))

    def _take_bulk_delete(self, payload: Payload, _received_at_ms: int) -> None:
        state = self._state(payload)
        if state is not None:
            for message_id in payload["ids"]:
                self._note_deleted(state, int(payload["channel_id"]), int(message_id))

    @staticmethod
    def _note_deleted(state: GuildState, channel_id: int, message_id: int) -> None:
        if state.is_watched(message_id):
            state.queue.mark(message_id, channel_id)
        original = state.posts.get(message_id)
        if original is not None:
            state.lost_posts.add(message_id)
            state.queue.mark(*original)

    def _take_channel_update(self, payload: Payload, _received_at_ms: int) -> None:
        state = self._state(payload)
        if state is None or not state.boards:
            return
        guild = self._client.get_guild(state.guild_id)
        # This comes before discord.py reads the event: what it has is how the channel was.
        channel = guild.get_channel(int(payload["id"])) if guild is not None else None
        if channel is not None and getattr(channel, "nsfw", False) != bool(payload.get("nsfw")):
            state.altered_channels.add(channel.id)
            state.queue.mark(CHORES, 0)

    def _take_channel_delete(self, payload: Payload, _received_at_ms: int) -> None:
        state = self._state(payload)
        if state is not None and (state.boards or state.watched):
            channel_id = int(payload["id"])
            guild = self._client.get_guild(state.guild_id)
            # Its threads go with it, and no event tells of them.
            threads = (
                [] if guild is None else [one.id for one in guild.threads if one.parent_id == channel_id]
            )
            state.lost_channels.update((channel_id, *threads))
            state.queue.mark(CHORES, 0)

    def _take_guild_create(self, payload: Payload, _received_at_ms: int) -> None:
        # A new session: what happened before it is unknown.
        state = self._find_state(int(payload["id"]))
        if state is not None and not payload.get("unavailable"):
            state.must_catch_up = True
            state.queue.mark(CHORES, 0)
