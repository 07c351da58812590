"""How boards, tops and amounts read. Pure; Discord markdown, ids as mentions."""

from collections.abc import Callable, Iterable

from bot.ui.look import safe_name
from cogs.serverstats.starboard.emoji import show_emoji
from cogs.serverstats.starboard.marks import jump_url
from storage.starboard_records import Board, StarboardAmounts, StarredMessage, StarredPerson


def plural(count: int, word: str, words: str | None = None) -> str:
    """Return "1 star", "2 stars"."""
    return f"{count} {word if count == 1 else words or word + 's'}"


def describe_board(board: Board) -> str:
    """Return what is set for a board, on a few lines."""
    lines = [
        f"Channel <#{board.channel_id}> · from {board.threshold} {show_emoji(board.emoji)} on",
        "Stars that authors give themselves count."
        if board.counts_self_stars
        else "Stars that authors give themselves do not count.",
    ]
    if board.ignored_channel_ids:
        lines.append(f"Ignored channels: {_mentions(board.ignored_channel_ids, '#')}")
    if board.ignored_role_ids:
        lines.append(f"Authors with these roles are ignored: {_mentions(board.ignored_role_ids, '@&')}")
    return "\n".join(lines)


def describe_amounts(amounts: StarboardAmounts) -> str:
    """Return what is stored of a board, e.g. "**3** watched messages, **12** stars"."""
    watched = amounts.entries + amounts.tombstones
    return (
        f"**{watched}** watched {'message' if watched == 1 else 'messages'}, "
        f"**{amounts.stars}** {'star' if amounts.stars == 1 else 'stars'}"
    )


def outcome_line(board: Board, stars: int, has_post: bool) -> str:
    """Return what a board has of a message that was just counted."""
    where = "on the board" if has_post else "not on the board"
    return f"{safe_name(board.name)}: {show_emoji(board.emoji)} **{stars}**, {where}"


def message_line(guild_id: int, message: StarredMessage, rank: int, emoji: str) -> str:
    """Return the line of a message in the list of the most starred."""
    author = f"<@{message.author_id}>" if message.author_id is not None else "somebody who is not named"
    url = jump_url(guild_id, message.channel_id, message.message_id)
    return f"**{rank}.** {show_emoji(emoji)} **{message.stars}** · [message]({url}) by {author}"


def receiver_line(person: StarredPerson, rank: int) -> str:
    """Return the line of somebody whose messages were starred."""
    return (
        f"**{rank}.** <@{person.user_id}> · **{person.stars}** "
        f"{'star' if person.stars == 1 else 'stars'} for {plural(person.messages, 'message')}"
    )


def giver_line(person: StarredPerson, rank: int) -> str:
    """Return the line of somebody who starred messages."""
    return f"**{rank}.** <@{person.user_id}> · **{person.stars}** {'star' if person.stars == 1 else 'stars'} given"


def ranked(rows: Iterable[str]) -> str:
    """Return the lines of a list, or what stands in place of an empty one."""
    return "\n".join(rows) or "Nothing yet."


def _mentions(ids: Iterable[int], sign: str) -> str:
    mention: Callable[[int], str] = f"<{sign}{{}}>".format
    return ", ".join(map(mention, sorted(ids)))
