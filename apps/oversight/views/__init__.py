"""The pages of auditors and managers."""
