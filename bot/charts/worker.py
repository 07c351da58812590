"""The process that draws: specs in on its standard input, pictures out on its standard output.

Each message is its length in four bytes and then as many bytes: a pickled spec one way, and the other way a byte
that says whether it is a picture, followed by the PNG or by the text of the error. It ends when its input ends,
and so with the process that started it, however that one ended.
"""

import os
import pickle
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

from bot.charts.specs import ChartSpec

LENGTH_BYTES: Final = 4
DRAWN: Final = b"\x01"
FAILED: Final = b"\x00"

_SETTINGS: Final = {
    # The letters come with matplotlib; a search through all fonts of a machine can take longer than any drawing.
    "MPL_IGNORE_SYSTEM_FONTS": "1",
    "MPLBACKEND": "agg",
}


def main() -> None:
    """Draw whatever comes in until the input ends."""
    # A library that prints something must not write into the replies.
    with os.fdopen(os.dup(1), "wb") as replies, Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        _serve(sys.stdin.buffer, replies)


def _serve(requests: IO[bytes], replies: IO[bytes]) -> None:
    draw: Callable[[ChartSpec], bytes] | None = None
    while (request := read_message(requests)) is not None:
        try:
            draw = draw or _load()
            reply = DRAWN + draw(pickle.loads(request))  # noqa: S301 - it comes from the process that started this one
        except Exception:
            reply = FAILED + traceback.format_exc().encode()
        write_message(replies, reply)


def _load() -> Callable[[ChartSpec], bytes]:
    """Import what draws; its caches and settings lie in a folder of their own, which is gone right after."""
    with tempfile.TemporaryDirectory(prefix="headcount-charts-") as folder:
        os.environ.update(_SETTINGS, MPLCONFIGDIR=folder)
        from bot.charts.drawing import draw_chart

        return draw_chart


def read_message(stream: IO[bytes]) -> bytes | None:
    """Return the next message, or None when the other side is gone."""
    head = stream.read(LENGTH_BYTES)
    if len(head) < LENGTH_BYTES:
        return None
    length = int.from_bytes(head, "big")
    message = stream.read(length)
    return message if len(message) == length else None


def write_message(stream: IO[bytes], message: bytes) -> None:
    """Send a message; raises OSError when the other side is gone."""
    stream.write(len(message).to_bytes(LENGTH_BYTES, "big") + message)
    stream.flush()


if __name__ == "__main__":
    main()
