"""Rules of manual 3, as functions of facts: supply, warnings, who may see which tab."""
