"""Clock, ROC dates, errors, base classes; no domain word."""
