"""`python -m bot doctor` against a local Discord: every finding is caused for real, and goes when it is healed."""

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.config import Config
from bot.doctor.examination import examine
from bot.doctor.findings import Finding, Severity
from bot.doctor.installation import check_database
from storage.guild_modules import insert_module
from storage.heartbeats import fetch_heartbeats, upsert_heartbeats
from storage.statistics.catalogue import Group
from tests.bot.test_startup import closed_port, damage, end_of, reach, started
from tests.wire.patient import Patient
from tests.wire.town import eventually, town

MINUTE_MS = 60_000


class Ahead(SystemClock):
    """The clock of a machine that is minutes ahead of Discord's."""

    def now_ms(self) -> int:
        return super().now_ms() + 5 * MINUTE_MS


async def test_an_installation_in_order_is_healthy_and_says_what_was_checked(patient: Patient) -> None:
    await patient.enable_invites(join_messages_enabled=True, join_messages_channel=patient.welcome.id)
    report = await patient.examine()
    assert report.exit_code == 0
    assert [one for one in report.findings if one.severity > Severity.FINE] == []
    checks = {one.check for one in report.findings}
    assert checks >= {
        "configuration.valid",
        "database.sound",
        "database.schema",
        "database.space",
        "discord.token",
        "discord.intent.members",
        "discord.intent.presences",
        "discord.intent.message_content",
        "discord.shards",
        "discord.starts",
        "discord.clock",
        "server.permissions",
        "server.channels",
        "server.roles",
    }


async def test_the_doctor_makes_few_requests_and_never_connects_to_the_gateway(patient: Patient) -> None:
    await patient.enable_invites()
    patient.world.make_guild("Nothing is switched on here")
    await patient.examine()
    assert patient.world.identifies == 0
    asked = [(request.method, request.path) for request in patient.world.request_log]
    assert {method for method, _path in asked} == {"GET"}
    assert len(asked) == len(set(asked)) == 7


async def test_nothing_in_the_database_is_changed(patient: Patient) -> None:
    await patient.enable_invites()
    before = patient.path.read_bytes()
    await patient.examine()
    assert patient.path.read_bytes() == before


# Configuration and token


async def test_a_wrong_configuration_is_a_finding_and_ends_the_examination(patient: Patient) -> None:
    patient.configure(tokn="x")
    report = await patient.examine()
    (found,) = report.findings
    assert (found.check, report.exit_code) == ("configuration.unusable", 1)
    assert "discord.tokn is not a known setting" in found.sentence


async def test_without_a_token_the_rest_is_checked_and_it_is_said(patient: Patient) -> None:
    await patient.enable_invites()
    patient.token_file.unlink()
    report = await patient.examine()
    checks = {one.check: one for one in report.findings}
    assert checks["discord.token"].severity is Severity.ERROR
    assert "was not checked" in checks["discord.token"].meaning
    assert "database.sound" in checks
    assert patient.world.request_log == []
    assert report.exit_code == 1


async def test_a_refused_token_is_an_error_that_does_not_show_it(patient: Patient) -> None:
    await patient.enable_invites()
    patient.write_token("wrong-and-never-shown")
    report = await patient.examine()
    found = next(one for one in report.findings if one.check == "discord.token")
    assert (found.severity, found.sentence) == (Severity.ERROR, "Discord does not accept the token.")
    assert "Reset Token" in found.advice
    assert "wrong-and-never-shown" not in str(report)


async def test_without_a_network_the_rest_is_checked_and_the_address_is_named(patient: Patient) -> None:
    await patient.enable_invites()
    with closed_port() as port, pytest.MonkeyPatch.context() as patch:
        patch.setattr("discord.http.Route.BASE", f"http://127.0.0.1:{port}/api/v10")
        report = await examine(patient.config_path, SystemClock())
    checks = {one.check: one for one in report.findings}
    assert f"http://127.0.0.1:{port}" in checks["discord.unreachable"].sentence
    assert "database.sound" in checks
    assert report.exit_code == 1


async def test_a_token_file_that_others_can_read_is_a_note(patient: Patient) -> None:
    await patient.enable_invites()
    patient.token_file.chmod(0o644)
    report = await patient.examine()
    (found,) = [one for one in report.findings if one.check == "configuration.token_readable"]
    assert "chmod 600" in found.advice
    assert report.exit_code == 0
    patient.token_file.chmod(0o600)
    assert await patient.find("configuration.token_readable") == []


# The database


async def test_a_database_that_is_not_there_yet_is_a_note_and_is_not_made(patient: Patient) -> None:
    report = await patient.examine()
    assert report.exit_code == 0
    checks = {one.check for one in report.findings}
    assert checks >= {"database.missing", "discord.servers_unchecked"}
    assert not patient.path.exists()


