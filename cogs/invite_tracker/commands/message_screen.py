"""The screen of join and leave messages: one ephemeral message, edited in place.

Each control says in its custom id which message it is about, and the version of the settings that it showed: so it works
after a restart, and never overwrites what another admin saved meanwhile.
"""

from dataclasses import dataclass, replace
from typing import Any, Final

import discord

from bot.errors import ConflictError, HeadcountError
from bot.settings.pages import Snapshot
from bot.text.language import N_, _
from bot.text.rendering import RenderedMessage
from bot.text.templates import TemplateError
from bot.ui.access import check_manage
from bot.ui.actions import Actions, Press, button, channel_select
from bot.ui.look import NO_PINGS, Interaction, answer, fits_one_message, make_embed
from bot.ui.scope import guild_of
from bot.ui.views import Form
from cogs.invite_tracker.messages.message_settings import (
    MessageKind,
    MessageSettings,
    check_template,
    message_of,
    with_message,
)
from cogs.invite_tracker.service import InviteTrackerService
from cogs.invite_tracker.settings import InviteTrackerSettings

TEXT_LENGTH: Final = 4000
"""Discord documentation, Component Reference, Text Input."""
DRAFTS_MOST: Final = 200

AS_TEXT: Final = "text"
AS_EMBED: Final = "embed"

SWITCH: Final = "tracker.message.switch"
EDIT: Final = "tracker.message.edit"
TEST: Final = "tracker.message.test"
CHANNEL: Final = "tracker.message.channel"

