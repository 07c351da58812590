"""How a page of the settings screen looks: what stands on it, within what Discord takes in one message."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import discord

from bot.settings.fields import FieldKind, SettingField, digest_of, listed, names_in, show_value
from bot.settings.pages import Component, SettingsPage
from bot.text.language import N_, _, ngettext
from bot.ui import actions
from bot.ui.look import ACCENT, safe_name, shorten

PAGE_ACTION: Final = "settings.page"
VIEW_FIELDS: Final = 6
"""So many fields with their controls stay below the 40 components that one message takes."""
SELECTED_MOST: Final = 25
NAMED_HERE: Final = 10
"""So many channels or roles are named where there are too many to be selected."""
NOTICE_LENGTH: Final = 700
STATES_LENGTH: Final = 1_500
OPTION_LENGTH: Final = 100
BUTTON_LENGTH: Final = 80
DESCRIPTION_LENGTH: Final = 100
"""Discord documentation, Component Reference."""

_PLACEHOLDERS: Final = {
    FieldKind.CHANNEL: N_("Choose a channel"),
    FieldKind.CHANNELS: N_("Choose channels"),
    FieldKind.ROLES: N_("Choose roles"),
    FieldKind.CHOICE: N_("Choose one"),
    FieldKind.CHOICES: N_("Choose"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where on the screen somebody is: a page, and one of its views."""

    page: str
    view: int = 0


@dataclass(frozen=True, slots=True)
class View:
    """Fields that are shown together."""

    title: str
    """Marked with N_; empty where the page has one view only."""
    fields: tuple[SettingField, ...]


@dataclass(frozen=True, slots=True)
class PageState:
    """What is so at the moment."""

    page: SettingsPage
    is_enabled: bool
    values: Any
    """The settings document; None where the module is not enabled."""
    components: Sequence[Component]


def views_of(page: SettingsPage) -> tuple[View, ...]:
    """Return the views of a page: a section each, a long section in pieces."""
    views: list[View] = []
    fields = [each for each in page.fields if each.is_on_screen]
    for title in dict.fromkeys(each.section for each in fields):
        members = [each for each in fields if each.section == title]
        views += [
            View(title, tuple(members[start : start + VIEW_FIELDS]))
            for start in range(0, len(members), VIEW_FIELDS)
        ]
    return tuple(views) or (View("", ()),)


def place_shown_on(message: discord.Message | None) -> Place | None:
    """Return where the screen is in this message; None for any other message."""
    components = _walk(message.components) if message is not None else ()
    for each in components:
        if isinstance(each, discord.SelectMenu) and (each.custom_id or "").startswith(f"s:{PAGE_ACTION}:"):
            for option in each.options:
                if option.default:
                    page, _separator, view = option.value.partition(":")
                    return Place(page, int(view))
    return None


def _walk(components: Sequence[Any]) -> Iterator[Any]:
    for each in components:
        yield each
        yield from _walk(getattr(each, "children", ()))


def build_screen(
    owner_id: int,
    pages: Sequence[SettingsPage],
    place: Place,
    state: PageState,
    guild: discord.Guild,
    notice: str = "",
) -> discord.ui.LayoutView:
    """Return the whole screen in the language of the context."""
    page = state.page
    container: discord.ui.Container[Any] = discord.ui.Container(accent_colour=ACCENT)
    container.add_item(
        discord.ui.TextDisplay(_("## Settings of {server}", server=safe_name(guild.name)) + _notice(notice))
    )
    container.add_item(_row(_navigation(owner_id, pages, place)))
    container.add_item(discord.ui.Separator())
    container.add_item(discord.ui.TextDisplay("\n".join([_(page.about), *_states(state.components)])))
    if not state.is_enabled:
        container.add_item(_row(_enable_button(owner_id, page)))
    else:
        for each in views_of(page)[place.view].fields:
            container.add_item(discord.ui.Separator(visible=False))
            for item in _field_items(owner_id, guild, place, each, getattr(state.values, each.name)):
                container.add_item(item)
        if buttons := _page_buttons(owner_id, page):
            container.add_item(discord.ui.Separator())
            container.add_item(_row(*buttons))
    layout = discord.ui.LayoutView(timeout=None)
    layout.add_item(container)
    return layout


