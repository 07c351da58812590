"""Join and leave messages: what may be saved, how they read, and when they are sent."""
