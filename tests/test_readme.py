"""The documentation says what the program does: its tables are those of the code."""

import json
import re
from pathlib import Path

import pytest

from bot.cli import main
from bot.client import INTENTS, NO_CONTENT_INTENT, NO_PRESENCE_INTENT
from bot.clock import SystemClock
from bot.config import HttpConfig
from bot.config_source import OPERATOR_KEY_LEAST, fields_by_name, variable_for
from bot.doctor.examination import examine
from bot.doctor.printing import render_table
from bot.log_events import LOG_EVENTS
from bot.permissions import NEEDED_PERMISSIONS, NeededPermission
from bot.sandbox.connect import pointed_at
from bot.sandbox.demo.paper_boats import PAPER_BOATS
from bot.sandbox.demo.story import Act
from bot.sandbox.server import SandboxServer
from bot.sandbox.world import World
from bot.startup import REFUSED_INTENT
from bot.text.language import Language
from bot.web.gate import BODY_SECONDS, OPEN_BELOW, OPEN_PATHS
from bot.web.keys import KEYS_MOST
from bot.web.paging import PAGE_SIZE, PAGE_SIZE_MOST
from cogs.serverstats.routes.counters import CountersFields
from cogs.serverstats.statistics.routes.reading import PeriodFields
from cogs.serverstats.statistics.service import DAYS_LEAST, DAYS_MOST
from storage.heartbeats import upsert_heartbeats
from storage.statistics.catalogue import CATALOGUE, KINDS, Aggregate, Kind, Source
from tests.wire.patient import Patient

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
API = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
DOCUMENTS = README + CONTRIBUTING + CHANGELOG + API

COMMANDS = re.findall(
    r"^### /(.+)$", (ROOT / "docs" / "reference.md").read_text(encoding="utf-8"), re.MULTILINE
)
"""Tests of the reference hold it to what the program has."""

INTAKE_KINDS = [kind for kind in CATALOGUE if kind.source is Source.INTAKE]
"""What only a cog can report."""


