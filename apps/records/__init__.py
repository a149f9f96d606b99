"""What claims and cards tell of a person's care: the tables behind the tabs of manual 3."""
