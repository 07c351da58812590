"""What variables are filled from: plain facts, so that the rules need neither discord objects nor a clock."""

from dataclasses import dataclass
from datetime import tzinfo


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberFacts:
    """A person in a guild, or one who left or was never seen: then only what is known, at least the id.

    `role_ids` are without the role that everybody has. `avatar_url` None stands for Discord's default avatar.
    """

    user_id: int
    username: str | None = None
    global_name: str | None = None
    nickname: str | None = None
    is_deaf: bool = False
    is_mute: bool = False
    is_pending: bool = False
    joined_at_ms: int | None = None
    premium_since_ms: int | None = None
    role_ids: tuple[int, ...] = ()
    timed_out_until_ms: int | None = None
    avatar_url: str | None = None

    @property
    def display_name(self) -> str:
        """The nickname, else the global name, else the username, else the id in words."""
        return self.nickname or self.global_name or self.username or f"User {self.user_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelFacts:
    """A channel; `type_number` as in Discord documentation, Channel Resource, Channel Types."""

    channel_id: int
    name: str
    type_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFacts:
    """A guild; the levels are numbers as in Discord documentation, Guild Resource."""

    guild_id: int
    name: str
    description: str | None
    afk_timeout_seconds: int | None
    mfa_level: int
    owner_id: int | None
    preferred_locale: str
    premium_subscription_count: int
    premium_tier: int
    verification_level: int
    nsfw_level: int
    public_updates_channel_id: int | None
    rules_channel_id: int | None
    system_channel_id: int | None
    widget_channel_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InviterFacts:
    """Who may have invited a member, and by which codes.

    Several `candidates` or `invite_codes` mean that each of them fits; None among them stands for an
    explanation without an inviter or code. `current_invite_count` is that of the only candidate.
    """

    candidates: tuple[MemberFacts | None, ...]
    invite_codes: tuple[str | None, ...]
    current_invite_count: int | None

    @property
    def distinct_candidates(self) -> tuple[MemberFacts | None, ...]:
        """Every inviter who fits once, in the order given; `(None,)` when nobody is known."""
        by_id = {candidate.user_id if candidate else None: candidate for candidate in self.candidates}
        return tuple(by_id.values()) or (None,)


@dataclass(frozen=True, slots=True)
class Moment:
    """The present, and the timezone of the server."""

    now_ms: int
    timezone: tzinfo
