"""Any system of a customer's own as a network of contacts: signed JSON in, signed JSON out.

Nothing is imported here: `translate` must stay usable without an HTTP client, which is slow to start.
"""
