"""One way in for every agency file: staged, checked, repeat-safe. Kinds register from above."""