async def test_a_damaged_database_is_an_error(patient: Patient) -> None:
    await patient.enable_invites()
    damage(patient.path)
    report = await patient.examine()
    assert any(
        one.check.startswith("database.") and one.severity is Severity.ERROR for one in report.findings
    )
    assert "damaged" in str(report)
    assert report.exit_code == 1


async def test_damage_that_a_start_overlooks_is_found(patient: Patient) -> None:
    """An index that lacks a row is no damage to its pages: `integrity_check` alone compares it with its table."""
    await patient.enable_statistics(patient.counter(patient.general))
    with closing(sqlite3.connect(patient.path)) as connection, connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, 'channel_id)', 'counter_type)') "
            "WHERE name = 'counters_of_channel'"
        )
    found = await patient.find("database.damaged")
    assert "counters_of_channel" in found[0].sentence


async def test_pending_migrations_are_a_warning(patient: Patient) -> None:
    await patient.enable_invites()
    with closing(sqlite3.connect(patient.path)) as connection, connection:
        connection.execute("DELETE FROM migrations WHERE name LIKE '0005%'")
    found = await patient.only("database.pending")
    assert "python -m bot migrate" in found.advice
    assert found.severity is Severity.WARNING
    # Its tables may not be there yet.
    assert await patient.find("discord.servers_unchecked") != []


async def test_a_database_of_a_newer_program_is_an_error(patient: Patient) -> None:
    await patient.enable_invites()
    with closing(sqlite3.connect(patient.path)) as connection, connection:
        connection.execute("INSERT INTO migrations VALUES ('9999_from_the_future.sql', 'x', 0)")
    assert "newer version of Headcount" in (await patient.only("database.unusable")).sentence


async def test_it_tells_whether_the_bot_is_at_work(patient: Patient) -> None:
    now_ms = SystemClock().now_ms()
    await patient.store(lambda tx: upsert_heartbeats(tx, {0: now_ms - 3 * 3_600_000}))
    assert "3 hours ago" in (await patient.only("database.heartbeat")).sentence
    await patient.store(lambda tx: upsert_heartbeats(tx, {0: now_ms}))
    assert (await patient.only("database.heartbeat")).severity is Severity.FINE


# The application


@pytest.mark.parametrize(
    ("intent", "severity"),
    [
        ("members", Severity.ERROR),
        ("presences", Severity.NOTE),
        ("message_content", Severity.NOTE),
    ],
)
async def test_a_missing_intent_is_named_with_what_is_lost(
    patient: Patient, intent: str, severity: Severity
) -> None:
    patient.world.approved_intents.discard(intent)
    found = await patient.only(f"discord.intent.{intent}")
    assert found.severity is severity
    assert found.meaning
    assert "Privileged Gateway Intents" in found.advice
    patient.world.approved_intents.add(intent)
    assert (await patient.only(f"discord.intent.{intent}")).severity is Severity.FINE


async def test_a_server_that_needs_a_missing_intent_is_told(patient: Patient) -> None:
    await patient.enable_statistics(enabled_groups={Group.ACTIVITIES, Group.POLLS})
    patient.world.approved_intents -= {"presences", "message_content"}
    presences, content = await patient.find("server.intent")
    assert presences.meaning == "Statuses and activities are not recorded."
    assert content.meaning == "Of polls only the votes are counted."
    patient.world.approved_intents |= {"presences", "message_content"}
    assert await patient.find("server.intent") == []


async def test_few_starts_that_are_left_are_told(patient: Patient) -> None:
    patient.world.identifies = 995
    assert (await patient.only("discord.starts")).severity is Severity.WARNING
    patient.world.identifies = 1000
    assert (await patient.only("discord.starts")).severity is Severity.ERROR


async def test_fewer_shards_than_recommended_are_a_note(patient: Patient) -> None:
    patient.world.recommended_shards = 3
    patient.configure(shard_count=2)
    found = await patient.only("discord.shards")
    assert (found.severity, found.sentence) == (Severity.NOTE, "2 for 1 server; Discord recommends 3.")


async def test_a_wrong_clock_is_told_with_how_far_it_is_off(patient: Patient) -> None:
    found = await patient.only("discord.clock", clock=Ahead())
    assert found.severity is Severity.WARNING
    assert re.fullmatch(r"It is (299|300|301) seconds ahead of Discord's\.", found.sentence)
    assert "NTP" in found.advice


async def test_a_bot_in_no_server_is_given_the_address_to_add_it(patient: Patient) -> None:
    await patient.store()
    patient.world.kick_bot(patient.guild.id)
    assert "https://discord.com/oauth2/authorize" in (await patient.only("discord.no_servers")).advice


# Beside a bot that runs, and as a process