_TITLES: Final = {MessageKind.JOIN: N_("Join messages"), MessageKind.LEAVE: N_("Leave messages")}
_FORM_TITLES: Final = {
    MessageKind.JOIN: N_("Edit the join message"),
    MessageKind.LEAVE: N_("Edit the leave message"),
}


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody typed that could not be saved; the form opens with it again."""

    content: str
    is_embed: bool


class MessageScreen:
    """State, switch, channel, text, preview and test of one kind of message."""

    def __init__(self, actions: Actions, service: InviteTrackerService) -> None:
        self.service = service
        self._drafts: dict[tuple[int, int, MessageKind], Draft] = {}
        actions.on(SWITCH, self._switch, arguments=3)
        actions.on(EDIT, self._edit, arguments=1)
        actions.on(TEST, self._test, arguments=1)
        actions.on(CHANNEL, self._choose_channel, arguments=2)

    async def open(self, interaction: Interaction, kind: MessageKind) -> None:
        """Answer with the screen, to the person alone."""
        check_manage(interaction)
        stored = await self.service.fetch_settings(guild_of(interaction).id)
        # The settings screen that it may be opened from stays as it is, and can be redrawn.
        if interaction.message is None:
            await interaction.response.defer(ephemeral=True, thinking=True)
        else:
            await interaction.response.defer()
        await interaction.followup.send(
            embeds=await self._embeds(interaction, kind, message_of(stored.values, kind)),
            view=self._view(interaction, kind, stored),
            ephemeral=True,
            allowed_mentions=NO_PINGS,
        )

    async def redraw(
        self,
        interaction: Interaction,
        kind: MessageKind,
        stored: Snapshot[InviteTrackerSettings],
        notice: str | None = None,
    ) -> None:
        """Show these settings on the message that the press or the form came from, which was deferred."""
        await interaction.edit_original_response(
            content=notice,
            embeds=await self._embeds(interaction, kind, message_of(stored.values, kind)),
            view=self._view(interaction, kind, stored),
            allowed_mentions=NO_PINGS,
        )

    def draft_of(self, interaction: Interaction, kind: MessageKind) -> Draft | None:
        """Return what this person typed and could not save, for as long as the process runs."""
        return self._drafts.get((guild_of(interaction).id, interaction.user.id, kind))

    def keep_draft(self, interaction: Interaction, kind: MessageKind, draft: Draft | None) -> None:
        """Remember that, or with None forget it."""
        key = (guild_of(interaction).id, interaction.user.id, kind)
        self._drafts.pop(key, None)
        if draft is not None:
            self._drafts[key] = draft
        while len(self._drafts) > DRAFTS_MOST:
            del self._drafts[next(iter(self._drafts))]

    # Presses

    async def _switch(self, interaction: Interaction, press: Press) -> None:
        """Turn the messages on or off."""
        kind, version, wanted = press.arguments
        await self._change(interaction, MessageKind(kind), int(version), is_enabled=wanted == "on")

    async def _choose_channel(self, interaction: Interaction, press: Press) -> None:
        """Choose where the messages go."""
        kind, version = press.arguments
        channel_id = int(press.values[0]) if press.values else None
        await self._change(interaction, MessageKind(kind), int(version), channel_id=channel_id)

    async def _edit(self, interaction: Interaction, press: Press) -> None:
        """Open the form."""
        check_manage(interaction)
        kind = MessageKind(press.arguments[0])
        stored = await self.service.fetch_settings(guild_of(interaction).id)
        form = MessageForm(self, kind, stored, self.draft_of(interaction, kind))
        await interaction.response.send_modal(form)

    async def _test(self, interaction: Interaction, press: Press) -> None:
        """Send the sample to the channel, as a real one would be."""
        check_manage(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        message = await self.service.send_sample(
            guild_of(interaction).id, MessageKind(press.arguments[0]), interaction.user
        )
        await answer(interaction, _("The test is here: {link}", link=message.jump_url))

    async def _change(
        self, interaction: Interaction, kind: MessageKind, version: int, **changes: Any
    ) -> None:
        """Save a choice of the screen as it was at this version, and show what holds now."""
        check_manage(interaction)
        # A slow disk may take longer to store it than Discord waits.
        await interaction.response.defer()
        guild_id = guild_of(interaction).id
        stored = await self.service.fetch_settings(guild_id)
        message = replace(message_of(stored.values, kind), **changes)
        try:
            saved = await self.service.save_settings(
                guild_id, with_message(stored.values, kind, message), version
            )
        except ConflictError as error:
            await self.redraw(interaction, kind, stored, f"⚠ {error.message}")
            return
        await self.redraw(interaction, kind, saved)

    # What it looks like

    def _view(
        self, interaction: Interaction, kind: MessageKind, stored: Snapshot[InviteTrackerSettings]
    ) -> discord.ui.View:
        message = message_of(stored.values, kind)
        owner_id, version = interaction.user.id, stored.version
        is_on = message.is_enabled
        has_draft = self.draft_of(interaction, kind) is not None
        view = discord.ui.View(timeout=None)
        view.add_item(
            button(
                SWITCH,
                kind,
                version,
                "off" if is_on else "on",
                owner_id=owner_id,
                label=_("Turn off") if is_on else _("Turn on"),
                style=discord.ButtonStyle.secondary if is_on else discord.ButtonStyle.success,
            )
        )
        view.add_item(
            button(
                EDIT,
                kind,
                owner_id=owner_id,
                label=_("Continue editing") if has_draft else _("Edit text"),
                style=discord.ButtonStyle.primary,
            )
        )
        view.add_item(
            button(TEST, kind, owner_id=owner_id, label=_("Send a test"), disabled=message.channel_id is None)
        )
        view.add_item(
            channel_select(
                CHANNEL,
                kind,
                version,
                owner_id=owner_id,
                channel_types=[discord.ChannelType.text, discord.ChannelType.news],
                placeholder=_("Channel for the messages"),
                min_values=0,
                max_values=1,
                default_values=_chosen(guild_of(interaction), message.channel_id),
            )
        )
        return view

    async def _embeds(
        self, interaction: Interaction, kind: MessageKind, message: MessageSettings
    ) -> list[discord.Embed]:
        """Return the state and below it the message as it would look."""
        parts = (
            _("🟢 **On**") if message.is_enabled else _("⚪ **Off**"),
            f"<#{message.channel_id}>" if message.channel_id else _("no channel yet"),
            _("embeds") if message.is_embed else _("text"),
        )
        lines = (" · ".join(parts), _("-# Below: how it looks, with you as the sample."))
        state = make_embed(_(_TITLES[kind]), "\n".join(lines))
        try:
            rendered = await self.service.render_sample(guild_of(interaction).id, kind, interaction.user)
        except TemplateError as error:
            # The screen must open, or nobody could put the message right.
            return [state, make_embed(_("Preview"), f"⚠ {error.message}", warning=True)]
        shown = [state, *_preview(rendered)]
        if fits_one_message(shown):
            return shown
        return [
            state,
            make_embed(_("Preview"), _("It is too long to be shown here; send a test to see it.")),
        ]


class MessageForm(Form):
    """The form for the text, or the JSON of embeds."""

    def __init__(
        self,
        screen: MessageScreen,
        kind: MessageKind,
        stored: Snapshot[InviteTrackerSettings],
        draft: Draft | None,
    ) -> None:
        super().__init__(title=_(_FORM_TITLES[kind]), timeout=None)
        self._screen = screen
        self._kind = kind
        self._stored = stored
        message = message_of(stored.values, kind)
        shown = draft or Draft(message.content, message.is_embed)
        self.content: discord.ui.TextInput[Any] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph,
            default=shown.content,
            max_length=TEXT_LENGTH,
            custom_id="content",
        )
        self.format: discord.ui.Select[Any] = discord.ui.Select(
            options=[
                discord.SelectOption(
                    label=_("Text"), value=AS_TEXT, description=_("Sent as it is"), default=not shown.is_embed
                ),
                discord.SelectOption(
                    label=_("Embeds"),
                    value=AS_EMBED,
                    description=_("The JSON that an embed builder exports"),
                    default=shown.is_embed,
                ),
            ],
            custom_id="format",
        )
        self.add_item(
            discord.ui.Label(
                text=_("Message"),
                description=_("Variables such as <user_mention> or <inviter_display_name> are filled in"),
                component=self.content,
            )
        )
        self.add_item(discord.ui.Label(text=_("Format"), component=self.format))

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Save and show the result; what could not be saved is kept for the next try."""
        # A slow disk may take longer to store it than Discord waits.
        await interaction.response.defer()
        screen, kind, service = self._screen, self._kind, self._screen.service
        guild_id = guild_of(interaction).id
        draft = Draft(self.content.value, self.format.values == [AS_EMBED])
        before = message_of(self._stored.values, kind)
        message = replace(before, content=draft.content, is_embed=draft.is_embed)
        settings = with_message(self._stored.values, kind, message)
        try:
            check_manage(interaction)
            saved = await service.save_settings(guild_id, settings, self._stored.version)
        except HeadcountError as error:
            screen.keep_draft(interaction, kind, draft)
            now = await service.fetch_settings(guild_id)
            notice = _("⚠ **Not saved.** {reason}", reason=error.message)
            await screen.redraw(interaction, kind, now, notice)
            return
        screen.keep_draft(interaction, kind, None)
        warnings = check_template(kind, draft.content, draft.is_embed)
        notice = "\n".join(f"⚠ {warning}" for warning in warnings)
        await screen.redraw(interaction, kind, saved, notice or None)


def _chosen(guild: discord.Guild, channel_id: int | None) -> list[discord.SelectDefaultValue]:
    """Return what is selected; what was deleted at Discord cannot be."""
    if channel_id is None or guild.get_channel(channel_id) is None:
        return []
    return [discord.SelectDefaultValue(id=channel_id, type=discord.SelectDefaultValueType.channel)]


def _preview(rendered: RenderedMessage) -> list[discord.Embed]:
    if rendered.is_empty:
        text = _("Nothing is left of this message once its variables are filled in.")
        return [make_embed(_("Preview"), text)]
    embeds = [discord.Embed.from_dict(embed) for embed in rendered.embeds]
    if rendered.content is None:
        return embeds
    return [discord.Embed(description=rendered.content), *embeds]
