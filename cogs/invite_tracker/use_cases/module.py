"""The module itself: enabled, disabled and described; and its settings."""

import logging
from dataclasses import dataclass
from typing import Any, Literal

import discord
from pydantic import ValidationError

from bot.errors import ConflictError, ModuleEnabledError, UnprocessableEntityError
from bot.settings.fields import FieldKind, describe_changes
from bot.settings.guild_settings import CHANGED_MEANWHILE
from bot.settings.pages import Snapshot
from bot.text.language import Language, _, speaking
from cogs.invite_tracker.leaderboard.channel import check_change as check_leaderboard
from cogs.invite_tracker.leaderboard.schedule import Schedule
from cogs.invite_tracker.messages.message_settings import MessageKind, check_change, message_of
from cogs.invite_tracker.setting_fields import SETTING_FIELDS, TITLE
from cogs.invite_tracker.settings import (
    DEFAULT_JOIN_TEMPLATE,
    DEFAULT_LEAVE_TEMPLATE,
    MODULE,
    InviteTrackerSettings,
)
from cogs.invite_tracker.tracking.discord_requests import missing_permissions
from cogs.invite_tracker.tracking.trackers import TrackerStatus
from cogs.invite_tracker.use_cases.scope import UseCases
from storage import guild_modules, invites, leaderboards
from storage.database import WriteTransaction
from storage.member_syncs import upsert_existing_counted, upsert_member_sync

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoredAmounts:
    """How much is stored for a guild: what disabling the module deletes."""

    joins: int
    invites: int
    bonuses: int


@dataclass(frozen=True, slots=True)
class TrackerInfo:
    """The state of the module in a guild, as an admin wants to know it."""

    enabled_at_ms: int
    missing_permissions: tuple[str, ...]
    status: TrackerStatus
    stored: StoredAmounts
    retention: int | Literal["while_member"]
    """Days for which joins are kept, 0 for ever."""


