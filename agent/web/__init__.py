"""The agent's face on the loopback address: guards, pages and the few JSON answers."""
