"""Where cards are: the reader protocols and their backends."""
