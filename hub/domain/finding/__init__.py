"""Finding: contacts and conversations by the filter language, messages and notes by their words, saved filters.

What is found by is derived from the records where they are written, into one list a record, with one index on it.
"""
