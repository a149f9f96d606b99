"""The staircase: an app knows only the steps below it (docs/explanation/staircase.md)."""