async def test_it_examines_beside_the_bot_that_runs(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        token_file = tmp_path / "token"
        token_file.write_text(here.server.token, encoding="utf-8")
        config = tmp_path / "config.toml"
        config.write_text(
            f"[discord]\ntoken_file = '{token_file}'\n[storage]\npath = '{here.path}'\n"
            "[heartbeat]\ninterval_seconds = 30\n",
            encoding="utf-8",
        )

        async def has_beaten() -> bool:
            async with here.database.read() as rx:
                return bool(await fetch_heartbeats(rx))

        await eventually(has_beaten, "the first heartbeat")
        identifies = here.world.identifies
        report = await examine(config, SystemClock())
        found = {one.check: one for one in report.findings}
        assert found["database.heartbeat"].severity is Severity.FINE
        assert found["server.permissions"].guild_id == here.guild.id
        assert here.world.identifies == identifies
        person = here.join(here.invite())
        assert (await here.recorded(person)).member_id == person.id


async def test_the_process_prints_a_table_and_ends_with_1_until_it_is_healed(
    patient: Patient, tmp_path: Path
) -> None:
    await patient.enable_invites(join_messages_enabled=True, join_messages_channel=patient.welcome.id)
    patient.deny(patient.welcome, send_messages=False)
    settings = reach(patient.server) | {"STORAGE__PATH": str(patient.path)}
    async with started(tmp_path / "..", "doctor", **settings) as process:
        sick = await end_of(process)
    assert (sick.code, sick.err) == (1, ""), sick
    assert "#welcome" in sick.out
    assert "XX" in sick.out
    assert sick.out.isascii()
    assert patient.server.token not in sick.out
    patient.heal(patient.welcome)
    async with started(tmp_path / "..", "doctor", "--json", **settings) as process:
        well = await end_of(process)
    assert (well.code, well.err) == (0, ""), well
    document = json.loads(well.out)
    assert document["healthy"] is True
    assert document["counts"]["error"] == document["counts"]["warning"] == 0
    server = next(one for one in document["findings"] if one["check"] == "server.channels")
    assert server["server_id"] == str(patient.guild.id)
    assert set(server) == {
        "check", "severity", "area", "server_id", "server_name", "subject", "finding", "meaning", "advice",
        "channel_id", "role_id",
    }  # fmt: skip
    assert patient.server.token not in well.out


async def test_a_token_that_a_proxy_sends_back_is_blacked_out(patient: Patient) -> None:
    await patient.enable_invites()
    body = {"code": 0, "message": f"No entry with {patient.server.token}"}
    patient.world.switches.fail("GET", f"/guilds/{patient.guild.id}", status=403, body=body)
    assert "No entry with [secret]" in (await patient.only("server.unreadable")).sentence


async def test_a_request_that_discord_refuses_for_now_is_told_with_the_wait(patient: Patient) -> None:
    await patient.enable_invites()
    limited = {"message": "You are being rate limited.", "retry_after": 90.0, "global": False}
    patient.world.switches.fail(
        "GET",
        "/gateway/bot",
        status=429,
        body=limited,
        headers={"Via": "1.1 google", "Retry-After": "90"},
    )
    assert "90 seconds" in (await patient.only("discord.unreachable")).sentence


async def test_a_token_that_stands_in_the_wrong_place_of_the_configuration_is_blacked_out(
    patient: Patient,
) -> None:
    token = "MTE5OTY0ODQzMjE2NTQzMjE2NQ.GabcdE." + "x" * 38
    patient.configure(shard_count=token)
    (found,) = (await patient.examine()).findings
    assert 'not "[secret]"' in found.sentence


@pytest.mark.parametrize("document", ['{"enabled_groups": 7}', "{{"])
async def test_settings_that_cannot_be_read_are_told_of_their_server_and_the_rest_is_checked(
    patient: Patient, document: str
) -> None:
    await patient.enable_invites()
    await patient.store(lambda tx: insert_module(tx, patient.guild.id, "serverstats", 0, document))
    report = await patient.examine()
    found = next(one for one in report.findings if one.check == "server.settings_unreadable")
    assert (found.subject, found.severity, found.guild_id) == (
        "serverstats",
        Severity.ERROR,
        patient.guild.id,
    )
    assert "server.permissions" in {one.check for one in report.findings}
    assert report.exit_code == 1


async def test_a_database_that_gets_locked_in_the_middle_is_told(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`maintain` begins just after the file was checked."""
    await patient.enable_invites()
    monkeypatch.setattr("storage.inspection.BUSY_TIMEOUT_SECONDS", 0.05)
    with closing(sqlite3.connect(patient.path, isolation_level=None)) as other:

        async def check_then_lock(config: Config, now_ms: int) -> tuple[bool, tuple[Finding, ...]]:
            found = await check_database(config, now_ms)
            other.execute("PRAGMA locking_mode = EXCLUSIVE")
            other.execute("BEGIN EXCLUSIVE")
            return found

        monkeypatch.setattr("bot.doctor.examination.check_database", check_then_lock)
        report = await patient.examine()
    checks = {one.check: one for one in report.findings}
    assert "in use by another program" in checks["database.unusable"].sentence
    assert "discord.servers_unchecked" in checks
