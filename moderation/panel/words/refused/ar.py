"""Arabic; by the name of the error, with what it knows in braces."""

from __future__ import annotations

from typing import Final

SAID: Final = {
    "LostClaim": "لم تعد هذه الحالة لديك؛ خذها من جديد.",
    "Taken": "ينظر في هذا شخص آخر الآن.",
    "ConflictOfInterest": "هذه الحالة ليست لك: إنها عن شخص لك به صلة.",
    "SamePerson": "يفصل في الاعتراض شخص آخر غير كل من كانت له يد فيه.",
    "AlreadySo": "هذا التقييد سارٍ بالفعل.",
    "NoReason": "اذكر السبب: كتبت {length} من الأحرف، والمطلوب {least} على الأقل.",
    "Length": "«{part}»: كتبت {length} من الأحرف، والمطلوب من {least} إلى {most}.",
    "SaysNothing": "«{part}»: لا يقول هذا شيئًا؛ اكتب ما حدث في جملة.",
    "Repeats": "التعليل يكرر الوقائع؛ قل لماذا تنطبق السياسة عليها.",
    "NoAction": "اختر ما الذي يُفعل.",
    "NoOutcome": "قل هل يبقى القرار أم يُلغى.",
    "NotFound": "لا وجود لهذا، أو لم يعد موجودًا.",
}
