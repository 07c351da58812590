"""The screen on a disk that is slower than Discord's patience."""

from typing import Any

import pytest

from tests.cogs.settings.stage import Stage, says


async def test_the_screen_comes_and_turns_however_long_reading_takes(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Discord waits for three seconds."""
    general: Any = stage.place.client.get_cog("SettingsCommands")
    is_enabled = type(general._general).is_enabled

    async def look_slowly(self: Any, guild_id: int) -> bool:
        await stage.place.clock.sleep(4)
        return bool(await is_enabled(self, guild_id))

    monkeypatch.setattr(type(general._general), "is_enabled", look_slowly)
    opened = await stage.manager.slash(stage.place.channel, "settings")
    await stage.place.env.advance_time(5)
    assert opened.ephemeral
    assert opened.response is not None
    assert "## Settings of Harbour" in says(opened.response)

    await stage.turn(opened.response, "serverstats")
    await stage.turn(opened.response, "general")
    await stage.place.env.advance_time(5)
    assert "Timezone" in says(opened.response)
