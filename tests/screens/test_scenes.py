"""Every scene of the pictures can be played; whether the pictures look well is for people to judge."""

from pathlib import Path

import pytest

from tests.screens.scenes import SCENES, Scene, stage


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
async def test_every_scene_ends_in_something_to_draw(scene: Scene, tmp_path: Path) -> None:
    async with stage(tmp_path, "en-US", is_new=scene.is_new) as place:
        shown = await scene.play(place)
        message = getattr(shown, "response", shown)
        assert message is not None
        assert message.components or message.embeds


def test_the_documentation_shows_what_the_scenes_are_for() -> None:
    docs = Path(__file__).parents[2] / "docs"
    assert {scene.name for scene in SCENES if scene.in_docs} <= {path.stem for path in docs.glob("*.png")}
