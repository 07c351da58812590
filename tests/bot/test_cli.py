"""The command line, in process; what needs a running bot is in test_startup."""

import base64
import sqlite3
import subprocess
import sys
import tomllib
from pathlib import Path

import discord
import pytest

from bot import __version__, cli
from bot.cli import main
from bot.config_source import fields_by_name, variable_for
from bot.permissions import NEEDED_PERMISSIONS

APPLICATION_ID = 1199648432165432165
TOKEN = base64.b64encode(str(APPLICATION_ID).encode()).decode().rstrip("=") + ".GaBcDe." + "x" * 38
COMMANDS = [
    "run",
    "demo",
    "sandbox",
    "migrate",
    "backup",
    "export",
    "import",
    "maintain",
    "config",
    "openapi",
    "doctor",
    "invite-url",
]


@pytest.fixture(autouse=True)
def _in_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HEADCOUNT_CONFIG", raising=False)
    for name in fields_by_name():
        monkeypatch.delenv(variable_for(name), raising=False)


def test_help_lists_every_command_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    lines = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()]
    described = {words[0]: words[1] for words in lines if len(words) == 2}
    for command in COMMANDS:
        assert described[command].endswith(".")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: python -m bot {command}")


def test_without_a_command_help_is_shown_and_nothing_done(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "invite-url" in capsys.readouterr().err


def test_the_version_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"Headcount {__version__}\n"


def test_the_command_line_loads_nothing_heavy() -> None:
    code = (
        "import sys, bot.cli\n"
        "assert bot.cli.main(['config']) == 0\n"
        "heavy = {'discord', 'simcord', 'rich', 'aiohttp', 'fastapi', 'uvicorn'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_config_prints_toml_without_the_token(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADCOUNT_DISCORD__TOKEN", TOKEN)
    assert main(["config"]) == 0
    out = capsys.readouterr().out
    assert TOKEN not in out
    assert tomllib.loads(out)["storage"]["path"] == "data/headcount.sqlite3"


def test_config_prints_the_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "--example"]) == 0
    assert capsys.readouterr().out.startswith("# Headcount's configuration.")


