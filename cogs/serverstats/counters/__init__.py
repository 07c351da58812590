"""Counters: voice channels whose names show a number of the server."""
