"""The lists that are read page by page: known links, and the leaderboard of inviters."""

from typing import Final

from bot.text.language import _, ngettext
from bot.text.numbers import format_number, format_signed
from bot.ui.access import AccessRefusedError
from bot.ui.actions import Actions
from bot.ui.look import Interaction, fit_lines, make_embed, safe_name
from bot.ui.paging import PagedList, ShownPage
from bot.ui.scope import guild_of
from cogs.invite_tracker.counting import STATISTICS_DAYS
from cogs.invite_tracker.service import InviteTrackerService
from storage.records import InviteCounts, KnownInvite

INVITES_PER_PAGE: Final = 10
INVITERS_PER_PAGE: Final = 10
PAGE_LENGTH: Final = 4000


def make_link_list(actions: Actions, service: InviteTrackerService) -> PagedList:
    """Return the list of the live invites, most used first; for administrators."""

    async def fetch_page(interaction: Interaction, _arguments: tuple[str, ...], page: int) -> ShownPage:
        if not interaction.permissions.administrator:
            raise AccessRefusedError(_("You need the permission Administrator for this."))
        found = await service.fetch_invite_page(guild_of(interaction).id, page, INVITES_PER_PAGE)
        text = fit_lines(
            [describe_invite(invite) for invite in found.invites],
            PAGE_LENGTH,
            lambda more: _("… and {more} more on this page", more=more),
        )
        footer = ngettext("{count} link", "{count} links, most used first", found.total)
        embed = make_embed(
            _("Known invite links"),
            text or _("There are no invite links that I know of. `/invite_tracker create` makes one."),
            footer=footer if found.total else None,
        )
        return ShownPage(embed, found.page, found.pages)

    return PagedList(actions, "tracker.links", fetch_page)


def make_leaderboard(actions: Actions, service: InviteTrackerService) -> PagedList:
    """Return the list of the inviters by real invites, for everyone to see; its argument is the number of days, or ""."""

    async def fetch_page(interaction: Interaction, arguments: tuple[str, ...], page: int) -> ShownPage:
        days = int(arguments[0]) if arguments[0] else None
        board = await service.fetch_leaderboard(
            guild_of(interaction).id, days=days, page=page, page_size=INVITERS_PER_PAGE
        )
        rows = [
            f"**{rank}.** <@{inviter_id}> · **{format_number(counts.real)}**\n-# {describe_counts(counts)}"
            for rank, (inviter_id, counts) in enumerate(board.rows, board.first_rank)
        ]
        people = ngettext("{count} inviter", "{count} inviters", board.total)
        period = ngettext("the last day", "the last {count} days", days or STATISTICS_DAYS)
        embed = make_embed(
            _("Invite leaderboard"),
            "\n".join(rows) or _("Nobody has invited anybody yet."),
            footer=f"{people} · {period}" if rows else None,
        )
        return ShownPage(embed, board.page, board.pages)

    return PagedList(actions, "tracker.leaderboard", fetch_page, is_public=True, arguments=1)


def describe_counts(counts: InviteCounts) -> str:
    """Return what the number of an inviter is made of: `4 joined · 1 left · 1 fake`."""
    parts = [
        ngettext("{count} joined", "{count} joined", counts.total),
        ngettext("{count} left", "{count} left", counts.leaves),
        ngettext("{count} fake", "{count} fake", counts.fake),
    ]
    if counts.bonus:
        parts.append(_("{bonus} bonus", bonus=format_signed(counts.bonus)))
    return " · ".join(parts)


def describe_uses(count: int) -> str:
    """Return how often a link was or can be used."""
    return ngettext("{count} use", "{count} uses", count)


def describe_expiry(invite: KnownInvite) -> str:
    """Return until when the link works."""
    if invite.expires_at_ms is None:
        return _("never expires")
    return _("expires {when}", when=f"<t:{invite.expires_at_ms // 1000}:R>")


def describe_invite(invite: KnownInvite) -> str:
    """Return two lines: the link with its label, uses and expiry; where it leads, and whose it is."""
    uses = describe_uses(invite.uses)
    if invite.max_uses:
        uses = _("{uses}/{most} uses", uses=format_number(invite.uses), most=invite.max_uses)
    inviter = _("by {person}", person=f"<@{invite.inviter_id}>") if invite.inviter_id else _("no inviter")
    place = f"<#{invite.channel_id}>" if invite.channel_id else _("no channel")
    label = f" **{safe_name(invite.label)}**" if invite.label else ""
    return f"`{invite.code}`{label} · {uses} · {describe_expiry(invite)}\n-# {place} · {inviter}"
