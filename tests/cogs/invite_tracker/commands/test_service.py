"""Use cases at their edges, where no command leads."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import UnprocessableEntityError
from cogs.invite_tracker.commands.wording import describe_certainty, describe_origin
from storage.records import Certainty, Reason, Source
from tests.cogs.invite_tracker.commands.stage import Stage, set_stage


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with set_stage(tmp_path) as here:
        await here.use(here.admin, "enable")
        yield here


async def test_settings_out_of_range_are_refused_and_the_old_ones_stay_readable(stage: Stage) -> None:
    with pytest.raises(UnprocessableEntityError, match="fake_minimum_account_age_days"):
        await stage.save(fake_minimum_account_age_days=-1)
    assert (await stage.settings()).fake_minimum_account_age_days == 0


async def test_what_cannot_be_a_setting_is_refused_in_one_sentence_of_ours(stage: Stage) -> None:
    with pytest.raises(UnprocessableEntityError) as refusal:
        await stage.save(join_messages_channel=-1)
    assert refusal.value.message == "join_messages_channel: this is not a value that it can have."
    assert (await stage.settings()).join_messages_channel is None


async def test_when_disabling_fails_nothing_is_deleted_and_joins_are_tracked_on(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = stage.place.client.parts.database
    async with database.write() as tx:
        await tx.execute(
            "CREATE TRIGGER full BEFORE DELETE ON guild_modules BEGIN SELECT RAISE(FAIL, 'disk full'); END"
        )
    with pytest.raises(sqlite3.Error):
        await stage.service.disable(stage.guild.id)
    for _ in range(200):
        # The database answers in threads of its own, however far the virtual clock is moved.
        await stage.env.advance_time(1)
        if (await stage.service.describe(stage.guild.id)).status.is_caught_up:
            return
    pytest.fail("the guild is not tracked any more")


async def test_an_invite_cannot_be_made_for_a_category(stage: Stage) -> None:
    category = await stage.place.client.get_guild(stage.guild.id).create_category("Rooms")  # type: ignore[union-attr]
    with pytest.raises(UnprocessableEntityError, match="text, voice, stage and forum channels only"):
        await stage.service.create_invite(
            stage.guild.id, category.id, max_uses=0, max_age_seconds=0, is_temporary=False, for_user_id=None
        )


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (Reason.NOT_IN_AUDIT_LOG, "the audit log does not say"),
        (Reason.AUDIT_LOG_MISSING, "View Audit Log"),
        (Reason.REQUEST_FAILED, "did not answer"),
    ],
)
async def test_a_bot_of_unknown_origin_is_told_as_such(stage: Stage, reason: Reason, words: str) -> None:
    bot = stage.join(5, None, source=Source.BOT, certainty=Certainty.UNKNOWN, reason=reason, code=None)
    assert describe_origin(bot) == "It is not known who added this bot"
    assert words in describe_certainty(bot)
