"""Who is online: read from raw presences, as discord.py drops those of members whom it has not cached."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Final

from bot.gateway import GatewayIntake, Payload

ONLINE: Final = frozenset({"online", "idle"})
DND: Final = "dnd"

COMPLETE_TO: Final = 75_000
"""Of larger guilds Discord tells hardly anybody's status when they come (Discord documentation, Gateway Events, Guild
Create)."""

FetchPresent = Callable[[int], Iterable[tuple[int, str]]]
"""Returns (user id, status) of the members of a guild that are known to be online."""


class StatusBoard:
    """The statuses of the members of the guilds that somebody reads.

    The numbers of a guild are right only once it is complete: until then, whoever is not known passes for offline.
    """

    def __init__(self, fetch_present: FetchPresent) -> None:
        """`fetch_present` tells who is online in a guild that is read from now on; whoever it does not know is offline."""
        self._fetch_present = fetch_present
        self._statuses: dict[int, dict[int, str]] = {}
        self._readers: defaultdict[int, set[str]] = defaultdict(set)
        self._complete: set[int] = set()
        self._cached: set[int] = set()
        """The guilds that came with all of their members: discord.py keeps them, and so knows their statuses."""
        self._lists: dict[int, tuple[str, set[int]]] = {}
        """The list of members that was asked for: its nonce, and which of its parts have come."""

    def subscribe(self, intake: GatewayIntake) -> None:
        """Begin to listen."""
        intake.subscribe("GUILD_CREATE", self._take_guild_create)
        intake.subscribe("PRESENCE_UPDATE", self._take_presence)
        intake.subscribe("GUILD_MEMBERS_CHUNK", self._take_chunk)
        intake.subscribe("GUILD_MEMBER_REMOVE", self._take_member_remove)
        intake.subscribe("GUILD_DELETE", self._take_guild_delete)

    def unsubscribe(self, intake: GatewayIntake) -> None:
        """Stop listening."""
        intake.unsubscribe("GUILD_CREATE", self._take_guild_create)
        intake.unsubscribe("PRESENCE_UPDATE", self._take_presence)
        intake.unsubscribe("GUILD_MEMBERS_CHUNK", self._take_chunk)
        intake.unsubscribe("GUILD_MEMBER_REMOVE", self._take_member_remove)
        intake.unsubscribe("GUILD_DELETE", self._take_guild_delete)

    # Who reads what

    def watch(self, guild_id: int, reader: str = "counters") -> None:
        """Keep the statuses of a guild for this reader."""
        self._readers[guild_id].add(reader)
        if guild_id not in self._statuses:
            self._statuses[guild_id] = {
                user_id: status
                for user_id, status in self._fetch_present(guild_id)
                if status in ONLINE or status == DND
            }
            if guild_id in self._cached:
                self._complete.add(guild_id)

    def unwatch(self, guild_id: int, reader: str = "counters") -> None:
        """Keep them for this reader no longer."""
        readers = self._readers.get(guild_id)
        if readers is None:
            return
        readers.discard(reader)
        if not readers:
            del self._readers[guild_id]
            self._statuses.pop(guild_id, None)
            self._make_incomplete(guild_id)

    def is_watched(self, guild_id: int) -> bool:
        """Whether the statuses of this guild are kept."""
        return guild_id in self._statuses

    def is_complete(self, guild_id: int) -> bool:
        """Whether everybody's status is known, so that the numbers of this guild mean anything."""
        return guild_id in self._complete

    def expect_list(self, guild_id: int, nonce: str) -> None:
        """Take the parts of the list of all members with this nonce: with the last of them the guild is complete."""
        if guild_id in self._statuses:
            self._lists[guild_id] = (nonce, set())

    # The numbers

    def online_count(self, guild_id: int) -> int:
        """Return how many members are online or idle."""
        return len(self.online_user_ids(guild_id))

    def dnd_count(self, guild_id: int) -> int:
        """Return how many members do not want to be disturbed."""
        return sum(status == DND for status in self._statuses.get(guild_id, {}).values())

    def online_user_ids(self, guild_id: int) -> tuple[int, ...]:
        """Return the members that are online or idle."""
        statuses = self._statuses.get(guild_id, {})
        return tuple(user_id for user_id, status in statuses.items() if status in ONLINE)

    # What Discord tells

    def _take_guild_create(self, payload: Payload, _received_at_ms: int) -> None:
        guild_id = int(payload["id"])
        if payload.get("unavailable"):
            return
        self._make_incomplete(guild_id)
        if payload.get("large"):
            self._cached.discard(guild_id)
        else:
            self._cached.add(guild_id)
        if guild_id in self._statuses:
            self._statuses[guild_id] = {}
            for presence in payload.get("presences", ()):
                self._note(guild_id, presence)
            if (payload.get("member_count") or 0) <= COMPLETE_TO:
                self._complete.add(guild_id)

    def _take_presence(self, payload: Payload, _received_at_ms: int) -> None:
        guild_id = int(payload["guild_id"])
        if guild_id in self._statuses:
            self._note(guild_id, payload)

    def _take_chunk(self, payload: Payload, _received_at_ms: int) -> None:
        # Somebody asked for members, and who of them is online comes along.
        guild_id = int(payload["guild_id"])
        if guild_id in self._statuses:
            for presence in payload.get("presences", ()):
                self._note(guild_id, presence)
            nonce, parts = self._lists.get(guild_id, ("", set()))
            if nonce and payload.get("nonce") == nonce:
                parts.add(payload["chunk_index"])
                if len(parts) >= payload["chunk_count"]:
                    del self._lists[guild_id]
                    self._complete.add(guild_id)

    def _take_member_remove(self, payload: Payload, _received_at_ms: int) -> None:
        statuses = self._statuses.get(int(payload["guild_id"]))
        if statuses is not None:
            statuses.pop(int(payload["user"]["id"]), None)

    def _take_guild_delete(self, payload: Payload, _received_at_ms: int) -> None:
        guild_id = int(payload["id"])
        self._make_incomplete(guild_id)
        self._cached.discard(guild_id)
        if guild_id in self._statuses:
            self._statuses[guild_id] = {}

    def _make_incomplete(self, guild_id: int) -> None:
        self._complete.discard(guild_id)
        self._lists.pop(guild_id, None)

    def _note(self, guild_id: int, presence: Payload) -> None:
        statuses = self._statuses[guild_id]
        user_id = int(presence["user"]["id"])
        status = presence.get("status")
        if status == DND:
            statuses[user_id] = DND
        elif status in ONLINE:
            statuses[user_id] = "idle" if status == "idle" else "online"
        else:
            statuses.pop(user_id, None)
