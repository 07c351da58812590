"""The use cases of privacy, each once: commands and HTTP routes only translate to and from these.

They are for the person themselves, and for the operator on behalf of somebody; they work also where no module is enabled.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import discord

from bot.client import HeadcountClient
from bot.errors import ConflictError, DiscordRefusedError, NotReadyError
from bot.privacy import Erasure, ModulePrivacy, Person, ReferenceCounts
from bot.request_failures import REQUEST_FAILURES
from bot.settings.fields import SettingChange
from bot.text.language import _, ngettext
from storage.opt_outs import fetch_opt_out_count, fetch_opt_out_page, fetch_opted_out_at_ms

_log = logging.getLogger(__name__)

LOOKUPS_MOST: Final = 40
"""So many servers are asked whether somebody is there; of the others only what is known is told."""


@dataclass(frozen=True, slots=True)
class ModuleCounts:
    """How many references a module has to somebody; its title is of the catalogue."""

    title: str
    counts: ReferenceCounts


@dataclass(frozen=True, slots=True)
class ModuleErasure:
    """What an erasure does, or did, in a module; its title is of the catalogue."""

    title: str
    erasure: Erasure


@dataclass(frozen=True, slots=True)
class OptOutPage:
    """One page of (user id, since when in UTC epoch milliseconds), the latest first; pages count from 1."""

    rows: tuple[tuple[int, int], ...]
    page: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class SharedServers:
    """The servers where both somebody and the bot are, by name; of `unknown` servers Discord was not asked."""

    guilds: tuple[discord.Guild, ...]
    unknown: int


class PrivacyService:
    """What people can ask of what is stored about them in a guild."""

    def __init__(self, client: HeadcountClient) -> None:
        self._client = client
        self._database = client.parts.database
        self._recorder = client.parts.recorder
        self._erasing: set[tuple[int, int]] = set()

    @property
    def joins_kept_days(self) -> int | Literal["while_member"]:
        """For how many days the operator keeps joins, 0 for ever."""
        return self._client.parts.config.retention.joins

    async def count(self, guild_id: int, person: Person) -> tuple[ModuleCounts, ...]:
        """Return how many references there are to a person, module by module."""
        return tuple(
            [
                ModuleCounts(privacy.title, await privacy.count_references(guild_id, person))
                for privacy in self._modules
            ]
        )

    async def count_in(self, guild_id: int, module: str, user_id: int) -> ReferenceCounts:
        """Return how many references one module has to somebody, whoever that is; raises DiscordRefusedError."""
        person = await self._fetch_person(guild_id, user_id)
        return await self._module(module).count_references(guild_id, person)

    async def preview_erasure(self, guild_id: int, person: Person) -> tuple[ModuleErasure, ...]:
        """Return what an erasure would do now."""
        return tuple(
            [
                ModuleErasure(privacy.title, await privacy.preview_erasure(guild_id, person))
                for privacy in self._modules
            ]
        )

    async def erase(self, guild_id: int, person: Person) -> tuple[ModuleErasure, ...]:
        """Erase everything that refers to a person, and return what that was.

        Should the bot stop in the middle of it, another erasure does the rest. Raises ConflictError while one is under way.
        """
        already = _("Your data is being deleted already; that takes a moment.")
        return await self._erase(guild_id, person, self._modules, already)

    async def erase_in(self, guild_id: int, module: str, user_id: int) -> Erasure:
        """Erase what refers to somebody in one module, and tell the settings log, without saying who; else as `erase`."""
        privacy = self._module(module)
        already = _("The data of this member is being deleted already; that takes a moment.")
        [done] = await self._erase(guild_id, Person(user_id), [privacy], already)
        count = done.erasure.total

        def describe() -> tuple[SettingChange, ...]:
            before = ngettext("{count} reference", "{count} references", count)
            return (SettingChange(_("Data of a member"), before, _("deleted")),)

        if count:
            self._client.settings_log.note(guild_id, privacy.title, describe)
        return done.erasure

    async def _erase(
        self, guild_id: int, person: Person, modules: Sequence[ModulePrivacy], already: str
    ) -> tuple[ModuleErasure, ...]:
        """Erase one person once at a time; `already` is what whoever comes second is told."""
        key = guild_id, person.user_id
        if key in self._erasing:
            raise ConflictError(already)
        self._erasing.add(key)
        try:
            done = [
                ModuleErasure(privacy.title, await privacy.erase(guild_id, person)) for privacy in modules
            ]
        finally:
            self._erasing.discard(key)
        # Without the person's id: the log is no place to be kept in after an erasure.
        _log.info(
            "A member's data was erased: %d references.",
            sum(one.erasure.total for one in done),
            extra={"event": "data_erased", "guild_id": guild_id},
        )
        return tuple(done)

    async def opted_out_at_ms(self, guild_id: int, user_id: int) -> int | None:
        """Return since when a person is left out, UTC epoch milliseconds; None when they are not."""
        async with self._database.read() as rx:
            return await fetch_opted_out_at_ms(rx, guild_id, user_id)

    async def opt_out(self, guild_id: int, user_id: int) -> None:
        """Leave a person out from the next event on."""
        await self._recorder.opt_out(guild_id, user_id)
        for privacy in self._modules:
            await privacy.after_opting_out(guild_id, user_id)

    async def opt_in(self, guild_id: int, user_id: int) -> None:
        """Record a person by name again, from the next event on."""
        if not self._recorder.is_opted_out(guild_id, user_id):
            return
        await self._recorder.opt_in(guild_id, user_id)
        for privacy in self._modules:
            await privacy.after_opting_in(guild_id, user_id)

    async def fetch_opt_outs(self, guild_id: int, page: int, page_size: int) -> OptOutPage:
        """Return a page of the people who opted out; a page past the end is the last one."""
        async with self._database.read() as rx:
            total = await fetch_opt_out_count(rx, guild_id)
            pages = max(1, -(-total // page_size))
            page = min(max(1, page), pages)
            rows = await fetch_opt_out_page(rx, guild_id, page_size, (page - 1) * page_size)
        return OptOutPage(tuple(rows), page, pages, total)

    async def fetch_shared_servers(self, user_id: int) -> SharedServers:
        """Return the servers where both are; Discord is asked about those in which the person was not seen yet."""
        shared: list[discord.Guild] = []
        lookups = unknown = 0
        for guild in sorted(self._client.guilds, key=lambda guild: guild.member_count or 0, reverse=True):
            if guild.owner_id == user_id or guild.get_member(user_id) is not None:
                shared.append(guild)
            elif guild.unavailable or lookups >= LOOKUPS_MOST:
                unknown += 1
            else:
                lookups += 1
                try:
                    await guild.fetch_member(user_id)
                except discord.NotFound:
                    continue
                except REQUEST_FAILURES:
                    unknown += 1
                else:
                    shared.append(guild)
        return SharedServers(tuple(sorted(shared, key=lambda guild: guild.name.casefold())), unknown)

    @property
    def _modules(self) -> list[ModulePrivacy]:
        return [module.privacy for module in self._client.parts.modules if module.privacy is not None]

    def _module(self, name: str) -> ModulePrivacy:
        for module in self._client.parts.modules:
            if module.name == name and module.privacy is not None:
                return module.privacy
        raise NotReadyError(_("This module is not loaded."))

    async def _fetch_person(self, guild_id: int, user_id: int) -> Person:
        """Return the member, else the user; only the id of one whom Discord does not know, or not any more."""
        guild = self._client.get_guild(guild_id)
        member = None if guild is None else guild.get_member(user_id)
        if member is not None:
            return person_of(member)
        try:
            if guild is not None and not guild.unavailable:
                try:
                    return person_of(await guild.fetch_member(user_id))
                except discord.NotFound:
                    pass
            return person_of(self._client.get_user(user_id) or await self._client.fetch_user(user_id))
        except discord.NotFound:
            return Person(user_id)
        except REQUEST_FAILURES as error:
            raise DiscordRefusedError(
                _("Discord did not tell who this is; try again in a minute.")
            ) from error


def person_of(user: discord.Member | discord.User) -> Person:
    """Return somebody as texts may name them."""
    return Person(
        user_id=user.id,
        username=user.name,
        global_name=user.global_name,
        display_name=user.display_name,
        nickname=user.nick if isinstance(user, discord.Member) else None,
    )
