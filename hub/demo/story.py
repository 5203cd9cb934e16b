"""The tour: an afternoon of a shop, as steps. Every line is played, and every sentence at a line's end is checked."""

from __future__ import annotations

from hub.demo.steps import (
    GENERAL,
    PHONE,
    PRIVATE,
    Edits,
    HeardExactly,
    Presses,
    Reacts,
    Scene,
    Sees,
    SeesAlbum,
    SeesNoMore,
    SeesReaction,
    SendsAlbum,
    Step,
    Writes,
)

ANN, TOM = "Ann Lee", "Tom Hill"
"""Topics are called by the contact's name."""

STORY: tuple[Step, ...] = (
    Scene("Two customers write. Each gets a topic; the queue card in General shows who waits"),
    Writes("Ann", PHONE, "Hello! My order 1042 has not arrived. Can I /close it, @olivia?"),
    Writes("Tom", PHONE, "Do you ship to Norway?"),
    Sees("Olivia", ANN, ("My order 1042", "Ann Lee", "#", "waiting since", "✋ nobody", "Close"),
         "Ann's words, her card and the buttons are one post in her topic"),
    Sees("Olivia", ANN, ("/\u2060close it, @\u2060olivia",),
         "what Ann wrote cannot act with an agent's rights: her /close and @olivia are broken"),
    Sees("Olivia", TOM, ("Do you ship to Norway?", "Tom Hill"), "Tom has a topic of his own"),
    Sees("Bob", GENERAL, ("Waiting: 2", "Ann Lee", "Tom Hill"), "the queue card shows both, with a button each"),

    Scene("An album arrives as an album"),
    SendsAlbum("Ann", PHONE, "This is the parcel that came instead"),
    Sees("Olivia", ANN, ("the parcel that came instead",), "the caption is on the desk"),
    SeesAlbum("Olivia", ANN, 3, "the three pictures stand together in Ann's topic"),

    Scene("Assigned by a line; a colleague's answer is held, not sent"),
    Writes("Olivia", ANN, "/assign bob"),
    Sees("Olivia", ANN, ("✋ Bob", "waiting since"), "the card says that Bob has it"),
    Writes("Olivia", ANN, "Let me just answer quickly"),
    Sees("Olivia", ANN, ("Bob", "Send to Ann"), "Olivia's words are held, with a button to send them all the same"),
    Presses("Olivia", ANN, "Send to Ann", "🗒"),

    Scene("Bob answers; a comment stays inside, and so does the answer to it"),
    Writes("Bob", ANN, "Hi Ann, I am looking into it."),
    SeesReaction("Bob", ANN, "I am looking into it", "👌", "Bob's message is marked as delivered"),
    Sees("Ann", PHONE, ("Hi Ann, I am looking into it.",), "Ann reads it"),
    Writes("Bob", ANN, "//Olivia, she sounds upset. Refund?"),
    Sees("Olivia", ANN, ("Olivia", "Undo"), "the comment is kept, and Olivia is pinged"),
    Writes("Olivia", ANN, "Yes, refund her.", answering="she sounds upset"),

    Scene("A saved reply, with the name filled in"),
    Writes("Olivia", PRIVATE, "/snippet add sorry We are sorry, {{ contact.first_name }}! Your refund is on its way."),
    Sees("Olivia", PRIVATE, ("sorry",), "the snippet is kept"),
    Writes("Bob", ANN, "/s sorry"),
    Sees("Ann", PHONE, ("We are sorry, Ann! Your refund is on its way.",), "Ann reads it with her name in it"),

    Scene("Edits and reactions go both ways"),
    Edits("Bob", ANN, "I am looking into it", "Hi Ann, I have looked into it."),
    Sees("Ann", PHONE, ("I have looked into it.",), "Ann's phone shows the corrected words"),
    Edits("Ann", PHONE, "My order 1042", "Hello! My order 1043 has not arrived."),
    Sees("Olivia", ANN, ("My order 1043", "edited"), "the desk shows Ann's corrected words"),
    Reacts("Ann", PHONE, "We are sorry, Ann!", "❤"),
    SeesReaction("Bob", ANN, "We are sorry, Ann!", "❤", "Ann's heart stands on the desk"),
    Reacts("Bob", ANN, "My order 1043", "👍"),
    SeesReaction("Ann", PHONE, "My order 1043", "👍", "Bob's thumb stands on Ann's message"),

    Scene("Closed with a category and a summary, by one line; then undone, and closed again"),
    Writes("Olivia", PRIVATE, "/category add Billing"),
    Sees("Olivia", PRIVATE, ("Billing",), "there is a category"),
    Writes("Bob", ANN, "/close bil Refunded order 1043"),
    Sees("Olivia", ANN, ("✅ closed", "Billing", "Refunded order 1043"), "the card carries the closing note"),
    Writes("Bob", ANN, "/undo"),
    Sees("Olivia", ANN, ("Ann Lee", "🟢 open"), "undo opens it again", without=("Refunded",)),
    Writes("Bob", ANN, "/close bil Refunded order 1043"),
    Sees("Olivia", ANN, ("✅ closed", "Billing", "Refunded order 1043"), "and the same line closes it again"),

    Scene("A mistyped command sends nothing"),
    Writes("Bob", TOM, "/cloze he is fine"),
    Sees("Bob", TOM, ("/close", "Send to Tom"), "the hub asks what was meant, and sends nothing"),
    Writes("Bob", TOM, "Yes, we ship to Norway, in 3 days."),
    Sees("Tom", PHONE, ("we ship to Norway",), "Tom gets his answer"),

    Scene("A message is taken back"),
    Writes("Bob", TOM, "Your discount code is TEST-1"),
    Sees("Tom", PHONE, ("TEST-1",), "the wrong message has arrived"),
    Writes("Bob", TOM, "/unsend", answering="TEST-1"),
    SeesNoMore("Tom", PHONE, "TEST-1", "it is gone from Tom's phone"),
    SeesReaction("Bob", TOM, "TEST-1", "🙈", "and marked so on the desk"),

    Scene("Reopened, and a last answer"),
    Writes("Bob", ANN, "/reopen"),
    Sees("Olivia", ANN, ("Ann Lee", "🟢 open"), "the conversation is open again"),
    Writes("Bob", ANN, "Your refund has arrived, Ann."),
    Sees("Ann", PHONE, ("Your refund has arrived",), "Ann reads it"),
    Sees("Bob", GENERAL, ("Nobody is waiting",), "nobody waits any more"),

    Scene("What has reached the customers: their own words, the answers, and nothing else"),
    HeardExactly("Ann", (
        "Ann: Hello! My order 1043 has not arrived.",
        "Ann: [photo] This is the parcel that came instead",
        "Ann: [photo]",
        "Ann: [photo]",
        "Acme Shop: Hi Ann, I have looked into it.",
        "Acme Shop: We are sorry, Ann! Your refund is on its way.",
        "Acme Shop: Your refund has arrived, Ann.",
    ), "no comment, no command and no held word is on Ann's phone"),
    HeardExactly("Tom", (
        "Tom: Do you ship to Norway?",
        "Acme Shop: Yes, we ship to Norway, in 3 days.",
    ), "nor on Tom's"),
)
