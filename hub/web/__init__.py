"""The hub's HTTP entrance: webhooks, health, figures. It verifies over raw bytes and answers after the commit."""
