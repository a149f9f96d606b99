"""The control software's functions for HIS programs (manual 4), as JSON on the loopback address."""
