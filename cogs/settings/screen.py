"""What the settings screen does: it is opened, turned to a page, and every choice on it is saved at once.

Each control says in its custom id which field it changes, and a fingerprint of the value that it showed, so it works
also after a restart. Only the latest presses that led away from the screen are kept in memory, to show it anew once something
was changed elsewhere; without them it shows the old until the next press.
"""

from typing import Any, Final

import discord

from bot.client import HeadcountClient
from bot.errors import BadRequestError, HeadcountError
from bot.request_failures import REQUEST_FAILURES
from bot.settings.fields import FieldKind, SettingField, describe_changes, digest_of, write_to_fit
from bot.settings.pages import SettingsPage
from bot.text.language import _
from bot.text.numbers import format_number
from bot.ui.access import check_manage
from bot.ui.actions import OLDER_VERSION, Press
from bot.ui.border import enter
from bot.ui.look import NO_PINGS, Interaction, answer, shorten
from bot.ui.scope import guild_of
from bot.ui.views import Form as Modal
from cogs.settings.general_page import GeneralPage
from cogs.settings.layout import (
    DESCRIPTION_LENGTH,
    NOTICE_LENGTH,
    PAGE_ACTION,
    PageState,
    Place,
    build_screen,
    place_shown_on,
    views_of,
)
from cogs.settings.saving import save_field

NUMBER_LENGTH: Final = 10
LEFT_MOST: Final = 200
"""So many presses are remembered, of whoever went from the screen to change something elsewhere."""


