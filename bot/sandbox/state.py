"""The world's memory and its one way out: every event passes ``emit``."""

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from .backend import (
    Backend,
    BackendClock,
    BackendError,
    CdnStore,
    ChannelType,
    Guild,
    Member,
    User,
    channel_accessible,
    permissions,
    serializers,
)
from .switches import Switches, path_matches
from .wall_clock import WallClock

DISCORD_EPOCH_MS = 1_420_070_400_000
DID_REJOIN = 1 << 0
VIEW_CHANNEL = permissions.flag("view_channel")
CONNECT = permissions.flag("connect")
MEMORY_LIMIT = 20_000
POLL_S = 0.003
UNTIL_S = 20
_APPLICATION_FLAGS = {"presences": 1 << 12, "members": 1 << 14, "message_content": 1 << 18}
_WITHOUT_AGE_LIMIT = {
    ChannelType.DM,
    ChannelType.CATEGORY,
    ChannelType.PUBLIC_THREAD,
    ChannelType.PRIVATE_THREAD,
}
T = TypeVar("T")


class BoundedList(list[T]):
    """A list that forgets its oldest half when it holds twice ``limit`` items."""

    def __init__(self, limit: int = MEMORY_LIMIT) -> None:
        super().__init__()
        self._limit = limit

    def append(self, item: T, /) -> None:
        super().append(item)
        if len(self) >= 2 * self._limit:
            del self[: self._limit]


class LocalCdn(CdnStore):
    """Attachments with addresses that the HTTP server really serves; ``base_url`` is set when it starts."""

    base_url = "http://127.0.0.1/cdn"

    def store_attachment(
        self, attachment_id: int, channel_id: int, filename: str, data: bytes, description: str | None
    ) -> dict[str, Any]:
        stored = super().store_attachment(attachment_id, channel_id, filename, data, description)
        url = f"{self.base_url}/attachments/{channel_id}/{attachment_id}/{filename}"
        self._blobs[url] = self._blobs.pop(stored["url"])
        return {**stored, "url": url, "proxy_url": url}


@dataclass(frozen=True, slots=True)
class RestRequest:
    """One request that reached the HTTP server, with the status it was answered with (0: connection cut)."""

    method: str
    path: str
    status: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class SentNonce:
    """The message that a nonce was used for, and when."""

    channel_id: int
    message_id: int
    at_ms: int


