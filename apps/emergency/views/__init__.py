"""Pages of the emergency query: `asking` (purpose, number, alert, consent), `tabs`, `glances`."""
