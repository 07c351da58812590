"""Records for tests: everything ordinary, except what the test names."""

from dataclasses import replace

from storage.database import WriteTransaction
from storage.records import (
    Arrival,
    Certainty,
    Join,
    KnownInvite,
    Method,
    Source,
    UnexplainedRise,
)

GUILD = 100
ELSEWHERE = 200
"""Another guild: nothing that is done to the first may show here."""

ORDINARY_JOIN = Join(
    guild_id=GUILD,
    join_id=1,
    member_id=1,
    joined_at_ms=1_000,
    recorded_at_ms=1_000,
    source=Source.INVITE,
    code="code",
    inviter_id=7,
    method=Method.USES_RISE,
    certainty=Certainty.CERTAIN,
    candidates=(),
    evidence=(),
    reason=None,
    credited_code="code",
    credited_inviter_id=7,
    account_created_at_ms=0,
    had_avatar=True,
    is_rejoin=False,
    is_own_invite=False,
    left_at_ms=None,
    cleared_at_ms=None,
)

ORDINARY_INVITE = KnownInvite(
    guild_id=GUILD,
    code="code",
    channel_id=5,
    inviter_id=7,
    uses=3,
    accounted_uses=3,
    open_since_ms=None,
    max_uses=0,
    is_temporary=False,
    created_at_ms=10,
    expires_at_ms=None,
    label=None,
    deleted_at_ms=None,
)

ORDINARY_ARRIVAL = Arrival(
    guild_id=GUILD,
    member_id=1,
    joined_at_ms=1_000,
    received_at_ms=1_050,
    is_bot=False,
    had_avatar=True,
    is_rejoin=False,
)

ORDINARY_RISE = UnexplainedRise(code="code", units=1, window_opened_at_ms=1_000, window_closed_at_ms=2_000)


def joins_of(count: int, *, guild_id: int = GUILD, first_recorded_at_ms: int = 1) -> list[Join]:
    """Return joins of different members, recorded one millisecond after the other."""
    return [
        replace(
            ORDINARY_JOIN,
            guild_id=guild_id,
            join_id=(first_recorded_at_ms + number) << 20,
            member_id=number + 1,
            joined_at_ms=first_recorded_at_ms + number,
            recorded_at_ms=first_recorded_at_ms + number,
        )
        for number in range(count)
    ]


async def insert_bonus(
    tx: WriteTransaction, bonus_id: int, inviter_id: int, amount: int, guild_id: int = GUILD
) -> None:
    await tx.execute(
        "INSERT INTO bonuses (guild_id, bonus_id, inviter_id, amount, granted_by, granted_at_ms) "
        "VALUES (?, ?, ?, ?, 1, 1)",
        (guild_id, bonus_id, inviter_id, amount),
    )
