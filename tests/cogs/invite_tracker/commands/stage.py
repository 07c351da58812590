"""What the tests of the commands act with: a server, its people, and rows put on record."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import simcord

from cogs.invite_tracker.service import InviteTrackerService
from cogs.invite_tracker.settings import InviteTrackerSettings
from storage.invites import upsert_known_invites
from storage.joins import insert_joins
from storage.records import Candidate, Certainty, Join, KnownInvite, Method, Source
from tests.discord_in_process import Place, in_process, words_of


class Stage:
    """A server with the invite tracker's commands."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.env = place.env
        self.guild = place.guild
        self.channel = place.channel
        self.other_channel = place.other_channel
        self.admin = place.admin
        self.manager = place.manager
        self.member = place.member
        self._join_ids = 1000

    @property
    def service(self) -> InviteTrackerService:
        """The use cases, as the commands call them."""
        # Not checked with isinstance: a client that closes drops its extensions' modules, so classes come anew.
        cog: Any = self.place.client.get_cog("InviteTrackerCommands")
        service: InviteTrackerService = cog.service
        return service

    async def use(self, who: simcord.MemberActor, command: str, **options: Any) -> simcord.InteractionResult:
        """Use /invite_tracker … in the first channel."""
        return await who.slash(self.channel, f"invite_tracker {command}", **options)

    async def say(self, who: simcord.MemberActor, command: str, **options: Any) -> str:
        """Use a command and return what the answer says, which must be for that person alone."""
        result = await self.use(who, command, **options)
        assert result.ephemeral
        return words_of(result)

    async def settings(self) -> InviteTrackerSettings:
        """Return what is set."""
        return (await self.service.fetch_settings(self.guild.id)).values

    async def save(self, **changes: Any) -> None:
        """Change settings as another admin would."""
        stored = await self.service.fetch_settings(self.guild.id)
        settings = stored.values.model_copy(update=changes)
        await self.service.save_settings(self.guild.id, settings, stored.version)

    async def record_joins(self, joins: Sequence[Join]) -> None:
        """Put joins on record."""
        async with self.place.client.parts.database.write() as tx:
            await insert_joins(tx, joins)

    async def record_invites(self, codes: Sequence[str], **facts: Any) -> None:
        """Put live invites on record, which need not exist at Discord."""
        invite = KnownInvite(
            guild_id=self.guild.id,
            code="",
            channel_id=self.channel.id,
            inviter_id=self.member.id,
            uses=0,
            accounted_uses=0,
            open_since_ms=None,
            max_uses=0,
            is_temporary=False,
            created_at_ms=None,
            expires_at_ms=None,
            label=None,
            deleted_at_ms=None,
        )
        async with self.place.client.parts.database.write() as tx:
            await upsert_known_invites(tx, [replace(invite, code=code, **facts) for code in codes])

    def join(self, member_id: int | None, inviter_id: int | None, **facts: Any) -> Join:
        """Return a certain join through `abc`, an hour ago, with other facts where given."""
        self._join_ids += 1
        now_ms = self.place.client.parts.clock.now_ms()
        join = Join(
            guild_id=self.guild.id,
            join_id=(now_ms << 20) + self._join_ids,
            member_id=member_id,
            joined_at_ms=now_ms - 3_600_000 + self._join_ids,
            recorded_at_ms=now_ms,
            source=Source.INVITE,
            code="abc",
            inviter_id=inviter_id,
            method=Method.USES_RISE,
            certainty=Certainty.CERTAIN,
            candidates=(),
            evidence=(),
            reason=None,
            credited_code="abc",
            credited_inviter_id=inviter_id,
            account_created_at_ms=0,
            had_avatar=True,
            is_rejoin=False,
            is_own_invite=False,
            left_at_ms=None,
            cleared_at_ms=None,
        )
        return replace(join, **facts)

    def ambiguous_join(self, member_id: int, inviter_ids: Sequence[int], **facts: Any) -> Join:
        """Return a join that somebody of these people caused, each with a code of their own."""
        candidates = tuple(
            Candidate(Source.INVITE, f"code{number}", inviter_id)
            for number, inviter_id in enumerate(inviter_ids, 1)
        )
        return self.join(
            member_id,
            None,
            code=None,
            certainty=Certainty.AMBIGUOUS,
            candidates=candidates,
            credited_code="code1",
            credited_inviter_id=inviter_ids[0],
            **facts,
        )


@asynccontextmanager
async def set_stage(folder: Path) -> AsyncIterator[Stage]:
    """Run the bot; the module is not enabled yet."""
    async with in_process(folder) as place:
        yield Stage(place)
