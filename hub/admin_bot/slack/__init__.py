"""The Slack front end: desks in channels, private chats, the inbox of App Home."""
