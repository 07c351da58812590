"""The leaderboard that is posted every week or month: when, who stands on it, and that it comes exactly once."""