class WorldState(Backend):
    """simcord's state with a wall clock, bounded logs, and events as Discord sends them.

    ``gaps`` lists every request that the local Discord could not serve; tests assert that it is empty.
    ``approved_intents`` are the privileged intents that the application has; take some away before the bot
    connects. ``intents_reviewed`` says which of each intent's two application flags tells of it.
    """

    def __init__(
        self, *, clock: BackendClock | None = None, switches: Switches | None = None, skew_ms: float = 0
    ) -> None:
        super().__init__(clock=clock or WallClock(skew_ms=skew_ms))
        self.switches = switches or Switches()
        self.gaps: list[str] = []
        self.transcript = BoundedList()
        self.http_requests = BoundedList()
        self.request_log: list[RestRequest] = BoundedList()
        self.cdn: LocalCdn = LocalCdn()
        self.approved_intents: set[str] = {"members", "presences", "message_content"}
        self.intents_reviewed = False
        self.member_flags: dict[tuple[int, int], int] = {}
        self.bot_added_by: dict[int, int] = {}
        """Who added the bot, by guild; its owner where nothing is noted."""
        self.invite_roles: dict[str, tuple[int, ...]] = {}
        """The roles that whoever accepts an invite gets, by its code."""
        self.locales: dict[int, str] = {}
        """The language in which a person uses Discord, by their id; American English where nothing is set."""
        self.presences: dict[tuple[int, int], str] = {}
        self.activities: dict[tuple[int, int], list[dict[str, Any]]] = {}
        self.nsfw_channel_ids: set[int] = set()
        self.new_channel_options: dict[str, bool] = {}
        self.nonces: dict[tuple[int, str], SentNonce] = {}
        self.nonce_in_flight: str | int | None = None
        self.gateway_url = ""
        self.recommended_shards = 1
        self.identifies = 0
        self.bot_user.name = "headcount"
        self._muted = False

    # ------------------------------------------------------------------ time and ids

    def now_ms(self) -> int:
        """Return this Discord's wall clock as UTC epoch milliseconds."""
        return int(self.clock.now().timestamp() * 1000)

    def id_at(self, moment: datetime) -> int:
        """Return a fresh snowflake whose time is ``moment``."""
        return self._allocate_at(int(moment.timestamp() * 1000) - DISCORD_EPOCH_MS)

    # ---------------------------------------------------------------- people

    def add_person(
        self,
        name: str,
        *,
        created_at: datetime | None = None,
        account_age_days: float = 365,
        avatar: bool = True,
        bot: bool = False,
        display_name: str | None = None,
    ) -> User:
        """Make an account; it is in no guild yet.

        ``created_at`` (or ``account_age_days`` before now) becomes the time in the account's id.
        """
        moment = created_at or self.clock.now() - timedelta(days=account_age_days)
        user = User(
            id=self.id_at(moment),
            name=name,
            bot=bot,
            global_name=display_name,
            avatar=f"{random.getrandbits(128):032x}" if avatar else None,
        )
        self.users[user.id] = user
        return user

    # ---------------------------------------------------------------- looking

    def bot_is_in(self, guild_id: int) -> bool:
        """Return whether the bot under test is a member of the guild."""
        guild = self.guilds.get(guild_id)
        return guild is not None and self.bot_user.id in guild.members

    def compute_permissions(self, guild_id: int, user_id: int, channel_id: int | None = None) -> int:
        """Return the permission bits somebody has.

        On a channel a denied View takes everything away, and on a voice channel a denied Connect nearly so.
        """
        held = super().compute_permissions(guild_id, user_id, channel_id)
        if channel_id is None or user_id == self.guilds[guild_id].owner_id:
            return held
        if not held & VIEW_CHANNEL:
            return 0
        voice = self.channels[channel_id].type in {ChannelType.VOICE, ChannelType.STAGE_VOICE}
        return held & VIEW_CHANNEL if voice and not held & CONNECT else held

    def bot_has(self, guild_id: int, permission: str, channel_id: int | None = None) -> bool:
        """Return whether the bot has a permission (discord.py's name) in the guild or on the channel."""
        if not self.bot_is_in(guild_id) or (channel_id is not None and channel_id not in self.channels):
            return False
        held = self.compute_permissions(guild_id, self.bot_user.id, channel_id)
        return bool(held & permissions.flag(permission))

    def requests(self, method: str, path: str) -> list[RestRequest]:
        """Return the requests that fit, oldest first; ``path`` can be a template: ``/guilds/{id}``."""
        return [
            request
            for request in self.request_log
            if request.method == method and path_matches(path, request.path)
        ]

    async def until(self, condition: Callable[[], T], timeout_s: float = UNTIL_S) -> T:
        """Wait until the condition is truthy and return its value.

        Raises TimeoutError after ``timeout_s``.
        """
        async with asyncio.timeout(timeout_s):
            # The condition may look at the bot as well as at the world, so no event of ours can announce it.
            while not (value := condition()):  # noqa: ASYNC110
                await asyncio.sleep(POLL_S)
        return value

    def application_flags(self) -> int:
        """Return the application's flags; they tell which privileged intents it has."""
        approved = sum(flag for name, flag in _APPLICATION_FLAGS.items() if name in self.approved_intents)
        # Each flag has a twin one bit higher for applications that need no review; most bots have the twin.
        return approved if self.intents_reviewed else approved << 1

    # ----------------------------------------------------------------- events

    def emit(self, event: str, payload: Mapping[str, Any]) -> None:
        """Send an event to all who subscribed, if the bot's membership and permissions let it see it."""
        if self._muted:
            return
        if not self._bot_may_see(event, payload):
            self.transcript.append(("DROPPED", event, "the bot may not see it"))
            return
        super().emit(event, self._completed(event, payload))

    def _bot_may_see(self, event: str, payload: Mapping[str, Any]) -> bool:
        guild_id = payload.get("guild_id") or (payload.get("id") if event.startswith("GUILD_") else None)
        if guild_id is None or event == "GUILD_DELETE":
            return True
        guild = int(guild_id)
        if guild not in self.guilds:
            return True
        if not self.bot_is_in(guild):
            return False
        if event in {"INVITE_CREATE", "INVITE_DELETE"}:
            channel_id = int(payload.get("channel_id") or 0)
            # An invite without a channel has no event: the event's channel id is never null.
            return bool(channel_id) and self.bot_has(guild, "manage_channels", channel_id)
        if event == "GUILD_AUDIT_LOG_ENTRY_CREATE":
            return self.bot_has(guild, "view_audit_log")
        if event.startswith("MESSAGE_") and int(payload.get("channel_id") or 0) in self.channels:
            return channel_accessible(self, int(payload["channel_id"]), self.bot_user.id)
        return True

    def _completed(self, event: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the payload with what simcord leaves out."""
        if event in {"GUILD_CREATE", "GUILD_UPDATE"}:
            guild = self.guild_payload(self.guilds[int(payload["id"])])
            if "unavailable" not in payload:
                # Only a guild that comes back carries the key; a client takes one without it for a new guild.
                del guild["unavailable"]
            return guild
        if event in {"GUILD_MEMBER_ADD", "GUILD_MEMBER_UPDATE"}:
            flags = self.member_flags.get((int(payload["guild_id"]), int(payload["user"]["id"])), 0)
            return {**payload, "flags": flags}
        if event == "MESSAGE_REACTION_ADD":
            message = self.messages.get(int(payload["channel_id"]), {}).get(int(payload["message_id"]))
            return payload if message is None else {**payload, "message_author_id": str(message.author_id)}
        if event in {"CHANNEL_CREATE", "CHANNEL_UPDATE", "CHANNEL_DELETE"}:
            return self.complete_channel(payload)
        if event in {"MESSAGE_CREATE", "MESSAGE_UPDATE"}:
            whole = self.complete_message(payload)
            return {**whole, "nonce": self.nonce_in_flight} if self.nonce_in_flight is not None else whole
        if event == "INTERACTION_CREATE":
            return self._with_locales(payload)
        return payload

    def _with_locales(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return an interaction with the languages of who acts and of where; simcord writes American English."""
        user = payload["user"] if "user" in payload else payload["member"]["user"]
        located = {**payload, "locale": self.locales.get(int(user["id"]), "en-US")}
        if payload.get("guild_id") is not None:
            located["guild_locale"] = self.guilds[int(payload["guild_id"])].preferred_locale
        return located

    def complete_message(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return a message as Discord shows it; the acts on messages and reactions know what is missing."""
        return dict(payload)

    def complete_channel(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return a channel as Discord shows it, with the age limit that simcord does not know."""
        if payload["type"] in _WITHOUT_AGE_LIMIT:
            return dict(payload)
        return {**payload, "nsfw": int(payload["id"]) in self.nsfw_channel_ids}

    # --------------------------------------------------------------- payloads

    def member_payload(self, guild: Guild, member: Member) -> dict[str, Any]:
        """Return a member as the API shows it, with the flags that simcord does not know."""
        payload = dict(serializers.member_payload(self, guild, member))
        return {**payload, "flags": self.member_flags.get((guild.id, member.user_id), 0)}

    def presence_payloads(self, guild: Guild) -> list[dict[str, Any]]:
        """Return the presences of all members who are not offline."""
        return [
            self.presence_payload(guild.id, user_id)
            for user_id in guild.members
            if self.presences.get((guild.id, user_id), "offline") != "offline"
        ]

    def presence_payload(self, guild_id: int, user_id: int) -> dict[str, Any]:
        """Return one member's presence; who never showed one is offline, and who is offline does nothing."""
        status = self.presences.get((guild_id, user_id), "offline")
        offline = status == "offline"
        return {
            "user": {"id": str(user_id)},
            "guild_id": str(guild_id),
            "status": status,
            "activities": [] if offline else self.activities.get((guild_id, user_id), []),
            "client_status": {} if offline else {"desktop": status},
        }

    def guild_payload(self, guild: Guild) -> dict[str, Any]:
        """Return a whole guild as GUILD_CREATE carries it, every member included."""
        payload: dict[str, Any] = dict(serializers.guild_create_payload(self, guild))
        me = guild.members.get(self.bot_user.id)
        return {
            **payload,
            "vanity_url_code": guild.vanity_url_code,
            "features": ["VANITY_URL"] if guild.vanity_url_code else [],
            "joined_at": me.joined_at if me else payload["joined_at"],
            "channels": [self.complete_channel(channel) for channel in payload["channels"]],
            "members": [self.member_payload(guild, member) for member in guild.members.values()],
            "presences": self.presence_payloads(guild),
        }

    def require_bot_in(self, guild_id: int) -> Guild:
        """Return the guild, or raise 404/10004 when the bot is not in it."""
        if not self.bot_is_in(guild_id):
            raise BackendError(404, 10004, "Unknown Guild")
        return self.guilds[guild_id]
