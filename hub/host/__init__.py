"""Hosts workspaces: leases them, does their work items, and keeps every sending account within its network's limits."""
