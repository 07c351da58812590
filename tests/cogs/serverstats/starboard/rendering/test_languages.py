"""Posts in languages whose words are longer than the English ones."""

from pathlib import Path
from typing import Any

from hypothesis import given, settings

from bot.text.language import Language, speaking
from cogs.serverstats.starboard.rendering.post import Board, Source, original_id_of, render_post
from tests.cogs.serverstats.starboard.rendering.messages import message
from tests.cogs.serverstats.starboard.rendering.test_any_message import MESSAGES, SOURCES, require_limits
from tests.texts.collecting import texts_of_code
from tests.texts.other_words import languages_where


def longer(english: str) -> str:
    """Return words that are twice as long."""
    return f"{english} {'w' * len(english)}"


def test_a_post_in_longer_words_is_within_discords_limits_and_is_known_again(tmp_path: Path) -> None:
    @settings(deadline=None)
    @given(MESSAGES, SOURCES)
    def check(given_message: dict[str, Any], source: Source) -> None:
        post = render_post(given_message, 12, Board(emoji="⭐"), source)
        require_limits(post)
        assert original_id_of({"embeds": list(post.embeds)}) == int(given_message["id"])

    with languages_where(tmp_path, texts_of_code(), longer), speaking(Language.GERMAN):
        check()


def test_numbers_and_shares_are_written_as_the_language_does() -> None:
    answers = [
        {"answer_id": 1, "poll_media": {"text": "yes"}},
        {"answer_id": 2, "poll_media": {"text": "no"}},
    ]
    counts = [{"id": 1, "count": 1500}, {"id": 2, "count": 500}]
    poll = {
        "question": {"text": "?"},
        "answers": answers,
        "results": {"answer_counts": counts, "is_finalized": True},
    }
    with speaking(Language.GERMAN):
        post = render_post(message(poll=poll), 1234, Board(emoji="⭐"), Source(guild_id=1))
    assert post.content is not None
    assert "**1.234**" in post.content
    value = post.embeds[0]["fields"][0]["value"]
    assert "- yes: **1.500** (75\u00a0%)" in value
