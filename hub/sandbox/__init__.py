"""Local stand-ins of the messaging networks, spoken to by the real client libraries."""