@pytest.mark.parametrize("command", ["run", "migrate", "backup copy", "config", "invite-url"])
def test_a_wrong_configuration_is_one_sentence_and_exit_code_2(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("other.toml").write_text("[log]\nlevel = 3\n", encoding="utf-8")
    assert main([*command.split(), "--config", "other.toml"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert (
        captured.err == 'other.toml: log.level must be one of "debug", "info", "warning" or "error", not 3.\n'
    )


@pytest.mark.parametrize("command", ["run", "config", "maintain"])
@pytest.mark.parametrize("line", [f'shard_count = "{TOKEN}"', f'"{TOKEN}" = 1'])
def test_a_token_in_the_wrong_place_of_the_configuration_is_not_printed(
    command: str, line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config.toml").write_text(f"[discord]\n{line}\n", encoding="utf-8")
    assert main([command]) == 2
    assert TOKEN not in capsys.readouterr().err


@pytest.mark.parametrize("missing", ["simcord", "rich"])
@pytest.mark.parametrize("command", ["demo", "sandbox"])
def test_without_the_demo_extra_it_is_said_how_to_install_it(
    command: str, missing: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    assert main([command]) == 2
    assert capsys.readouterr().err == f"{cli.DEMO_EXTRA_MISSING}\n"


def test_an_interruption_ends_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_path: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "load_config", interrupt)
    assert main(["config"]) == 130


def test_migrate_brings_a_database_up_to_date_and_check_only_tells(
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = Path("data/headcount.sqlite3")
    assert main(["migrate", "--check"]) == 1
    assert "0001_invite_tracker.sql  is pending" in capsys.readouterr().out
    assert not path.exists()

    assert main(["migrate"]) == 0
    assert "0001_invite_tracker.sql  applied now" in capsys.readouterr().out
    assert path.exists()

    assert main(["migrate", "--check"]) == 0
    out = capsys.readouterr().out
    assert "0001_invite_tracker.sql  was applied before" in out
    assert out.endswith("is up to date.\n")


def test_migrate_refuses_a_file_that_is_no_database(capsys: pytest.CaptureFixture[str]) -> None:
    Path("data").mkdir()
    Path("data/headcount.sqlite3").write_text("This is a letter, not a database. " * 100, encoding="utf-8")
    assert main(["migrate"]) == 2
    assert "data/headcount.sqlite3 is not a database" in capsys.readouterr().err


def test_migrate_refuses_a_database_of_another_program(capsys: pytest.CaptureFixture[str]) -> None:
    connection = sqlite3.connect("other.sqlite3")
    connection.execute("CREATE TABLE letters (id INTEGER)")
    connection.close()
    Path("config.toml").write_text('[storage]\npath = "other.sqlite3"\n', encoding="utf-8")
    assert main(["migrate"]) == 2
    assert "other.sqlite3 belongs to another program" in capsys.readouterr().err


def test_the_invite_url_carries_exactly_the_permissions_of_the_features(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["invite-url", "--application-id", "5"]) == 0
    permissions = discord.Permissions(
        view_audit_log=True,
        manage_guild=True,
        manage_channels=True,
        manage_roles=True,
        create_instant_invite=True,
        view_channel=True,
        send_messages=True,
        embed_links=True,
        attach_files=True,
        read_message_history=True,
        connect=True,
    )
    assert capsys.readouterr().out == (
        "https://discord.com/oauth2/authorize?client_id=5&scope=bot+applications.commands"
        f"&permissions={permissions.value}\n"
    )


def test_the_invite_url_takes_the_application_from_the_token(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADCOUNT_DISCORD__TOKEN", TOKEN)
    assert main(["invite-url"]) == 0
    out = capsys.readouterr().out
    assert f"client_id={APPLICATION_ID}&" in out
    assert TOKEN not in out


@pytest.mark.parametrize("token", ["not-a-token", "bm90IGFuIGlk.x.y"])
def test_a_token_without_an_application_is_told(
    token: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADCOUNT_DISCORD__TOKEN", token)
    assert main(["invite-url"]) == 2
    err = capsys.readouterr().err
    assert "--application-id" in err
    assert token not in err


def test_every_permission_says_what_is_lost_without_it() -> None:
    names = [permission.name for permission in NEEDED_PERMISSIONS]
    assert len(set(names)) == len(names)
    assert all(permission.title and permission.without for permission in NEEDED_PERMISSIONS)


def test_a_port_out_of_range_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["sandbox", "--port", "70000"])
    assert ended.value.code == 2
    assert "a port is a number from 0 to 65535" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["-5", "0", "x", "9" * 20])
def test_an_id_that_cannot_be_one_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["invite-url", f"--application-id={text}"])
    assert ended.value.code == 2
    assert "an id is a number" in capsys.readouterr().err


def test_a_command_that_does_not_exist_is_told_with_those_that_do(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["bogus"])
    assert ended.value.code == 2
    assert "error: argument command: invalid choice: 'bogus' (choose from" in capsys.readouterr().err


def test_migrate_leaves_a_database_alone_that_a_bot_is_at_work_on(capsys: pytest.CaptureFixture[str]) -> None:
    path = Path("data/headcount.sqlite3")
    holding = (
        "import sys; from pathlib import Path; from storage.sole_use import sole_use\n"
        "with sole_use(Path(sys.argv[1])): print('held', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holding, str(path.absolute())],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as bot:
        assert bot.stdout is not None
        bot.stdout.readline()
        assert main(["migrate"]) == 2
        assert "Another Headcount is at work" in capsys.readouterr().err
        assert not path.exists()
        bot.communicate("\n")
    assert main(["migrate"]) == 0
