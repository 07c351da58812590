"""The list of the links that bring roles, and the words for what they bring."""

from typing import Final

import discord

from bot.errors import ForbiddenError
from bot.text.language import _, ngettext
from bot.ui.access import check_manage_roles
from bot.ui.actions import Actions
from bot.ui.look import Interaction, make_embed
from bot.ui.paging import PagedList, ShownPage
from bot.ui.scope import guild_of
from cogs.invite_tracker.service import InviteTrackerService
from cogs.invite_tracker.use_cases.joiner_roles import LinkRoles

LINKS_PER_PAGE: Final = 10


def make_role_list(actions: Actions, service: InviteTrackerService) -> PagedList:
    """Return the list of the links that bring roles, by code."""

    async def fetch_page(interaction: Interaction, _arguments: tuple[str, ...], page: int) -> ShownPage:
        check_manage_roles(interaction)
        guild_id = guild_of(interaction).id
        found = await service.fetch_joiner_roles_page(guild_id, page, LINKS_PER_PAGE)
        troubles = await service.list_role_troubles(guild_id)
        lines = [f"⚠ {trouble}" for trouble in troubles]
        lines += map(describe_link, found.links)
        if not found.links:
            lines.append(_("No link brings a role. `/invite_tracker role add` lets one bring it."))
        if found.waiting:
            lines.append(
                "-# "
                + ngettext("{count} role is being given.", "{count} roles are being given.", found.waiting)
            )
        embed = make_embed(
            _("Roles of newcomers"),
            "\n".join(lines),
            footer=ngettext("{count} link with roles", "{count} links with roles", found.total)
            if found.total
            else None,
            warning=bool(troubles),
        )
        return ShownPage(embed, found.page, found.pages)

    return PagedList(actions, "tracker.roles", fetch_page)


def describe_link(link: LinkRoles) -> str:
    """Return what one link brings: `abc` → @Guest."""
    names = []
    for rule in link.roles:
        name = f"<@&{rule.role_id}>"
        names.append(_("{role} (given by Discord)", role=name) if rule.is_given_by_discord else name)
    code = f"`{link.code}`"
    if link.is_vanity:
        code = _("{code} (vanity URL)", code=code)
    line = f"{code} → {', '.join(names)}"
    return _("{line} · this link does not exist any more", line=line) if link.is_gone else line


def describe_giver(role: discord.Role, *, is_given_by_discord: bool) -> str:
    """Return who gives the role of an invite that was made just now."""
    if is_given_by_discord:
        return _("Whoever accepts it gets {role} from Discord at once.", role=role.mention)
    return _(
        "Whoever comes by it gets {role} from me, as soon as it is certain that they came by it; "
        "Discord did not let the invite carry the role.",
        role=role.mention,
    )


def member_of(interaction: Interaction) -> discord.Member:
    """Return the person who asks, with their roles."""
    if not isinstance(interaction.user, discord.Member):
        raise ForbiddenError(_("This can be used in a server only."))
    return interaction.user
