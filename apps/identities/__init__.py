"""National IDs and other identifiers: keyed look-up, encryption, masking."""
