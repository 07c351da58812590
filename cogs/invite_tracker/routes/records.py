"""The records that answers about the invite tracker hold; names and order as existing clients know them."""

import hashlib
from typing import Final, Self

from bot.web.fields import IdText, Record, TimeText, id_text, iso_time
from cogs.invite_tracker.settings import InviteTrackerSettings
from storage.invite_counts import CreditedJoin
from storage.records import KnownInvite

SAFE_BITS: Final = 53
"""JavaScript counts exactly no further."""


class SettingsRecord(Record):
    """The settings of a server; `id` is the moment at which the module was enabled, in milliseconds since 1970."""

    id: int
    guild_id: IdText
    join_messages_enabled: bool
    join_messages_channel: IdText | None
    join_message_is_embed: bool
    join_message_content: str | None
    leave_messages_enabled: bool
    leave_messages_channel: IdText | None
    leave_message_is_embed: bool
    leave_message_content: str | None
    prevent_own_invite_code: bool
    server_shared_invite_link: str | None
    fake_rejoins: bool
    fake_without_avatar: bool
    fake_minimum_account_age_days: int

    @classmethod
    def of(cls, guild_id: int, enabled_at_ms: int, settings: InviteTrackerSettings) -> Self:
        """Return the record of these settings."""
        values = settings.model_dump(include=set(cls.model_fields))
        for name in ("join_messages_channel", "leave_messages_channel"):
            values[name] = id_text(values[name])
        return cls(id=enabled_at_ms, guild_id=str(guild_id), **values)


class StatusRecord(Record):
    """Whether the module is enabled."""

    enabled: bool


class AboutRecord(Record):
    """What answers here."""

    message: str


class InviteRecord(Record):
    """A live invite; `id` is made of its code and always the same."""

    id: int
    guild_id: IdText
    invite_id: str
    channel_id: IdText | None
    current_uses: int
    expires_at: TimeText | None
    owner_id: IdText | None

    @classmethod
    def of(cls, invite: KnownInvite) -> Self:
        """Return the record of this invite."""
        return cls(
            id=number_of_code(invite.code),
            guild_id=str(invite.guild_id),
            invite_id=invite.code,
            channel_id=id_text(invite.channel_id),
            current_uses=invite.uses,
            expires_at=iso_time(invite.expires_at_ms),
            owner_id=id_text(invite.inviter_id),
        )


def number_of_code(code: str) -> int:
    """Return a number for a code that is the same everywhere and always; two codes have the same by a rare chance."""
    digest = hashlib.blake2b(code.encode(), digest_size=8).digest()
    return int.from_bytes(digest) >> (64 - SAFE_BITS)


class MadeInviteRecord(Record):
    """The invite that was made."""

    invite_code: str
    invite_url: str


class UseRecord(Record):
    """A join that counts for an inviter; where several invites fit, they are null. `id` rises with the time of recording."""

    id: int
    guild_id: IdText
    invite_id: str | None
    member_id: IdText | None
    timestamp: TimeText
    channel_id: IdText | None
    inviter_id: IdText | None
    has_left: bool

    @classmethod
    def of(cls, guild_id: int, join: CreditedJoin) -> Self:
        """Return the record of this join."""
        return cls(
            id=join.join_id,
            guild_id=str(guild_id),
            invite_id=join.code,
            member_id=id_text(join.member_id),
            timestamp=iso_time(join.joined_at_ms),
            channel_id=id_text(join.channel_id),
            inviter_id=id_text(join.inviter_id),
            has_left=join.left_at_ms is not None,
        )
