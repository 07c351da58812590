"""Who made a key is all that keys know of a person: counted, forgotten when they ask, and not noted once they opted out."""

import pytest
import simcord

from bot.privacy import Person, ReferenceCounts
from bot.web.callers import Right
from cogs.api_keys.privacy import ApiKeyPrivacy
from tests.cogs.api_keys.stage import Stage
from tests.discord_in_process import words_of

SOMEBODY = 5


@pytest.fixture
def privacy(stage: Stage) -> ApiKeyPrivacy:
    """What the module has registered."""
    [found] = [
        module.privacy
        for module in stage.place.client.parts.modules
        if isinstance(module.privacy, ApiKeyPrivacy)
    ]
    return found


def ada(stage: Stage) -> Person:
    return Person(stage.admin.id, "ada", None, "Ada L", None)


async def create(stage: Stage, name: str, created_by: int | None, guild_id: int | None = None) -> None:
    await stage.book.create(guild_id or stage.guild_id, name, frozenset(Right), created_by)


async def fetch_creators(stage: Stage) -> list[int | None]:
    """Return who made the stored keys of the server, by the names of the keys."""
    async with stage.place.client.parts.database.read() as rx:
        rows = await rx.fetch_all(
            "SELECT created_by_user_id FROM api_keys WHERE guild_id = ? ORDER BY name", (stage.guild_id,)
        )
    return [row[0] for row in rows]


def button_message(result: simcord.InteractionResult) -> simcord.ResponseMessage:
    message = result.response if result.response is not None else result.followups[0]
    assert message is not None
    return message


async def test_the_keys_that_somebody_made_and_those_called_by_their_name_are_counted(
    stage: Stage, privacy: ApiKeyPrivacy
) -> None:
    assert await privacy.count_references(stage.guild_id, ada(stage)) == ReferenceCounts()
    await create(stage, "website of ADA", stage.admin.id)
    await create(stage, "bridge", stage.admin.id)
    await create(stage, "other", SOMEBODY)
    await create(stage, "elsewhere", stage.admin.id, guild_id=stage.guild_id + 1)
    counts = await privacy.count_references(stage.guild_id, ada(stage))
    assert counts == ReferenceCounts(ids=2, usernames=1)


async def test_an_erasure_says_before_and_after_what_it_does_and_the_keys_go_on_working(
    stage: Stage, privacy: ApiKeyPrivacy
) -> None:
    text = await stage.make("ada's website")
    await create(stage, "other", SOMEBODY)
    preview = await privacy.preview_erasure(stage.guild_id, ada(stage))
    assert [amount.words for amount in preview.deleted] == ["that you made 1 API key, which goes on working"]
    assert preview.kept == (
        "1 API key is called by your id or a name of yours; an administrator can replace it.",
    )
    assert await fetch_creators(stage) == [stage.admin.id, SOMEBODY]

    assert await privacy.erase(stage.guild_id, ada(stage)) == preview
    assert await fetch_creators(stage) == [None, SOMEBODY]
    assert stage.book.find(text) is not None
    assert (await privacy.erase(stage.guild_id, ada(stage))).deleted == ()
    assert f"<@{stage.admin.id}>" not in await stage.say("list")


async def test_who_deletes_their_data_by_command_is_told(stage: Stage) -> None:
    await stage.make()
    result = await stage.admin.slash(stage.place.channel, "privacy delete_data")
    assert "that you made 1 API key, which goes on working" in words_of(result)
    await stage.admin.click(button_message(result), label="Delete my data")
    assert "that you made 1 API key" in words_of(button_message(result))
    assert await fetch_creators(stage) == [None]


async def test_who_opts_out_is_forgotten_and_not_noted_with_later_keys(stage: Stage) -> None:
    await stage.make("before")
    await create(stage, "of somebody else", SOMEBODY)
    result = await stage.admin.slash(stage.place.channel, "privacy info")
    await stage.admin.click(button_message(result), label="Opt out")
    assert await fetch_creators(stage) == [None, SOMEBODY]
    await stage.make("between")
    assert await fetch_creators(stage) == [None, None, SOMEBODY]
    await stage.admin.click(button_message(result), label="Opt in")
    await stage.make("then")
    assert await fetch_creators(stage) == [None, None, SOMEBODY, stage.admin.id]
