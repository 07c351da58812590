"""Polls in words."""

from typing import Any

from cogs.serverstats.starboard.rendering.polls import poll_field
from tests.cogs.serverstats.starboard.rendering.messages import main_embed, render


def poll(**changes: Any) -> dict[str, Any]:
    return {
        "question": {"text": "Tea or *coffee*?"},
        "answers": [
            {"answer_id": 1, "poll_media": {"text": "Tea", "emoji": {"id": None, "name": "🍵"}}},
            {"answer_id": 2, "poll_media": {"text": "||Coffee||", "emoji": {"id": "5", "name": "mug"}}},
            {"answer_id": 3, "poll_media": {"text": "Neither"}},
        ],
        "expiry": "2026-01-02T00:00:00+00:00",
        "allow_multiselect": False,
        "results": {
            "is_finalized": False,
            "answer_counts": [
                {"id": 1, "count": 3, "me_voted": False},
                {"id": 2, "count": 1, "me_voted": False},
            ],
        },
    } | changes


def test_a_poll_shows_question_answers_and_votes() -> None:
    """Neither question nor answers have markdown in Discord."""
    assert poll_field(poll()) == {
        "name": r"📊 Tea or \*coffee\*?",
        "value": "- 🍵 Tea: **3** (75%)\n- <:mug:5> \\|\\|Coffee\\|\\|\u200b: **1** (25%)\n- Neither: **0** (0%)\n"
        "4 votes, open until <t:1767312000:f>",
        "inline": False,
    }


def test_a_closed_poll_says_so() -> None:
    closed = poll(results={"is_finalized": True, "answer_counts": [{"id": 1, "count": 1}]})
    assert str(poll_field(closed)["value"]).endswith("\n1 vote, closed")


def test_a_poll_without_votes_has_no_percentages() -> None:
    shown = str(poll_field(poll(results={"is_finalized": False, "answer_counts": []}))["value"])
    assert shown.endswith("- Neither\n0 votes, open until <t:1767312000:f>")


def test_a_poll_without_results_says_nothing_of_votes() -> None:
    given = poll(expiry=None)
    del given["results"]
    assert str(poll_field(given)["value"]).endswith("- Neither\nOpen")


def test_the_largest_poll_fits() -> None:
    answers = [
        {"answer_id": number, "poll_media": {"text": "*" * 55, "emoji": {"id": "9" * 18, "name": "x" * 32}}}
        for number in range(1, 11)
    ]
    shown = poll_field(poll(question={"text": "_" * 300}, answers=answers))
    assert len(str(shown["name"])) <= 256
    assert len(str(shown["value"])) <= 1024


def test_a_poll_is_not_an_empty_message() -> None:
    embed = main_embed(render(content="", poll=poll()))
    assert "description" not in embed
    assert [each["name"] for each in embed["fields"]] == [r"📊 Tea or \*coffee\*?", "Original"]
