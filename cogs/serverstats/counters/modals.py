"""The forms of counters: a new one, and one that is changed."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import discord

from bot.errors import ConflictError
from bot.text.language import _
from bot.ui.access import check_manage
from bot.ui.look import Interaction, answer, make_embed
from bot.ui.scope import guild_of
from bot.ui.views import Form
from cogs.serverstats.counters.counter_types import KINDS, kind_of
from cogs.serverstats.counters.drafts import KEEP, CounterChange
from cogs.serverstats.counters.names import FORMAT_LENGTH_MOST
from cogs.serverstats.counters.service import CountersService
from cogs.serverstats.counters.states import CounterView
from cogs.serverstats.counters.wording import made_lines
from cogs.serverstats.form_fields import NUMBER_LENGTH, form_title, labelled, read_whole_number, text_field
from storage.counters import Counter

ANNOUNCED_IN: Final = [discord.ChannelType.text, discord.ChannelType.news]

Redraw = Callable[[Interaction], Awaitable[None]]
"""Shows the screen that the form was opened from anew, once there is one more on it."""

ShowChanged = Callable[[Interaction, CounterView | None, str | None], Awaitable[None]]
"""Shows a counter after it was changed; None: nothing was, for the reason that comes with it, if there is one."""


class NewCounterForm(Form):
    """Everything that `/serverstats counter create` asks for, but the category: that is the one of the settings."""

    def __init__(self, service: CountersService, redraw: Redraw | None = None) -> None:
        super().__init__(title=form_title(_("New counter")), timeout=None)
        self._service = service
        self._redraw = redraw
        self.counter_type: discord.ui.Select[Any] = discord.ui.Select(
            custom_id="type",
            placeholder=_("What it shows"),
            options=[
                discord.SelectOption(label=_(kind.title), value=str(int(kind.counter_type))) for kind in KINDS
            ],
        )
        self.text = text_field("format", most=FORMAT_LENGTH_MOST)
        self.role: discord.ui.RoleSelect[Any] = discord.ui.RoleSelect(
            custom_id="role", required=False, min_values=0
        )
        self.goal = text_field("goal", most=NUMBER_LENGTH)
        self.announced_in = _announce_select(None)
        self.add_item(labelled(_("Type"), self.counter_type))
        self.add_item(
            labelled(
                _("Name"),
                self.text,
                _("<value> is the number; in Statuses <online> <dnd> <offline>. Empty: that of the type."),
            )
        )
        self.add_item(labelled(_("Role"), self.role, _("For the two types with a role.")))
        self.add_item(
            labelled(
                _("Goal"), self.goal, _("A number to count towards: the name shows how many are missing.")
            )
        )
        self.add_item(labelled(_("Announced in"), self.announced_in, _("Where reaching the goal is told.")))

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Make the counter, as the command does."""
        check_manage(interaction)
        goal = read_whole_number(_("Goal"), self.goal.value)
        if self._redraw is None:
            await interaction.response.defer(ephemeral=True, thinking=True)
        else:
            await interaction.response.defer()
        view = await self._service.create(
            guild_of(interaction).id,
            int(self.counter_type.values[0]),
            format=self.text.value if self.text.value.strip() else None,
            role_id=self.role.values[0].id if self.role.values else None,
            goal=goal,
            announce_channel_id=self.announced_in.values[0].id if self.announced_in.values else None,
        )
        if self._redraw is not None:
            await self._redraw(interaction)
        lines = made_lines(view, role_was_given=bool(self.role.values))
        await answer(interaction, embed=make_embed(_("Counter made"), "\n".join(lines)))


class EditCounterForm(Form):
    """What can be changed of one counter.

    What is left as it was is not changed, whatever others did meanwhile; of what somebody else changed, nothing is written.
    """

    def __init__(
        self, guild: discord.Guild, service: CountersService, counter: Counter, show: ShowChanged
    ) -> None:
        super().__init__(title=form_title(_("Change a counter")), timeout=None)
        self._service = service
        self._counter = counter
        self._show = show
        kind = kind_of(counter.counter_type)
        self.text = text_field("format", default=counter.format, most=FORMAT_LENGTH_MOST)
        self.role: discord.ui.RoleSelect[Any] = discord.ui.RoleSelect(
            custom_id="role",
            default_values=[
                discord.SelectDefaultValue(id=counter.role_id, type=discord.SelectDefaultValueType.role)
            ]
            if counter.role_id is not None and guild.get_role(counter.role_id) is not None
            else [],
        )
        self.goal = text_field(
            "goal", default=str(counter.goal) if counter.goal is not None else "", most=NUMBER_LENGTH
        )
        announced_id = counter.announce_channel_id
        # What was deleted at Discord cannot be selected.
        is_there = announced_id is not None and guild.get_channel(announced_id) is not None
        self.announced_in = _announce_select(announced_id if is_there else None)
        self.add_item(
            labelled(
                _("Name"),
                self.text,
                _("<value> is the number; in Statuses <online> <dnd> <offline>. Empty: that of the type."),
            )
        )
        if kind.needs_role:
            self.add_item(labelled(_("Role"), self.role))
        if kind.can_have_goal:
            self.add_item(labelled(_("Goal"), self.goal, _("Empty: no goal.")))
            self.add_item(
                labelled(_("Announced in"), self.announced_in, _("Where reaching the goal is told."))
            )

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Change what is different from what the form showed."""
        check_manage(interaction)
        change = self._change()
        await interaction.response.defer()
        if change == CounterChange():
            await self._show(interaction, None, None)
            return
        guild_id, counter_id = guild_of(interaction).id, self._counter.counter_id
        try:
            changed = await self._service.edit(guild_id, counter_id, change, shown=self._counter)
        except ConflictError as error:
            await self._show(interaction, None, error.message)
            return
        await self._show(interaction, changed, None)

    def _change(self) -> CounterChange:
        before = self._counter
        kind = kind_of(before.counter_type)
        text = self.text.value
        goal = announced_id = None
        if kind.can_have_goal:
            # Like the command takes it: no goal is a goal of 0.
            goal = read_whole_number(_("Goal"), self.goal.value) or None
            announced_id = self.announced_in.values[0].id if self.announced_in.values else None
        role_id = self.role.values[0].id if kind.needs_role and self.role.values else before.role_id
        return CounterChange(
            format=KEEP if text.strip() == before.format else text if text.strip() else None,
            role_id=KEEP if role_id == before.role_id or role_id is None else role_id,
            goal=KEEP if goal == before.goal else goal,
            announce_channel_id=KEEP if announced_id == before.announce_channel_id else announced_id,
        )


def _announce_select(channel_id: int | None) -> discord.ui.ChannelSelect[Any]:
    chosen = discord.SelectDefaultValueType.channel
    return discord.ui.ChannelSelect(
        custom_id="announce_channel",
        channel_types=ANNOUNCED_IN,
        required=False,
        min_values=0,
        default_values=[] if channel_id is None else [discord.SelectDefaultValue(id=channel_id, type=chosen)],
    )
