"""Contacts' fields: which there are, what may stand in them, and how it is changed."""
