"""Acts with messages: written, answered, forwarded, unfurled, posted by webhooks, in threads and forums."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .backend import Channel, ChannelType, Message, MessageSticker, MessageType, serializers
from .state import WorldState

ATTACHMENT_IS_SPOILER = 1 << 3
MESSAGE_HAS_THREAD = 1 << 5
_ANSWERS = {MessageType.REPLY, MessageType.THREAD_STARTER_MESSAGE, MessageType.CONTEXT_MENU_COMMAND}


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that somebody attaches; a spoiler gets the prefix of its name and the flag, as from Discord's app.

    ``content_type`` is guessed from the name when it is None.
    """

    filename: str
    data: bytes = b"file"
    spoiler: bool = False
    description: str | None = None
    content_type: str | None = None
    width: int | None = None
    height: int | None = None


class MessageActs(WorldState):
    """What people, bots and webhooks do with messages."""

    def say(
        self,
        channel_id: int,
        author_id: int,
        content: str = "",
        *,
        files: Sequence[SentFile] = (),
        stickers: Sequence[str] = (),
        reply_to: Message | None = None,
        **more: Any,
    ) -> Message:
        """Post a message in somebody's name, whether or not that member may.

        ``stickers`` are names. ``more`` goes to simcord's ``create_message``: embeds, components, flags, poll.
        """
        if reply_to is not None:
            more["reference"] = {"channel_id": str(reply_to.channel_id), "message_id": str(reply_to.id)}
        guild_id = self.get_channel(channel_id).guild_id or 0
        return self.create_message(
            channel_id,
            author_id,
            content,
            attachments=[self._attach(channel_id, file) for file in files],
            stickers=[MessageSticker(self.snowflake(), name, 1, guild_id) for name in stickers],
            **more,
        )

    def post_by_webhook(self, channel_id: int, name: str, content: str = "", **more: Any) -> Message:
        """Post a message as the channel's webhook of this name, which is made when there is none.

        The author is no member, and its id is the webhook's.
        """
        found = (
            hook for hook in self.webhooks.values() if (hook.channel_id, hook.name) == (channel_id, name)
        )
        owner_id = self.get_guild(self.get_channel(channel_id).guild_id or 0).owner_id
        webhook = next(found, None) or self.create_webhook(channel_id, name, owner_id)
        author_id = webhook.webhook_user_id
        return self.say(channel_id, author_id, content, webhook_id=webhook.id, author_name=name, **more)

    def forward(self, message: Message, to_channel_id: int, author_id: int) -> Message:
        """Forward a message in somebody's name: its content goes into a snapshot without an author.

        Raises BackendError when that member may not, or the message cannot be forwarded.
        """
        reference = {"type": 1, "channel_id": str(message.channel_id), "message_id": str(message.id)}
        return self.create_message(to_channel_id, author_id, reference=reference)

    def unfurl(self, message: Message, embeds: Sequence[Mapping[str, Any]]) -> None:
        """Add the previews of a message's links: an update that is no edit, shortly after the message."""
        message.embeds = [dict(embed) for embed in embeds]
        self.emit("MESSAGE_UPDATE", dict(serializers.message_payload(self, message)))

    # ---------------------------------------------------------------- threads

    def forum_channel(self, guild_id: int, name: str) -> Channel:
        """Make a forum."""
        return self.create_channel(guild_id, name, type=ChannelType.FORUM)

    def start_thread(
        self,
        channel_id: int,
        owner_id: int,
        name: str,
        *,
        message: Message | None = None,
        private: bool = False,
    ) -> Channel:
        """Start a thread in somebody's name, from a message or without one."""
        kind = ChannelType.PRIVATE_THREAD if private else ChannelType.PUBLIC_THREAD
        message_id = message.id if message is not None else None
        return self.create_thread(channel_id, name, owner_id, type=kind, message_id=message_id)

    def post_in_forum(
        self,
        forum_id: int,
        author_id: int,
        name: str,
        content: str = "",
        *,
        files: Sequence[SentFile] = (),
        **more: Any,
    ) -> Message:
        """Post in a forum in somebody's name: a thread whose first message has the thread's id."""
        thread = super().create_thread(forum_id, name, author_id, broadcast=False)
        attachments = [self._attach(thread.id, file) for file in files]
        message = self.prepare_message(thread.id, author_id, content, attachments=attachments, **more)
        message.id = thread.id
        self.commit_message(message, broadcast=False)
        self.get_channel(forum_id).last_message_id = thread.id
        self.announce_thread_create(thread)
        self.announce_message_create(message)
        return message

    def create_thread(
        self,
        parent_id: int,
        name: str,
        owner_id: int,
        *,
        type: int = ChannelType.PUBLIC_THREAD,  # noqa: A002  simcord's name
        auto_archive_duration: int = 1440,
        message_id: int | None = None,
        applied_tags: Iterable[int] = (),
        broadcast: bool = True,
    ) -> Channel:
        """Start a thread with Discord's system messages.

        A thread from a message begins with a reference to it (type 21); any other is announced in its parent
        (type 18).
        """
        thread = super().create_thread(
            parent_id,
            name,
            owner_id,
            type=type,
            auto_archive_duration=auto_archive_duration,
            message_id=message_id,
            applied_tags=applied_tags,
            broadcast=False,
        )
        if not broadcast:
            return thread
        self.announce_thread_create(thread)
        if message_id is None:
            self.create_system_message(
                parent_id, MessageType.THREAD_CREATED, owner_id, target_channel_id=thread.id
            )
            return thread
        source = self.get_message(parent_id, message_id)
        source.flags |= MESSAGE_HAS_THREAD
        self.emit("MESSAGE_UPDATE", dict(serializers.message_payload(self, source)))
        starter = Message(
            id=self.snowflake(),
            channel_id=thread.id,
            author_id=owner_id,
            timestamp=self.now_iso(),
            type=MessageType.THREAD_STARTER_MESSAGE,
            reference={"type": 0, "channel_id": str(parent_id), "message_id": str(message_id)},
        )
        self.commit_message(starter)
        return thread

    # --------------------------------------------------------------- payloads

    def complete_message(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return a message whose reference is as Discord shows it."""
        whole = super().complete_message(payload)
        reference = whole.get("message_reference")
        if reference is not None:
            shown = {key: value for key, value in reference.items() if key != "fail_if_not_exists"}
            source = self.channels.get(int(shown.get("channel_id", 0)))
            if source is not None and source.guild_id is not None:
                shown["guild_id"] = str(source.guild_id)
            whole["message_reference"] = shown
        if whole["type"] in _ANSWERS and reference is not None:
            answered = whole.get("referenced_message")
            # The key is there and null when the message that was answered is gone.
            whole["referenced_message"] = None if answered is None else self.complete_message(answered)
        else:
            whole.pop("referenced_message", None)
        return whole

    def _attach(self, channel_id: int, file: SentFile) -> dict[str, Any]:
        name = f"SPOILER_{file.filename}" if file.spoiler else file.filename
        attachment_id = self.snowflake()
        stored = self.cdn.store_attachment(attachment_id, channel_id, name, file.data, file.description)
        shown = {
            "content_type": file.content_type or stored["content_type"],
            "width": file.width,
            "height": file.height,
            "flags": ATTACHMENT_IS_SPOILER if file.spoiler else 0,
        }
        return {**stored, **{key: value for key, value in shown.items() if value is not None}}
