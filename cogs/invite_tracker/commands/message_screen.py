"""The screen of join and leave messages: one ephemeral message, edited in place."""

from dataclasses import dataclass, replace
from typing import Any

import discord

from bot.errors import HeadcountError
from bot.text.rendering import RenderedMessage
from bot.text.templates import TemplateError
from bot.ui.access import check_manage
from bot.ui.look import (
    NO_PINGS,
    Interaction,
    answer,
    fits_one_message,
    make_embed,
)
from bot.ui.scope import guild_of
from bot.ui.views import OwnedModal, OwnedView
from cogs.invite_tracker.messages.message_settings import (
    MessageKind,
    MessageSettings,
    check_template,
    message_of,
    with_message,
)
from cogs.invite_tracker.service import InviteTrackerService, VersionedSettings

TEXT_LENGTH = 4000
"""Discord documentation, Component Reference, Text Input."""

AS_TEXT = "text"
AS_EMBED = "embed"

_TITLES = {MessageKind.JOIN: "Join messages", MessageKind.LEAVE: "Leave messages"}


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody typed that could not be saved; the form opens with it again."""

    content: str
    is_embed: bool


async def open_message_screen(
    interaction: Interaction, service: InviteTrackerService, kind: MessageKind
) -> None:
    """Answer the command with the screen."""
    stored = await service.fetch_settings(guild_of(interaction).id)
    screen = MessageScreen(interaction.user.id, service, kind, stored)
    embeds = await screen.embeds(interaction)
    await interaction.response.send_message(
        embeds=embeds, view=screen, ephemeral=True, allowed_mentions=NO_PINGS
    )
    screen.shown_by(interaction)


class MessageScreen(OwnedView):
    """State, switch, channel, text, preview and test of one kind of message."""

    def __init__(
        self,
        owner_id: int,
        service: InviteTrackerService,
        kind: MessageKind,
        stored: VersionedSettings,
        draft: Draft | None = None,
    ) -> None:
        super().__init__(owner_id, f"invite_tracker settings {kind}_message")
        self.service = service
        self.kind = kind
        self.take(stored, draft)

    def take(self, stored: VersionedSettings, draft: Draft | None = None) -> None:
        """Set the controls to these settings."""
        self.stored = stored
        self.draft = draft
        self.message = message_of(stored.settings, self.kind)
        is_on = self.message.is_enabled
        self.switch.label = "Turn off" if is_on else "Turn on"
        self.switch.style = discord.ButtonStyle.secondary if is_on else discord.ButtonStyle.success
        self.edit.label = "Continue editing" if draft else "Edit text"
        channel_id = self.message.channel_id
        self.test.disabled = channel_id is None
        self.channel.default_values = (
            []
            if channel_id is None
            else [discord.SelectDefaultValue(id=channel_id, type=discord.SelectDefaultValueType.channel)]
        )

    async def embeds(self, interaction: Interaction) -> list[discord.Embed]:
        """Return the state and below it the message as it would look."""
        message = self.message
        lines = [
            f"{'🟢 **On**' if message.is_enabled else '⚪ **Off**'} · "
            + (f"<#{message.channel_id}>" if message.channel_id else "no channel yet")
            + f" · {'embeds' if message.is_embed else 'text'}",
            "-# Below: how it looks, with you as the sample.",
        ]
        state = make_embed(_TITLES[self.kind], "\n".join(lines))
        try:
            rendered = await self.service.render_sample(guild_of(interaction).id, self.kind, interaction.user)
        except TemplateError as error:
            # The screen must open, or nobody could put the message right.
            return [state, make_embed("Preview", f"⚠ {error.message}", warning=True)]
        shown = [state, *_preview(rendered)]
        if fits_one_message(shown):
            return shown
        return [state, make_embed("Preview", "It is too long to be shown here; send a test to see it.")]

    async def redraw(
        self,
        interaction: Interaction,
        stored: VersionedSettings,
        *,
        notice: str | None = None,
        draft: Draft | None = None,
    ) -> None:
        """Show other settings on the same message.

        The view stays the same: with a new one, a click that comes while the message is edited would find neither.
        """
        self.take(stored, draft)
        await interaction.response.edit_message(
            content=notice, embeds=await self.embeds(interaction), view=self, allowed_mentions=NO_PINGS
        )
        self.shown_by(interaction)

    async def save(self, interaction: Interaction, message: MessageSettings) -> VersionedSettings:
        """Save, if the person may still do that."""
        check_manage(interaction)
        settings = with_message(self.stored.settings, self.kind, message)
        return await self.service.save_settings(guild_of(interaction).id, settings, self.stored.version)

    @discord.ui.button(label="Turn on", custom_id="switch")
    async def switch(self, interaction: Interaction, _button: discord.ui.Button[Any]) -> None:
        """Turn the messages on or off."""
        saved = await self.save(interaction, replace(self.message, is_enabled=not self.message.is_enabled))
        await self.redraw(interaction, saved)

    @discord.ui.button(label="Edit text", style=discord.ButtonStyle.primary, custom_id="edit")
    async def edit(self, interaction: Interaction, _button: discord.ui.Button[Any]) -> None:
        """Open the form."""
        check_manage(interaction)
        await interaction.response.send_modal(MessageForm(self))

    @discord.ui.button(label="Send a test", custom_id="test")
    async def test(self, interaction: Interaction, _button: discord.ui.Button[Any]) -> None:
        """Send the sample to the channel, as a real one would be."""
        check_manage(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        message = await self.service.send_sample(guild_of(interaction).id, self.kind, interaction.user)
        await answer(interaction, f"The test is here: {message.jump_url}")

    @discord.ui.select(
        cls=discord.ui.ChannelSelect,
        channel_types=[discord.ChannelType.text, discord.ChannelType.news],
        placeholder="Channel for the messages",
        min_values=0,
        max_values=1,
        custom_id="channel",
    )
    async def channel(self, interaction: Interaction, select: discord.ui.ChannelSelect[Any]) -> None:
        """Choose where the messages go."""
        channel_id = select.values[0].id if select.values else None
        saved = await self.save(interaction, replace(self.message, channel_id=channel_id))
        await self.redraw(interaction, saved)


class MessageForm(OwnedModal):
    """The form for the text, or the JSON of embeds."""

    def __init__(self, screen: MessageScreen) -> None:
        super().__init__(title=f"Edit the {screen.kind} message", timeout=None)
        self._screen = screen
        shown = screen.draft or Draft(screen.message.content, screen.message.is_embed)
        self.content: discord.ui.TextInput[Any] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph,
            default=shown.content,
            max_length=TEXT_LENGTH,
            custom_id="content",
        )
        self.format: discord.ui.Select[Any] = discord.ui.Select(
            options=[
                discord.SelectOption(
                    label="Text", value=AS_TEXT, description="Sent as it is", default=not shown.is_embed
                ),
                discord.SelectOption(
                    label="Embeds",
                    value=AS_EMBED,
                    description="The JSON that an embed builder exports",
                    default=shown.is_embed,
                ),
            ],
            custom_id="format",
        )
        self.add_item(
            discord.ui.Label(
                text="Message",
                description="Variables such as <user_mention> or <inviter_display_name> are filled in",
                component=self.content,
            )
        )
        self.add_item(discord.ui.Label(text="Format", component=self.format))

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Save and show the result; what could not be saved is kept for the next try."""
        screen = self._screen
        draft = Draft(self.content.value, self.format.values == [AS_EMBED])
        message = replace(screen.message, content=draft.content, is_embed=draft.is_embed)
        try:
            saved = await screen.save(interaction, message)
        except HeadcountError as error:
            now = await screen.service.fetch_settings(guild_of(interaction).id)
            await screen.redraw(interaction, now, notice=f"⚠ **Not saved.** {error.message}", draft=draft)
            return
        warnings = check_template(screen.kind, draft.content, draft.is_embed)
        await screen.redraw(
            interaction, saved, notice="\n".join(f"⚠ {warning}" for warning in warnings) or None
        )


def _preview(rendered: RenderedMessage) -> list[discord.Embed]:
    if rendered.is_empty:
        return [make_embed("Preview", "Nothing is left of this message once its variables are filled in.")]
    embeds = [discord.Embed.from_dict(embed) for embed in rendered.embeds]
    if rendered.content is None:
        return embeds
    return [discord.Embed(description=rendered.content), *embeds]
