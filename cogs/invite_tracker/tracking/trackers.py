"""Which guilds are tracked: hands each gateway event to the tracker of its guild."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from bot.client import HeadcountClient
from bot.errors import ConflictError
from bot.gateway import Payload
from bot.text.language import _
from cogs.invite_tracker.confirming.confirmer import Confirmer
from cogs.invite_tracker.existing.guild_sync import Surroundings
from cogs.invite_tracker.existing.member_syncs import MemberSyncs
from cogs.invite_tracker.joiner_roles.giver import RoleGiver
from cogs.invite_tracker.messages.announcements import Announcer
from cogs.invite_tracker.settings import MODULE
from cogs.invite_tracker.tracking.events import (
    GuildEvent,
    InviteCreated,
    InviteDeleted,
    MemberLeft,
    read_join,
)
from cogs.invite_tracker.tracking.forgetting import TrackerStoppedError
from cogs.invite_tracker.tracking.tracker import GuildTracker, TrackerStatus
from storage.database import WriteTransaction
from storage.guild_modules import fetch_enabled_guild_ids
from storage.joins import JoinIds
from storage.records import Join

__all__ = ["TrackerStatus", "Tracking"]

NOT_TRACKED = TrackerStatus(is_caught_up=False, undecided=0, last_answer_at_ms=None, trouble=None)

RESYNC_DISTANCE_SECONDS = 0.1
"""Between the looks at two guilds: Discord allows 50 requests a second in all, and joins go first."""


class Tracking:
    """The trackers of all guilds in which the module is enabled."""

    def __init__(self, client: HeadcountClient, announcer: Announcer) -> None:
        self._client = client
        self._announcer = announcer
        self._trackers: dict[int, GuildTracker] = {}
        self._ids = JoinIds(0)
        self.giver = RoleGiver(client)
        self._confirmer = Confirmer(client, announcer, self.giver, self._is_steady)
        self.members = MemberSyncs(
            Surroundings(client, self._confirmer, self._next_join_id, self._steady_since_ms)
        )
        self._subscriptions: dict[str, Callable[[Payload, int], None]] = {
            "READY": self._take_ready,
            "GUILD_CREATE": self._take_guild_create,
            "GUILD_DELETE": self._take_guild_delete,
            "GUILD_MEMBER_ADD": self._take_member_add,
            "GUILD_MEMBER_REMOVE": self._take_member_remove,
            "GUILD_MEMBER_UPDATE": self._take_member_update,
            "GUILD_ROLE_UPDATE": self._take_role_update,
            "INVITE_CREATE": self._take_invite_create,
            "INVITE_DELETE": self._take_invite_delete,
        }

    async def open(self) -> None:
        """Learn which guilds are tracked and listen; each catches up when Discord presents it."""
        async with self._client.parts.database.read() as rx:
            guild_ids = await fetch_enabled_guild_ids(rx, MODULE)
            self._ids = await JoinIds.after_stored(rx)
        for guild_id in guild_ids:
            self._trackers[guild_id] = self._make(guild_id)
        for event, handler in self._subscriptions.items():
            self._client.parts.intake.subscribe(event, handler)
        await self._confirmer.open()
        await self.members.open()
        await self.giver.open()

    async def close(self) -> None:
        """Stop listening, and finish what is under way within a few seconds; what is undecided is stored anyway."""
        for event, handler in self._subscriptions.items():
            self._client.parts.intake.unsubscribe(event, handler)
        await self.members.close()
        await self._confirmer.close()
        await asyncio.gather(*(tracker.stop() for tracker in self._trackers.values()))
        await self.giver.close()
        await self._announcer.close()

    def start(self, guild_id: int) -> None:
        """Begin to track a guild in which the module was just enabled."""
        self._confirmer.forget(guild_id)
        self.giver.forget(guild_id)
        self._trackers[guild_id] = self._make(guild_id)
        self._trackers[guild_id].catch_up()
        self.members.begin(guild_id)

    def sync_members(self, guild_id: int) -> None:
        """Begin with the members from before, as is stored; the search is tried although it was refused lately."""
        self._confirmer.forget(guild_id)
        self.members.begin(guild_id)

    async def stop(self, guild_id: int) -> None:
        """Stop tracking a guild; returns when nothing of it is under way."""
        await self.members.leave_off(guild_id)
        tracker = self._trackers.pop(guild_id, None)
        if tracker is not None:
            await tracker.stop()

    def status(self, guild_id: int) -> TrackerStatus:
        """Return the state of a guild; one that is not tracked at this moment has not caught up."""
        tracker = self._trackers.get(guild_id)
        return NOT_TRACKED if tracker is None else tracker.status()

    def is_caught_up(self, guild_id: int) -> bool:
        """Whether everything of the guild is on record, its downtime too; true for guilds that are not tracked."""
        tracker = self._trackers.get(guild_id)
        return tracker is None or tracker.has_all_on_record

    def note_made_invite(self, guild_id: int, code: str, owner_id: int) -> None:
        """Learn of an invite that the bot made for somebody, to whom its uses count."""
        tracker = self._trackers.get(guild_id)
        if tracker is not None:
            tracker.note_made_invite(code, owner_id)

    async def forget_person(self, guild_id: int, user_id: int) -> None:
        """Take a person out of what is undecided in a guild, and off its invites; joins on record stay as they are.

        Raises ConflictError when the tracker is stopped meanwhile.
        """
        tracker = self._trackers.get(guild_id)
        if tracker is None:
            return
        self.members.note_forgotten(guild_id, user_id)
        try:
            await tracker.forget_person(user_id)
        except TrackerStoppedError:
            raise ConflictError(
                _(
                    "The invite tracker was stopped just now, so not everything was deleted; try again in a minute."
                )
            ) from None

    def look_again(self, guild_id: int) -> None:
        """Look at the invites of a tracked guild again, because they were changed."""
        tracker = self._trackers.get(guild_id)
        if tracker is not None:
            tracker.look_again()

    def look_when_asked(self, guild_id: int) -> None:
        """Look at the invites of a tracked guild again because other software wants it, soon and not too often."""
        tracker = self._trackers.get(guild_id)
        if tracker is not None:
            tracker.look_when_asked()

    def show_changes(self, guild_id: int, join_ids: Iterable[int]) -> None:
        """Let the messages of joins tell what is on record now, where there are any."""
        self._announcer.revise_joins(guild_id, join_ids)

    async def expect_confirmation(self, tx: WriteTransaction, joins: Iterable[Join]) -> None:
        """Let the member search be asked about joins that may be confirmed; `wake_confirmation` once it is written."""
        await self._confirmer.expect(tx, joins)

    def wake_confirmation(self) -> None:
        """Learn that joins wait to be confirmed."""
        self._confirmer.wake()

    async def resync(self) -> None:
        """Look at every tracked guild's invites again, one after the other, for what no event tells."""
        for tracker in tuple(self._trackers.values()):
            tracker.look_again()
            await self._client.parts.clock.sleep(RESYNC_DISTANCE_SECONDS)

    def _make(self, guild_id: int) -> GuildTracker:
        return GuildTracker(guild_id, self._client, self._announcer, self._ids, self._confirmer, self.giver)

    def _is_steady(self, guild_id: int) -> bool:
        tracker = self._trackers.get(guild_id)
        return tracker is not None and tracker.is_steady

    def _next_join_id(self, recorded_at_ms: int) -> int:
        return self._ids.next_id(recorded_at_ms)

    def _steady_since_ms(self, guild_id: int) -> int | None:
        tracker = self._trackers.get(guild_id)
        return None if tracker is None else tracker.steady_since_ms

    def _receive(self, payload: Payload, event: Callable[[], GuildEvent]) -> None:
        # Reading waits until the guild is known to be tracked: most events of most bots are of no interest.
        tracker = self._trackers.get(int(payload.get("guild_id") or 0))
        if tracker is not None:
            tracker.receive(event())

    def _is_about_us(self, payload: Payload) -> bool:
        me = self._client.user
        return me is not None and int(payload["user"]["id"]) == me.id

    def _take_ready(self, payload: Payload, _received_at_ms: int) -> None:
        # A new session: what happened before it is unknown until each guild is presented and compared.
        for guild in payload["guilds"]:
            tracker = self._trackers.get(int(guild["id"]))
            if tracker is not None:
                tracker.pause()

    def _take_guild_create(self, payload: Payload, _received_at_ms: int) -> None:
        tracker = self._trackers.get(int(payload["id"]))
        if tracker is not None and not payload.get("unavailable"):
            tracker.catch_up()
            self.members.wake(tracker.guild_id)
            self.giver.wake(tracker.guild_id)

    def _take_guild_delete(self, payload: Payload, _received_at_ms: int) -> None:
        tracker = self._trackers.get(int(payload["id"]))
        if tracker is not None:
            tracker.pause()

    def _take_member_add(self, payload: Payload, received_at_ms: int) -> None:
        if not self._is_about_us(payload):
            self._receive(payload, lambda: read_join(int(payload["guild_id"]), payload, received_at_ms))

    def _take_member_remove(self, payload: Payload, received_at_ms: int) -> None:
        user: Any = payload["user"]
        self.members.note_left(int(payload["guild_id"]), int(user["id"]))
        self._receive(payload, lambda: MemberLeft(int(user["id"]), received_at_ms, user))

    def _take_member_update(self, payload: Payload, _received_at_ms: int) -> None:
        if self._is_about_us(payload):
            self._take_role_update(payload, _received_at_ms)

    def _take_role_update(self, payload: Payload, _received_at_ms: int) -> None:
        tracker = self._trackers.get(int(payload["guild_id"]))
        if tracker is not None:
            tracker.note_permissions()

    def _take_invite_create(self, payload: Payload, received_at_ms: int) -> None:
        self._receive(payload, lambda: InviteCreated(payload, received_at_ms))

    def _take_invite_delete(self, payload: Payload, received_at_ms: int) -> None:
        self._receive(payload, lambda: InviteDeleted(payload["code"], received_at_ms))
