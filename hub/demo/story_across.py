"""The tour's second half: customers on three networks, and agents on two desks, in one shop."""

from __future__ import annotations

from hub.demo.messenger_steps import MessengerHeardExactly, MessengerSees, MessengerWrites
from hub.demo.opening import open_messenger, open_slack
from hub.demo.slack_steps import (
    SHOP,
    SlackHeardExactly,
    SlackMarked,
    SlackPressesOnCard,
    SlackSees,
    SlackSubmits,
    SlackWrites,
)
from hub.demo.steps import Opens, Scene, Step
from hub.demo.telegram_steps import PRIVATE, Sees, SeesReaction, SeesStyled, Writes

MIA, SAM = "Mia Moon", "Sam Stone"
"""Topics and threads are called by the contact's name."""

LAMP = "https://shop.example/lamp"

STORY_ACROSS: tuple[Step, ...] = (
    Scene("The shop grows: a page on Messenger, an app on Slack, and a second desk in a Slack channel"),
    Opens(open_messenger, "the shop's page on Messenger is connected, by one line and what it answers"),
    Opens(open_slack, "so is the app on Slack; Olivia and Bob join there too, and #support is a desk"),
    Sees("Olivia", PRIVATE, ("Acme Shop", "is connected"), "and Olivia was told so each time"),
    Scene("Mia writes on Messenger: a topic on Telegram, and a thread on Slack"),
    MessengerWrites("Mia", "Hi! Can I return the blue jacket?"),
    Sees("Bob", MIA, ("return the blue jacket", MIA, "✋ nobody"), "Mia's words and her card stand in a topic"),
    Sees("Bob", MIA, ("⏱", "may be answered until"), "the card says until when Messenger lets her be answered"),
    SlackSees("Olivia", MIA, ("return the blue jacket",), "and her words stand in a thread on Slack"),
    SlackSees("Olivia", MIA, ("👤", MIA, "may be answered until"), "whose card says the same"),
    Scene("Answered from Slack, and seen on Telegram"),
    SlackWrites("Olivia", MIA, "Of course, within *30 days*."),
    MessengerSees("Mia", "Of course, within 30 days.", "Mia reads it on Messenger, which has no bold"),
    SlackMarked("Olivia", MIA, "Of course", "white_check_mark", "Olivia's message is marked as delivered"),
    Sees("Bob", MIA, ("Olivia Owner", "Of course"), "Bob sees in the topic what she answered, under her name"),
    SeesStyled("Bob", MIA, "30 days", "bold", "and in bold what she wrote so"),
    Scene("A comment from Slack is on both desks, and nowhere else"),
    SlackWrites("Olivia", MIA, "//A good customer. Be generous."),
    Sees("Bob", MIA, ("Olivia Owner", "Note", "A good customer. Be generous."), "Bob reads her comment on Telegram"),
    Scene("Bob takes over on Telegram; Olivia follows in her thread"),
    Writes("Bob", MIA, "/assign me"),
    SlackSees("Olivia", MIA, ("👤", "✋ Bob"), "the card on Slack says that Bob has her now"),
    Writes("Bob", MIA, "We send you a label for the way back."),
    MessengerSees("Mia", "We send you a label for the way back.", "Mia reads it"),
    SeesReaction("Bob", MIA, "a label for the way back", "👌", "Bob's message is marked as delivered"),
    SlackSees("Olivia", MIA, ("Bob Baker", "We send you a label"), "and stands under his name in the thread on Slack"),
    Scene("Closed from Slack, in a dialog"),
    SlackPressesOnCard("Olivia", MIA, "✅ Close"),
    SlackSubmits("Olivia", (("category", "Billing"), ("summary", "Label sent"))),
    SlackSees("Olivia", MIA, ("👤", "✅ closed", "Label sent"), "the card on Slack carries the closing note"),
    Sees("Bob", MIA, ("✅ closed", "Billing", "Label sent"), "and so does the one on Telegram"),
    Scene("Sam writes on Slack, with bold and a link, and is answered from Telegram"),
    SlackWrites("Sam", SHOP, f"Is the *red* one of <{LAMP}|these lamps> in stock?"),
    SeesStyled("Bob", SAM, "red", "bold", "what Sam wrote in bold is bold in the topic"),
    SeesStyled("Bob", SAM, "these lamps", "text_link", "and his link leads where it led", url=LAMP),
    Writes("Bob", SAM, "Yes: the **last one** is yours."),
    SlackSees("Sam", SHOP, ("*last one*",), "Sam reads the answer on Slack, in bold"),
    SlackSees("Olivia", SAM, ("last one",), "and so does Olivia, in Sam's thread"),
    Scene("What has reached the customers on the other networks"),
    MessengerHeardExactly(
        "Mia",
        (
            "Mia: Hi! Can I return the blue jacket?",
            "Acme Shop: Of course, within 30 days.",
            "Acme Shop: We send you a label for the way back.",
        ),
        "no comment and no command is on Mia's phone",
    ),
    SlackHeardExactly(
        "Sam",
        (
            f"Sam Stone: Is the *red* one of <{LAMP}|these lamps> in stock?",
            "Acme Shop: Yes: the *last one* is yours.",
        ),
        "nor in Sam's direct messages",
    ),
)
