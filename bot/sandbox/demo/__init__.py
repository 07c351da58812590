"""The demo: a story is played on the local Discord, and what the bot concludes is compared with the truth."""

from .run import run_demo

__all__ = ["run_demo"]
