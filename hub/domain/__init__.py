"""The middle: words and rules. No network's name, no database, no clock of its own."""
