"""What the bot makes of imported joins when it starts next."""

from dataclasses import replace

from cogs.invite_tracker.transfer.foreign import find_columns, read_foreign_row
from cogs.invite_tracker.transfer.importing import record_entries
from storage.joins import fetch_joins_after
from storage.records import Join
from tests.cogs.invite_tracker.commands.stage import Stage
from tests.discord_in_process import words_of


async def import_members(stage: Stage, *member_ids: int) -> None:
    """Put a join of each on record, of yesterday, as another bot tells it."""
    now_ms = stage.place.clock.now_ms()
    columns = find_columns(["member", "inviter", "code", "date"], {})
    rows = [
        [str(member_id), str(stage.admin.id), "abc", str(now_ms - 86_400_000)] for member_id in member_ids
    ]
    entries = [
        read_foreign_row(line, row, columns, stage.guild.id, now_ms, None) for line, row in enumerate(rows, 2)
    ]
    # Accounts of the local Discord are made in the very moment.
    entries = [
        replace(one, join=replace(one.join, account_created_at_ms=one.join.joined_at_ms)) for one in entries
    ]
    async with stage.place.client.parts.database.write() as tx:
        await record_entries(
            tx, stage.guild.id, iter(entries), is_opted_out=lambda _id: False, now_ms=now_ms, since_ms=0
        )


async def joins_on_record(stage: Stage) -> dict[int | None, Join]:
    async with stage.place.client.parts.database.read() as rx:
        return {join.member_id: join for join in await fetch_joins_after(rx, stage.guild.id, 0, 100)}


async def test_who_is_not_here_any_more_is_marked_as_left_without_a_message(stage: Stage) -> None:
    gone_id = 1_199_648_432_165_432_165
    await stage.save(leave_messages_enabled=True, leave_messages_channel=stage.other_channel.id)
    before = len(stage.other_channel.history())
    await import_members(stage, stage.member.id, gone_id)
    await stage.place.restart()
    await stage.env.advance_time(60)

    joins = await joins_on_record(stage)

    assert joins[gone_id].left_at_ms is not None
    assert joins[stage.member.id].left_at_ms is None
    assert len(stage.other_channel.history()) == before


async def test_an_imported_join_counts_and_says_where_it_is_from(stage: Stage) -> None:
    await import_members(stage, stage.member.id)

    told = words_of(await stage.use(stage.admin, "inviter", member=stage.member))
    counted = words_of(await stage.use(stage.admin, "stats"))

    assert f"Invited by {stage.admin.mention} with `abc`" in told
    assert "**imported**: the record of another bot says so" in told
    assert "certain" not in told
    assert "1 invite" in counted
