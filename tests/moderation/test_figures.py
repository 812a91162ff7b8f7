"""Figures that anybody can count again from the public log, and rows that the EU's database takes."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from moderation import counting, dsa, figures, publishing
from moderation.models import Case, PublishedFigures
from moderation.operations import appeals, cases, claims
from moderation.operations.decide import Wish, decide
from moderation.operations.report import Complaint, file_report
from moderation.queries import figures as queries
from moderation.subjects import Subject
from tests.moderation.test_audit import as_superuser, wrong
from tests.people import make_account, publish
from tests.restricting import REASONS, moderator

NOW = datetime.now(UTC)
THEN = NOW - timedelta(days=3)
HOUR = timedelta(hours=1)


@pytest.fixture
def world(alice, bob) -> Case:
    """Three reports of bob's: one upheld in time and overturned on appeal, one upheld late, one refused."""
    mia, noor = moderator(), moderator("noor")
    for n, waited in enumerate((HOUR, 30 * HOUR, 2 * HOUR)):
        post = publish(alice, f"hello {n}")
        file_report(reporter=bob, complaint=Complaint(alice.id, [post], reason="hate"), now=THEN)
        opened = Case.objects.latest("id")
        held = claims.claim(opened.pk, by=mia, now=THEN + waited)
        if n == 2:
            cases.dismiss(held, by=mia, reason="criticism", now=THEN + waited)
            continue
        wish = Wish(Subject("post", post), "removed", "hate", REASONS, countries=["FR", "AU"] if n else [])
        made = cases.decide_case(held, wish, by=mia, now=THEN + waited)
        if n == 0:
            filed = appeals.appeal_decision(
                made.statement_id, by=alice, text="It quotes them.", now=THEN + 2 * HOUR
            )
            claim = appeals.claim_appeal(filed.pk, by=noor, now=THEN + 3 * HOUR)
            appeals.overturn(claim, by=noor, answer="It does quote them, to condemn it.", now=THEN + 3 * HOUR)
    decide(Wish(Subject("account", bob.id), "account_suspended", "spam", REASONS), by=mia, now=NOW)
    publishing.publish(now=NOW)  # the suspension waits for its batch
    return Case.objects.latest("id")


