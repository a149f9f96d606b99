"""Workstations, their security modules and the proof that an agent is one of them."""
