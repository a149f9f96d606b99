"""Vaccination records (HIQS, manual 0)."""