def _notice(notice: str) -> str:
    return f"\n{shorten(notice, NOTICE_LENGTH)}" if notice else ""


def _states(components: Sequence[Component]) -> list[str]:
    lines = []
    for each in components:
        mark = "⚪" if not each.is_on else "🟠" if each.troubles else "🟢"
        words = _("on") if each.is_on else _("off")
        detail = f" · {each.detail}" if each.detail else ""
        lines.append(f"{mark} **{each.label}:** {words}{detail}")
        lines += [f"-# ⚠ {trouble}" for trouble in each.troubles]
    shown: list[str] = []
    for index, line in enumerate(lines):
        if sum(map(len, shown)) + len(line) > STATES_LENGTH:
            shown.append(_("-# … and {more} more lines", more=len(lines) - index))
            break
        shown.append(line)
    return shown


def _navigation(owner_id: int, pages: Sequence[SettingsPage], place: Place) -> discord.ui.Item[Any]:
    options = []
    for page in pages:
        views = views_of(page)
        for index, view in enumerate(views):
            title = _(page.title)
            if view.title:
                title = f"{title} · {_(view.title)}"
            elif len(views) > 1:
                title = f"{title} · {index + 1}/{len(views)}"
            options.append(
                discord.SelectOption(
                    label=shorten(title, OPTION_LENGTH),
                    value=f"{page.key}:{index}",
                    emoji=page.emoji,
                    default=(page.key, index) == (place.page, place.view),
                )
            )
    return actions.select(PAGE_ACTION, owner_id=owner_id, options=options[:SELECTED_MOST])


def _field_items(
    owner_id: int, guild: discord.Guild, place: Place, field: SettingField, value: Any
) -> list[discord.ui.Item[Any]]:
    """Return the text of a field and its control."""
    arguments = (place.page, place.view, field.name, digest_of(value))
    text = f"**{_(field.label)}**\n-# {_(field.about)}"
    control: discord.ui.Item[Any]
    placeholder = _PLACEHOLDERS.get(field.kind)
    options: dict[str, Any] = {"owner_id": owner_id, "placeholder": _(placeholder) if placeholder else None}
    match field.kind:
        case FieldKind.CHANNELS | FieldKind.ROLES if len(value) > SELECTED_MOST:
            return [_too_many(owner_id, arguments, text, field, value)]
        case FieldKind.SWITCH:
            switch = actions.button(
                "settings.switch",
                *arguments,
                int(not value),
                owner_id=owner_id,
                label=_("On") if value else _("Off"),
                emoji="🟢" if value else "⚪",
            )
            return [discord.ui.Section(discord.ui.TextDisplay(text), accessory=switch)]
        case FieldKind.NAME | FieldKind.TEXT:
            label = shorten(value, BUTTON_LENGTH) if field.kind is FieldKind.NAME and value else _("Edit…")
            form = actions.button(
                "settings.form", place.page, field.form, owner_id=owner_id, label=label, emoji="✏️"
            )
            return [discord.ui.Section(discord.ui.TextDisplay(text), accessory=form)]
        case FieldKind.NUMBER:
            form = actions.button(
                "settings.number", *arguments, owner_id=owner_id, label=show_value(field, value), emoji="✏️"
            )
            return [discord.ui.Section(discord.ui.TextDisplay(text), accessory=form)]
        case FieldKind.CHANNEL:
            kinds = list(field.channel_types)
            channels = [value] if value else []
            control = actions.channel_select(
                "settings.pick",
                *arguments,
                channel_types=kinds,
                min_values=0,
                default_values=_channel_defaults(guild, channels),
                **options,
            )
        case FieldKind.CHANNELS:
            control = actions.channel_select(
                "settings.pick",
                *arguments,
                channel_types=list(field.channel_types),
                min_values=0,
                max_values=_selected_most(field, value),
                default_values=_channel_defaults(guild, value),
                **options,
            )
        case FieldKind.ROLES:
            control = actions.role_select(
                "settings.pick",
                *arguments,
                min_values=0,
                max_values=_selected_most(field, value),
                default_values=_role_defaults(guild, value),
                **options,
            )
        case FieldKind.CHOICE | FieldKind.CHOICES:
            is_single = field.kind is FieldKind.CHOICE
            control = actions.select(
                "settings.choose",
                *arguments,
                options=[
                    discord.SelectOption(
                        label=shorten(_(label), OPTION_LENGTH),
                        value=str(index),
                        default=each == value if is_single else each in value,
                    )
                    for index, (each, label) in enumerate(field.choices.items())
                ],
                min_values=1 if is_single else 0,
                max_values=1 if is_single else len(field.choices),
                **options,
            )
    return [discord.ui.TextDisplay(text), _row(control)]


