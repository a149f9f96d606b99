"""Auditors: search, review, proofs. Managers: the log of their own institution."""
