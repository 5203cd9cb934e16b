"""Telegram as a network of contacts: a bot that people write to in private.

Nothing is imported here: `translate` must stay usable without the client library, which is slow to start.
"""
