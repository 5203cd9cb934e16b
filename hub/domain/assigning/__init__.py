"""Assigning: teams, who is there, and the rules by which conversations that nobody has are given to somebody."""
