"""Roles for those who come by a link: which link brings which role, and what stands in the way."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

import discord

from bot.errors import UnprocessableEntityError
from bot.settings.fields import SettingChange
from bot.text.language import _
from cogs.invite_tracker.invite_links import parse_invite_code
from cogs.invite_tracker.joiner_roles.allowing import check_may_set, find_obstacle
from cogs.invite_tracker.joiner_roles.requests import InviteWish
from cogs.invite_tracker.setting_fields import TITLE
from cogs.invite_tracker.use_cases.links import LinkUseCases
from storage import invites, joiner_roles
from storage.joiner_roles import VANITY_URL, JoinerRole
from storage.records import KnownInvite

ROLES_PER_LINK_MOST: Final = 5
ROLES_IN_ALL_MOST: Final = 250


@dataclass(frozen=True, slots=True)
class LinkRoles:
    """What one link brings."""

    code: str
    """As people write it; of the vanity URL its present name."""
    is_vanity: bool
    is_gone: bool
    """Whether nobody can come by it any more."""
    roles: tuple[JoinerRole, ...]


@dataclass(frozen=True, slots=True)
class JoinerRolesPage:
    """One page of the links that bring roles; pages count from 1."""

    links: tuple[LinkRoles, ...]
    page: int
    pages: int
    total: int
    waiting: int
    """How many roles are still to be given."""


class JoinerRoleUseCases(LinkUseCases):
    """What admins do about roles of newcomers; those who came before get none."""

    async def add_joiner_role(
        self, guild_id: int, link: str, role: discord.Role, admin: discord.Member
    ) -> LinkRoles:
        """Let a live invite, or the vanity URL, bring a role from now on; return all that it brings."""
        guild = self._guild(guild_id)
        await self._require_enabled(guild_id)
        code = await self._fetch_link(guild, link)
        check_may_set(guild, role, admin)
        async with self._database.write() as tx:
            rules = await joiner_roles.fetch_joiner_roles(tx, guild_id)
            of_link = [rule for rule in rules if rule.code == code]
            shown = self._shown_code(guild, code)
            if any(rule.role_id == role.id for rule in of_link):
                raise UnprocessableEntityError(
                    _("`{code}` brings {role} already.", code=shown, role=role.mention)
                )
            if len(of_link) >= ROLES_PER_LINK_MOST:
                raise UnprocessableEntityError(
                    _("One link can bring {most} roles at most.", most=ROLES_PER_LINK_MOST)
                )
            _require_room(rules)
            rule = JoinerRole(guild_id, code, role.id, self._clock.now_ms(), is_given_by_discord=False)
            await joiner_roles.insert_joiner_role(tx, rule)
        self._note_roles(guild_id, shown, added=(role.id,))
        return LinkRoles(shown, code == VANITY_URL, is_gone=False, roles=(*of_link, rule))

    async def remove_joiner_roles(self, guild_id: int, link: str, role_id: int | None) -> LinkRoles:
        """Let a link not bring a role any more, with None none at all; return what was taken off.

        Nobody loses a role; whoever waits for it does not get it. A role that the invite itself carries cannot be taken off.
        """
        guild = self._guild(guild_id)
        await self._require_enabled(guild_id)
        async with self._database.write() as tx:
            rules = await joiner_roles.fetch_joiner_roles(tx, guild_id)
            code = self._find_link(guild, link, rules)
            shown = self._shown_code(guild, code)
            of_link = [rule for rule in rules if rule.code == code]
            wanted = [rule for rule in of_link if role_id is None or rule.role_id == role_id]
            if not wanted:
                raise UnprocessableEntityError(_("`{code}` does not bring this role.", code=shown))
            known = await invites.fetch_known_invite(tx, guild_id, code) if code else None
            is_gone = code != VANITY_URL and (known is None or known.deleted_at_ms is not None)
            removed = [rule for rule in wanted if is_gone or not rule.is_given_by_discord]
            for rule in removed:
                await joiner_roles.delete_joiner_role(tx, guild_id, code, rule.role_id)
        if not removed:
            raise UnprocessableEntityError(
                _(
                    "Discord itself gives this role with the invite `{code}`, and an invite cannot be changed: "
                    "delete it with `/invite_tracker delete`.",
                    code=shown,
                )
            )
        self._note_roles(guild_id, shown, removed=tuple(rule.role_id for rule in removed))
        return LinkRoles(shown, code == VANITY_URL, is_gone, tuple(removed))

    async def fetch_joiner_roles_page(self, guild_id: int, page: int, page_size: int) -> JoinerRolesPage:
        """Return a page of the links that bring roles, by code; a page past the end is the last one."""
        guild = self._guild(guild_id)
        await self._require_enabled(guild_id)
        async with self._database.read() as rx:
            rules = await joiner_roles.fetch_joiner_roles(rx, guild_id)
            waiting = await joiner_roles.fetch_role_gift_count(rx, guild_id)
            live = {one.code for one in await invites.fetch_known_invites(rx, guild_id)}
        by_code: dict[str, list[JoinerRole]] = {}
        for rule in rules:
            by_code.setdefault(rule.code, []).append(rule)
        pages = max(1, -(-len(by_code) // page_size))
        page = min(max(1, page), pages)
        links = [
            LinkRoles(
                self._shown_code(guild, code),
                code == VANITY_URL,
                guild.vanity_url_code is None if code == VANITY_URL else code not in live,
                tuple(roles),
            )
            for code, roles in list(by_code.items())[(page - 1) * page_size : page * page_size]
        ]
        return JoinerRolesPage(tuple(links), page, pages, len(by_code), waiting)

    async def list_role_troubles(self, guild_id: int) -> tuple[str, ...]:
        """Return what keeps newcomers from getting their roles, one sentence each, in the language of the context."""
        guild = self._guild(guild_id)
        async with self._database.read() as rx:
            rules = await joiner_roles.fetch_joiner_roles(rx, guild_id)
        refused = self._tracking.giver.refused_role_ids(guild_id)
        troubles = []
        for role_id in dict.fromkeys(rule.role_id for rule in rules if not rule.is_given_by_discord):
            trouble = find_obstacle(guild, role_id)
            if trouble is None and role_id in refused:
                trouble = _("Discord refuses to let me give {role}.", role=f"<@&{role_id}>")
            troubles.append(trouble)
        return tuple(dict.fromkeys(trouble for trouble in troubles if trouble is not None))

    async def suggest_links_with_roles(self, guild_id: int, typed: str) -> list[tuple[str, int]]:
        """Return up to 25 links that bring roles and begin so, with how many they bring, for autocomplete."""
        guild = self._guild(guild_id)
        async with self._database.read() as rx:
            rules = await joiner_roles.fetch_joiner_roles(rx, guild_id)
        codes = Counter(self._shown_code(guild, rule.code) for rule in rules)
        return [(code, count) for code, count in codes.items() if code.lower().startswith(typed.lower())][:25]

    async def create_invite_with_role(
        self,
        guild_id: int,
        channel_id: int,
        role: discord.Role,
        admin: discord.Member,
        *,
        wish: InviteWish,
    ) -> tuple[KnownInvite, bool]:
        """Create an invite that brings a role, and say whether Discord itself gives it; otherwise the bot does."""
        guild = self._guild(guild_id)
        channel = await self._check_invite(guild_id, channel_id, wish)
        check_may_set(guild, role, admin)
        async with self._database.read() as rx:
            _require_room(await joiner_roles.fetch_joiner_roles(rx, guild_id))
        made = await self._make_invite(channel, wish, [role.id])
        invite = await self._keep_invite(channel, wish, made, admin.id, [role.id])
        self._note_roles(guild_id, invite.code, added=(role.id,))
        return invite, made.carries_roles

    async def _fetch_link(self, guild: discord.Guild, link: str) -> str:
        """Return the live invite that somebody means, as rules name it."""
        code = parse_invite_code(link)
        if _is_vanity(guild, code):
            return VANITY_URL
        async with self._database.read() as rx:
            known = await invites.fetch_known_invite(rx, guild.id, code)
        if known is None or known.deleted_at_ms is not None:
            raise UnprocessableEntityError(_("This server has no invite with the code `{code}`.", code=code))
        return code

    def _find_link(self, guild: discord.Guild, link: str, rules: list[JoinerRole]) -> str:
        """Return the link with roles that somebody means, which may be gone."""
        codes = {rule.code for rule in rules}
        code = parse_invite_code(link)
        if VANITY_URL in codes and code.lower() == self._shown_code(guild, VANITY_URL).lower():
            return VANITY_URL
        if code not in codes:
            raise UnprocessableEntityError(_("`{code}` brings no roles.", code=code))
        return code

    def _shown_code(self, guild: discord.Guild, code: str) -> str:
        """Return what people call a link; a vanity URL that was given back is called `vanity`."""
        return code or guild.vanity_url_code or "vanity"

    def _note_roles(
        self, guild_id: int, code: str, *, added: tuple[int, ...] = (), removed: tuple[int, ...] = ()
    ) -> None:
        def tell() -> SettingChange:
            label = _("Roles of those who come by `{code}`", code=code)
            names = [tuple(f"<@&{role_id}>" for role_id in role_ids) for role_ids in (added, removed)]
            return SettingChange(label, "", "", added=names[0], removed=names[1])

        self._client.settings_log.note(guild_id, TITLE, lambda: (tell(),))


def _is_vanity(guild: discord.Guild, code: str) -> bool:
    return guild.vanity_url_code is not None and code.lower() == guild.vanity_url_code.lower()


def _require_room(rules: list[JoinerRole]) -> None:
    if len(rules) >= ROLES_IN_ALL_MOST:
        raise UnprocessableEntityError(
            _(
                "All links of a server together can bring {most} roles at most; "
                "take some off with `/invite_tracker role remove`.",
                most=ROLES_IN_ALL_MOST,
            )
        )
