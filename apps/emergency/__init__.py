"""Emergency medical query (IMQ, manual 3)."""
