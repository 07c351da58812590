"""/doctor: the people who run a server see what keeps the bot from working there."""

import re
from collections.abc import AsyncIterator
from gettext import NullTranslations
from pathlib import Path
from typing import Any, cast

import pytest
import simcord

from bot.text import language
from bot.text.language import Language
from cogs.invite_tracker.service import InviteTrackerService
from storage.counters import Counter, insert_counter
from storage.statistics.catalogue import Group
from tests.discord_in_process import Place, controls_of, in_process, words_of
from tests.wire.town import without


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with in_process(tmp_path) as place:
        yield place


def invites_of(place: Place) -> InviteTrackerService:
    cog: Any = place.client.get_cog("InviteTrackerCommands")
    return cast("InviteTrackerService", cog.service)


async def send_joins_to(place: Place, channel: simcord.ChannelHandle) -> None:
    """Enable the invite tracker with join messages in the channel."""
    service = invites_of(place)
    await service.enable(place.guild.id)
    current = await service.fetch_settings(place.guild.id)
    wanted = {"join_messages_enabled": True, "join_messages_channel": channel.id}
    await service.save_settings(place.guild.id, current.values.model_copy(update=wanted), current.version)


async def use(place: Place, person: simcord.MemberActor) -> tuple[simcord.InteractionResult, str]:
    result = await person.slash(place.channel, "doctor")
    return result, words_of(result)


async def test_members_without_manage_server_are_refused(place: Place) -> None:
    _result, words = await use(place, place.member)
    assert words == "You need the permission Administrator or Manage Server for this."


async def test_a_server_in_order_is_told_so_and_to_the_person_alone(place: Place) -> None:
    await send_joins_to(place, place.other_channel)
    result, words = await use(place, place.manager)
    assert result.ephemeral
    assert words.startswith("Everything that is switched on works\n")
    assert "The 1 channel that is used is there and open to the bot." in words


async def test_a_server_where_nothing_is_enabled_is_told_what_to_do(place: Place) -> None:
    _result, words = await use(place, place.admin)
    assert "Nothing is switched on in this server." in words
    assert "`/invite_tracker enable`" in words


async def test_what_is_missing_is_told_with_what_is_lost_and_what_to_do(place: Place) -> None:
    await send_joins_to(place, place.other_channel)
    place.deny_bot(place.other_channel, send_messages=False)
    _result, words = await use(place, place.admin)
    title, first, meaning, advice, *_rest = words.splitlines()
    assert title == "1 thing keeps me from working"
    assert first == (
        f"❌ **<#{place.other_channel.id}>** · "
        "Join messages: the bot lacks the permission Send Messages here."
    )
    assert meaning == "Join messages are not sent."
    assert advice.startswith("→ Allow it for the bot")


async def test_a_channel_that_was_deleted_is_named_by_what_it_was_for(place: Place) -> None:
    await send_joins_to(place, place.other_channel)
    place.world.delete_channel(place.other_channel.id)
    await place.env.settle()
    _result, words = await use(place, place.admin)
    assert "❌ **Join messages** · The channel is gone." in words


async def test_the_button_checks_again_on_the_same_message_also_after_a_restart(place: Place) -> None:
    await send_joins_to(place, place.other_channel)
    place.deny_bot(place.other_channel, send_messages=False)
    result, words = await use(place, place.admin)
    assert "keeps me from working" in words
    assert result.response is not None

    await place.restart()
    place.deny_bot(place.other_channel)
    await place.admin.click(result.response, label="Check again")
    assert words_of(result.response).startswith("Everything that is switched on works\n")


async def test_the_answer_says_when_it_was_checked_and_the_button_brings_that_up_to_date(
    place: Place,
) -> None:
    result, _words = await use(place, place.admin)
    assert result.response is not None
    (before,) = result.response.embeds
    assert (before.footer.text, "-#" in str(before.description)) == ("Checked", False)
    await place.env.advance_time(90)
    await place.admin.click(result.response, label="Check again")
    (after,) = result.response.embeds
    assert before.timestamp is not None
    assert after.timestamp is not None
    assert (after.timestamp - before.timestamp).total_seconds() >= 90


async def test_the_button_refuses_who_may_not_manage_the_server_any_more(place: Place) -> None:
    result, _words = await use(place, place.manager)
    assert result.response is not None
    place.world.edit_member(place.guild.id, place.manager.id, {"role_ids": []})
    clicked = await place.manager.click(result.response, label="Check again")
    assert words_of(clicked) == "You need the permission Administrator or Manage Server for this."


async def test_an_answer_that_would_be_too_long_is_cut_at_whole_findings(place: Place) -> None:
    await send_joins_to(place, place.other_channel)
    service: Any = place.client.get_cog("ServerstatsCommands")
    await service.module.enable(place.guild.id)
    await _place_counters(place, 40)
    result, words = await use(place, place.admin)
    assert result.response is not None
    (embed,) = result.response.embeds
    assert len(embed.description or "") <= 4096
    assert words.splitlines()[-2].startswith("… and ")


async def _place_counters(place: Place, number: int) -> None:
    """Store counters whose channels are gone."""
    module: Any = place.client.get_cog("ServerstatsCommands")
    await module.module.change_settings(
        place.guild.id, lambda now: now.model_copy(update={"counters_enabled": True})
    )
    async with place.client.parts.database.write() as tx:
        for one in range(1, number + 1):
            await insert_counter(
                tx,
                Counter(place.guild.id, one, one, 6, "<value>", None, None, None, False, 0, None, None, None),
            )


async def test_an_intent_that_the_bot_had_to_give_up_is_told_where_something_needs_it(place: Place) -> None:
    cog: Any = place.client.get_cog("ServerstatsCommands")
    await cog.module.enable(place.guild.id)
    await cog.module.change_settings(
        place.guild.id,
        lambda now: now.model_copy(update={"enabled_groups": frozenset({Group.ACTIVITIES})}),
    )
    _result, words = await use(place, place.admin)
    assert "Presence Intent" not in words
    place.world.approved_intents.discard("presences")
    await place.restart()
    _result, words = await use(place, place.admin)
    assert "⚠️ **Presence Intent** · The operator of the bot has not switched it on." in words
    assert "Statuses and activities are not recorded." in words


class _Marked(NullTranslations):
    """A language that marks what it has translated."""

    def gettext(self, message: str) -> str:
        return f"«{message}»"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"«{msgid1 if n == 1 else msgid2}»"


async def test_everything_is_in_the_language_of_the_person(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Findings, their meanings and what to do come from several places; each must go through the catalogue."""
    english = language._translations(Language.ENGLISH)
    monkeypatch.setattr(
        language, "_translations", lambda spoken: english if spoken is Language.ENGLISH else _Marked()
    )
    await send_joins_to(place, place.other_channel)
    place.deny_bot(place.other_channel, send_messages=False)
    place.world.set_bot_permissions(place.guild.id, without("manage_guild", "view_audit_log"))
    place.set_language(place.admin, "nl")
    result, words = await use(place, place.admin)
    for line in words.splitlines():
        bare = re.sub(r"❌|⚠️|ℹ️|✓|→|·|\*\*|-#|<#\d+>", "", line).strip()
        assert bare.startswith("«"), line
        assert bare.endswith("»"), line
    assert next(iter(controls_of(result.response).values()))["label"].startswith("«")
    _result, words = await use(place, place.manager)
    assert "«" not in words
