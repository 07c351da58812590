"""/invite_tracker explain: a join in full, readable for an admin who knows no internals."""

import pytest

from storage.records import Candidate, Certainty, Evidence, Join, Method, Reason, Source
from tests.cogs.invite_tracker.commands.stage import Stage
from tests.discord_in_process import control_of, controls_of, words_of

DAY_MS = 86_400_000
BEGAN_MS = 1_764_590_400_000
"""2025-12-01 12:00:00 UTC, 31 days before the tests play."""


async def explain(stage: Stage, join: Join) -> str:
    """Put a join on record and return its explanation."""
    await stage.record_joins([join])
    return await stage.say(stage.manager, "explain", member=stage.member)


async def test_it_shows_what_was_seen_what_fits_and_how_sure_that_is(stage: Stage) -> None:
    await stage.record_invites(["code2"], label="Flyers")
    evidence = (
        Evidence("code1", 1, Method.USES_RISE, BEGAN_MS, BEGAN_MS + 2_000),
        Evidence("code2", 2, Method.USES_RISE, BEGAN_MS, BEGAN_MS + 200),
    )
    people = [stage.admin.id, stage.manager.id]
    join = stage.ambiguous_join(stage.member.id, people, evidence=evidence, reason=Reason.SEVERAL_FIT)

    answer = await explain(stage, join)

    assert f"Invited by {stage.admin.mention} (`code1`) or {stage.manager.mention} (`code2`)" in answer
    assert "**not certain**: several links were used in that moment, and more than one fits" in answer
    assert f"• `code1` of {stage.admin.mention}\n• `code2` (Flyers) of {stage.manager.mention}" in answer
    assert "`code1` was used 1 time between 12:00:00 and 12:00:02" in answer
    assert "`code2` (Flyers) was used 2 times at 12:00:00" in answer
    counts = answer.split("What it counts for")[1]
    assert "one of those who fit" in counts
    assert "<@" not in counts, "where several fit, none is named alone"


async def test_it_counts_as_a_real_invite(stage: Stage) -> None:
    answer = await explain(stage, stage.join(stage.member.id, stage.admin.id))

    assert f"As a **real invite** for {stage.admin.mention}." in answer
    assert "I saw no use counter rise" in answer


async def test_a_fake_join_names_every_rule_that_marks_it(stage: Stage) -> None:
    await stage.save(prevent_own_invite_code=True, fake_without_avatar=True, fake_minimum_account_age_days=7)
    now_ms = stage.place.clock.now_ms()
    facts = {"had_avatar": False, "account_created_at_ms": now_ms - 3 * DAY_MS, "is_rejoin": True}

    answer = await explain(stage, stage.join(stage.member.id, stage.admin.id, **facts))

    assert (
        f"As **fake** for {stage.admin.mention}: "
        "the account had no picture, the account was younger than 7 days." in answer
    )
    await stage.save(fake_without_avatar=False, fake_minimum_account_age_days=2)
    assert "real invite" in await stage.say(stage.manager, "explain", member=stage.member)


async def test_who_left_counts_as_left(stage: Stage) -> None:
    answer = await explain(stage, stage.join(stage.member.id, stage.admin.id, left_at_ms=BEGAN_MS))

    assert f"As **left** for {stage.admin.mention}: they left <t:{BEGAN_MS // 1000}:R>." in answer


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"credited_inviter_id": None}, "Nobody: no inviter is known for it."),
        ({"source": Source.BOT, "credited_inviter_id": None}, "Nobody: bots are added, not invited."),
        ({"cleared_at_ms": BEGAN_MS}, "Nobody: it was cleared by a reset"),
        ({"joined_at_ms": BEGAN_MS - 40 * DAY_MS}, "Nobody any more: it was longer than 31 days ago."),
    ],
    ids=["no inviter", "bot", "cleared", "long ago"],
)
async def test_a_join_that_counts_for_nobody_says_why(
    stage: Stage, facts: dict[str, object], reason: str
) -> None:
    assert reason in await explain(stage, stage.join(stage.member.id, stage.admin.id, **facts))


async def test_ways_without_a_link_are_named(stage: Stage) -> None:
    candidates = (
        Candidate(Source.INVITE, "abc", None),
        Candidate(Source.VANITY, "harbour", None),
        Candidate(Source.UNKNOWN, None, None),
    )
    evidence = (
        Evidence("harbour", 1, Method.VANITY_DELTA, BEGAN_MS, BEGAN_MS),
        Evidence("abc", 1, Method.USED_UP, BEGAN_MS, BEGAN_MS),
    )
    join = stage.join(
        stage.member.id,
        None,
        code=None,
        certainty=Certainty.AMBIGUOUS,
        candidates=candidates,
        evidence=evidence,
    )

    answer = await explain(stage, join)

    assert "• `abc`, a link that names no inviter" in answer
    assert "• through the vanity URL" in answer
    assert "• without a counted link" in answer
    assert "• the vanity URL was used 1 time at 12:00:00" in answer
    assert "• `abc` vanished with its last use at 12:00:00" in answer


async def test_earlier_joins_are_the_next_pages_also_after_a_restart(stage: Stage) -> None:
    member_id = stage.member.id
    now_ms = stage.place.clock.now_ms()
    await stage.record_joins(
        [
            stage.join(member_id, stage.admin.id, code="old", joined_at_ms=now_ms - 2 * DAY_MS),
            stage.join(member_id, stage.manager.id, code="new", is_rejoin=True),
        ]
    )
    shown = await stage.use(stage.manager, "explain", member=stage.member)
    message = shown.response
    assert message is not None

    assert "`new`" in words_of(shown)
    assert "they had joined before, and that earlier join is the one that counts" in words_of(shown)
    assert "Join 1 of 2, the latest first" in words_of(shown)
    await stage.place.restart()
    await stage.manager.click(message, custom_id=control_of(message, "list.tracker.explain", "next", 2))
    assert "`old`" in words_of(message)
    assert f"As a **real invite** for {stage.admin.mention}." in words_of(message)


async def test_turning_the_page_needs_the_permission_still(stage: Stage) -> None:
    await stage.record_joins([stage.join(stage.member.id, None, code=code) for code in ("old", "new")])
    shown = await stage.use(stage.manager, "explain", member=stage.member)
    message = shown.response
    assert message is not None
    stage.place.world.edit_member(stage.guild.id, stage.manager.id, {"role_ids": []})

    refused = await stage.manager.click(
        message, custom_id=control_of(message, "list.tracker.explain", "next", 2)
    )

    assert "You need the permission" in words_of(refused)
    assert "`new`" in words_of(message)


async def test_without_a_join_it_says_so(stage: Stage) -> None:
    shown = await stage.use(stage.manager, "explain", member=stage.member)

    assert f"No join of {stage.member.mention} is on record" in words_of(shown)
    assert controls_of(shown.response) == {}


async def test_very_many_explanations_still_fit(stage: Stage) -> None:
    people = list(range(10**17, 10**17 + 150))
    evidence = tuple(
        Evidence(f"code{one}", 1, Method.USES_RISE, BEGAN_MS, BEGAN_MS + 60_000) for one in range(150)
    )

    answer = await explain(stage, stage.ambiguous_join(stage.member.id, people, evidence=evidence))

    assert "**150 explanations fit, see below**" in answer
    assert answer.count("… and ") == 2
    assert "What it counts for" in answer
