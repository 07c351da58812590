"""The running process: configuration, client, clock, gateway intake, scheduler, text and the local Discord."""

__version__ = "0.1.0"