@pytest.mark.django_db
class TestFigures:
    def test_they_are_those_of_the_log(self, world) -> None:
        counting.publish(now=NOW)
        shown = counting.publish(now=NOW).figures
        assert PublishedFigures.objects.count() == 1
        assert (shown["entries"], shown["decisions"], shown["taken_back"], shown["overturned"]) == (
            5,
            2,
            1,
            1,
        )
        assert shown["by_policy"] == {"hate": 2}
        assert shown["by_source"] == {"report": 2}
        assert shown["lanes"] == {
            "ordinary": {"decided": 2, "kept": 1, "late": 1, "median_minutes": 128, "p95_minutes": 2048}
        }
        assert shown["appeals"] == {
            "upheld": 0, "overturned": 1, "late": 0, "median_minutes": 64, "p95_minutes": 64,
        }  # fmt: skip
        assert (shown["sealed"], shown["crises"], shown["decided_by_machine"]) == (0, 0, 0)
        assert list(shown["months"]) == sorted({f"{THEN + n * HOUR:%Y-%m}" for n in (1, 2, 3, 30)})

    def test_anybody_counts_the_same_from_the_tiles(self, world) -> None:
        counting.publish(now=NOW)
        visitor = Client()
        told = visitor.get("/transparency.json").json()
        bundle = visitor.get(f"/log/tile/entries/000.p/{told['size']}").content
        entries = []
        while bundle:
            length = int.from_bytes(bundle[:2], "big")
            entries.append(bundle[2 : 2 + length].decode())
            bundle = bundle[2 + length :]
        assert figures.count(entries) == told["figures"]

    def test_what_is_counted_goes_on_from_what_was(self, world) -> None:
        told = [leaf.told for leaf in publishing.leaves()]
        for part in range(len(told) + 1):
            tally = figures.Tally()
            for data in told[:part]:
                tally.add(data)
            tally = figures.Tally.of(json.loads(json.dumps(tally.kept_as())))
            for data in told[part:]:
                tally.add(data)
            assert (tally.told(), tally.entries) == (figures.count(told), len(told))

        first = counting.publish(now=NOW)
        publishing.publish(now=NOW, delay=timedelta(0))
        more = counting.publish(now=NOW)
        assert more.pk == first.pk + 1
        assert more.figures == counting.recount() == counting.publish(now=NOW, anew=True).figures

    def test_a_number_that_somebody_bent_is_found(self, world) -> None:
        counting.publish(now=NOW)
        assert "figures that the log does not bear out" not in wrong()
        as_superuser(
            "UPDATE moderation_publishedfigures SET figures = jsonb_set(figures, '{decisions}', '1')"
        )
        assert "figures that the log does not bear out" in wrong()

    @pytest.mark.parametrize(
        "kind", ["sealed", "crisis_on", "crisis_off", "kept", "appeal", "door_appeal", "x"]
    )
    def test_an_act_that_never_was_is_found(self, db, kind) -> None:
        as_superuser(
            f"""INSERT INTO moderation_publicact (kind, ref, data, hash, created_at)
                VALUES ('{kind}', 1, '{{}}', sha256('\\x00'::bytea || convert_to('{{}}', 'UTF8')), now())"""
        )
        assert wrong() == {"acts that the log tells of and that never were"}

    @pytest.mark.parametrize(
        ("language", "direction", "title", "row"),
        [
            ("en", "ltr", "Figures of moderation", 'Appeals that succeeded</th><td dir="ltr">1 (100 %)'),
            (
                "fr",
                "ltr",
                "Chiffres de la modération",
                'Contestations qui ont abouti</th><td dir="ltr">1 (100 %)',
            ),
            ("ar", "rtl", "أرقام الإشراف", 'اعتراضات نجحت</th><td dir="ltr">1 (100 %)'),
        ],
    )
    def test_everybody_reads_them(
        self, world, django_assert_num_queries, language, direction, title, row
    ) -> None:
        visitor = Client(headers={"accept-language": language})
        assert visitor.get("/transparency").status_code == 200  # before anything was counted
        counting.publish(now=NOW)
        for address in ("/transparency", f"/transparency?month={THEN:%Y-%m}", "/transparency?month=x"):
            with django_assert_num_queries(1):
                page = visitor.get(address).content.decode()
            assert f'<html lang="{language}" dir="{direction}">' in page
            assert title in page
            assert "<script" not in page
        assert row in visitor.get("/transparency").content.decode()

    @pytest.mark.parametrize(
        ("language", "not_counted", "quiet"),
        [
            ("en", "Nothing was counted here yet", "Nobody was restricted here yet"),
            ("ar", "لم يُعدّ شيء هنا بعد", "لم يُقيَّد أحد هنا بعد"),
            ("fr", "Rien n’a encore été compté ici", "Personne n’a encore été restreint ici"),
        ],
    )
    def test_a_site_where_nothing_was_decided_says_so(self, db, language, not_counted, quiet) -> None:
        visitor = Client(headers={"accept-language": language})
        assert not_counted in visitor.get("/transparency").content.decode()
        counting.publish(now=NOW)
        page = visitor.get("/transparency").content.decode()
        assert quiet in page
        assert "<table" not in page

    @pytest.mark.parametrize(
        ("language", "direction", "taken_back", "answered"),
        [
            ("en", "ltr", "Taken back", "An appeal was answered: it succeeded"),
            ("fr", "ltr", "Annulée", "Réponse à une contestation: elle a abouti"),
            ("ar", "rtl", "أُلغي", "أُجيب عن اعتراض: نجح"),
        ],
    )
    def test_everybody_reads_the_log_itself(
        self, world, django_assert_num_queries, language, direction, taken_back, answered
    ) -> None:
        visitor = Client(headers={"accept-language": language})
        with django_assert_num_queries(1):
            page = visitor.get("/transparency/log").content.decode()
        assert f'<html lang="{language}" dir="{direction}">' in page
        assert (page.count("<tr>"), taken_back in page, answered in page, "AU, FR" in page) == (
            6,
            True,
            True,
            True,
        )
        assert "<td>post</td>" not in page
        below = visitor.get("/transparency/log?below=2").content.decode()
        assert (below.count("<tr>"), 'href="?below=0"' in below) == (3, False)
        assert "<table" not in visitor.get("/transparency/log?below=0").content.decode()
        assert visitor.get("/transparency/log?below=x").status_code == 200

    def test_the_shell_counts_and_shows(self, world, capsys) -> None:
        call_command("transparency")
        assert json.loads(capsys.readouterr().out)["entries"] == 5
        call_command("transparency", "--publish")
        assert queries.newest().size == 5


def test_an_exact_time_is_not_told() -> None:
    told = {
        figures.clock("x", opened=NOW, deadline=NOW, now=NOW + timedelta(minutes=m)).took
        for m in range(65, 129)
    }
    assert told == {128}
    assert figures.clock("x", opened=NOW, deadline=NOW, now=NOW).in_time
    assert not figures.clock("x", opened=NOW, deadline=NOW, now=NOW + HOUR).in_time


def test_percentiles_are_of_the_values_themselves() -> None:
    assert figures.percentile(Counter(), 50) is None
    counted = Counter({1: 94, 2: 1, 64: 5})
    assert (figures.percentile(counted, 50), figures.percentile(counted, 95)) == (1, 2)
    assert figures.percentile(counted, 96) == 64


