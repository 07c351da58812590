"""How boards, tops and amounts read. Pure; Discord markdown, ids as mentions."""

from collections.abc import Callable, Iterable

from bot.text.language import _, ngettext
from bot.text.numbers import format_number
from bot.ui.look import safe_name
from cogs.serverstats.starboard.emoji import show_emoji
from cogs.serverstats.starboard.marks import jump_url
from storage.starboard_records import Board, StarboardAmounts, StarredMessage, StarredPerson


def describe_board(board: Board) -> str:
    """Return what is set for a board, on a few lines."""
    lines = [
        _(
            "Channel {channel} · from {threshold} {emoji} on",
            channel=f"<#{board.channel_id}>",
            threshold=format_number(board.threshold),
            emoji=show_emoji(board.emoji),
        ),
        _("Stars that authors give themselves count.")
        if board.counts_self_stars
        else _("Stars that authors give themselves do not count."),
    ]
    if board.ignored_channel_ids:
        lines.append(_("Ignored channels: {channels}", channels=_mentions(board.ignored_channel_ids, "#")))
    if board.ignored_role_ids:
        lines.append(
            _("Authors with these roles are ignored: {roles}", roles=_mentions(board.ignored_role_ids, "@&"))
        )
    return "\n".join(lines)


def describe_amounts(amounts: StarboardAmounts) -> str:
    """Return what is stored of a board, e.g. "**3** watched messages, **12** stars"."""
    watched = amounts.entries + amounts.tombstones
    return ", ".join(
        (
            ngettext("**{count}** watched message", "**{count}** watched messages", watched),
            ngettext("**{count}** star", "**{count}** stars", amounts.stars),
        )
    )


def outcome_line(board: Board, stars: int, has_post: bool) -> str:
    """Return what a board has of a message that was just counted."""
    facts = {
        "board": safe_name(board.name),
        "emoji": show_emoji(board.emoji),
        "stars": format_number(stars),
    }
    if has_post:
        return _("{board}: {emoji} **{stars}**, on the board", **facts)
    return _("{board}: {emoji} **{stars}**, not on the board", **facts)


def message_line(guild_id: int, message: StarredMessage, rank: int, emoji: str) -> str:
    """Return the line of a message in the list of the most starred."""
    facts = {
        "rank": rank,
        "emoji": show_emoji(emoji),
        "stars": format_number(message.stars),
        "url": jump_url(guild_id, message.channel_id, message.message_id),
    }
    if message.author_id is None:
        return _("**{rank}.** {emoji} **{stars}** · [message]({url}) by somebody who is not named", **facts)
    author = f"<@{message.author_id}>"
    return _("**{rank}.** {emoji} **{stars}** · [message]({url}) by {author}", author=author, **facts)


def receiver_line(person: StarredPerson, rank: int) -> str:
    """Return the line of somebody whose messages were starred."""
    stars = ngettext("**{count}** star", "**{count}** stars", person.stars)
    return ngettext(
        "**{rank}.** {person} · {stars} for {count} message",
        "**{rank}.** {person} · {stars} for {count} messages",
        person.messages,
        rank=rank,
        person=f"<@{person.user_id}>",
        stars=stars,
    )


def giver_line(person: StarredPerson, rank: int) -> str:
    """Return the line of somebody who starred messages."""
    return ngettext(
        "**{rank}.** {person} · **{count}** star given",
        "**{rank}.** {person} · **{count}** stars given",
        person.stars,
        rank=rank,
        person=f"<@{person.user_id}>",
    )


def ranked(rows: Iterable[str]) -> str:
    """Return the lines of a list, or what stands in place of an empty one."""
    return "\n".join(rows) or _("Nothing yet.")


def _mentions(ids: Iterable[int], sign: str) -> str:
    mention: Callable[[int], str] = f"<{sign}{{}}>".format
    return ", ".join(map(mention, sorted(ids)))
