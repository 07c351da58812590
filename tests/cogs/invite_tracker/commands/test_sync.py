"""/invite_tracker sync: members from before are put on record, how far that is, and that it can be stopped."""

from dataclasses import replace

import pytest
import simcord

from bot.settings.guild_settings import GuildSettings
from cogs.invite_tracker.commands.sync_screen import describe_members_before
from cogs.invite_tracker.use_cases.members_before import MembersBefore
from storage.member_syncs import MemberSync, Stage, fetch_member_sync, upsert_member_sync
from storage.records import Certainty, Method, Source
from tests.cogs.invite_tracker.commands.stage import Stage as Scene
from tests.discord_in_process import control_of, words_of

SYNC = MemberSync(1, 0, None, 0, Stage.LISTING, listed=3_200, recorded=3_000)


@pytest.mark.parametrize(
    ("sync", "lines"),
    [
        (SYNC, ["3,200 of 10,000", "-# 3,000 members put on record"]),
        (
            replace(SYNC, stage=Stage.SEARCHING, searched=2_000, explained=1),
            [
                "Asking Discord how they came: 2,000 of 10,000",
                "-# 3,000 members put on record · how 1 came is known",
            ],
        ),
        (
            replace(SYNC, stage=Stage.DONE, recorded=1, explained=12),
            ["1 member put on record · how 12 of them came is known"],
        ),
        (
            replace(SYNC, stage=Stage.UNEXPLAINED),
            [
                "3,000 members put on record · how 0 of them came is known",
                "-# Discord did not say more of how they came.",
            ],
        ),
        (replace(SYNC, stage=Stage.STOPPED), ["Stopped: 3,000 members put on record"]),
        # A restart counted some twice.
        (replace(SYNC, listed=10_400), ["10,000 of 10,000", "-# 3,000 members put on record"]),
    ],
)
def test_how_far_it_is_reads_like_this(sync: MemberSync, lines: list[str]) -> None:
    assert describe_members_before(MembersBefore(sync, 10_000)) == lines


async def stored(stage: Scene) -> MemberSync | None:
    """Return what is stored of it."""
    async with stage.place.client.parts.database.read() as rx:
        return await fetch_member_sync(rx, stage.guild.id)


async def store(scene: Scene, **facts: object) -> None:
    """Let it be this far."""
    sync = replace(SYNC, guild_id=scene.guild.id, **facts)  # type: ignore[arg-type]
    async with scene.place.client.parts.database.write() as tx:
        await upsert_member_sync(tx, sync)


async def test_the_command_puts_members_on_record_and_info_says_how_that_ended(stage: Scene) -> None:
    words = await stage.say(stage.manager, "sync")
    assert "Members from before" in words
    await stage.env.advance_time(60)
    await stage.env.settle()

    sync = await stored(stage)
    assert sync is not None
    assert sync.stage is Stage.DONE
    assert sync.recorded >= 3
    assert f"{sync.recorded} members put on record" in await stage.say(stage.manager, "info")


async def test_only_who_manages_the_server_may_begin_or_stop(stage: Scene) -> None:
    assert "Manage Server" in await stage.say(stage.member, "sync")
    assert await stored(stage) is None


async def test_what_is_under_way_can_be_looked_at_and_stopped(stage: Scene) -> None:
    await store(stage)
    shown = await stage.use(stage.manager, "sync")
    assert shown.response is not None
    assert "3,000 members put on record" in words_of(shown)
    await store(stage, stage=Stage.SEARCHING, searched=1)
    looked = await stage.manager.click(shown.response, custom_id=control_of(shown.response, "tracker.sync"))
    assert "Asking Discord" in _words_after(looked, shown)
    await stage.manager.click(shown.response, custom_id=control_of(shown.response, "tracker.sync_stop"))

    sync = await stored(stage)
    assert sync is not None
    assert sync.stage is Stage.STOPPED


async def test_it_is_told_in_the_log_channel_who_began_and_who_stopped(stage: Scene) -> None:
    settings = GuildSettings(log_channel_id=stage.other_channel.id)
    await stage.place.client.parts.guild_settings.save(stage.guild.id, settings, 0)
    shown = await stage.use(stage.manager, "sync")
    assert shown.response is not None
    await store(stage)
    await stage.service.stop_sync(stage.guild.id)
    await stage.env.settle()

    told = [
        embed["description"]
        for message in stage.place.world.messages.get(stage.other_channel.id, {}).values()
        for embed in message.embeds
    ]
    assert told == [
        f"**Members from before:** not looked at → being put on record\n-# by {stage.manager.mention}",
        "**Members from before:** being put on record → stopped\n-# by the bot itself",
    ]


async def test_a_join_from_before_says_whether_it_counts(stage: Scene) -> None:
    await stage.record_joins(
        [
            stage.join(
                stage.member.id,
                stage.admin.id,
                source=Source.EXISTING,
                method=Method.MEMBERS_SEARCH,
                certainty=Certainty.CERTAIN,
                joined_at_ms=1,
            )
        ]
    )
    words = await stage.say(stage.manager, "explain", member=stage.member)
    assert f"Was here before I began to track, invited by {stage.admin.mention} with `abc`" in words
    assert "members from before do not count here" in words

    await stage.save(count_existing=True)
    words = await stage.say(stage.manager, "explain", member=stage.member)
    assert f"As a **real invite** for {stage.admin.mention}." in words
    assert (await stage.service.fetch_counts(stage.guild.id, stage.admin.id)).total == 1


def _words_after(pressed: simcord.InteractionResult, shown: simcord.InteractionResult) -> str:
    return words_of(pressed) + words_of(shown)
