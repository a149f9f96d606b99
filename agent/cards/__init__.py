"""What the agent knows of cards: their kinds, their commands and their refusals."""
