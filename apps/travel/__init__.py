"""Travel and contact history (TCH, manual 2)."""
