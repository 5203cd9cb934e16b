"""IS-Messenger: a customer-messaging hub whose inbox is the chat app that agents already have open."""

__version__ = "0.1.0"
