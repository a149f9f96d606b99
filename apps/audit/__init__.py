"""Access events: the only door to the log, its schema, roles and partitions."""