class SettingsScreen:
    """The screen; it serves all servers."""

    def __init__(self, client: HeadcountClient, general: GeneralPage) -> None:
        self._client = client
        self._general = general
        self._left: dict[tuple[int, int], tuple[Interaction, Place]] = {}
        """By server and person: the press that led away from the screen; for a quarter of an hour it can redraw it."""
        for action, handler, arguments in (
            ("settings.open", self._opened, 0),
            (PAGE_ACTION, self._turned, 0),
            ("settings.switch", self._switched, 5),
            ("settings.pick", self._picked, 4),
            ("settings.choose", self._chosen, 4),
            ("settings.clear", self._cleared, 4),
            ("settings.number", self._number_asked, 4),
            ("settings.form", self._form_asked, 2),
            ("settings.enable", self._enabled, 1),
            ("settings.disable", self._disable_asked, 1),
        ):
            client.actions.on(action, handler, arguments=arguments)

    def pages(self) -> tuple[SettingsPage, ...]:
        """Return the pages: what holds everywhere first, then a page per module."""
        return (self._general, *self._client.parts.modules.settings_pages())

    async def open(self, interaction: Interaction, page: str, notice: str = "") -> None:
        """Answer with the screen, to the person alone."""
        check_manage(interaction)
        # What the pages tell is read from the database, which may be slow.
        if not interaction.response.is_done():
            await interaction.response.defer(ephemeral=True, thinking=True)
        await answer(interaction, view=await self._build(interaction, Place(page), notice))

    async def redraw(self, interaction: Interaction, page: str, notice: str, view: int = 0) -> None:
        """Show the page anew in the message that the press or the form came from."""
        self._forget_left(interaction)
        if not interaction.response.is_done():
            await interaction.response.defer()
        layout = await self._build(interaction, Place(page, view), notice)
        await interaction.edit_original_response(view=layout, allowed_mentions=NO_PINGS)

    async def refresh(self, interaction: Interaction, notice: str = "") -> None:
        """Show the screen anew that this form was opened from, if it was; to be called once its sending was deferred."""
        place = place_shown_on(interaction.message)
        if place is not None:
            await self.redraw(interaction, place.page, notice, place.view)

    async def refresh_left(self, guild_id: int, user_id: int) -> None:
        """Show the screen anew from which this person went to change something elsewhere, if it still can be."""
        press, place = self._left.get((guild_id, user_id), (None, None))
        if press is None or place is None:
            return
        enter(press)
        try:
            layout = await self._build(press, place, "")
            await press.edit_original_response(view=layout, allowed_mentions=NO_PINGS)
        except (HeadcountError, *REQUEST_FAILURES):
            # It was dismissed, or is too old.
            self._left.pop((guild_id, user_id), None)

    def _keep_left(self, interaction: Interaction) -> None:
        """Remember the press if it was answered in a way that leaves the screen to be redrawn."""
        place = place_shown_on(interaction.message)
        is_open = interaction.response.type is discord.InteractionResponseType.deferred_message_update
        if place is None or not is_open:
            return
        key = (guild_of(interaction).id, interaction.user.id)
        self._left.pop(key, None)
        self._left[key] = interaction, place
        while len(self._left) > LEFT_MOST:
            del self._left[next(iter(self._left))]

    def _forget_left(self, interaction: Interaction) -> None:
        """Whoever is back on the screen sees what holds there with the next press."""
        key = (guild_of(interaction).id, interaction.user.id)
        press, _place = self._left.get(key, (None, None))
        if press is not None and press.message == interaction.message:
            del self._left[key]

    # Presses

    async def _opened(self, interaction: Interaction, _press: Press) -> None:
        await self.open(interaction, self._general.key)

    async def _turned(self, interaction: Interaction, press: Press) -> None:
        check_manage(interaction)
        page, _separator, view = press.values[0].partition(":")
        await self.redraw(interaction, page, "", int(view))

    async def _switched(self, interaction: Interaction, press: Press) -> None:
        *shown, wanted = press.arguments
        await self._save(interaction, tuple(shown), wanted == "1")

    async def _picked(self, interaction: Interaction, press: Press) -> None:
        field = self._field(press.arguments)
        ids = [int(value) for value in press.values]
        value = (ids[0] if ids else None) if field.kind is FieldKind.CHANNEL else frozenset(ids)
        await self._save(interaction, press.arguments, value)

    async def _chosen(self, interaction: Interaction, press: Press) -> None:
        field = self._field(press.arguments)
        choices = list(field.choices)
        chosen = [choices[int(index)] for index in press.values]
        value = chosen[0] if field.kind is FieldKind.CHOICE else frozenset(chosen)
        await self._save(interaction, press.arguments, value)

    async def _cleared(self, interaction: Interaction, press: Press) -> None:
        await self._save(interaction, press.arguments, frozenset())

    async def _number_asked(self, interaction: Interaction, press: Press) -> None:
        check_manage(interaction)
        field = self._field(press.arguments)
        snapshot = await self._page(press.arguments[0]).read(guild_of(interaction).id)
        form = NumberForm(self, press.arguments, field, getattr(snapshot.values, field.name))
        await interaction.response.send_modal(form)

    async def _form_asked(self, interaction: Interaction, press: Press) -> None:
        check_manage(interaction)
        page, key = press.arguments
        for form in self._page(page).forms:
            if form.key == key:
                await form.open(interaction)
                self._keep_left(interaction)
                return
        raise BadRequestError(_(OLDER_VERSION))

    async def _enabled(self, interaction: Interaction, press: Press) -> None:
        check_manage(interaction)
        page = self._page(press.arguments[0])
        # What a crash left behind goes first, which may take longer than Discord waits.
        await interaction.response.defer()
        try:
            await page.enable(guild_of(interaction).id)
        except HeadcountError as error:
            await self.redraw(interaction, page.key, f"⚠ {error.message}")
            return
        await self.redraw(interaction, page.key, _("Saved: {module} is enabled.", module=_(page.title)))

    async def _disable_asked(self, interaction: Interaction, press: Press) -> None:
        check_manage(interaction)
        page = self._page(press.arguments[0])
        # The question comes beside the screen, which shows afterwards that the module is off.
        await interaction.response.defer()
        await page.ask_to_disable(interaction)
        self._keep_left(interaction)

    # Saving

    async def _save(self, interaction: Interaction, shown: tuple[str, ...], value: Any) -> None:
        """Save one field and show what became of it; what is refused changes nothing."""
        check_manage(interaction)
        # Saving may wait for Discord, e.g. to make the category of the counters.
        if not interaction.response.is_done():
            await interaction.response.defer()
        page_key, view, name, digest = shown
        page = self._page(page_key)
        try:
            notice = await self._store(page, guild_of(interaction).id, name, digest, value)
        except HeadcountError as error:
            notice = f"⚠ {error.message}"
        await self.redraw(interaction, page_key, notice, int(view))

    async def _store(self, page: SettingsPage, guild_id: int, name: str, digest: str, value: Any) -> str:
        """Write this field only, if it still has the value that was shown; return what to say."""
        before, after = await save_field(
            page, guild_id, name, value, is_as_shown=lambda now: digest_of(now) == digest
        )
        fields = tuple(field for field in page.fields if field.name == name)
        changes = describe_changes(fields, before.values, after.values)
        if not changes:
            return _("Nothing was changed.")
        return write_to_fit(
            lambda most: "\n".join(
                _("✅ Saved: {setting}: {change}", setting=change.label, change=change.difference(most))
                for change in changes
            ),
            NOTICE_LENGTH,
        )

    async def submit_number(self, interaction: Interaction, shown: tuple[str, ...], typed: str) -> None:
        """Save what was typed into the form of a number."""
        field = self._field(shown)
        digits = typed.strip()
        if not digits.isdecimal() or not field.least <= int(digits) <= field.most:
            raise BadRequestError(
                _(
                    "{setting}: must be a whole number from {least} to {most}.",
                    setting=_(field.label),
                    least=format_number(field.least),
                    most=format_number(field.most),
                )
            )
        await self._save(interaction, shown, int(digits))

    # What there is

    async def _build(self, interaction: Interaction, place: Place, notice: str) -> discord.ui.LayoutView:
        guild = guild_of(interaction)
        page = self._page(place.page)
        is_enabled = await page.is_enabled(guild.id)
        state = PageState(
            page,
            is_enabled,
            (await page.read(guild.id)).values if is_enabled else None,
            await page.components(guild) if is_enabled else (),
        )
        # The views of a page may have become fewer with a new version of the bot.
        place = Place(page.key, min(place.view, len(views_of(page)) - 1))
        return build_screen(interaction.user.id, self.pages(), place, state, guild, notice)

    def _page(self, key: str) -> SettingsPage:
        for page in self.pages():
            if page.key == key:
                return page
        raise BadRequestError(_(OLDER_VERSION))

    def _field(self, shown: tuple[str, ...]) -> SettingField:
        for field in self._page(shown[0]).fields:
            if field.name == shown[2]:
                return field
        raise BadRequestError(_(OLDER_VERSION))


class NumberForm(Modal):
    """One number."""

    def __init__(
        self, screen: SettingsScreen, shown: tuple[str, ...], field: SettingField, value: int
    ) -> None:
        super().__init__(title=_(field.label), timeout=None)
        self._screen = screen
        self._shown = shown
        self.number: discord.ui.TextInput[Any] = discord.ui.TextInput(
            default=str(value), max_length=NUMBER_LENGTH, custom_id="number"
        )
        self.add_item(
            discord.ui.Label(
                text=_(
                    "From {least} to {most}",
                    least=format_number(field.least),
                    most=format_number(field.most),
                ),
                description=shorten(_(field.about), DESCRIPTION_LENGTH),
                component=self.number,
            )
        )

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Save it."""
        await self._screen.submit_number(interaction, self._shown, self.number.value)
