"""The message of /invite_tracker sync: how far it is, with buttons to see it anew and to stop it."""

import discord

from bot.text.language import _, ngettext
from bot.text.numbers import format_number
from bot.ui.access import check_manage
from bot.ui.actions import Actions, Press, button
from bot.ui.look import NO_PINGS, Interaction, answer, make_embed
from bot.ui.scope import guild_of
from cogs.invite_tracker.service import InviteTrackerService
from cogs.invite_tracker.use_cases.members_before import MembersBefore
from storage.member_syncs import Stage

_LOOK = "tracker.sync"
_STOP = "tracker.sync_stop"


class SyncScreen:
    """Shows how far it is; also after a restart, which does not end it."""

    def __init__(self, actions: Actions, service: InviteTrackerService) -> None:
        self._service = service
        actions.on(_LOOK, self._look)
        actions.on(_STOP, self._stop)

    async def begin(self, interaction: Interaction) -> None:
        """Begin, or show what is under way."""
        check_manage(interaction)
        state = await self._service.sync_members(guild_of(interaction).id)
        await answer(interaction, embed=_embed(state), view=_view(state, interaction.user.id))

    async def _look(self, interaction: Interaction, _press: Press) -> None:
        check_manage(interaction)
        await self._show(interaction, await self._service.describe_sync(guild_of(interaction).id))

    async def _stop(self, interaction: Interaction, _press: Press) -> None:
        check_manage(interaction)
        await self._show(interaction, await self._service.stop_sync(guild_of(interaction).id))

    async def _show(self, interaction: Interaction, state: MembersBefore | None) -> None:
        view = None if state is None else _view(state, interaction.user.id)
        if view is not None:
            view.stop()
        await interaction.response.edit_message(embed=_embed(state), view=view, allowed_mentions=NO_PINGS)


def describe_members_before(state: MembersBefore) -> list[str]:
    """Return how far it is, or how it ended, in one or two lines."""
    sync = state.sync
    recorded = ngettext("{count} member put on record", "{count} members put on record", sync.recorded)
    explained = ngettext("how {count} came is known", "how {count} of them came is known", sync.explained)
    match sync.stage:
        case Stage.LISTING:
            return [_progress(sync.listed, state.members), f"-# {recorded}"]
        case Stage.SEARCHING:
            asking = _(
                "Asking Discord how they came: {progress}", progress=_progress(sync.searched, state.members)
            )
            return [asking, f"-# {recorded} · {explained}"]
        case Stage.DONE:
            return [f"{recorded} · {explained}"]
        case Stage.UNEXPLAINED:
            return [f"{recorded} · {explained}", _("-# Discord did not say more of how they came.")]
        case Stage.STOPPED:
            return [_("Stopped: {recorded}", recorded=recorded)]


def _progress(done: int, members: int) -> str:
    # A restart may count some twice, and people come and go.
    return _("{done} of {all}", done=format_number(min(done, members)), all=format_number(members))


def _embed(state: MembersBefore | None) -> discord.Embed:
    if state is None:
        return make_embed(_("Members from before"), _("Nothing is under way."))
    lines = describe_members_before(state)
    if state.sync.is_under_way:
        lines.append(
            _("-# This goes on by itself, also after a restart; `/invite_tracker info` shows it, too.")
        )
    return make_embed(_("Members from before"), "\n".join(lines))


def _view(state: MembersBefore, owner_id: int) -> discord.ui.View | None:
    if not state.sync.is_under_way:
        return None
    view = discord.ui.View(timeout=None)
    view.add_item(button(_LOOK, owner_id=owner_id, label=_("Look again"), emoji="🔄"))
    view.add_item(button(_STOP, owner_id=owner_id, label=_("Stop"), style=discord.ButtonStyle.danger))
    return view
