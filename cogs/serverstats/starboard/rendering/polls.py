"""Polls in words: question, answers, votes, and whether one can still vote."""

import re
from datetime import datetime

import babel.numbers

from bot.text.embeds import MAX_FIELD_NAME, MAX_FIELD_VALUE, parse_timestamp
from bot.text.escape import escape_markdown, tame_name
from bot.text.language import _, current_language, ngettext
from bot.text.numbers import format_number
from bot.text.templates import cut, units
from cogs.serverstats.starboard.rendering.raw import Raw, number_of, object_of, objects_of, text_of

_EMOJI_NAME = re.compile(r"\w{2,32}")


def poll_field(poll: Raw) -> dict[str, object]:
    """Return the embed field of a poll (Discord documentation, Poll Resource)."""
    results = object_of(poll, "results")
    counts = {
        number_of(count, "id"): number_of(count, "count") for count in objects_of(results, "answer_counts")
    }
    total = sum(counts.values())
    lines = [_answer_line(answer, counts, total) for answer in objects_of(poll, "answers")]
    last = _state(poll, total if results else None, is_closed=results.get("is_finalized") is True)
    room = MAX_FIELD_VALUE - units(last)
    shown = ""
    for line in lines:
        if units(shown) + units(line) + 1 > room:
            break
        shown += line + "\n"
    question = escape_markdown(tame_name(text_of(object_of(poll, "question"), "text")))
    return {"name": cut(f"📊 {question}", MAX_FIELD_NAME), "value": shown + last, "inline": False}


def _answer_line(answer: Raw, counts: dict[int, int], total: int) -> str:
    media = object_of(answer, "poll_media")
    label = (
        f"{_emoji(object_of(media, 'emoji'))} {escape_markdown(tame_name(text_of(media, 'text')))}".strip()
    )
    if not counts:
        # Discord sends no count for an answer without votes, and none at all while nobody voted.
        return f"- {label}"
    count = counts.get(number_of(answer, "answer_id"), 0)
    return f"- {label}: **{format_number(count)}** ({_percent(count / total if total else 0)})"


def _emoji(emoji: Raw) -> str:
    name, emoji_id = text_of(emoji, "name"), number_of(emoji, "id")
    if not emoji_id:
        return tame_name(name) if name and not name.isascii() else ""
    if not _EMOJI_NAME.fullmatch(name):
        return ""
    return f"<{'a' if emoji.get('animated') is True else ''}:{name}:{emoji_id}>"


def _state(poll: Raw, votes: int | None, *, is_closed: bool) -> str:
    """Return how many voted, as far as that is told, and until when one can."""
    if is_closed:
        return (
            _("Closed") if votes is None else ngettext("{count} vote, closed", "{count} votes, closed", votes)
        )
    expiry: datetime | None = parse_timestamp(text_of(poll, "expiry"))
    if expiry is None or not expiry.tzinfo:
        return _("Open") if votes is None else ngettext("{count} vote, open", "{count} votes, open", votes)
    time = f"<t:{int(expiry.timestamp())}:f>"
    if votes is None:
        return _("Open until {time}", time=time)
    return ngettext("{count} vote, open until {time}", "{count} votes, open until {time}", votes, time=time)


def _percent(share: float) -> str:
    return str(babel.numbers.format_percent(share, locale=current_language().locale))
