"""Facts that the tests of texts share."""

from zoneinfo import ZoneInfo

from bot.text.facts import ChannelFacts, InviterFacts, MemberFacts, Moment, ServerFacts

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NOON_IN_WINTER_MS = 1_767_268_800_000
"""2026-01-01 12:00:00 UTC, 13:00:00 in Amsterdam."""

MOMENT = Moment(NOON_IN_WINTER_MS, AMSTERDAM)

ADA = MemberFacts(
    user_id=1001,
    username="ada",
    global_name="Ada L.",
    nickname="Countess",
    is_deaf=True,
    is_mute=True,
    is_pending=True,
    joined_at_ms=NOON_IN_WINTER_MS,
    premium_since_ms=NOON_IN_WINTER_MS + 1000,
    role_ids=(501, 502),
    timed_out_until_ms=NOON_IN_WINTER_MS + 60_000,
    avatar_url="https://cdn.discordapp.com/avatars/1001/a_1f.gif?size=1024",
)
BOB = MemberFacts(user_id=1002, username="bob")
CHANNEL = ChannelFacts(channel_id=175928847299117063, name="welcome", type_number=0)
SERVER = ServerFacts(
    guild_id=175928847299117063,
    name="Garden",
    description="All about gardens",
    afk_timeout_seconds=300,
    mfa_level=1,
    owner_id=1001,
    preferred_locale="en-US",
    premium_subscription_count=7,
    premium_tier=1,
    verification_level=4,
    nsfw_level=3,
    public_updates_channel_id=601,
    rules_channel_id=602,
    system_channel_id=603,
    widget_channel_id=604,
)
BARE_SERVER = ServerFacts(
    guild_id=1,
    name="Bare",
    description=None,
    afk_timeout_seconds=None,
    mfa_level=0,
    owner_id=None,
    preferred_locale="en-GB",
    premium_subscription_count=0,
    premium_tier=0,
    verification_level=0,
    nsfw_level=0,
    public_updates_channel_id=None,
    rules_channel_id=None,
    system_channel_id=None,
    widget_channel_id=None,
)
BY_ADA = InviterFacts(candidates=(ADA,), invite_codes=("abc",), current_invite_count=12)
BY_ADA_OR_BOB = InviterFacts(candidates=(ADA, BOB), invite_codes=("abc", "def"), current_invite_count=None)
BY_NOBODY = InviterFacts(candidates=(), invite_codes=(), current_invite_count=None)
