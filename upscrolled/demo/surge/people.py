"""Who signs up in the surge world, with what name."""

from __future__ import annotations

from allauth.account.models import EmailAddress

from upscrolled.demo import bulk
from upscrolled.demo.cast import CAST
from upscrolled.demo.surge.story import (
    BUSY,
    BUSY_EACH,
    CURIOUS,
    CURIOUS_FOLLOWS,
    DAY_MS,
    FEW,
    MANY,
    NAMED,
    PIONEERS,
    READER,
    Surge,
    moment,
    over_days,
)
from upscrolled.models import Account

_PRIME = 2_654_435_761  # scatters the popular among everybody
_FAMILY = {
    "en": "Stone River Hill Wood Field Brook Lake Marsh North Meadow Rain Frost Hazel Reed Moss Heath",
    "ar": "الندى البحر القمر الزيتون الربيع السماء الياسمين النهر الجبل الورد الغيم الفجر الرمان الشمس النخيل الريح",
    "fr": "Rivière Colline Bois Lafleur Printemps Lune Marais Sable Vallon Bruyère Noisette Rosée Brume Verger Lac Roc",
}
_LANGUAGES = ("en", "ar", "fr")


def draw(surge: Surge) -> int:
    """Each person's number, id and time, and how many they choose to follow (`wants`).

    `swap` is who stands at the place `n` of popularity (and of talking): places are scattered within powers of
    two, so that the popular are early but not next to each other.
    """
    count, named = surge.accounts, len(NAMED)
    most = (count - named) // 4
    powers = ", ".join(str(2**power) for power in range(count.bit_length() + 1))
    chance = surge.chance("n", 3)
    made = bulk.keep(
        "person",
        f"""SELECT n, (ms << 16) | (n & 32767) AS id, ms AS joined, n % 100 <> 99 AS confirmed,
          CASE WHEN {surge.chance("n", 1)} < 0.5 THEN 0
               WHEN {surge.chance("n", 1)} < 0.8 THEN 1 ELSE 2 END AS language,
          CASE WHEN r < 0 THEN NULL WHEN r = 0 THEN {named}
               ELSE {named} + block + (r - block) * {_PRIME} % least(block, {count - named} - block) END::int AS swap,
          least({most}, CASE
            WHEN n = {CURIOUS} THEN {CURIOUS_FOLLOWS} WHEN n = {BUSY} THEN {MANY} WHEN n = {READER} THEN 10
            WHEN n < {named} OR n % 100 = 99 THEN 0 WHEN n % {BUSY_EACH} = 7 THEN floor({MANY} * (0.5 + {chance}))
            ELSE floor(-{FEW} * ln(1 - {chance})) END)::int AS wants
        FROM (
          SELECT n::int AS n, n - {named} AS r,
            {surge.begins_ms} + CASE WHEN n < {PIONEERS} THEN n * 1000
              ELSE floor({DAY_MS} * {over_days(surge.joined(), "n")})::bigint END AS ms,
            1::bigint << greatest(width_bucket(n - {named}, ARRAY[{powers}]::bigint[]) - 1, 0) AS block
          FROM generate_series(0::bigint, {count - 1}) n
        ) drawn ORDER BY n""",
    )
    bulk.run("CREATE UNIQUE INDEX ON scratch.person (n)")
    bulk.keep(
        "rank",
        f"""SELECT p.n - {named} AS place, t.n, t.id, t.joined FROM scratch.person p
        JOIN scratch.person t ON t.n = p.swap AND t.confirmed""",
    )
    return made


def write_accounts(surge: Surge) -> int:
    names = bulk.literal(list(NAMED))
    first, shown, family = (_words(column) for column in ("username", "display_name", "family"))
    person = f"""(SELECT p.*, ({first})[p.language + 1][1 + p.n % 16] AS first,
      ({shown})[p.language + 1][1 + p.n % 16] AS shown,
      ({family})[p.language + 1][1 + p.n / 16 % 16] AS family,
      ({bulk.literal(list(_LANGUAGES))}::text[])[p.language + 1] AS code FROM scratch.person p) p ORDER BY p.n"""
    name = f"CASE WHEN p.n < {len(NAMED)} THEN ({names}::text[])[p.n + 1] ELSE p.first || '_' || p.n END"
    return bulk.insert(
        Account,
        {
            "id": "p.id",
            "username": name,
            "email": f"{name} || '@people.example'",
            "password": bulk.literal(surge.password_hash),
            "display_name": f"CASE WHEN p.n < {len(NAMED)} THEN initcap({name}) ELSE p.shown || ' ' || p.family END",
            "note": "'Somebody of a world that is made to be measured.'",
            "locale": "p.code",
            "default_language": "p.code",
            "discoverable": f"{surge.chance('p.n', 2)} >= 0.03",
            "confirmed_at": f"CASE WHEN p.confirmed THEN {moment('p.joined')} END",
            "agreed_at": moment("p.joined"),
        },
        person,
    )


def _words(column: str) -> str:
    """Return names by language as an SQL array of arrays, sixteen each."""
    rows = []
    for code in _LANGUAGES:
        if column == "family":
            words = _FAMILY[code].split()
        else:
            known = [role for role in CAST if role.language == code]
            words = [getattr(role, column).split(" ")[0] for role in known]
        rows.append(words[:16])
    return f"{bulk.literal(rows)}::text[]"


def write_addresses() -> int:
    return bulk.insert(
        EmailAddress,
        {
            "user_id": "a.id",
            "email": "a.email",
            "primary": "true",
            "verified": "a.confirmed_at IS NOT NULL",
        },
        f"{Account._meta.db_table} a",
    )
