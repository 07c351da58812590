"""In which language counters speak: to everybody in the server's, to a person in theirs."""

from pathlib import Path

import pytest

from bot.text.language import Language, _, speaking
from cogs.serverstats.counters.counter_types import KINDS, CounterKind
from cogs.serverstats.later import later
from tests.cogs.serverstats.form_stage import set_form_stage
from tests.texts.collecting import Text
from tests.texts.other_words import languages_where

TEXTS = [
    Text("Members: <value>", "here"),
    Text("📊 Server stats", "here"),
    Text("Members", "here"),
    Text("Counter made", "here"),
    Text("The format is empty; leave it out to use the one of this type.", "here"),
    Text("🎉 The goal of **{goal}** members is reached: there are **{value}** now!", "here"),
    Text("Discord did not rename {channel} ({reason}); I will try again.", "here"),
    Text("A counter of the type {type} needs a role.", "here"),
    Text("Members with a role", "here"),
    Text("Counter “{type}”", "here"),
]


def other(english: str) -> str:
    """Return what the other languages say."""
    return f"«{english}»"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.title)
@pytest.mark.parametrize("language", Language)
def test_a_translated_format_has_the_same_variables(kind: CounterKind, language: Language) -> None:
    with speaking(language):
        text = _(kind.default_format)
    names = {name for name in ("value", "online", "dnd", "offline", "role_name") if f"<{name}>" in text}
    assert names == set(kind.variables)
    assert text.count("<") == len(kind.variables)


async def test_a_name_is_in_the_servers_language_of_when_the_counter_was_made(tmp_path: Path) -> None:
    async with set_form_stage(tmp_path) as stage:
        with languages_where(tmp_path, TEXTS, other):
            await stage.speak("nl")
            await stage.manager.slash(stage.place.channel, "serverstats counter create", type=6)
            (counter,) = stage.counters
            assert counter.format == "«Members: <value>»"
            category_id = stage.module.require_settings(stage.guild_id).counters_category_id
            assert stage.place.world.channels[category_id or 0].name == "«📊 Server stats»"

            await stage.speak("en")
            await stage.counter_service.update_all()
            assert stage.place.world.channels[counter.channel_id].name == "«Members: 5»"


async def test_a_reached_goal_is_told_in_the_servers_language(tmp_path: Path) -> None:
    async with set_form_stage(tmp_path) as stage:
        with languages_where(tmp_path, TEXTS, other):
            await stage.manager.slash(
                stage.place.channel,
                "serverstats counter create",
                type=6,
                goal=6,
                announce_channel=stage.place.other_channel,
            )
            await stage.speak("de")
            stage.place.add_member("newcomer")
            await stage.place.env.settle()
            await stage.counter_service.update_all()
        said_there = [
            message.content for message in stage.place.world.messages[stage.place.other_channel.id].values()
        ]
        assert said_there == ["«🎉 The goal of **6** members is reached: there are **6** now!»"]


def test_a_sentence_that_is_kept_is_said_in_the_language_of_whoever_reads_it(tmp_path: Path) -> None:
    kept = later("Discord did not rename {channel} ({reason}); I will try again.", channel="#1", reason="no")
    with languages_where(tmp_path, TEXTS, other):
        with speaking(Language.GERMAN):
            assert str(kept) == "«Discord did not rename #1 (no); I will try again.»"
            assert kept.in_english() == "Discord did not rename #1 (no); I will try again."
        assert str(kept) == kept.in_english()