@pytest.mark.parametrize("path", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/api.md"])
def test_the_documents_name_only_commands_that_exist(path: str) -> None:
    assert COMMANDS
    for typed in re.findall(r"`/([a-z_]+(?: [a-z_]+)*)`", (ROOT / path).read_text(encoding="utf-8")):
        if f"/{typed}" in {*OPEN_PATHS, OPEN_BELOW}:
            continue
        assert typed in COMMANDS or any(name.startswith(f"{typed} ") for name in COMMANDS), typed


@pytest.mark.parametrize("permission", NEEDED_PERMISSIONS, ids=lambda permission: permission.name)
def test_every_permission_is_in_the_readme_with_what_is_lost_without_it(permission: NeededPermission) -> None:
    assert f"\n| {permission.title} | {permission.without} |\n" in README


def test_the_readme_asks_for_no_other_permission() -> None:
    _before, _, rest = README.partition("| permission | what is lost without it |\n|---|---|\n")
    table = rest.partition("\n\n")[0]
    assert table.count("\n") + 1 == len(NEEDED_PERMISSIONS)


@pytest.mark.parametrize(
    ("is_asked_for", "title", "sentence"),
    [
        (INTENTS.members, "Server Members Intent", REFUSED_INTENT),
        (INTENTS.presences, "Presence Intent", NO_PRESENCE_INTENT),
        (INTENTS.message_content, "Message Content Intent", NO_CONTENT_INTENT),
    ],
)
def test_every_privileged_intent_is_in_the_readme_by_the_name_that_the_bot_uses(
    is_asked_for: bool, title: str, sentence: str
) -> None:
    assert is_asked_for
    assert title in sentence
    assert f"\n| {title} | " in README


@pytest.mark.parametrize("act", PAPER_BOATS.acts, ids=lambda act: act.title)
def test_the_transcript_in_the_readme_is_of_the_story_that_is_played(act: Act) -> None:
    assert act.title in README


@pytest.mark.parametrize("target", ["make demo", "make test"])
def test_the_readme_names_the_two_commands(target: str) -> None:
    assert f"\n{target} " in README


@pytest.mark.parametrize("path", ["README.md", "CONTRIBUTING.md"])
def test_every_target_that_the_documents_name_is_in_the_makefile(path: str) -> None:
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    named = re.findall(r"(?:`|^)make ([a-z-]+)", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)
    assert named
    assert set(named) <= set(targets)


@pytest.mark.parametrize("path", ["README.md", "CONTRIBUTING.md", "docs/reference.md", "docs/api.md"])
def test_every_link_leads_somewhere(path: str) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", (ROOT / path).read_text(encoding="utf-8")):
        name, _, heading = target.partition("#")
        document = (ROOT / path).parent / name if name else ROOT / path
        assert document.exists(), target
        if heading:
            titles = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
            assert heading in {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}, (
                target
            )


def section(title: str) -> str:
    """Return what stands under this heading of the README."""
    return README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_the_documents_name_only_commands_of_the_program_that_exist(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    known = re.findall(r"^    ([a-z-]+) ", capsys.readouterr().out, re.MULTILINE)
    named = re.findall(r"python -m bot ([a-z-]+)", DOCUMENTS)
    assert {"doctor", "backup", "maintain", "openapi"} <= {*named} <= {*known, "--help"}
    table = section("Running it").partition("| command | what it does |\n")[2].partition("\n\n")[0]
    in_table = re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE)
    assert {"run", "openapi"} <= {*in_table} <= {*known}


def test_the_documents_name_only_settings_that_an_operator_can_set() -> None:
    known = fields_by_name()
    sections = {name.partition(".")[0] for name in known}
    dotted = re.findall(r"`([a-z_]+\.[a-z_]+)(?: = [^`]*)?`", DOCUMENTS)
    named = [name for name in dotted if name.partition(".")[0] in sections and not name.endswith(".py")]
    assert {"log.format", "links.documentation", "retention.joins"} <= {*named} <= {*known}
    variables = re.findall(r"HEADCOUNT_[A-Z]+__[A-Z_]+", DOCUMENTS)
    assert {*variables} <= {variable_for(name) for name in known}


@pytest.mark.parametrize("language", list(Language))
def test_every_language_is_named(language: Language) -> None:
    title = language.locale.get_display_name("en")
    assert title is not None
    assert all(title in document for document in (README, CHANGELOG))


def test_what_members_can_do_about_their_data_is_named_under_it() -> None:
    named = re.findall(r"`/(privacy [a-z_]+)`", section("Your data"))
    assert {*named} == {name for name in COMMANDS if name.startswith("privacy ")}
    assert "](docs/privacy.png)" in section("Your data")
    assert "python -m bot maintain" in section("Your data")


def test_the_numbers_of_the_http_api_are_those_of_the_code() -> None:
    defaults = HttpConfig()
    for document, sentence in (
        (README, f"It listens on {defaults.host}, port {defaults.port}:"),
        (README, f"A key may make {defaults.requests_per_minute} requests at once"),
        (README, f"`page_size` up to {PAGE_SIZE_MOST:,})"),
        (README, f"of {OPERATOR_KEY_LEAST} characters or more"),
        (API, f"A server can have {KEYS_MOST} keys."),
        (API, f"may have {defaults.body_most_kib} KiB (`http.body_most_kib`)"),
        (API, f"must arrive within {BODY_SECONDS:g} seconds."),
        (API, f"A key may make {defaults.requests_per_minute} requests at once"),
        (API, f"`page_size` is {PAGE_SIZE:,} unless you choose another, up to {PAGE_SIZE_MOST:,};"),
        (API, f"of counters it is {CountersFields.model_fields['page_size'].default}."),
        (
            API,
            f"from {DAYS_LEAST} to {DAYS_MOST}, and {PeriodFields.model_fields['days'].default} when left out",
        ),
    ):
        assert sentence in " ".join(document.split()), sentence


def test_the_line_of_the_log_has_what_the_table_of_events_says() -> None:
    line = json.loads(section("Running it").partition("```json\n")[2].partition("\n```")[0])
    [event] = [event for event in LOG_EVENTS if event.name == line["event"]]
    assert [*line] == ["time", "level", "logger", "message", "event", *event.fields]


def test_the_events_that_are_worth_an_alarm_exist() -> None:
    paragraph = section("Running it").partition("Worth an alarm")[2].partition("\n\n")[0]
    named = re.findall(r"`([a-z]+_[a-z_]+)`", paragraph)
    assert named
    assert {*named} <= {event.name for event in LOG_EVENTS}


def plainly(report: str) -> list[str]:
    """Return the lines of a report without what is another number every time, and without the space for it."""
    # The schema goes on with every version.
    report = re.sub(r"\d+_\w+", "0", report.strip())
    return [re.sub(r"\s+", " ", re.sub(r"\d[\d,.]*\d|\d", "0", line)) for line in report.splitlines()]


async def test_the_doctor_still_says_what_the_readme_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("HEADCOUNT_CONFIG", *map(variable_for, fields_by_name())):
        monkeypatch.delenv(name, raising=False)
    clock = SystemClock()
    async with SandboxServer(World()) as server:
        patient = Patient(tmp_path, server)
        patient.world.edit_guild(patient.guild.id, {"name": "Paper Boats"})
        patient.config_path.write_text('[discord]\ntoken_file = "token"\n', encoding="utf-8")
        patient.path = tmp_path / "data" / "headcount.sqlite3"
        await patient.enable_invites(join_messages_enabled=True, join_messages_channel=patient.welcome.id)
        await patient.store(lambda tx: upsert_heartbeats(tx, {0: clock.now_ms()}))
        patient.deny(patient.welcome, send_messages=False)
        with pointed_at(server):
            report = await examine(None, clock)
    shown = section("Running it").partition("-m bot doctor\n")[2].partition("```")[0]
    assert plainly(shown) == plainly(render_table(report, 100, is_plain=False))


def kind_row(kind: Kind) -> str:
    arguments = [
        name
        for name, is_taken in (
            ("user_id", kind.has_user),
            ("channel_id", kind.has_channel),
            ("text", kind.has_text),
            ("duration_seconds", kind.aggregate is Aggregate.MEAN),
        )
        if is_taken
    ]
    taken = ", ".join(f"`{name}`" for name in arguments)
    return f"| `{kind.key}` | {kind.title} | {kind.group.label} | {taken} |"


@pytest.mark.parametrize("kind", INTAKE_KINDS, ids=lambda kind: kind.key)
def test_every_kind_that_a_cog_can_report_is_documented_with_what_it_takes(kind: Kind) -> None:
    assert f"\n{kind_row(kind)}\n" in CONTRIBUTING


def test_no_other_kind_is_said_to_be_one_that_a_cog_can_report() -> None:
    rows = re.findall(r"^\| `((?:functions|modules)/[^`]+)` \|", CONTRIBUTING, re.MULTILINE)
    assert sorted(rows) == sorted(kind.key for kind in INTAKE_KINDS)


def test_the_map_names_only_places_that_exist() -> None:
    places = re.findall(r"^\| `((?:bot|cogs|storage|tests)/[^`]*)` \|", CONTRIBUTING, re.MULTILINE)
    assert places
    assert all((ROOT / place).exists() for place in places)


def test_the_example_of_recording_is_of_a_kind_that_exists() -> None:
    keys = re.findall(r'record\(\s*"([^"]+)"', CONTRIBUTING)
    assert keys
    assert all(KINDS[key].source is Source.INTAKE for key in keys)
