"""The Telegram front end of the admin bot: aiogram as the client, the hub's own loop. Slow to import: load it late."""
