"""Arabic."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    # orders, seals
    "orders": "الأوامر",
    "orders_text": (
        "أوامر السلطات، ولكل منها مهلته. القرار في حالته ينفذه، وإثبات أن المحتوى ملتزم بالقواعد يرفضه مع ذكر السبب."
    ),
    "order": "أمر",
    "enter_order": "أدخل أمرًا",
    "order_kind": "النوع",
    "order_eu_terrorist": "محتوى إرهابي (الاتحاد الأوروبي): ساعة واحدة",
    "order_au_removal": "إشعار إزالة (أستراليا): 24 ساعة",
    "order_us_intimate": "صور حميمة (الولايات المتحدة): 48 ساعة",
    "order_court": "محكمة، بمهلة خاصة",
    "order_other": "سلطة أخرى، بمهلة خاصة",
    "authority": "السلطة",
    "reference": "رقمها المرجعي",
    "demand": "ما تطلبه",
    "received": "متى وصل (UTC)؛ فارغ: الآن",
    "until": "حتى متى (UTC)؛ فارغ: بحسب نوعه",
    "order_law": "القانون مع المادة؛ فارغ: بحسب نوعه",
    "order_countries": "البلدان (حرفان لكل بلد)؛ فارغ: بحسب نوعه",
    "of_its_kind": "بحسب نوعه",
    "ground": "الأساس القانوني",
    "reach": "يسري في",
    "came": "وصل",
    "everywhere": "كل مكان",
    "ended_upheld": "نُفِّذ",
    "ended_refused": "رُفض",
    "ended_undone": "تم التراجع عنه ويُنظر فيه من جديد",
    "ended_": "ما كان بشأنه لم يعد موجودًا",
    "refuse_order": "ارفض الأمر: المحتوى ملتزم بالقواعد",
    "order_hint": "القرار ينفذ الأمر: يذكر البيان قانونه من تلقاء نفسه، ولا يسري أبعد مما يسري الأمر.",
    "seals": "قرارات مختومة",
    "seals_text": (
        "قد يمنع قانون إبلاغ الشخص لمدة. تُختم الحالة قبل البت فيها: فبعد إرسال الإشعار لا يُختم شيء. يقترح شخص "
        "ويؤكد آخر، وعند انتهاء المدة يُفتح الختم من تلقاء نفسه. وتظهر كل خطوة فورًا في السجل العام."
    ),
    "seal_propose": "اقترح ختمًا",
    "seal_case": "رقم الحالة",
    "paper": "الوثيقة التي تطلبه",
    "seal_until": "حتى متى (UTC)، 84 يومًا على الأكثر",
    "seal_proposed": "أختام تنتظر التأكيد",
    "seal_confirm": "أكِّد",
    "seal_other": "يؤكده شخص آخر.",
    "seal_over": "انتهت؛ وأُبلغ بما قُرِّر",
    "sealed_until": "مختوم حتى",
    "basis_bank_hit": "تطابق مع قاعدة إساءة أو إرهاب",
    "basis_terror_order": "أمر بشأن محتوى إرهابي",
    "basis_court_order": "أمر محكمة",
    "basis_child_abuse_inquiry": "تحقيق في إساءة للأطفال",
    "event_order": "وصل أمر",
    "event_seal proposed": "اقترح ختمًا",
    "event_sealed": "خُتمت",
    # appeals at the door
    "door_appeals": "مرفوضون عند الباب",
    "door_text": (
        "من رفضت لهم قاعدة اسمًا أو نبذة أو وسمًا. ومن كان محقًا تُقبل كلماته هذه بعينها من ذلك الحين، وللجميع."
    ),
    "rule": "القاعدة",
    "field_handle": "المعرّف",
    "field_name": "الاسم",
    "field_bio": "النبذة",
    "field_hashtag": "الوسم",
    "refused_words": "ما رُفض",
    "answer_by": "يُجاب قبل",
    "answered": "أُجيب عنها",
    "door_upheld": "الرفض قائم",
    "door_overturned": "تُقبل الكلمات",
    "answer_mailed": "يُرسل الجواب بالبريد أيضًا.",
    "answer_page": "لم يترك عنوانًا: الجواب يظهر في صفحته.",
    "send_answer": "أجب",
    # crisis mode
    "crisis_begin": "ابدأ وضع الأزمة",
    "crisis_because": "لماذا (يقرؤه الجميع)",
    "crisis_hours": "لكم ساعة، {number} على الأكثر",
    "crisis_end": "أنهِ وضع الأزمة",
    "crisis_ends": "ينتهي من تلقاء نفسه:",
    # reviewers from outside
    "outside": "شخص من الخارج",
    "outside_text": (
        "يراجع شخص واحد بلا دور هذه الحالة وحدها والاعتراضات عليها، ولا يرى أي شاشة أخرى، ويحتاج إلى "
        "عامل ثانٍ. كل ما يفعله هنا مدوَّن أدناه. أعطه عنوان هذه الصفحة."
    ),
    "outside_until": "حتى",
    "outside_days": "كم يومًا، {number} على الأكثر",
    "grant": "منح هذه الحالة",
    "end_grant": "إنهاء المنح",
    "event_granted": "مُنحت",
    "event_grant ended": "انتهى المنح",
    "event_looked at": "اطّلع عليها",
    "event_appeal claimed": "تولّى اعتراضًا",
    "event_appeal answered": "ردّ على اعتراض",
    "alone_outside": "يمكن منح حالة واحدة لشخص من الخارج، من شاشتها.",
    # what rules would have met
    "week": "ما كانت ستصادفه الأسبوع الماضي",
    "week_text": (
        "لا تخرج قاعدة من الظل إلا بعد أن يُرى، خلال يوم، ما كانت ستصادفه في أسبوع من الأسماء والنبذ والوسوم."
    ),
    "week_seen": "فُحص:",
    "week_under_way": "يجري الفحص الآن.",
    "week_look": "أرِ ما كانت ستصادفه في الأسبوع الماضي",
    "week_not": "لم تُفحص بهذه النسخة",
    "week_met": "{number} من {all}",
}
