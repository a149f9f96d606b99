"""Words of vaccination records."""

SERVICE = "HIQS"  # its rules are a row of access.Service
