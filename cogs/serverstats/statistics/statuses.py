"""Who is online: read from raw presences, as discord.py drops those of members whom it has not cached."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Final

from bot.gateway import GatewayIntake, Payload

ONLINE: Final = frozenset({"online", "idle"})
DND: Final = "dnd"

FetchPresent = Callable[[int], Iterable[tuple[int, str]]]
"""Returns (user id, status) of the members of a guild that are known to be online."""


class StatusBoard:
    """The statuses of the members of the guilds that somebody reads."""

    def __init__(self, fetch_present: FetchPresent) -> None:
        """`fetch_present` tells who is online in a guild that is read from now on; whoever it does not know is offline."""
        self._fetch_present = fetch_present
        self._statuses: dict[int, dict[int, str]] = {}
        self._readers: defaultdict[int, set[str]] = defaultdict(set)

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

    def unwatch(self, guild_id: int, reader: str = "counters") -> None:
        """Keep them for this reader no longer."""
        readers = self._readers.get(guild_id)
        if readers is None:
            return
        readers.discard(reader)
        if not readers:
            del self._readers[guild_id]
            self._statuses.pop(guild_id, None)

    def is_watched(self, guild_id: int) -> bool:
        """Whether the numbers of this guild mean anything."""
        return guild_id in self._statuses

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
        if guild_id in self._statuses and not payload.get("unavailable"):
            self._statuses[guild_id] = {}
            for presence in payload.get("presences", ()):
                self._note(guild_id, presence)

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

    def _take_member_remove(self, payload: Payload, _received_at_ms: int) -> None:
        statuses = self._statuses.get(int(payload["guild_id"]))
        if statuses is not None:
            statuses.pop(int(payload["user"]["id"]), None)

    def _take_guild_delete(self, payload: Payload, _received_at_ms: int) -> None:
        guild_id = int(payload["id"])
        if guild_id in self._statuses:
            self._statuses[guild_id] = {}

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
