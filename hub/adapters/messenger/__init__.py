"""Facebook Messenger as a network of contacts: a page that people write to.

Nothing is imported here: `translate` must stay usable without an HTTP client, which is slow to start.
"""
