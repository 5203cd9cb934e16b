"""Measures the hub against a plain one and against its database: `make bench`; see docs/bench.md."""
