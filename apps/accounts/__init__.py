"""People, their credentials, platform roles and the session table."""
