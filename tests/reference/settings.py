"""The reference of settings: the fields of each page, with what a new server has."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

from bot.settings.fields import FieldKind, SettingField, show_value
from bot.settings.pages import SettingsPage
from cogs.settings.general_page import GeneralPage
from tests.discord_in_process import Place
from tests.reference.commands import channel_type_names


async def settings_sections(place: Place) -> AsyncIterator[str]:
    """Yield a section per page of the settings screen, in a server where everything was just enabled."""
    pages: tuple[SettingsPage, ...] = (
        GeneralPage(place.client),
        *place.client.parts.modules.settings_pages(),
    )
    for page in pages:
        yield f"### {page.title}\n\n{page.about}\n"
        if not await page.is_enabled(place.guild.id):
            await page.enable(place.guild.id)
        snapshot = await page.read(place.guild.id)
        yield "\n".join(_table(page, snapshot.values))


def _table(page: SettingsPage, values: Any) -> Iterator[str]:
    yield "| setting | what it means | value | in a new server | name |"
    yield "|---|---|---|---|---|"
    for field in page.fields:
        first = _first_value(field, getattr(values, field.name))
        yield f"| {field.label} | {field.about} | {value_of(field)} | {first} | `{field.name}` |"
    yield ""


def _first_value(field: SettingField, value: Any) -> str:
    if field.kind is FieldKind.TEXT and value:
        # Two backticks, as there are single ones in it.
        return "`` " + " ⏎ ".join(value.splitlines()) + " ``"
    return show_value(field, value)


def value_of(field: SettingField) -> str:
    """Return what a setting can be."""
    match field.kind:
        case FieldKind.NUMBER:
            return f"{field.kind.value}, {field.least} to {field.most}"
        case FieldKind.CHOICE:
            return ", ".join(field.choices.values())
        case FieldKind.CHOICES:
            return "any of " + ", ".join(field.choices.values())
        case FieldKind.CHANNEL:
            return f"{field.kind.value}: {channel_type_names(field.channel_types)}"
        case FieldKind.CHANNELS:
            return f"{field.kind.value}, {field.most} at most: {channel_type_names(field.channel_types)}"
        case FieldKind.ROLES:
            return f"{field.kind.value}, {field.most} at most"
        case other:
            return str(other.value)
