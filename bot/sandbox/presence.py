"""Acts of presence: who is online and does what, and crowds of members made at once."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from .backend import Member, User
from .state import WorldState

STATUSES = ("online", "idle", "dnd", "offline")


def activity(
    kind: int, name: str, *, details: str | None = None, state: str | None = None, **more: Any
) -> dict[str, Any]:
    """Return an activity as presences show it.

    ``kind`` is 0 playing, 1 streaming, 2 listening, 3 watching, 4 a custom status (its text is ``state``) or
    5 competing.
    """
    facts = {"details": details, "state": state, **more}
    shown = {key: value for key, value in facts.items() if value is not None}
    return {"type": kind, "name": name, "id": f"{kind}{name}", "created_at": 0, **shown}


class PresenceActs(WorldState):
    """What people show of themselves."""

    def set_presence(
        self, guild_id: int, user_id: int, status: str, activities: Sequence[Mapping[str, Any]] | None = None
    ) -> None:
        """Show a member as ``online``, ``idle``, ``dnd`` or ``offline``, doing these activities.

        Without ``activities`` they stay as they were.
        """
        if status not in STATUSES:
            raise ValueError(f"There is no status {status}.")
        self.presences[guild_id, user_id] = status
        if activities is not None:
            self.activities[guild_id, user_id] = [dict(one) for one in activities]
        self.emit("PRESENCE_UPDATE", self.presence_payload(guild_id, user_id))

    def add_crowd(
        self,
        guild_id: int,
        number: int,
        *,
        online: int = 0,
        bots: int = 0,
        role_ids: Sequence[int] = (),
        joined_days_ago: float = 30,
    ) -> list[int]:
        """Put many members into a guild who have been there for long, without any event; return their ids.

        The first ``online`` of them are online, the last ``bots`` of them are bots.
        """
        guild = self.get_guild(guild_id)
        born = self.clock.now() - timedelta(days=joined_days_ago + 365)
        joined_at = (self.clock.now() - timedelta(days=joined_days_ago)).isoformat()
        first = len(guild.members)
        ids = []
        for place in range(number):
            user = User(id=self.id_at(born), name=f"member{first + place}", bot=place >= number - bots)
            self.users[user.id] = user
            guild.members[user.id] = Member(user.id, role_ids=list(role_ids), joined_at=joined_at)
            if place < online:
                self.presences[guild_id, user.id] = "online"
            ids.append(user.id)
        return ids

    def remove_member(self, guild_id: int, user_id: int) -> None:
        """Take a member out of the guild, out of its voice channels and out of its presences."""
        guild = self.get_guild(guild_id)
        if user_id in guild.voice_states:
            self.set_voice_state(guild_id, user_id, None)
        super().remove_member(guild_id, user_id)
        self.presences.pop((guild_id, user_id), None)
        self.activities.pop((guild_id, user_id), None)
