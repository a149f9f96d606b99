"""Pages of vaccine booking: `counter` (card, form) and `results` (result, slip)."""
