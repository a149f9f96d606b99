"""Card transactions, certificates, readings and the pages that log in by card."""
