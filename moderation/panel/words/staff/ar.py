"""Arabic."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    "missing": "يحتاج هذا إلى صلاحية ليست لدورك: {permission}.",
    "may_sort": "أخذ الحالات وفرزها",
    "may_hold": "الحجز حتى يقرر أحد",
    "may_decide": "البتّ في الحالات",
    "may_decide_many": "البتّ في كثير دفعة واحدة",
    "may_undo": "التراجع عن قرارات الآخرين",
    "may_appeals": "الرد على الاعتراضات",
    "may_dark": "مسار الاعتداء والإرهاب",
    "may_law": "مسار الأوامر",
    "may_messages": "قراءة الرسائل المبلَّغ عنها",
    "may_grant": "منح حالة لشخص من الخارج",
    "may_seal": "ختم القرارات",
    "may_orders": "إدخال الأوامر",
    "may_policies": "اختيار كيفية عمل القواعد عند الباب",
    "may_crisis": "وضع الأزمة",
    "may_sign_ups": "قبول الناس",
    "may_team": "رؤية ما اضطر الفريق إلى مشاهدته",
    "may_site": "الأماكن والسجلات",
    "may_staff": "منح الأدوار",
    "staff": "الفريق",
    "staff_text": (
        "من له أي دور وحتى متى ولماذا. يُمنح الدور لسنة على الأكثر وينتهي من تلقاء نفسه؛ وما كان صاحبه يعمل عليه "
        "ينتظر عندئذ شخصاً آخر. كل خطوة تبقى هنا، وتُرسل بالبريد إلى من تعنيه."
    ),
    "staff_give": "امنح دوراً",
    "staff_days": "لكم يوماً، {number} على الأكثر",
    "staff_limits": "في بعض الحالات فقط",
    "staff_lanes": "في هذه المسارات فقط",
    "staff_kinds": "عن هذه فقط",
    "staff_languages": "بهذه اللغات فقط (رموز من حرفين أو ثلاثة)",
    "staff_everywhere": "في كل مكان",
    "staff_until": "حتى",
    "staff_no_end": "بلا نهاية",
    "staff_begun": "منذ",
    "staff_end": "أنهِه",
    "staff_end_days": "بعد كم يوماً؛ 0: الآن",
    "staff_ended": "انتهت",
    "staff_shell": "سطر الأوامر",
}
