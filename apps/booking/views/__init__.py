"""Pages of vaccine booking: `counter` (card, form), `results` (result, slip), `changes`."""
