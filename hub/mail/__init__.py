"""Mail: written from templates as text and HTML, and sent by SMTP, or put into a folder where there is no server."""

from hub.mail.post import Post, trouble

__all__ = ["Post", "trouble"]
