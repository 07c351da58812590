"""What admins see of counters: the list, the screen on which they are changed, the question before one is deleted.

All buttons work for as long as their message stands; what the person may do is checked with every press.
"""

from typing import Any, Final

import discord

from bot.client import HeadcountClient
from bot.text.language import _, ngettext
from bot.ui.access import check_manage
from bot.ui.actions import Press, button, select
from bot.ui.confirmation import Question
from bot.ui.look import NO_PINGS, Interaction, answer, fit_lines, make_embed, safe_name, shorten
from bot.ui.paging import PagedList, ShownPage
from bot.ui.scope import guild_of
from cogs.serverstats.counters.counter_types import kind_of
from cogs.serverstats.counters.modals import EditCounterForm, NewCounterForm
from cogs.serverstats.counters.service import CountersService
from cogs.serverstats.counters.states import CounterPage, CounterState, CounterView
from cogs.serverstats.counters.wording import changed_lines, state_lines
from storage.counters import Counter

COUNTERS_PER_PAGE: Final = 10
LINES_LENGTH: Final = 4000
OPTION_LENGTH: Final = 100


class CounterScreens:
    """The screens of counters; made once for a process, as their buttons are known by name."""

    def __init__(self, client: HeadcountClient, service: CountersService) -> None:
        self.service = service
        self.pages = PagedList(client.actions, "counters", self._fetch_page)
        self._question = Question(client.actions, "counter.delete", self._delete, arguments=1)
        client.actions.on("counter.page", self._turn, arguments=1)
        client.actions.on("counter.pick", self._pick, arguments=1)
        client.actions.on("counter.edit", self._edit, arguments=2)
        client.actions.on("counter.delete", self._ask_of, arguments=1)
        client.actions.on("counter.new", self._new, arguments=1)

    async def open_new(self, interaction: Interaction) -> None:
        """Answer with the form of a new counter."""
        check_manage(interaction)
        self.service.require_enabled(guild_of(interaction).id)
        refresh = interaction.client.settings_screen.refresh
        await interaction.response.send_modal(NewCounterForm(self.service, refresh))

    async def open(self, interaction: Interaction) -> None:
        """Answer with the screen on which counters are changed."""
        check_manage(interaction)
        self.service.require_enabled(guild_of(interaction).id)
        # What the counters show may have to be asked of Discord.
        await interaction.response.defer(ephemeral=True, thinking=True)
        embed, view = await self._screen(interaction, 1)
        await answer(interaction, embed=embed, view=view)

    async def ask_to_delete(self, interaction: Interaction, counter: Counter) -> None:
        """Ask before a counter goes; a channel that was there before the counter stays."""
        channel = f"<#{counter.channel_id}>"
        what = (
            _("The channel {channel} stays, and keeps the name that it has then.", channel=channel)
            if counter.is_adopted
            else _("This deletes the channel {channel} too. **It cannot be undone.**", channel=channel)
        )
        question = make_embed(_("Delete this counter?"), what, warning=True)
        await self._question.ask(interaction, question, counter.counter_id, yes=_("Delete"))

    # The list

    async def _fetch_page(
        self, interaction: Interaction, _arguments: tuple[str, ...], page: int
    ) -> ShownPage:
        check_manage(interaction)
        found, states = await self._read(interaction, page)
        return ShownPage(self._embed(interaction, found, states), found.page, found.pages)

    async def _read(
        self, interaction: Interaction, page: int
    ) -> tuple[CounterPage, tuple[CounterState, ...]]:
        guild = guild_of(interaction)
        found = await self.service.fetch_page(guild.id, page, COUNTERS_PER_PAGE)
        return found, await self.service.describe(guild.id, found.counters)

    def _embed(
        self, interaction: Interaction, found: CounterPage, states: tuple[CounterState, ...]
    ) -> discord.Embed:
        guild = guild_of(interaction)
        text = fit_lines(
            [state_lines(guild, state) for state in states],
            LINES_LENGTH,
            lambda more: _("… and {more} more on this page", more=more),
        )
        is_off = bool(found.total) and not self.service.is_on(guild.id)
        if is_off:
            note = _(
                "⚠ Counters are turned off: the names stand still. `/serverstats counter switch` turns them on."
            )
            text = f"{note}\n{text}"
        return make_embed(
            _("Counters"),
            text or _("There are no counters yet. `/serverstats counter create` makes one."),
            footer=_total(found.total),
            warning=is_off or any(state.trouble for state in states),
        )

    # The screen

    async def _screen(self, interaction: Interaction, page: int) -> tuple[discord.Embed, discord.ui.View]:
        guild, owner_id = guild_of(interaction), interaction.user.id
        found, states = await self._read(interaction, page)
        view = discord.ui.View(timeout=None)
        if found.counters:
            options = [
                discord.SelectOption(
                    label=shorten(channel_name(guild, counter), OPTION_LENGTH),
                    value=str(counter.counter_id),
                    description=_(kind_of(counter.counter_type).title),
                )
                for counter in found.counters
            ]
            placeholder = _("Choose a counter to change or delete")
            view.add_item(
                select(
                    "counter.pick", found.page, owner_id=owner_id, options=options, placeholder=placeholder
                )
            )
        view.add_item(
            button(
                "counter.new",
                found.page,
                owner_id=owner_id,
                label=_("New counter…"),
                style=discord.ButtonStyle.primary,
            )
        )
        if found.page > 1:
            view.add_item(button("counter.page", found.page - 1, owner_id=owner_id, emoji="◀️"))
        if found.page < found.pages:
            view.add_item(button("counter.page", found.page + 1, owner_id=owner_id, emoji="▶️"))
        return self._embed(interaction, found, states), view

    async def _turn(self, interaction: Interaction, press: Press) -> None:
        """Show a page of the screen in place of what was there."""
        check_manage(interaction)
        await interaction.response.defer()
        embed, view = await self._screen(interaction, int(press.arguments[0]))
        await _show(interaction, embed, view)

    async def _pick(self, interaction: Interaction, press: Press) -> None:
        """Show one counter, with what can be done about it."""
        check_manage(interaction)
        await interaction.response.defer()
        counter_id = int(press.values[0])
        embed = await self._counter_embed(guild_of(interaction), counter_id)
        await _show(interaction, embed, _card(interaction, counter_id, press.arguments[0]))

    async def _counter_embed(self, guild: discord.Guild, counter_id: int) -> discord.Embed:
        counter = await self.service.fetch(guild.id, counter_id)
        (state,) = await self.service.describe(guild.id, [counter])
        return make_embed(
            safe_name(channel_name(guild, counter)),
            state_lines(guild, state),
            warning=state.trouble is not None,
        )

    async def _edit(self, interaction: Interaction, press: Press) -> None:
        """Open the form of a counter."""
        check_manage(interaction)
        guild = guild_of(interaction)
        counter = await self.service.fetch(guild.id, int(press.arguments[0]))

        async def show(submitted: Interaction, view: CounterView | None, reason: str | None) -> None:
            if view is not None:
                embed = make_embed(_("Counter changed"), "\n".join(changed_lines(view)))
            elif reason is not None:
                embed = await self._counter_embed(guild, counter.counter_id)
            else:
                embed = make_embed(_("Nothing was changed."))
            card = _card(submitted, counter.counter_id, press.arguments[1])
            await _show(submitted, embed, card, None if reason is None else f"⚠ {reason}")

        await interaction.response.send_modal(EditCounterForm(guild, self.service, counter, show))

    async def _new(self, interaction: Interaction, press: Press) -> None:
        """Open the form of a new counter; the screen shows it, too, once it is there."""
        check_manage(interaction)
        self.service.require_enabled(guild_of(interaction).id)

        async def redraw(submitted: Interaction) -> None:
            await _show(submitted, *await self._screen(submitted, int(press.arguments[0])))

        await interaction.response.send_modal(NewCounterForm(self.service, redraw))

    # Deleting

    async def _ask_of(self, interaction: Interaction, press: Press) -> None:
        check_manage(interaction)
        counter = await self.service.fetch(guild_of(interaction).id, int(press.arguments[0]))
        await self.ask_to_delete(interaction, counter)

    async def _delete(self, interaction: Interaction, arguments: tuple[str, ...]) -> discord.Embed:
        check_manage(interaction)
        guild = guild_of(interaction)
        counter = await self.service.fetch(guild.id, int(arguments[0]))
        name = safe_name(channel_name(guild, counter))
        await self.service.delete(guild.id, counter.counter_id)
        text = (
            _("**{name}** is no counter any more. Its channel stays.", name=name)
            if counter.is_adopted
            else _("**{name}** is no counter any more. Its channel is gone too.", name=name)
        )
        return make_embed(_("Counter deleted"), text)


