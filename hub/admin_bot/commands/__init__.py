"""The commands, by noun. Each module exports its own as COMMANDS; `registry.py` puts them together."""
