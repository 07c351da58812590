"""The variables of messages: one row each, from which values, help and documentation are derived.

A variable is written `<name>`. What it prints where nothing is set is part of the product's wording.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum
from typing import Any, Generic, TypeVar

from bot.snowflakes import snowflake_ms
from bot.text.dates import format_date, format_datetime, format_duration, format_iso, format_time
from bot.text.facts import ChannelFacts, InviterFacts, MemberFacts, Moment, ServerFacts
from bot.text.language import N_, _, pgettext
from bot.text.values import Kind, Value, join_alternatives

Facts = TypeVar("Facts")


class Family(StrEnum):
    """The families of variables; a message knows whole families."""

    USER = "user"
    INVITER = "inviter"
    CHANNEL = "channel"
    SERVER = "server"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Variable(Generic[Facts]):
    """A variable: `name` is without the brackets, `read` makes its value from the facts of its family."""

    family: Family
    name: str
    description: str
    example: str
    read: Callable[[Facts, Moment], Value]


def read_values(variables: Iterable[Variable[Facts]], facts: Facts, moment: Moment) -> dict[str, Value]:
    """Return the value of each variable by its name."""
    return {variable.name: variable.read(facts, moment) for variable in variables}


def _not_in_use() -> Value:
    return Value(Kind.WORD, _("Not in use"))


def _unknown_inviter() -> Value:
    return Value(Kind.WORD, _("Unknown inviter"))


# Discord documentation, Guild Resource and Channel Resource.
_MFA_LEVELS = {0: "NONE", 1: "ELEVATED"}
_NSFW_LEVELS = {0: "DEFAULT", 1: "EXPLICIT", 2: "SAFE", 3: "AGE_RESTRICTED"}
_PREMIUM_TIERS = {0: "NONE", 1: "TIER_1", 2: "TIER_2", 3: "TIER_3"}
_VERIFICATION_LEVELS = {0: "NONE", 1: "LOW", 2: "MEDIUM", 3: "HIGH", 4: "VERY_HIGH"}
_CHANNEL_TYPES = {
    0: "GUILD_TEXT",
    1: "DM",
    2: "GUILD_VOICE",
    3: "GROUP_DM",
    4: "GUILD_CATEGORY",
    5: "GUILD_ANNOUNCEMENT",
    10: "ANNOUNCEMENT_THREAD",
    11: "PUBLIC_THREAD",
    12: "PRIVATE_THREAD",
    13: "GUILD_STAGE_VOICE",
    14: "GUILD_DIRECTORY",
    15: "GUILD_FORUM",
    16: "GUILD_MEDIA",
}


def _named(names: Mapping[int, str], number: int) -> Value:
    return Value(Kind.WORD, names.get(number, f"UNKNOWN_{number}"))


def _number(number: int) -> Value:
    return Value(Kind.NUMBER, str(number))


def _time(at_ms: int | None, moment: Moment) -> Value:
    return _not_in_use() if at_ms is None else Value(Kind.WORD, format_datetime(at_ms, moment.timezone))


def _user(user_id: int) -> Value:
    return Value(Kind.MENTION, f"<@{user_id}>")


def _channel(channel_id: int | None) -> Value:
    return _not_in_use() if channel_id is None else Value(Kind.MENTION, f"<#{channel_id}>")


def _roles(member: MemberFacts) -> Value:
    if not member.role_ids:
        return _not_in_use()
    return Value(Kind.MENTION, " ".join(f"<@&{role_id}>" for role_id in member.role_ids))


def _nickname(member: MemberFacts) -> Value:
    return (
        Value(Kind.WORD, _("No nickname")) if member.nickname is None else Value(Kind.TEXT, member.nickname)
    )


def _timed_out_until(member: MemberFacts, moment: Moment) -> Value:
    # Discord leaves the end of a timeout that is over in place.
    if member.timed_out_until_ms is None or member.timed_out_until_ms <= moment.now_ms:
        return Value(Kind.WORD, pgettext("timeout", "None"))
    return _time(member.timed_out_until_ms, moment)


def _avatar(member: MemberFacts) -> Value:
    # Discord documentation, Reference, CDN Endpoints: the default avatar follows from the id.
    default = f"https://cdn.discordapp.com/embed/avatars/{(member.user_id >> 22) % 6}.png"
    return Value(Kind.URL, member.avatar_url or default)


def _state(is_so: bool, word: str, opposite: str) -> Value:
    return Value(Kind.WORD, _(word if is_so else opposite))


_MemberReader = Callable[[MemberFacts, Moment], Value]

# Twelve facts about a person: the suffix of the name, the description (of {who}), an example, how to read it.
_MEMBER_ROWS: tuple[tuple[str, str, str, _MemberReader], ...] = (
    ("id", "The id of {who}.", "1234567890", lambda member, _moment: _number(member.user_id)),
    ("mention", "A mention of {who}.", "@Ada", lambda member, _moment: _user(member.user_id)),
    ("nickname", "The nickname of {who} in this server.", "Ada", lambda member, _moment: _nickname(member)),
    (
        "display_name",
        "The nickname of {who}, else the global name, else the username.",
        "Ada",
        lambda member, _moment: Value(Kind.TEXT, member.display_name),
    ),
    # "Deafend" is how the messages that people already have spell it.
    (
        "is_deaf",
        "Whether {who} is deafened.",
        "Not deafend",
        lambda member, _moment: _state(member.is_deaf, N_("Deafend"), N_("Not deafend")),
    ),
    (
        "is_mute",
        "Whether {who} is muted.",
        "Not muted",
        lambda member, _moment: _state(member.is_mute, N_("Muted"), N_("Not muted")),
    ),
    (
        "is_pending",
        "Whether {who} has yet to pass the server's screening.",
        "Not pending",
        lambda member, _moment: _state(member.is_pending, N_("Pending"), N_("Not pending")),
    ),
    (
        "joined_at",
        "When {who} joined the server.",
        "24-12-2025 18:30:00",
        lambda member, moment: _time(member.joined_at_ms, moment),
    ),
    (
        "premium_since",
        "Since when {who} boosts the server.",
        "24-12-2025 18:30:00",
        lambda member, moment: _time(member.premium_since_ms, moment),
    ),
    ("roles", "Mentions of the roles of {who}.", "@Artist @Admin", lambda member, _moment: _roles(member)),
    ("communication_disabled_until", "When the timeout of {who} ends.", "None", _timed_out_until),
    (
        "avatar_url",
        "The address of the avatar of {who}.",
        "https://cdn.discordapp.com/embed/avatars/0.png",
        lambda member, _moment: _avatar(member),
    ),
)

# Where several inviters fit, an id or an address of one of them would name one.
_ONE_INVITER_ONLY = frozenset({"id", "avatar_url"})


def _read_inviter(suffix: str, read: _MemberReader) -> Callable[[InviterFacts, Moment], Value]:
    def read_candidates(inviter: InviterFacts, moment: Moment) -> Value:
        candidates = inviter.distinct_candidates
        if suffix in _ONE_INVITER_ONLY and len(candidates) > 1:
            return _unknown_inviter()
        return join_alternatives([read(each, moment) if each else _unknown_inviter() for each in candidates])

    return read_candidates


def _invite_count(inviter: InviterFacts, _moment: Moment) -> Value:
    candidates = inviter.distinct_candidates
    if len(candidates) > 1 or candidates[0] is None or inviter.current_invite_count is None:
        return _unknown_inviter()
    return _number(inviter.current_invite_count)


def _invite_code(inviter: InviterFacts, _moment: Moment) -> Value:
    codes = dict.fromkeys(inviter.invite_codes) or {None: None}
    unknown = Value(Kind.WORD, _("Unknown invite"))
    return join_alternatives([Value(Kind.TEXT, code) if code else unknown for code in codes])


USER_VARIABLES: tuple[Variable[MemberFacts], ...] = tuple(
    Variable(Family.USER, f"user_{suffix}", description.format(who="the member"), example, read)
    for suffix, description, example, read in _MEMBER_ROWS
)

INVITER_VARIABLES: tuple[Variable[InviterFacts], ...] = (
    *(
        Variable(
            Family.INVITER,
            f"inviter_{suffix}",
            description.format(who="the inviter"),
            example,
            _read_inviter(suffix, read),
        )
        for suffix, description, example, read in _MEMBER_ROWS
    ),
    Variable(
        Family.INVITER,
        "current_invite_count",
        "How many people the inviter brought who count, this join included.",
        "12",
        _invite_count,
    ),
    Variable(Family.INVITER, "invite_code", "The code of the invite that was used.", "fNuwgHb", _invite_code),
)


def _channel_row(
    name: str, description: str, example: str, read: Callable[[ChannelFacts, Moment], Value]
) -> Variable[ChannelFacts]:
    return Variable(Family.CHANNEL, f"channel_{name}", description, example, read)


CHANNEL_VARIABLES: tuple[Variable[ChannelFacts], ...] = (
    _channel_row(
        "id", "The id of the channel of this message.", "1234567890", lambda c, _moment: _number(c.channel_id)
    ),
    _channel_row(
        "mention", "A mention of this channel.", "#welcome", lambda c, _moment: _channel(c.channel_id)
    ),
    _channel_row("name", "The name of this channel.", "welcome", lambda c, _moment: Value(Kind.TEXT, c.name)),
    _channel_row(
        "type",
        "The type of this channel.",
        "GUILD_TEXT",
        lambda c, _moment: _named(_CHANNEL_TYPES, c.type_number),
    ),
    _channel_row(
        "created_at",
        "When this channel was made.",
        "24-12-2025 18:30:00",
        lambda c, moment: _time(snowflake_ms(c.channel_id), moment),
    ),
)


def _server_row(
    name: str, description: str, example: str, read: Callable[[ServerFacts, Moment], Value]
) -> Variable[ServerFacts]:
    return Variable(Family.SERVER, f"server_{name}", description, example, read)


SERVER_VARIABLES: tuple[Variable[ServerFacts], ...] = (
    _server_row("id", "The id of the server.", "1234567890", lambda s, _moment: _number(s.guild_id)),
    _server_row(
        "name", "The name of the server.", "Ada's garden", lambda s, _moment: Value(Kind.TEXT, s.name)
    ),
    _server_row(
        "created_at",
        "When the server was made.",
        "24-12-2025 18:30:00",
        lambda s, moment: _time(snowflake_ms(s.guild_id), moment),
    ),
    _server_row(
        "description",
        "The description of the server.",
        "All about gardens",
        lambda s, _moment: Value(Kind.TEXT, s.description) if s.description else _not_in_use(),
    ),
    _server_row(
        "afk_timeout",
        "After what time the server moves the idle out of voice channels.",
        "0:05:00",
        lambda s, _moment: (
            _not_in_use()
            if s.afk_timeout_seconds is None
            else Value(Kind.WORD, format_duration(s.afk_timeout_seconds))
        ),
    ),
    _server_row(
        "mfa_level",
        "Whether moderators need two-factor authentication.",
        "ELEVATED",
        lambda s, _moment: _named(_MFA_LEVELS, s.mfa_level),
    ),
    _server_row(
        "owner",
        "A mention of the owner of the server; it does not ping.",
        "@Ada",
        lambda s, _moment: _not_in_use() if s.owner_id is None else _user(s.owner_id),
    ),
    _server_row(
        "preferred_locale",
        "The language of the server.",
        "en-US",
        lambda s, _moment: Value(Kind.WORD, s.preferred_locale),
    ),
    _server_row(
        "premium_subscription_count",
        "How many boosts the server has.",
        "7",
        lambda s, _moment: _number(s.premium_subscription_count),
    ),
    _server_row(
        "premium_tier",
        "The boost level of the server.",
        "TIER_1",
        lambda s, _moment: _named(_PREMIUM_TIERS, s.premium_tier),
    ),
    _server_row(
        "verification_level",
        "The verification level of the server.",
        "VERY_HIGH",
        lambda s, _moment: _named(_VERIFICATION_LEVELS, s.verification_level),
    ),
    _server_row(
        "nsfw_level",
        "The age restriction level of the server.",
        "DEFAULT",
        lambda s, _moment: _named(_NSFW_LEVELS, s.nsfw_level),
    ),
    _server_row(
        "public_updates_channel",
        "A mention of the channel in which Discord writes to the moderators.",
        "#moderators",
        lambda s, _moment: _channel(s.public_updates_channel_id),
    ),
    _server_row(
        "rules_channel",
        "A mention of the channel of the rules.",
        "#rules",
        lambda s, _moment: _channel(s.rules_channel_id),
    ),
    _server_row(
        "system_channel",
        "A mention of the channel of Discord's system messages.",
        "#general",
        lambda s, _moment: _channel(s.system_channel_id),
    ),
    _server_row(
        "widget_channel",
        "A mention of the channel to which the server's widget invites.",
        "#general",
        lambda s, _moment: _channel(s.widget_channel_id),
    ),
)


def _other_row(
    name: str, description: str, example: str, format_moment: Callable[[int, tzinfo], str]
) -> Variable[None]:
    return Variable(
        Family.OTHER,
        name,
        description,
        example,
        lambda _facts, moment: Value(Kind.WORD, format_moment(moment.now_ms, moment.timezone)),
    )


OTHER_VARIABLES: tuple[Variable[None], ...] = (
    _other_row("current_date", "Today, in the server's timezone.", "24-12-2025", format_date),
    _other_row("current_time", "The time of day, in the server's timezone.", "18:30:00", format_time),
    _other_row(
        "current_datetime", "Date and time, in the server's timezone.", "24-12-2025 18:30:00", format_datetime
    ),
    _other_row("current_datetime_iso", "Date and time as ISO 8601.", "2025-12-24T18:30:00+01:00", format_iso),
)

VARIABLES: tuple[Variable[Any], ...] = (
    *USER_VARIABLES,
    *INVITER_VARIABLES,
    *CHANNEL_VARIABLES,
    *SERVER_VARIABLES,
    *OTHER_VARIABLES,
)
