"""Slack as a network of contacts: people who write to an app, in direct messages or in channels that are shared.

Nothing is imported here: `translate` must stay usable without the client library, which is slow to start.
"""
