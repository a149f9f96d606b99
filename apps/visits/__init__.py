"""Visit numbers and writes for clinic software (HIS, manual 4)."""
