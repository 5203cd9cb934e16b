"""What is typed at size: for each command lines that do what it does, and questions of every kind beside.

`{n}` and `{m}` stand for numbers of open conversations, `{old}` for that of a closed one, `{k}` for a contact and
`{last}` for their last name, `{turn}` for a number never used before; other ones each turn. A line after `~` only
makes things so, or as they were, and is not measured; one after `@` is said as it stands in the topic of `{n}`.
"""

from __future__ import annotations

from collections.abc import Mapping

COMMANDS: Mapping[str, tuple[str, ...]] = {
    "assign": ("assign {n} Bob", "assign {n} me", "assign {n} Support", "assign {n} -"),
    "take": ("~assign {n} -", "take {n}"),
    "next": ("next", "~assign {n} -", "next take"),
    "close": ("close {n} Billing paid and content", "~reopen {n}"),
    "reopen": ("~close {n}", "reopen {n}"),
    "show": ("show {n}",),
    "summary": ("summary {old}",),
    "snooze": ("snooze {n} 2h", "~snooze {n} -"),
    "via": ("via {n}",),
    "note": ("note {n} calls on Monday",),
    "reply": ("@/reply it is on its way, number {turn}", "@it will be there tomorrow, number {turn}"),
    "snippet": ("snippet {n} hello", "snippet {n} there"),
    "alias": ("alias wrap = /tag vip; /note $*", "alias"),
    "later": ("later {n} tomorrow 9:00 your parcel has left", "later {n}"),
    "undo": ("~tag {n} late", "undo"),
    "unsend": ("~@oh", "@/unsend"),
    "inbox": ("inbox", "inbox mine", "inbox unassigned", "inbox team Support", "inbox blocked", "inbox all snoozed"),
    "inbox closed": ("inbox all closed", "inbox mine closed", "inbox all closed page:9"),
    "inbox saved": ("inbox urgent",),
    "filter": ("filter", "filter tag:vip assignee:none waiting>2h channel:telegram"),
    "filter closed": ("filter tag:rare is:closed", "filter category:billing is:closed", "filter -tag:vip is:closed"),
    "filter nested": ("filter (tag:late or assignee:me) -country:DE sort:waiting", "filter is:any -tag:vip sort:last"),
    "contacts": ("contacts", "contacts tag:vip", "contacts ann", "contacts ann {last}", "contacts 49150000"),
    "contacts field": (
        "contacts plan:gold age>80",
        "contacts email:c{k}@shop.example",
        "contacts segment:vips -tag:late",
    ),
    "find rare": ("find order{k}", "find scarce", "find nothinglikethat"),
    "find common": ("find word0", "find word3 word7", "find word0 from:bob"),
    "find since": ("find word1 since:30d", "find word2 until:400d", "find word0 in:notes"),
    "tag": ("tag {n} vip late", "tag {n} -late", "tag {n}"),
    "contact": ("contact {n}", "contact ann", "contact {last}"),
    "contact new": ("contact new Newcomer{turn} +4930{turn:08}",),
    "history": ("history {n}",),
    "timeline": ("timeline {n}",),
    "field": ("field {n} plan platinum", "field {n}", "field {n} phone +49160{turn:08}"),
    "block": ("block {n} 7d spam", "~unblock {n}", "~reopen {n}"),
    "unblock": ("~block {n} 7d spam", "unblock {n}", "~reopen {n}"),
    "forget": ("forget {n}",),
    "merge": ("merge {n} #{m}",),
    "unmerge": ("~unite {n} {m}", "unmerge {n}"),
    "import": ("import",),
    "export": ("export",),
    "help": ("help", "help filter"),
    "whoami": ("whoami",),
    "users": ("users",),
    "role": ("role Mia",),
    "remove": ("remove Mia",),
    "team": ("team", "team Support"),
    "busy": ("busy 1h", "busy"),
    "online": ("~busy 1h", "online"),
    "cap": ("cap Mia 7", "cap", "~cap Mia off"),
    "setup": ("setup",),
    "notify": ("notify",),
    "workspace": ("workspace",),
    "channel": ("channel",),
    "desk": ("desk",),
    "category": ("category",),
    "settings": ("settings", "settings waiting 2h", "~settings waiting 3h"),
    "audit": ("audit", "audit mia"),
    "hours": ("hours",),
    "greeting": ("greeting",),
    "away": ("away",),
    "rating": ("rating",),
    "fields": ("fields",),
    "tags": ("tags", "tags vip"),
    "failed": ("failed",),
}
"""By what is reported: a command's name, with a word behind it where it is asked in several ways."""
APART = {
    "start": "it is for who is in no workspace",
    "invite": "it sends mail",
    "me": "it is about an account",
    "2fa": "it is about an account",
    "sessions": "it is about an account",
    "logout": "it is about an account",
    "organization": "it is about an organization",
}
"""Commands that do not look at a workspace's contacts or conversations in any way, and whose other end is not here."""