def _too_many(
    owner_id: int, arguments: tuple[Any, ...], text: str, field: SettingField, value: Collection[int]
) -> discord.ui.Item[Any]:
    """Return what stands in place of a select: one that cannot show all of them would drop the others with a choice."""
    named = _("Now: {names}.", names=listed(names_in(field, value), NAMED_HERE))
    why = ngettext(
        "{count} is more than this list takes; clear it to choose anew.",
        "{count} are more than this list takes; clear it to choose anew.",
        len(value),
    )
    clear = actions.button(
        "settings.clear", *arguments, owner_id=owner_id, label=_("Clear"), style=discord.ButtonStyle.danger
    )
    return discord.ui.Section(discord.ui.TextDisplay(f"{text}\n{named}\n-# {why}"), accessory=clear)


def _selected_most(field: SettingField, value: Collection[int]) -> int:
    """Return how many can be selected; what is selected already always can."""
    return min(SELECTED_MOST, max(field.most or SELECTED_MOST, len(value)))


def _enable_button(owner_id: int, page: SettingsPage) -> discord.ui.Item[Any]:
    return actions.button(
        "settings.enable",
        page.key,
        owner_id=owner_id,
        label=_("Enable"),
        style=discord.ButtonStyle.success,
    )


def _page_buttons(owner_id: int, page: SettingsPage) -> list[discord.ui.Item[Any]]:
    beside_fields = {field.form for field in page.fields if field.is_on_screen}
    buttons: list[discord.ui.Item[Any]] = [
        actions.button(
            "settings.form", page.key, each.key, owner_id=owner_id, label=_(each.label), emoji=each.emoji
        )
        for each in page.forms
        if each.key not in beside_fields
    ]
    if page.can_be_disabled:
        buttons.append(
            actions.button(
                "settings.disable",
                page.key,
                owner_id=owner_id,
                label=_("Disable…"),
                style=discord.ButtonStyle.danger,
            )
        )
    return buttons


def _channel_defaults(guild: discord.Guild, ids: Collection[int]) -> list[discord.SelectDefaultValue]:
    return _defaults(ids, guild.get_channel, discord.SelectDefaultValueType.channel)


def _role_defaults(guild: discord.Guild, ids: Collection[int]) -> list[discord.SelectDefaultValue]:
    return _defaults(ids, guild.get_role, discord.SelectDefaultValueType.role)


def _defaults(
    ids: Collection[int], find: Callable[[int], object | None], kind: discord.SelectDefaultValueType
) -> list[discord.SelectDefaultValue]:
    """Return what is selected; what was deleted at Discord cannot be, and goes with the next choice."""
    return [discord.SelectDefaultValue(id=each, type=kind) for each in sorted(ids) if find(each) is not None]


def _row(*items: discord.ui.Item[Any]) -> discord.ui.ActionRow[Any]:
    return discord.ui.ActionRow(*items)
