"""A local Discord: simcord's backend behind a real HTTP and websocket server on loopback."""
