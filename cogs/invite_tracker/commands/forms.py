"""The forms of the smaller settings: which joins count as fake, and the shared link."""

from typing import Any

import discord

from bot.errors import BadRequestError
from bot.ui.access import check_manage
from bot.ui.look import answer, make_embed
from bot.ui.scope import guild_of
from bot.ui.views import OwnedModal
from cogs.invite_tracker.service import InviteTrackerService, VersionedSettings
from cogs.invite_tracker.settings import InviteTrackerSettings

MOST_DAYS = 365

_RULES = (
    ("prevent_own_invite_code", "Own link", "Somebody joins with a link that they made themselves"),
    ("fake_rejoins", "Coming back", "Somebody was here before"),
    ("fake_without_avatar", "No avatar", "The account has no picture"),
)


class RulesForm(OwnedModal, title="Which joins count as fake?"):
    """Three switches and an age."""

    def __init__(self, service: InviteTrackerService, stored: VersionedSettings) -> None:
        super().__init__(timeout=None)
        self._service = service
        self._stored = stored
        settings = stored.settings
        self.rules: discord.ui.Select[Any] = discord.ui.Select(
            options=[
                discord.SelectOption(
                    label=label, value=field, description=description, default=getattr(settings, field)
                )
                for field, label, description in _RULES
            ],
            placeholder="None",
            min_values=0,
            max_values=len(_RULES),
            required=False,
            custom_id="rules",
        )
        self.days: discord.ui.TextInput[Any] = discord.ui.TextInput(
            default=str(settings.fake_minimum_account_age_days), max_length=3, custom_id="days"
        )
        self.add_item(
            discord.ui.Label(
                text="Fake when",
                description="Holds for past joins, too: counts change at once",
                component=self.rules,
            )
        )
        self.add_item(
            discord.ui.Label(
                text="Or when the account is younger than",
                description=f"Days, 0 to {MOST_DAYS}; 0 turns this rule off",
                component=self.days,
            )
        )

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Save and say what holds now."""
        check_manage(interaction)
        chosen = {field: field in self.rules.values for field, _, _ in _RULES}
        settings = self._stored.settings.model_copy(
            update={**chosen, "fake_minimum_account_age_days": _read_days(self.days.value)}
        )
        await self._service.save_settings(guild_of(interaction).id, settings, self._stored.version)
        await answer(interaction, embed=make_embed("Fake joins", describe_rules(settings)))


class SharedLinkForm(OwnedModal, title="Shared link of this server"):
    """One field; leaving it empty removes the link."""

    def __init__(self, service: InviteTrackerService, stored: VersionedSettings) -> None:
        super().__init__(timeout=None)
        self._service = service
        self._stored = stored
        self.link: discord.ui.TextInput[Any] = discord.ui.TextInput(
            default=stored.settings.server_shared_invite_link,
            placeholder="discord.gg/…",
            required=False,
            max_length=200,
            custom_id="link",
        )
        self.add_item(
            discord.ui.Label(
                text="Link or code",
                description="Everyone gets it with /invite_tracker serverlink; leave it empty to remove it",
                component=self.link,
            )
        )

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Check the link at Discord and save it."""
        check_manage(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        guild_id = guild_of(interaction).id
        typed = self.link.value.strip()
        link = await self._service.check_shared_link(guild_id, typed) if typed else None
        settings = self._stored.settings.model_copy(update={"server_shared_invite_link": link})
        await self._service.save_settings(guild_id, settings, self._stored.version)
        text = (
            f"**{link}**\nEveryone gets it with `/invite_tracker serverlink`."
            if link
            else "There is none now."
        )
        await answer(interaction, embed=make_embed("Shared link saved", text))


def describe_rules(settings: InviteTrackerSettings) -> str:
    """Return one line per rule with its state."""
    lines = [f"{'✅' if getattr(settings, field) else '▫️'} {description}" for field, _, description in _RULES]
    days = settings.fake_minimum_account_age_days
    age = (
        f"The account is younger than {days} {'day' if days == 1 else 'days'}"
        if days
        else "The account is young"
    )
    lines.append(f"{'✅' if days else '▫️'} {age}")
    return "\n".join(lines)


def _read_days(text: str) -> int:
    if not (text.strip().isascii() and text.strip().isdigit() and int(text) <= MOST_DAYS):
        raise BadRequestError(f"“{text[:20]}” is not a number of days from 0 to {MOST_DAYS}.")
    return int(text)