def channel_name(guild: discord.Guild, counter: Counter) -> str:
    """Return the name that people see, plain; the type where the channel is out of reach."""
    channel: Any = guild.get_channel(counter.channel_id)
    return _(kind_of(counter.counter_type).title) if channel is None else str(channel.name)


def _card(interaction: Interaction, counter_id: int, page: str) -> discord.ui.View:
    owner_id = interaction.user.id
    view = discord.ui.View(timeout=None)
    view.add_item(
        button(
            "counter.edit",
            counter_id,
            page,
            owner_id=owner_id,
            label=_("Change…"),
            style=discord.ButtonStyle.primary,
        )
    )
    view.add_item(
        button(
            "counter.delete",
            counter_id,
            owner_id=owner_id,
            label=_("Delete…"),
            style=discord.ButtonStyle.danger,
        )
    )
    view.add_item(button("counter.page", page, owner_id=owner_id, label=_("All counters")))
    return view


async def _show(
    interaction: Interaction, embed: discord.Embed, view: discord.ui.View, notice: str | None = None
) -> None:
    await interaction.edit_original_response(
        content=notice, embed=embed, view=view, allowed_mentions=NO_PINGS
    )


def _total(counters: int) -> str | None:
    if counters == 0:
        return None
    if counters == 1:
        return ngettext("{count} counter", "{count} counters", counters)
    return ngettext("{count} counter, the oldest first", "{count} counters, the oldest first", counters)
