"""The hub's own words to contacts, in the languages it speaks; English for all others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Phrase = Literal["ask", "thanks", "remark", "write", "kept", "again", "changed", "late", "open"]
_EN: Mapping[Phrase, str] = {
    "ask": "How was our help? 1 is bad, 5 is very good.",
    "thanks": "Thank you: {score} of 5.",
    "remark": "Say more",
    "write": "Gladly: your next message is kept with your rating.",
    "kept": "Thank you, we have kept it.",
    "again": "You have told us already: {score} of 5. Thank you!",
    "changed": "Thank you, it is {score} of 5 now.",
    "late": "Thank you! That was a while ago, so it is not counted any more.",
    "open": "Thank you! We are still at it, and will ask you again when it is done.",
}
_DE: Mapping[Phrase, str] = {
    "ask": "Wie war unsere Hilfe? 1 ist schlecht, 5 ist sehr gut.",
    "thanks": "Vielen Dank: {score} von 5.",
    "remark": "Mehr dazu sagen",
    "write": "Gern: Ihre nächste Nachricht wird mit der Bewertung aufbewahrt.",
    "kept": "Vielen Dank, wir haben es festgehalten.",
    "again": "Das haben Sie uns schon gesagt: {score} von 5. Vielen Dank!",
    "changed": "Vielen Dank, jetzt sind es {score} von 5.",
    "late": "Vielen Dank! Das ist eine Weile her und wird nicht mehr gezählt.",
    "open": "Vielen Dank! Wir sind noch dabei und fragen wieder, wenn es erledigt ist.",
}
_FR: Mapping[Phrase, str] = {
    "ask": "Comment était notre aide ? 1 : mauvaise, 5 : très bonne.",
    "thanks": "Merci : {score} sur 5.",
    "remark": "En dire plus",
    "write": "Volontiers : votre prochain message sera gardé avec votre note.",
    "kept": "Merci, c'est noté.",
    "again": "Vous nous l'avez déjà dit : {score} sur 5. Merci !",
    "changed": "Merci, c'est maintenant {score} sur 5.",
    "late": "Merci ! C'était il y a un moment et ne compte plus.",
    "open": "Merci ! Nous y travaillons encore et vous le redemanderons ensuite.",
}
_ES: Mapping[Phrase, str] = {
    "ask": "¿Qué tal nuestra ayuda? 1 es mala, 5 es muy buena.",
    "thanks": "Gracias: {score} de 5.",
    "remark": "Decir más",
    "write": "Con gusto: su próximo mensaje se guardará con su valoración.",
    "kept": "Gracias, queda anotado.",
    "again": "Ya nos lo dijo: {score} de 5. ¡Gracias!",
    "changed": "Gracias, ahora es {score} de 5.",
    "late": "¡Gracias! Fue hace tiempo y ya no se cuenta.",
    "open": "¡Gracias! Seguimos en ello y le preguntaremos de nuevo al terminar.",
}
PHRASES: Mapping[str, Mapping[Phrase, str]] = {"en": _EN, "de": _DE, "fr": _FR, "es": _ES}


def phrase(which: Phrase, language: str, score: int = 0) -> str:
    """What is said, in the contact's language if the hub speaks it."""
    spoken = language.casefold().replace("_", "-").partition("-")[0]
    return PHRASES.get(spoken, _EN)[which].format(score=score)
