"""Puts the reference together: docs/reference.md as a whole, and the marked parts of docs/api.md and README.md."""

import re
import tempfile
from pathlib import Path
from typing import Final

from tests.discord_in_process import in_process
from tests.reference.commands import command_sections, command_table, commands_in_order
from tests.reference.endpoints import endpoint_sections, heard_paths
from tests.reference.files import file_sections
from tests.reference.operation import configuration_sections, event_table
from tests.reference.settings import settings_sections
from tests.reference.wording import counter_table, variable_table

ROOT: Final = Path(__file__).parents[2]
REFERENCE: Final = ROOT / "docs" / "reference.md"
API: Final = ROOT / "docs" / "api.md"
README: Final = ROOT / "README.md"

_HEAD: Final = """\
# Reference

<!-- Written from the code by `make reference`; what is changed here by hand is lost. -->

Everything that can be typed, set and written. How it all works, and how to begin, stands in the [README](../README.md).

- [Commands](#commands)
- [Settings](#settings)
- [Variables of messages](#variables-of-messages)
- [Types of counters](#types-of-counters)
- [Exported files](#exported-files)
- [Configuration](#configuration)
- [Log events](#log-events)

The HTTP API has [a page of its own](api.md).
"""
_SETTINGS: Final = """\
## Settings

`/settings` shows them on one screen, with a page per module. *name* is how logs and programs call a setting.
"""
_VARIABLES: Final = """\
## Variables of messages

Join and leave messages are texts in which these stand for something. A name that is not among them stays as it is.
"""
_COUNTERS: Final = """\
## Types of counters

The name of a counter is a text with variables, at most 100 characters long. With a goal, `<value>` is how many are missing.
Online counts those who are online or idle; without the Presence Intent it is Discord's estimate, marked with `~`, which
includes Do Not Disturb.
"""
_FILES: Final = """\
## Exported files

What `/invite_tracker export` and `python -m bot export` write: CSV with the names of the columns in its first line, or an
object per line (JSON lines). Ids are text, times are ISO 8601 in UTC. What is not known is an empty cell, or null. In CSV, a
text that a spreadsheet program would take for a formula has an apostrophe in front. Of these files, `import` reads joins.
"""
_CONFIGURATION: Final = """\
## Configuration

What the operator sets in `config.toml`, or in the environment as `HEADCOUNT_<SECTION>__<FIELD>`. The same stands in
`config.example.toml`, as a file to begin with; `python -m bot config` prints what is in effect.
"""
_EVENTS: Final = """\
## Log events

The `event` of a line in the operator's log, and the fields that such a line has besides `time`, `level`, `logger` and
`message`.
"""


async def render() -> dict[Path, str]:
    """Return what the generated files are to hold, by their path."""
    with tempfile.TemporaryDirectory() as folder:
        async with in_process(Path(folder)) as place:
            commands = list(command_sections(place.client))
            table = command_table(place.client)
            count = len(commands_in_order(place.client))
            settings = [section async for section in settings_sections(place)]
    parts = [_HEAD, "## Commands\n", *commands, _SETTINGS, *settings]
    parts += [_VARIABLES, "\n".join([*variable_table(), ""]), _COUNTERS, "\n".join([*counter_table(), ""])]
    parts += [_FILES, "\n".join(file_sections())]
    parts += [_CONFIGURATION, *configuration_sections(), _EVENTS, "\n".join([*event_table(), ""])]
    readme = replace_part(README.read_text(encoding="utf-8"), "commands", summary_of(count, table))
    api = replace_part(API.read_text(encoding="utf-8"), "heard", heard_paths())
    api = replace_part(api, "endpoints", "\n".join(endpoint_sections()).rstrip())
    return {REFERENCE: "\n".join(parts), API: api, README: readme}


def summary_of(count: int, table: str) -> str:
    """Return the table of commands, folded away under how many there are."""
    return (
        f"<details>\n<summary>All {count} commands, and who may use them</summary>\n\n{table}\n\n</details>"
    )


def replace_part(text: str, name: str, part: str) -> str:
    """Return the text with another part between its markers; raises ValueError unless they stand there once."""
    begin, end = f"<!-- {name}: written by make reference -->", f"<!-- end of {name} -->"
    marked = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if len(marked.findall(text)) != 1:
        raise ValueError(f"the part {name} is not marked")
    return marked.sub(lambda _match: f"{begin}\n\n{part}\n\n{end}", text)
