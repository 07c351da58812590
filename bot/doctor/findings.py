"""What the doctor found: plain data, the same for the terminal, for programs and for Discord."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final


class Severity(IntEnum):
    """How much a finding matters; the greater, the more."""

    FINE = 0
    NOTE = 1
    """Worth knowing; nothing that is switched on is kept from working."""
    WARNING = 2
    """Something that is switched on works in part only, or will stop to work."""
    ERROR = 3
    """Something that is switched on does not work."""

    @property
    def word(self) -> str:
        """How programs read it: `fine`, `note`, `warning`, `error`."""
        return self.name.lower()


class Area(StrEnum):
    """What a finding is about."""

    CONFIGURATION = "configuration"
    DATABASE = "database"
    DISCORD = "discord"
    SERVER = "server"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at; the texts are in the language of whoever asked."""

    check: str
    """A name for programs that never changes, e.g. `server.channel_permission`."""
    severity: Severity
    area: Area
    subject: str
    """What it is about, as its owner named it: `#welcome`, `Presence Intent`."""
    sentence: str
    """What was found."""
    meaning: str = ""
    """What is lost by it."""
    advice: str = ""
    """What to do; empty where there is nothing to do."""
    guild_id: int | None = None
    guild_name: str | None = None
    channel_id: int | None = None
    role_id: int | None = None


NOTHING_WRONG: Final = 0
SOMETHING_WRONG: Final = 1


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was found, in the order of the checks."""

    findings: tuple[Finding, ...]

    @property
    def is_healthy(self) -> bool:
        """Whether everything that is switched on works."""
        return all(finding.severity < Severity.WARNING for finding in self.findings)

    @property
    def exit_code(self) -> int:
        """What the command ends with: notes alone are nothing wrong."""
        return NOTHING_WRONG if self.is_healthy else SOMETHING_WRONG

    def count(self, severity: Severity) -> int:
        """Return how many findings are of this severity."""
        return sum(finding.severity is severity for finding in self.findings)


def worst_first(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings by their severity; equal ones stay in their order."""
    return sorted(findings, key=lambda finding: -finding.severity)
