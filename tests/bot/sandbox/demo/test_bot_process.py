"""The bot's own process: its environment, its log, its end."""

from pathlib import Path

import pytest

from bot.sandbox.demo.bot_process import BotProcess, BotStoppedError, bot_environment, error_lines


def test_nothing_of_the_users_own_configuration_reaches_the_bot() -> None:
    inherited = {"HEADCOUNT_DISCORD__TOKEN": "real", "headcount_config": "real.toml", "PATH": "/bin"}

    environment = bot_environment(inherited, {"HEADCOUNT_DISCORD__TOKEN": "local"})

    assert environment["HEADCOUNT_DISCORD__TOKEN"] == "local"
    assert environment["PATH"] == "/bin"
    assert "real" not in environment.values()
    assert "headcount_config" not in environment


def test_errors_and_tracebacks_in_the_log_are_found() -> None:
    log = (
        "2026-01-01T00:00:00.000Z INFO    bot.client: Shard 0 is ready; servers: 1.",
        "2026-01-01T00:00:00.000Z WARNING bot.client: Not nice.",
        "2026-01-01T00:00:00.000Z ERROR   bot.client: Bad.",
        "Traceback (most recent call last):",
        "2026-01-01T00:00:00.000Z CRITICAL bot.client: Worse.",
    )

    assert error_lines(log) == log[2:]


def process_without_discord(folder: Path) -> BotProcess:
    nowhere = "127.0.0.1:9"
    return BotProcess(
        folder, api_base=f"http://{nowhere}/api/v10", gateway_url=f"ws://{nowhere}/", token="local"
    )


async def test_a_bot_that_ends_by_itself_is_noticed(tmp_path: Path) -> None:
    bot = process_without_discord(tmp_path)
    (tmp_path / "config.toml").write_text("not toml", encoding="utf-8")
    await bot.start()
    try:
        await bot.ended()

        with pytest.raises(BotStoppedError, match="exit code 2"):
            bot.require_alive()
        assert any("config.toml" in line for line in bot.log_lines())
    finally:
        await bot.stop()


async def test_a_killed_bot_is_not_missed(tmp_path: Path) -> None:
    bot = process_without_discord(tmp_path)
    await bot.start()

    await bot.kill()

    bot.require_alive()
    assert await bot.stop()