class ModuleUseCases(UseCases):
    """What is done with the module as a whole."""

    async def enable(self, guild_id: int) -> None:
        """Begin to track joins; existing invites become known with the uses that they have now."""
        settings = self._default_settings(self._guild(guild_id))
        async with self._switch(guild_id):
            async with self._database.write() as tx:
                if await guild_modules.fetch_module(tx, guild_id, MODULE) is not None:
                    raise ModuleEnabledError(_("The invite tracker is enabled already."))
                now_ms = self._clock.now_ms()
                await guild_modules.insert_module(tx, guild_id, MODULE, now_ms, settings.model_dump_json())
                if self._client.parts.config.invite_tracker.existing_members:
                    await upsert_member_sync(tx, self._tracking.members.new_sync(guild_id, now_ms, now_ms))
            self._tracking.start(guild_id)
        _log.info(
            "The invite tracker was enabled.",
            extra={"event": "module_enabled", "guild_id": guild_id, "feature": MODULE},
        )
        self._client.settings_log.note_switch(guild_id, TITLE, is_on=True)

    async def disable(self, guild_id: int) -> None:
        """Stop tracking and delete all of the module's data for this guild."""
        async with self._switch(guild_id):
            await self._require_enabled(guild_id)
            await self._tracking.stop(guild_id)
            try:
                async with self._database.write() as tx:
                    await invites.delete_invite_tracker_data(tx, guild_id)
                    await guild_modules.delete_module(tx, guild_id, MODULE)
            except BaseException:
                # Nothing was deleted: the module is still enabled, so joins must still be tracked.
                self._tracking.start(guild_id)
                raise
        _log.info(
            "The invite tracker was disabled; its data was deleted.",
            extra={"event": "module_disabled", "guild_id": guild_id, "feature": MODULE},
        )
        self._client.settings_log.note_switch(guild_id, TITLE, is_on=False)

    async def count_stored(self, guild_id: int) -> StoredAmounts:
        """Return what disabling would delete."""
        await self._require_enabled(guild_id)
        async with self._database.read() as rx:
            return StoredAmounts(*await invites.fetch_stored_amounts(rx, guild_id))

    async def describe(self, guild_id: int) -> TrackerInfo:
        """Return the module's state."""
        guild = self._guild(guild_id)
        module = await self._require_enabled(guild_id)
        stored = await self.count_stored(guild_id)
        return TrackerInfo(
            enabled_at_ms=module.enabled_at_ms,
            missing_permissions=missing_permissions(guild),
            status=self._tracking.status(guild_id),
            stored=stored,
            retention=self._client.parts.config.retention.joins,
        )

    async def is_enabled(self, guild_id: int) -> bool:
        """Whether joins are tracked there; raises SettingsError where the bot is not."""
        self._guild(guild_id)
        return await self._fetch_module(guild_id) is not None

    async def fetch_settings(self, guild_id: int) -> Snapshot[InviteTrackerSettings]:
        """Return the settings of an enabled module."""
        module = await self._require_enabled(guild_id)
        settings = InviteTrackerSettings.model_validate_json(module.settings)
        return Snapshot(settings, module.settings_version)

    async def save_settings(
        self, guild_id: int, settings: InviteTrackerSettings, expected_version: int
    ) -> Snapshot[InviteTrackerSettings]:
        """Check and store settings; raises ConflictError when they were saved by somebody else since they were read.

        A value out of range, a message that Discord would refuse, or a channel that the bot cannot send to, is refused.
        """
        settings = _validated(settings)
        guild = self._guild(guild_id)
        before = (await self.fetch_settings(guild_id)).values
        for kind in MessageKind:
            check_change(guild, kind, message_of(before, kind), message_of(settings, kind))
        check_leaderboard(guild, before, settings)
        return await self._store_settings(guild_id, before, settings, expected_version)

    async def _store_settings(
        self,
        guild_id: int,
        before: InviteTrackerSettings,
        settings: InviteTrackerSettings,
        expected_version: int,
    ) -> Snapshot[InviteTrackerSettings]:
        async with self._database.write() as tx:
            saved = await guild_modules.update_module_settings(
                tx, guild_id, MODULE, settings.model_dump_json(), expected_version
            )
            if saved:
                await self._keep_schedule(tx, guild_id, before, settings)
                await upsert_existing_counted(tx, guild_id, is_counted=settings.count_existing)
        if not saved:
            raise ConflictError(_(CHANGED_MEANWHILE))
        self._client.settings_log.note(
            guild_id, TITLE, lambda: describe_changes(SETTING_FIELDS, before, settings)
        )
        return Snapshot(settings, expected_version + 1)

    async def _keep_schedule(
        self, tx: WriteTransaction, guild_id: int, before: InviteTrackerSettings, after: InviteTrackerSettings
    ) -> None:
        """Let a schedule that is new begin now: what would have been due before is not posted after the fact."""
        if after.leaderboard_schedule is Schedule.OFF:
            await leaderboards.delete_leaderboard_schedule(tx, guild_id)
        elif (after.leaderboard_schedule, after.leaderboard_hour) != (
            before.leaderboard_schedule,
            before.leaderboard_hour,
        ):
            await leaderboards.upsert_leaderboard_schedule(tx, guild_id, self._clock.now_ms())

    async def change_settings(
        self, guild_id: int, changes: dict[str, Any], expected_version: int
    ) -> Snapshot[InviteTrackerSettings]:
        """Save some fields and leave the others as they were."""
        stored = await self.fetch_settings(guild_id)
        return await self.save_settings(guild_id, stored.values.model_copy(update=changes), expected_version)

    def _default_settings(self, guild: discord.Guild | None) -> InviteTrackerSettings:
        """Return what holds until somebody sets something else; the texts in the language of the server."""
        # Everybody will read these.
        with speaking(Language.ENGLISH if guild is None else self._language_of(guild)):
            return InviteTrackerSettings(
                join_message_content=_(DEFAULT_JOIN_TEMPLATE), leave_message_content=_(DEFAULT_LEAVE_TEMPLATE)
            )


def _validated(settings: InviteTrackerSettings) -> InviteTrackerSettings:
    """Return the settings, checked once more: copies of a model are not checked when they are made."""
    try:
        return InviteTrackerSettings.model_validate(settings.model_dump())
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = ".".join(map(str, first["loc"]))
        for field in SETTING_FIELDS:
            if field.name == name and field.kind is FieldKind.NUMBER:
                raise UnprocessableEntityError(
                    _(
                        "{field} must be a number from {least} to {most}.",
                        field=name,
                        least=field.least,
                        most=field.most,
                    )
                ) from None
        raise UnprocessableEntityError(
            _("{field}: this is not a value that it can have.", field=name)
        ) from None
