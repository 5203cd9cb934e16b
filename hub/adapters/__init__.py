"""The networks of contacts: each channel's translating, sending and fetching. Nothing here knows of a database."""
