"""The Telegram front end of the admin bot: aiogram as the client, the hub's own loop. Load it late, after `loading`."""
