"""Vaccine booking (VBK, manual 1)."""
