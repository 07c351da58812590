"""The records that are read page by page: the joins of a member and of a code, the invites of a member, bonuses."""

from typing import Final

from bot.text.dates import timezone_named
from bot.text.language import _, ngettext
from bot.text.numbers import format_signed
from bot.ui.access import check_manage
from bot.ui.actions import Actions
from bot.ui.look import Interaction, fit_lines, make_embed, safe_name
from bot.ui.paging import PagedList, ShownPage
from bot.ui.scope import guild_of
from cogs.invite_tracker.commands.explaining import describe_explanation
from cogs.invite_tracker.commands.lists import PAGE_LENGTH, describe_invite
from cogs.invite_tracker.commands.wording import describe_member
from cogs.invite_tracker.service import InviteTrackerService
from storage.bonuses import Bonus
from storage.invite_counts import JoinOfCode
from storage.invite_erasure import NOBODY

ROWS_PER_PAGE: Final = 10

EVERYBODY: Final = "0"
"""The argument of a list that is not about one person."""


def make_explanations(actions: Actions, service: InviteTrackerService) -> PagedList:
    """Return the joins of a member, each a page, the latest first; its argument is the member's id."""

    async def fetch_page(interaction: Interaction, arguments: tuple[str, ...], page: int) -> ShownPage:
        check_manage(interaction)
        guild_id = guild_of(interaction).id
        explanation = await service.explain_join(guild_id, int(arguments[0]), page)
        if explanation is None:
            text = _(
                "No join of {person} is on record: it was before I began to track, "
                "or longer ago than joins are kept.",
                person=f"<@{arguments[0]}>",
            )
            return ShownPage(make_embed(_("A join in full"), text), 1, 1)
        timezone = timezone_named(await service.fetch_timezone(guild_id))
        paragraphs = describe_explanation(explanation, timezone, timezone.key)
        footer = None
        if explanation.count > 1:
            footer = _(
                "Join {number} of {count}, the latest first",
                number=explanation.number,
                count=explanation.count,
            )
        embed = make_embed(_("A join in full"), "\n\n".join(paragraphs), footer=footer)
        return ShownPage(embed, explanation.number, explanation.count)

    return PagedList(actions, "tracker.explain", fetch_page, arguments=1)


def make_joins_of_code(actions: Actions, service: InviteTrackerService) -> PagedList:
    """Return the joins by a code, the last first; its argument is the code."""

    async def fetch_page(interaction: Interaction, arguments: tuple[str, ...], page: int) -> ShownPage:
        check_manage(interaction)
        guild_id = guild_of(interaction).id
        code, known = await service.fetch_code(guild_id, arguments[0])
        page = max(1, page)
        offset = (page - 1) * ROWS_PER_PAGE
        rows, total = await service.fetch_joins_of_code(guild_id, code, ROWS_PER_PAGE, offset)
        pages = max(1, -(-total // ROWS_PER_PAGE))
        if page > pages:
            page = pages
            rows, total = await service.fetch_joins_of_code(
                guild_id, code, ROWS_PER_PAGE, (page - 1) * ROWS_PER_PAGE
            )
        title = _("Joins of {code}", code=code)
        if known is not None and known.label:
            title = f"{title} · {safe_name(known.label)}"
        embed = make_embed(
            title,
            "\n".join(map(_join_line, rows)) or _("Nobody has come by this link for certain."),
            footer=ngettext("{count} join", "{count} joins, the latest first", total) if total else None,
        )
        return ShownPage(embed, page, pages)

    return PagedList(actions, "tracker.joins", fetch_page, arguments=1)


def make_invites_of(actions: Actions, service: InviteTrackerService) -> PagedList:
    """Return the invites of a person, most used first; its argument is their id."""

    async def fetch_page(interaction: Interaction, arguments: tuple[str, ...], page: int) -> ShownPage:
        inviter_id = int(arguments[0])
        if inviter_id != interaction.user.id:
            check_manage(interaction)
        found = await service.fetch_invites_of(guild_of(interaction).id, inviter_id, page, ROWS_PER_PAGE)
        rows = []
        for invite in found.invites:
            row = describe_invite(invite)
            if invite.deleted_at_ms is not None:
                gone = _("gone since {when}", when=f"<t:{invite.deleted_at_ms // 1000}:R>")
                row = f"{row} · {gone}"
            rows.append(row)
        text = fit_lines(rows, PAGE_LENGTH, lambda more: _("… and {more} more on this page", more=more))
        embed = make_embed(
            _("Invite links of one person"),
            text or _("I know of no invite links of {person}.", person=f"<@{inviter_id}>"),
            footer=ngettext("{count} link", "{count} links, most used first", found.total)
            if found.total
            else None,
        )
        return ShownPage(embed, found.page, found.pages)

    return PagedList(actions, "tracker.invites", fetch_page, arguments=1)


def make_bonuses(actions: Actions, service: InviteTrackerService) -> PagedList:
    """Return the entries of bonuses, the last first; its argument is an inviter's id, or EVERYBODY."""

    async def fetch_page(interaction: Interaction, arguments: tuple[str, ...], page: int) -> ShownPage:
        check_manage(interaction)
        inviter_id = None if arguments[0] == EVERYBODY else int(arguments[0])
        found = await service.fetch_bonus_page(guild_of(interaction).id, inviter_id, page, ROWS_PER_PAGE)
        text = fit_lines(
            map(_bonus_line, found.rows),
            PAGE_LENGTH,
            lambda more: _("… and {more} more on this page", more=more),
        )
        embed = make_embed(
            _("Bonuses"),
            text or _("There are none. `/invite_tracker bonus add` gives one."),
            footer=ngettext("{count} entry in all", "{count} entries in all, the latest first", found.total)
            if found.total
            else None,
        )
        return ShownPage(embed, found.page, found.pages)

    return PagedList(actions, "tracker.bonuses", fetch_page, arguments=1)


def _join_line(join: JoinOfCode) -> str:
    parts = [
        describe_member(join.member_id),
        _("joined {when}", when=f"<t:{join.joined_at_ms // 1000}:R>"),
    ]
    if join.is_fake:
        parts.append(_("fake"))
    if join.left_at_ms is not None:
        parts.append(_("left {when}", when=f"<t:{join.left_at_ms // 1000}:R>"))
    if join.cleared_at_ms is not None:
        parts.append(_("cleared {when}", when=f"<t:{join.cleared_at_ms // 1000}:R>"))
    return " · ".join(parts)


def _bonus_line(bonus: Bonus) -> str:
    admin = _("somebody who is not named") if bonus.granted_by == NOBODY else f"<@{bonus.granted_by}>"
    reason = safe_name(bonus.reason) if bonus.reason else _("no reason given")
    by = _("by {person}", person=admin)
    return (
        f"**{format_signed(bonus.amount)}** <@{bonus.inviter_id}> · {reason}\n"
        f"-# {by} · <t:{bonus.granted_at_ms // 1000}:f>"
    )
