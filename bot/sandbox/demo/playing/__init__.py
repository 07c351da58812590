"""How the steps of a story are played, by area: what people do, and then what the bot makes of it."""
