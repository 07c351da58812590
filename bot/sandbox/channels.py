"""Acts on channels: categories, age limits, deletion with all that hangs on a channel."""

import re
from typing import Any

from .backend import Channel, ChannelType, Overwrite, serializers
from .state import WorldState

NAME_LENGTH = 100
CHANNELS_PER_GUILD = 500
CHANNELS_PER_CATEGORY = 50
_VOICE = {ChannelType.VOICE, ChannelType.STAGE_VOICE}
_NAMED_LIKE_TEXT = {ChannelType.TEXT, ChannelType.NEWS, ChannelType.FORUM}
_NOT_IN_TEXT_NAMES = re.compile(r"[!\"#$%&'()*+,./:;<=>?@\[\\\]^`{|}~]")


def shown_name(name: str, channel_type: int) -> str:
    """Return the name that a channel really gets: those of text channels lose capitals, blanks and punctuation.

    Which signs go is not documented; that some do is why a name may not be compared with what was asked for.
    """
    if channel_type not in _NAMED_LIKE_TEXT:
        return name.strip()
    bare = _NOT_IN_TEXT_NAMES.sub("", name.strip().lower())
    return re.sub(r"[\s-]+", "-", bare)


class ChannelActs(WorldState):
    """What happens to channels."""

    def category(self, guild_id: int, name: str) -> Channel:
        """Make a category."""
        return self.create_channel(guild_id, name, type=ChannelType.CATEGORY)

    def set_nsfw(self, channel_id: int, nsfw: bool = True) -> None:
        """Give a channel an age limit or take it away; threads have their parent's."""
        (self.nsfw_channel_ids.add if nsfw else self.nsfw_channel_ids.discard)(channel_id)
        self.announce_channel_update(channel_id)

    def create_channel(
        self,
        guild_id: int | None,
        name: str | None,
        *,
        type: int = ChannelType.TEXT,  # noqa: A002  simcord's name
        overwrites: list[Overwrite] | None = None,
        announce: bool = True,
        nsfw: bool = False,
        **fields: Any,
    ) -> Channel:
        """Make a channel; one made in a category without overwrites of its own takes over the category's."""
        options = self.new_channel_options
        parent = self.channels.get(fields.get("parent_id") or 0)
        if parent is not None and (overwrites is None or options.get("overwrites_of_parent")):
            overwrites = [Overwrite(o.target_id, o.type, o.allow, o.deny) for o in parent.overwrites]
        channel = super().create_channel(
            guild_id, name, type=type, overwrites=overwrites, announce=False, **fields
        )
        if nsfw or options.get("nsfw"):
            self.nsfw_channel_ids.add(channel.id)
        if announce and guild_id is not None:
            self.announce_channel_create(channel.id)
        return channel

    def delete_channel(self, channel_id: int) -> None:
        """Delete a channel.

        A category's channels stay and lose their parent, a text channel's threads go without an event of their
        own, and who is in a voice channel is put out of it.
        """
        channel = self.get_channel(channel_id)
        guild = self.get_guild(channel.guild_id) if channel.guild_id is not None else None
        children = [one for one in self.channels.values() if one.parent_id == channel_id]
        for thread in (one for one in children if one.is_thread):
            del self.channels[thread.id]
            self.messages.pop(thread.id, None)
            if guild is not None and thread.id in guild.thread_ids:
                guild.thread_ids.remove(thread.id)
        super().delete_channel(channel_id)
        self.nsfw_channel_ids.discard(channel_id)
        for child in (one for one in children if not one.is_thread):
            child.parent_id = None
            self.announce_channel_update(child.id)
        if guild is not None and channel.type in _VOICE:
            for state in list(guild.voice_states.values()):
                if state.channel_id == channel_id:
                    self.set_voice_state(guild.id, state.user_id, None)

    def enter_voice(self, guild_id: int, user_id: int, channel_id: int, **flags: bool) -> None:
        """Let a member join a voice channel or move there; flags are self_mute, self_deaf, self_video…"""
        self.set_voice_state(guild_id, user_id, channel_id, **flags)

    def leave_voice(self, guild_id: int, user_id: int) -> None:
        """Let a member leave voice; nothing happens when there is nothing to leave."""
        self.set_voice_state(guild_id, user_id, None)

    def announce_channel_create(self, channel_id: int) -> None:
        """Emit CHANNEL_CREATE."""
        self.emit("CHANNEL_CREATE", dict(serializers.channel_payload(self, self.get_channel(channel_id))))
