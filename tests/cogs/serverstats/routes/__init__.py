"""Tests of serverstats over HTTP."""
