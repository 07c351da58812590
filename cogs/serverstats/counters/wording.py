"""What is said of counters."""

from collections.abc import Mapping
from typing import Final

import discord

from bot.text.escape import escape_markdown, tame_name
from bot.text.language import N_, _
from bot.text.numbers import format_number
from cogs.serverstats.counters.census import STATUSES_UNKNOWN
from cogs.serverstats.counters.counter_types import CounterType, kind_of
from cogs.serverstats.counters.numbers import Reading, missing_to_goal
from cogs.serverstats.counters.states import CounterState, CounterView
from storage.counters import Counter

_GOAL_REACHED: Final[Mapping[CounterType, str]] = {
    CounterType.ONLINE: N_("🎉 The goal of **{goal}** members online is reached: there are **{value}** now!"),
    CounterType.ONLINE_WITH_ROLE: N_(
        "🎉 The goal of **{goal}** members online with the role {role} is reached: there are **{value}** now!"
    ),
    CounterType.OFFLINE: N_(
        "🎉 The goal of **{goal}** members offline is reached: there are **{value}** now!"
    ),
    CounterType.DND: N_(
        "🎉 The goal of **{goal}** members on Do Not Disturb is reached: there are **{value}** now!"
    ),
    CounterType.MEMBERS: N_("🎉 The goal of **{goal}** members is reached: there are **{value}** now!"),
    CounterType.MEMBERS_WITH_ROLE: N_(
        "🎉 The goal of **{goal}** members with the role {role} is reached: there are **{value}** now!"
    ),
    CounterType.BOOSTS: N_("🎉 The goal of **{goal}** boosts is reached: there are **{value}** now!"),
    CounterType.CHANNELS: N_("🎉 The goal of **{goal}** channels is reached: there are **{value}** now!"),
    CounterType.ROLES: N_("🎉 The goal of **{goal}** roles is reached: there are **{value}** now!"),
}
_ABOUT_REACHED: Final = N_(
    "🎉 The goal of **{goal}** members online is reached: there are about **{value}** now!"
)
"""Only of who is online Discord gives an estimate."""


def announcement(counter: Counter, reading: Reading, role_name: str | None) -> str:
    """Return the message that a goal is reached; it pings nobody."""
    value = reading.value if reading.value is not None else counter.goal or 0
    text = _ABOUT_REACHED if reading.is_approximate else _GOAL_REACHED[CounterType(counter.counter_type)]
    role = _("deleted role") if role_name is None else escape_markdown(tame_name(role_name))
    return _(text, goal=format_number(counter.goal or 0), value=format_number(value), role=role)


def describe_reading(counter: Counter, reading: Reading) -> str:
    """Return the numbers of a counter on one line."""
    if reading.statuses is not None:
        statuses = reading.statuses
        return _(
            "{online} online · {dnd} DND · {offline} offline",
            online=format_number(statuses.online),
            dnd=format_number(statuses.dnd),
            offline=format_number(statuses.offline),
        )
    value = reading.value if reading.value is not None else 0
    shown = f"~{format_number(value)}" if reading.is_approximate else format_number(value)
    if counter.goal is None:
        return shown
    goal = format_number(counter.goal)
    if missing := missing_to_goal(value, counter.goal):
        return _("{value} of {goal}, {missing} to go", value=shown, goal=goal, missing=format_number(missing))
    return _("{value} of {goal}, goal reached", value=shown, goal=goal)


def describe_state(state: CounterState) -> str:
    """Return the type with its numbers, e.g. "**Members: 120**"."""
    if state.reading is None:
        return _("nothing at the moment")
    title = _(kind_of(state.counter.counter_type).title)
    return f"**{title}: {describe_reading(state.counter, state.reading)}**"


def state_lines(guild: discord.Guild, state: CounterState) -> str:
    """Return a counter as lists show it: what it shows, how it is set up, what is in its way."""
    counter = state.counter
    details = [] if "`" in counter.format else [f"`{counter.format}`"]
    if counter.role_id is not None:
        role = guild.get_role(counter.role_id)
        details.append(_("deleted role") if role is None else role.mention)
    if counter.announce_channel_id is not None and counter.goal_reached_at_ms is None:
        details.append(_("announced in {channel}", channel=f"<#{counter.announce_channel_id}>"))
    if counter.is_adopted:
        details.append(_("channel of your own"))
    lines = [f"<#{counter.channel_id}> · {describe_state(state)}"]
    if details:
        lines.append(f"-# {' · '.join(details)}")
    if state.trouble is not None:
        lines.append(f"-# ⚠ {state.trouble}")
    return "\n".join(lines)


def made_lines(view: CounterView, *, role_was_given: bool) -> list[str]:
    """Return what is said of a counter that was just made."""
    counter = view.counter
    lines = [_shows(view.state)]
    if role_was_given and counter.role_id is None:
        title = _(kind_of(counter.counter_type).title)
        lines.append(_("⚠ The type {type} needs no role; it was left out.", type=title))
    note = _("Nobody can join it. Its name follows every few minutes, as Discord allows few renames.")
    return [*lines, *_goal_lines(counter), *_warning_lines(view), f"-# {note}"]


def changed_lines(view: CounterView) -> list[str]:
    """Return what is said of a counter that was just changed."""
    state = view.state
    lines = [_shows(state), *_goal_lines(view.counter), *_delay_lines(state), *_warning_lines(view)]
    return [*lines, f"⚠ {state.trouble}"] if state.trouble is not None else lines


def _shows(state: CounterState) -> str:
    return _(
        "{channel} shows {numbers}.",
        channel=f"<#{state.counter.channel_id}>",
        numbers=describe_state(state),
    )


def _goal_lines(counter: Counter) -> list[str]:
    if counter.goal is None:
        return []
    if counter.goal_reached_at_ms is not None:
        if not counter.announce_channel_id:
            return []
        return [_("The goal is reached already; that will not be announced.")]
    if counter.announce_channel_id is None:
        return [_("Reaching the goal will not be announced; `announce_channel` sets where.")]
    channel = f"<#{counter.announce_channel_id}>"
    return [_("Reaching the goal is announced once, in {channel}.", channel=channel)]


def _delay_lines(state: CounterState) -> list[str]:
    if state.name is None or state.name == state.present_name or not state.rename_from_ms:
        return []
    return [
        _(
            "Discord allows few renames: the new name comes after {time}, with the next update.",
            time=f"<t:{-(-state.rename_from_ms // 1000)}:t>",
        )
    ]


def _warning_lines(view: CounterView) -> list[str]:
    return [f"⚠ {warning}" for warning in view.warnings]


def number_unknown(state: CounterState) -> str:
    """Return why a counter cannot be made now, one sentence."""
    if state.trouble == _(STATUSES_UNKNOWN):
        return _("Discord has not told me yet who is online in this large server; try again in a minute.")
    return state.trouble or _("Discord did not tell me the number; try again in a minute.")
