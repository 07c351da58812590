"""The forms of the smaller settings: which joins count as fake, and the shared link."""

from typing import Any

import discord

from bot.errors import BadRequestError, ConflictError
from bot.settings.pages import Snapshot
from bot.text.language import N_, _, ngettext
from bot.text.numbers import format_number
from bot.ui.access import check_manage
from bot.ui.look import answer, make_embed
from bot.ui.scope import guild_of
from bot.ui.views import Form
from cogs.invite_tracker.service import InviteTrackerService
from cogs.invite_tracker.setting_fields import MINIMUM_AGE_MOST
from cogs.invite_tracker.settings import InviteTrackerSettings

_RULES = (
    (
        "prevent_own_invite_code",
        N_("Own link"),
        N_("Somebody joins with a link that they made themselves"),
    ),
    ("fake_rejoins", N_("Coming back"), N_("Somebody was here before")),
    ("fake_without_avatar", N_("No avatar"), N_("The account has no picture")),
)


class RulesForm(Form):
    """Three switches and an age."""

    def __init__(self, service: InviteTrackerService, stored: Snapshot[InviteTrackerSettings]) -> None:
        super().__init__(title=_("Which joins count as fake?"), timeout=None)
        self._service = service
        self._stored = stored
        settings = stored.values
        self.rules: discord.ui.Select[Any] = discord.ui.Select(
            options=[
                discord.SelectOption(
                    label=_(label),
                    value=field,
                    description=_(description),
                    default=getattr(settings, field),
                )
                for field, label, description in _RULES
            ],
            placeholder=_("None"),
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
                text=_("Fake when"),
                description=_("Holds for past joins, too: counts change at once"),
                component=self.rules,
            )
        )
        self.add_item(
            discord.ui.Label(
                text=_("Or when the account is younger than"),
                description=_("Days, 0 to {most}; 0 turns this rule off", most=MINIMUM_AGE_MOST),
                component=self.days,
            )
        )

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Save and say what holds now."""
        check_manage(interaction)
        # A slow disk may take longer to store it than Discord waits.
        await interaction.response.defer(ephemeral=True, thinking=True)
        guild_id = guild_of(interaction).id
        chosen = {field: field in self.rules.values for field, _label, _description in _RULES}
        settings = self._stored.values.model_copy(
            update={**chosen, "fake_minimum_account_age_days": _read_days(self.days.value)}
        )
        notice = None
        try:
            saved = await self._service.save_settings(guild_id, settings, self._stored.version)
        except ConflictError as error:
            notice = error.message
            saved = await self._service.fetch_settings(guild_id)
        effect = await self._service.preview_rules(guild_id, None, 0)
        lines = [
            describe_rules(saved.values),
            ngettext(
                "{fake} of {count} join counts as fake now.",
                "{fake} of {count} joins count as fake now.",
                effect.joins,
                fake=format_number(effect.saved_fake),
            ),
            _("-# `/invite_tracker rules` tries rules out before they are saved."),
        ]
        embed = make_embed(_("Fake joins"), "\n".join(lines), warning=notice is not None)
        await answer(interaction, notice, embed=embed)


class SharedLinkForm(Form):
    """One field; leaving it empty removes the link."""

    def __init__(self, service: InviteTrackerService, stored: Snapshot[InviteTrackerSettings]) -> None:
        super().__init__(title=_("Shared link of this server"), timeout=None)
        self._service = service
        self._stored = stored
        self.link: discord.ui.TextInput[Any] = discord.ui.TextInput(
            default=stored.values.server_shared_invite_link,
            placeholder="discord.gg/…",
            required=False,
            max_length=200,
            custom_id="link",
        )
        self.add_item(
            discord.ui.Label(
                text=_("Link or code"),
                description=_(
                    "Everyone gets it with /invite_tracker serverlink; leave it empty to remove it"
                ),
                component=self.link,
            )
        )

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Check the link at Discord and save it."""
        check_manage(interaction)
        await self.defer(interaction)
        guild_id = guild_of(interaction).id
        typed = self.link.value.strip()
        link = await self._service.check_shared_link(guild_id, typed) if typed else None
        settings = self._stored.values.model_copy(update={"server_shared_invite_link": link})
        try:
            await self._service.save_settings(guild_id, settings, self._stored.version)
        except ConflictError as error:
            now = (await self._service.fetch_settings(guild_id)).values.server_shared_invite_link
            embed = make_embed(_("Shared link of this server"), describe_link(now), warning=True)
            await answer(interaction, error.message, embed=embed)
            await interaction.client.settings_screen.refresh(interaction)
            return
        await answer(interaction, embed=make_embed(_("Shared link saved"), describe_link(link)))
        await interaction.client.settings_screen.refresh(interaction)


def describe_link(link: str | None) -> str:
    """Return the link and what it is good for, or that there is none."""
    if link is None:
        return _("There is none now.")
    return "\n".join((f"**{link}**", _("Everyone gets it with `/invite_tracker serverlink`.")))


def describe_rules(settings: InviteTrackerSettings) -> str:
    """Return one line per rule with its state."""
    lines = [
        f"{'✅' if getattr(settings, field) else '▫️'} {_(description)}"
        for field, _label, description in _RULES
    ]
    days = settings.fake_minimum_account_age_days
    age = _("The account is young")
    if days:
        age = ngettext(
            "The account is younger than {count} day", "The account is younger than {count} days", days
        )
    lines.append(f"{'✅' if days else '▫️'} {age}")
    return "\n".join(lines)


def _read_days(text: str) -> int:
    if not (text.strip().isascii() and text.strip().isdigit() and int(text) <= MINIMUM_AGE_MOST):
        raise BadRequestError(
            _("“{text}” is not a number of days from 0 to {most}.", text=text[:20], most=MINIMUM_AGE_MOST)
        )
    return int(text)