SAID = dsa.Said(
    7, "ab" * 32, "removed", "post", ("IMAGE",), date(2026, 1, 1), date(2026, 1, 2), None, (), "notice", False, False,
    "policy", "", "hate", "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH", "Hatred", "Do not.", "They leave.",
    "https://example.org/terms-of-service",
)  # fmt: skip


def said(**bent: object) -> dsa.Said:
    names = SAID.__dataclass_fields__
    return dsa.Said(**{**{name: getattr(SAID, name) for name in names}, **bent})  # type: ignore[arg-type]


@pytest.mark.parametrize("measure", list(dsa.MEASURES))
@pytest.mark.parametrize("ground", ["policy", "law"])
@pytest.mark.parametrize("kind", ["post", "account"])
def test_every_row_that_we_make_is_one_that_the_database_takes(measure, ground, kind) -> None:
    made = dsa.row(
        said(
            measure=measure, ground=ground, subject_kind=kind, legal_reference="Article 3", ends_on=NOW.date()
        )
    )
    assert made is not None
    assert dsa.problems(made) == []


@pytest.mark.parametrize(
    "other", [{"measure": "warn"}, {"measure": "restore"}, {"source": "order"}, {"countries": ("AU", "US")}]
)
def test_what_is_none_of_its_rows_is_not_sent(other) -> None:
    assert dsa.row(said(**other)) is None


def test_a_removal_in_some_countries_disables_there() -> None:
    made = dsa.row(said(countries=("AU", "FR", "DE")))
    assert made is not None
    assert made["decision_visibility"] == ["DECISION_VISIBILITY_CONTENT_DISABLED"]
    assert made["territorial_scope"] == ["DE", "FR"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("decision_visibility", []),
        ("decision_visibility", ["DECISION_VISIBILITY_CONTENT_VANISHED"]),
        ("decision_visibility", "DECISION_VISIBILITY_CONTENT_REMOVED"),
        ("decision_provision", "DECISION_PROVISION_NONE"),
        ("decision_account", "DECISION_ACCOUNT_GONE"),
        ("decision_ground", "DECISION_GROUND_TASTE"),
        ("incompatible_content_ground", ""),
        ("incompatible_content_ground", "x" * 501),
        ("incompatible_content_explanation", ""),
        ("incompatible_content_explanation", "x" * 2_001),
        ("incompatible_content_illegal", "Maybe"),
        ("decision_ground_reference_url", "x" * 501),
        ("category", "STATEMENT_CATEGORY_TASTE"),
        ("category_specification", ["KEYWORD_TASTE"]),
        ("content_type", []),
        ("content_type", ["CONTENT_TYPE_SMELL"]),
        ("content_date", "2026-1-1"),
        ("content_date", None),
        ("application_date", "2019-12-31"),
        ("application_date", "soon"),
        ("end_date_visibility_restriction", "soon"),
        ("territorial_scope", ["US"]),
        ("decision_facts", ""),
        ("decision_facts", "x" * 5_001),
        ("source_type", "SOURCE_RUMOUR"),
        ("automated_detection", True),
        ("automated_decision", "AUTOMATED_DECISION_PERHAPS"),
        ("puid", "7/ab"),
        ("puid", "x" * 501),
        ("unheard_of", "x"),
    ],
)
def test_each_field_is_checked(field, value) -> None:
    made = dsa.row(SAID)
    assert made is not None
    assert dsa.problems({**made, field: value}) == [field]


def test_a_law_needs_its_name_and_another_content_its_kind() -> None:
    lawful = dsa.row(said(ground="law", subject_kind="account"))
    assert lawful is not None
    assert dsa.problems(lawful) == ["illegal_content_legal_ground"]
    del lawful["content_type_other"]
    assert "content_type_other" in dsa.problems(lawful)


@pytest.mark.django_db
def test_published_decisions_are_exported_without_a_word_of_a_moderator(world, alice, capsys) -> None:
    make_account("nobody")
    call_command("transparency", "--dsa", f"{THEN:%Y-%m-%d}")
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(rows) == 2  # the restoring and the suspension, not published yet, are none
    assert {row["source_type"] for row in rows} == {"SOURCE_TYPE_OTHER_NOTIFICATION"}
    assert sorted(len(row["territorial_scope"]) for row in rows) == [1, 30]
    assert len({row["puid"] for row in rows}) == 2
    assert all(REASONS.facts not in json.dumps(row) and str(alice.id) not in json.dumps(row) for row in rows)
    assert all(
        row["content_date"] == f"{NOW:%Y-%m-%d}" or row["content_date"] == "2026-01-15" for row in rows
    )
    with pytest.raises(SystemExit):
        call_command("transparency", "--dsa", "yesterday", stderr=StringIO())
