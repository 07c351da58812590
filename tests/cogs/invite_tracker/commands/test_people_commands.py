"""/invite_tracker stats, inviter and leaderboard."""

from storage.guilds import upsert_guild_timezone
from storage.records import Candidate, Certainty, Method, Reason, Source
from tests.cogs.invite_tracker.commands.stage import Stage
from tests.discord_in_process import control_of, controls_of, words_of

DAY_MS = 86_400_000


async def test_stats_show_counts_and_latest_joins_to_the_inviter(stage: Stage) -> None:
    inviter = stage.member.id
    await stage.record_joins(
        [
            stage.join(101, inviter),
            stage.join(102, inviter, left_at_ms=5),
            stage.join(103, inviter, is_own_invite=True),
            stage.ambiguous_join(104, [inviter, stage.admin.id], reason=Reason.SEVERAL_FIT),
        ]
    )
    await stage.save(prevent_own_invite_code=True)

    answer = await stage.say(stage.member, "stats")

    assert "2 invites" in answer
    assert "4 joined · 1 left · 1 fake" in answer
    assert "<@101> · `abc` · certain" in answer
    assert "left since" in answer
    assert f"<@{stage.admin.id}> (`code2`) or <@{inviter}> (`code1`) · not certain" in answer


async def test_stats_of_others_are_counts_only_without_manage_server(stage: Stage) -> None:
    await stage.record_joins([stage.join(101, stage.admin.id)])

    seen_by_member = await stage.say(stage.member, "stats", inviter=stage.admin)
    seen_by_manager = await stage.say(stage.manager, "stats", inviter=stage.admin)

    assert "1 invite" in seen_by_member
    assert "<@101>" not in seen_by_member
    assert "<@101>" in seen_by_manager


async def test_a_mass_mention_in_a_nickname_is_harmless(stage: Stage) -> None:
    joker = stage.place.add_member("joker", nick="@everyone **x** <@1>")
    # Until the join is decided, which a bot that stops waits for.
    await stage.env.advance_time(60)

    for command in ("stats", "inviter"):
        option = "inviter" if command == "stats" else "member"
        result = await stage.use(stage.admin, command, **{option: joker})
        assert "@everyone" not in words_of(result)
        assert "<@1>" not in words_of(result)
        assert "**x**" not in words_of(result)
        assert result.response is not None
        assert not result.response.message.mention_everyone
        assert result.response.message.mentions == []


async def test_inviter_says_who_and_how_that_is_known(stage: Stage) -> None:
    async with stage.place.client.parts.database.write() as tx:
        await upsert_guild_timezone(tx, stage.guild.id, "Europe/Amsterdam")
    await stage.record_joins([stage.join(stage.member.id, stage.admin.id, joined_at_ms=1_764_590_400_000)])

    answer = await stage.say(stage.member, "inviter")

    assert f"Invited by {stage.admin.mention} with `abc`" in answer
    assert "**certain**: the use counter of `abc` rose" in answer
    assert "01-12-2025 13:00:00 (Europe/Amsterdam)" in answer


async def test_inviter_names_everyone_who_fits_when_several_do(stage: Stage) -> None:
    await stage.record_joins([stage.ambiguous_join(stage.member.id, [stage.admin.id, stage.manager.id])])

    answer = await stage.say(stage.member, "inviter")

    first, second = sorted((stage.admin.id, stage.manager.id))
    assert answer.count("<@") == 2
    assert f"<@{first}> (" in answer
    assert f" or <@{second}> (" in answer


async def test_a_join_through_a_created_link_is_told_with_its_proof(stage: Stage) -> None:
    await stage.use(stage.manager, "create")
    [invite] = stage.place.world.live_invites(stage.guild.id)
    newcomer = stage.env.create_user("newcomer")
    stage.place.world.join(stage.guild.id, newcomer.id, code=invite.code)
    await stage.env.advance_time(10)

    answer = await stage.say(stage.admin, "inviter", member=newcomer)

    assert f"Invited by {stage.manager.mention} with `{invite.code}`" in answer
    assert "**certain**" in answer
    assert "1 invite\n" in await stage.say(stage.manager, "stats")


