"""The page on which a person types as either side: what it shows, what can be done on it, and its files."""
