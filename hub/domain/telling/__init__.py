"""What is told by itself: to users in private, to contacts outside of business hours, and what a workspace is told of
its own settings.
"""
