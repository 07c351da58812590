"""pytest's own version of each test file, with asserts that say what was compared, made once instead of once per worker.

All workers collect all files, the same ones at the same time, so none finds what another one has just made: that was a tenth
of what all tests cost together.
"""

import sys
from pathlib import Path
from typing import Final

import pytest
from _pytest.assertion import rewrite

_MADE_BY: Final = rewrite.PYC_TAIL


def rewrite_share(config: pytest.Config, folder: Path) -> None:
    """Put this worker's share of the test files below `folder` where pytest looks for them, unless it is there.

    A worker that comes late costs time, nothing else: whoever misses a file makes it.
    """
    if sys.dont_write_bytecode:
        return
    workerinput: dict[str, str] = config.workerinput  # type: ignore[attr-defined]
    number = int(workerinput["workerid"].removeprefix("gw"))
    state = config.stash[rewrite.assertstate_key]
    for path in sorted(folder.rglob("test_*.py"))[number :: int(workerinput["workercount"])]:
        cache = rewrite.get_cache_dir(path)
        cache.mkdir(exist_ok=True)
        made = cache / (path.stem + _MADE_BY)
        if rewrite._read_pyc(path, made) is None:
            source_hash, code = rewrite._rewrite_test(path, config)
            rewrite._write_pyc(state, code, source_hash, made)
