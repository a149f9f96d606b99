"""Pages around cards: logging in and out, the way back from the agent, one's own cards."""
