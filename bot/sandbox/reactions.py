"""Acts with reactions: normal and super ones, custom emoji, and who sees what of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .backend import Message, Reaction, serializers
from .state import WorldState

NORMAL, BURST = 0, 1
BURST_COLORS = ("#f1c40f", "#e67e22", "#e74c3c")


@dataclass
class MixedReaction(Reaction):
    """One emoji on one message, with those who gave a super reaction beside those who gave a normal one."""

    burst_user_ids: list[int] = field(default_factory=list)


def plain_emoji(emoji: str) -> str:
    """Return ``name:id`` for a custom emoji as messages write it (``<:name:id>``, ``<a:name:id>``)."""
    if not emoji.startswith("<"):
        return emoji
    return ":".join(emoji.strip("<>").split(":")[1:])


def reactors(reaction: Reaction, *, burst: bool) -> list[int]:
    """Return the ids of those who gave a super reaction or of those who gave a normal one."""
    if not burst:
        return reaction.user_ids
    return reaction.burst_user_ids if isinstance(reaction, MixedReaction) else []


class ReactionActs(WorldState):
    """What people do with reactions. An emoji is a character, ``name:id`` or ``<:name:id>``."""

    def make_emoji(self, guild_id: int, name: str, *, animated: bool = False) -> str:
        """Make a custom emoji and return how reactions name it."""
        emoji = self.create_emoji(guild_id, name, self.get_guild(guild_id).owner_id, animated=animated)
        return f"{emoji.name}:{emoji.id}"

    def react(self, message: Message, user_id: int, emoji: str, *, burst: bool = False) -> None:
        """React in somebody's name; ``burst`` is a super reaction, which one may give beside a normal one."""
        self.set_reaction(message.channel_id, message.id, emoji, user_id, True, burst=burst)

    def unreact(self, message: Message, user_id: int, emoji: str, *, burst: bool = False) -> None:
        """Take somebody's reaction back; nothing happens when there is none."""
        self.set_reaction(message.channel_id, message.id, emoji, user_id, False, burst=burst)

    def set_reaction(
        self,
        channel_id: int,
        message_id: int,
        emoji: str,
        user_id: int,
        reacted: bool,
        *,
        burst: bool = False,
    ) -> None:
        """Give or take one reaction; what is so already has no event."""
        message = self.get_message(channel_id, message_id)
        reaction = self.find_reaction(message, emoji)
        if reaction is None:
            if not reacted:
                return
            reaction = MixedReaction(plain_emoji(emoji))
            message.reactions.append(reaction)
        users = reactors(reaction, burst=burst)
        if (user_id in users) == reacted:
            return
        if reacted:
            users.append(user_id)
        else:
            users.remove(user_id)
            if not reaction.user_ids and not reactors(reaction, burst=True):
                message.reactions.remove(reaction)
        self._emit_one(message, reaction.emoji, user_id, reacted=reacted, burst=burst)

    def remove_reaction(self, channel_id: int, message_id: int, emoji: str, user_id: int) -> None:
        """Take back the reaction that somebody gave, of whichever type; raises 404 when there is none."""
        reaction = self.find_reaction(self.get_message(channel_id, message_id), emoji)
        if reaction is None or user_id in reaction.user_ids or user_id not in reactors(reaction, burst=True):
            super().remove_reaction(channel_id, message_id, reaction.emoji if reaction else emoji, user_id)
        else:
            self.set_reaction(channel_id, message_id, emoji, user_id, False, burst=True)

    def clear_reaction(self, channel_id: int, message_id: int, emoji: str) -> None:
        """Take away all reactions with one emoji."""
        reaction = self.find_reaction(self.get_message(channel_id, message_id), emoji)
        super().clear_reaction(channel_id, message_id, reaction.emoji if reaction else emoji)

    def find_reaction(self, message: Message, emoji: str) -> Reaction | None:
        """Return a message's reactions with this emoji; the id alone decides over a custom one."""
        wanted = plain_emoji(emoji).rpartition(":")[2]
        return next((one for one in message.reactions if one.emoji.rpartition(":")[2] == wanted), None)

    def emoji_payload(self, emoji: str) -> dict[str, Any]:
        """Return an emoji as events and messages show it."""
        payload = serializers.emoji_payload(emoji)
        if payload["id"] is None:
            return payload
        known = (guild.emojis.get(int(payload["id"])) for guild in self.guilds.values())
        return {**payload, "animated": any(one is not None and one.animated for one in known)}

    def complete_message(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return a message with its super reactions; one without reactions has no such list."""
        whole = super().complete_message(payload)
        whole.pop("reactions", None)
        message = self.messages.get(int(whole["channel_id"]), {}).get(int(whole["id"]))
        if message is not None and message.reactions:
            whole["reactions"] = [self._counted(reaction) for reaction in message.reactions]
        return whole

    def _counted(self, reaction: Reaction) -> dict[str, Any]:
        normal, burst = reactors(reaction, burst=False), reactors(reaction, burst=True)
        return {
            "emoji": self.emoji_payload(reaction.emoji),
            "count": len(normal) + len(burst),
            "count_details": {"normal": len(normal), "burst": len(burst)},
            "me": self.bot_user.id in normal,
            "me_burst": self.bot_user.id in burst,
            "burst_colors": list(BURST_COLORS) if burst else [],
        }

    def _emit_one(self, message: Message, emoji: str, user_id: int, *, reacted: bool, burst: bool) -> None:
        payload: dict[str, Any] = {
            "user_id": str(user_id),
            "channel_id": str(message.channel_id),
            "message_id": str(message.id),
            "emoji": self.emoji_payload(emoji),
            "burst": burst,
            "type": BURST if burst else NORMAL,
        }
        guild_id = self.get_channel(message.channel_id).guild_id
        if guild_id is not None:
            payload["guild_id"] = str(guild_id)
            guild = self.guilds[guild_id]
            if reacted and user_id in guild.members:
                payload["member"] = self.member_payload(guild, guild.members[user_id])
        if reacted and burst:
            payload["burst_colors"] = list(BURST_COLORS)
        self.emit("MESSAGE_REACTION_ADD" if reacted else "MESSAGE_REACTION_REMOVE", payload)