async def test_inviter_without_a_record_says_so(stage: Stage) -> None:
    assert "No join is on record" in await stage.say(stage.member, "inviter")


async def test_inviter_of_others_needs_manage_server(stage: Stage) -> None:
    await stage.record_joins([stage.join(stage.admin.id, stage.manager.id)])

    refused = await stage.say(stage.member, "inviter", member=stage.admin)
    allowed = await stage.say(stage.manager, "inviter", member=stage.admin)

    assert refused == "You need the permission Administrator or Manage Server for this."
    assert f"Invited by {stage.manager.mention}" in allowed


async def test_inviter_of_a_bot_names_who_added_it(stage: Stage) -> None:
    facts = {"source": Source.BOT, "method": Method.AUDIT_LOG, "code": None, "credited_inviter_id": None}
    await stage.record_joins([stage.join(stage.member.id, stage.admin.id, **facts)])

    answer = await stage.say(stage.member, "inviter")

    assert f"Added by {stage.admin.mention}" in answer


async def test_inviter_may_be_certain_while_the_link_is_open(stage: Stage) -> None:
    candidates = tuple(Candidate(Source.INVITE, code, stage.admin.id) for code in ("one", "two"))
    join = stage.join(
        stage.member.id, stage.admin.id, code=None, certainty=Certainty.AMBIGUOUS, candidates=candidates
    )
    await stage.record_joins([join])

    answer = await stage.say(stage.member, "inviter")

    assert f"Invited by {stage.admin.mention} (`one`, `two`)" in answer
    assert "inviter certain, link not" in answer


async def test_leaderboard_is_for_everyone_to_see_and_only_its_opener_turns_pages(stage: Stage) -> None:
    await stage.record_joins([stage.join(1000 + number, 500 + number) for number in range(12)])

    result = await stage.use(stage.member, "leaderboard")

    assert not result.ephemeral
    assert words_of(result).count("1 joined") == 10
    assert "12 inviters · the last 31 days" in words_of(result)
    assert result.response is not None
    following = control_of(result.response, "list.tracker.leaderboard", "next", 2)
    refused = await stage.admin.click(result.response, custom_id=following)
    assert refused.ephemeral
    assert "belong to somebody else" in words_of(refused)
    assert "1/2" in [
        control["label"] for control in controls_of(result.response).values() if "label" in control
    ]
    await stage.member.click(result.response, custom_id=following)
    assert words_of(result).count("1 joined") == 2
    assert "**11.**" in words_of(result)


async def test_the_leaderboard_of_some_days_is_turned_after_a_restart(stage: Stage) -> None:
    now_ms = stage.place.clock.now_ms()
    recent = [stage.join(1000 + number, 500 + number) for number in range(12)]
    old = [stage.join(2000 + number, 600 + number, joined_at_ms=now_ms - 3 * DAY_MS) for number in range(12)]
    await stage.record_joins(recent + old)
    result = await stage.use(stage.member, "leaderboard", days=2)

    await stage.place.restart()
    assert result.response is not None
    following = control_of(result.response, "list.tracker.leaderboard", "next", 2)
    await stage.member.click(result.response, custom_id=following)

    assert words_of(result).count("1 joined") == 2
    assert "12 inviters · the last 2 days" in words_of(result)


async def test_leaderboard_counts_the_last_days_only_when_asked(stage: Stage) -> None:
    now_ms = stage.place.client.parts.clock.now_ms()
    await stage.record_joins([stage.join(101, 501), stage.join(102, 502, joined_at_ms=now_ms - 3 * DAY_MS)])

    recent = words_of(await stage.use(stage.member, "leaderboard", days=2))

    assert "<@501>" in recent
    assert "<@502>" not in recent
    assert "the last 2 days" in recent
    assert "<@502>" in words_of(await stage.use(stage.member, "leaderboard"))


async def test_an_empty_leaderboard_says_so(stage: Stage) -> None:
    assert "Nobody has invited anybody yet." in words_of(await stage.use(stage.member, "leaderboard"))
