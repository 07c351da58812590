"""Statistics: the admin asks, and the charts of the answers are kept."""

import tempfile
from pathlib import Path

from .. import story as steps
from ..events import StatisticsShown
from .stage import Stage

CHARTS_FOLDER = Path(".demo/charts")
PNG_START = b"\x89PNG\r\n\x1a\n"


class Statistics:
    """Plays questions about statistics."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._folder: Path | None = None
        self._missing: list[str] = []
        self.charts: list[Path] = []

    @property
    def folder(self) -> Path:
        """Return where the charts are: below the current folder, or elsewhere when that cannot be written."""
        if self._folder is None:
            self._folder = _make_folder()
        return self._folder

    async def ask(self, step: steps.AskStatistics) -> None:
        """Let the admin ask, and keep the charts."""
        stage = self._stage
        answer = await stage.use_command(stage.story.admin, step.command, **dict(step.options))
        kept = []
        for picture in answer.pictures:
            if not picture.data.startswith(PNG_START):
                self._missing.append(f"{picture.filename} of {answer.command} is no PNG picture.")
            path = self.folder / chart_file_name(step.command, picture.filename)
            path.write_bytes(picture.data)
            kept.append(path)
        if not kept:
            self._missing.append(f"The answer to {answer.command} has no chart.")
        self.charts += kept
        stage.tell(
            StatisticsShown(
                stage.story.admin,
                answer.command,
                answer.headline,
                answer.lines,
                tuple(str(path) for path in kept),
            )
        )

    def problems(self) -> list[str]:
        """Return a sentence for each chart that is missing."""
        return list(self._missing)


def chart_file_name(command: str, filename: str) -> str:
    """Return a name that no chart of another command has."""
    topic = command.rpartition(" ")[2]
    return filename if filename.startswith(topic) else f"{topic}-{filename}"


def _make_folder() -> Path:
    try:
        CHARTS_FOLDER.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=CHARTS_FOLDER):
            return CHARTS_FOLDER
    except OSError:
        return Path(tempfile.mkdtemp(prefix="headcount-charts-"))
