"""The account pages: what of signing up and in needs a browser, because it needs a secret or a consent."""
