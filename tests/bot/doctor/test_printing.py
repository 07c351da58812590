"""The report as a table and as JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.doctor.findings import Area, Report, Severity
from bot.doctor.printing import NARROWEST, WIDEST, render_json, render_table
from tests.bot.doctor.examples import finding

SICK = finding(
    Severity.ERROR,
    check="server.channel_permission",
    area=Area.SERVER,
    guild_id=42,
    guild_name="Harbour",
    subject="#welcome",
    sentence="Join messages: the bot lacks the permission Send Messages here.",
    meaning="Join messages are not sent.",
    advice="Allow it for the bot in the permissions of this channel → or of its category.",
    channel_id=7,
)


def server(severity: Severity, subject: str) -> object:
    return finding(severity, area=Area.SERVER, guild_id=42, guild_name="Harbour", subject=subject)


def test_a_finding_says_what_it_means_and_what_to_do() -> None:
    table = " ".join(render_table(Report((SICK,)), 120, is_plain=False).split())
    assert "Server Harbour (42) ✗ #welcome" in table
    for part in ("the bot lacks", "not sent.", "→ Allow it"):
        assert part in table
    assert table.endswith("Something is wrong: 1 error.")


@given(st.integers(1, 300), st.booleans())
def test_no_line_is_wider_than_the_terminal(width: int, is_plain: bool) -> None:
    lines = render_table(Report((SICK, finding())), width, is_plain=is_plain).splitlines()
    assert max(map(len, lines)) <= max(NARROWEST, min(width, WIDEST))


def test_the_plain_table_is_without_other_signs_than_ascii() -> None:
    report = Report(tuple(finding(severity, advice="Go → “there”.") for severity in Severity))
    assert render_table(report, 120, is_plain=True).isascii()
    assert not render_table(report, 120, is_plain=False).isascii()


def test_a_name_cannot_steer_the_terminal() -> None:
    table = render_table(Report((finding(subject="#\x1b[31mred\r"),)), 120, is_plain=False)
    assert "\x1b" not in table
    assert "\r" not in table


def test_a_server_that_is_well_is_one_line() -> None:
    well = Report((server(Severity.FINE, "Permissions"), server(Severity.FINE, "Roles")))  # type: ignore[arg-type]
    assert render_table(well, 120, is_plain=True).splitlines()[:2] == [
        "Server Harbour (42)",
        "  ok In order                  Checked: permissions, roles.",
    ]
    ill = Report((server(Severity.FINE, "Permissions"), server(Severity.NOTE, "Roles")))  # type: ignore[arg-type]
    assert "In order" not in render_table(ill, 120, is_plain=True)


@pytest.mark.parametrize(
    ("severities", "summary", "exit_code"),
    [
        ([Severity.FINE], "Everything is in order.", 0),
        ([Severity.NOTE], "Everything that is switched on works: 1 note.", 0),
        ([Severity.WARNING, Severity.NOTE, Severity.NOTE], "Something is wrong: 1 warning, 2 notes.", 1),
        ([Severity.ERROR], "Something is wrong: 1 error.", 1),
    ],
)
def test_only_what_keeps_something_from_working_makes_the_command_fail(
    severities: list[Severity], summary: str, exit_code: int
) -> None:
    report = Report(tuple(map(finding, severities)))
    assert render_table(report, 80, is_plain=True).splitlines()[-1] == summary
    assert report.exit_code == exit_code
    assert json.loads(render_json(report, 0))["healthy"] is (exit_code == 0)


def test_json_has_every_finding_with_ids_as_text() -> None:
    document = json.loads(render_json(Report((finding(), SICK)), 1_700_000_000_000))
    assert document["checked_at"] == "2023-11-14T22:13:20+00:00"
    assert document["counts"] == {"fine": 1, "note": 0, "warning": 0, "error": 1}
    fine, sick = document["findings"]
    assert fine["server_id"] is None
    assert (sick["server_id"], sick["channel_id"], sick["role_id"]) == ("42", "7", None)
    assert (sick["check"], sick["severity"], sick["area"]) == (
        "server.channel_permission",
        "error",
        "server",
    )
