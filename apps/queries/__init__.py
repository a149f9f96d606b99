"""One way of querying records of a person, for every service (docs/explanation/query-services.md)."""
