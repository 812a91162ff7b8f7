"""A single case can be granted to somebody from outside; who decides may be such a person, on that case alone.

And what rules at the door would have met last week is found out in rows.
"""

from datetime import timedelta

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

ROLE = "upscrolled_app"
_DEFINER = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
_PLPGSQL = f"LANGUAGE plpgsql {_DEFINER}"

FUNCTIONS = f"""
-- Whether a case is granted to somebody from outside at this moment. What the lane of abuse and terror holds, and
-- private messages, are for moderators alone.
CREATE FUNCTION moderation_is_granted(reviewer bigint, granted bigint) RETURNS boolean LANGUAGE sql STABLE {_DEFINER}
AS $$
  SELECT EXISTS (
    SELECT 1 FROM moderation_reviewgrant g
    JOIN moderation_case c ON c.id = g.case_id AND c.lane <> 'dark' AND c.subject_kind <> 'message'
    JOIN upscrolled_account a ON a.id = g.to_id AND a.is_active
    WHERE g.to_id = reviewer AND g.case_id = granted AND g.until > clock_timestamp()
      AND NOT EXISTS (SELECT 1 FROM moderation_reviewgrantend e WHERE e.grant_id = g.id))
$$;

-- Whether somebody may decide in a case (NULL: outside of any): moderators, or to whom it is granted.
CREATE FUNCTION moderation_may_decide(person bigint, about bigint) RETURNS boolean LANGUAGE sql STABLE {_DEFINER} AS $$
  SELECT EXISTS (SELECT 1 FROM upscrolled_account a WHERE a.id = person AND a.is_active AND a.role <> '')
    OR moderation_is_granted(person, about)
$$;

-- A moderator grants it to somebody else who is no moderator; nobody chooses who decides about themselves.
CREATE FUNCTION moderation_grant_begins() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  PERFORM 1 FROM upscrolled_account a JOIN upscrolled_account o ON o.id = NEW.to_id AND o.is_active AND o.role = ''
    JOIN moderation_case c ON c.id = NEW.case_id AND c.lane <> 'dark' AND c.subject_kind <> 'message'
    WHERE a.id = NEW.by_id AND a.is_active AND a.role <> ''
      AND c.account_id IS DISTINCT FROM a.id AND c.account_id IS DISTINCT FROM o.id
      AND NOT EXISTS (SELECT 1 FROM moderation_casecopy y WHERE y.case_id = c.id AND y.account_id IN (a.id, o.id));
  IF NOT FOUND THEN
    RAISE EXCEPTION 'case % is not granted so: a moderator grants it to somebody without a role', NEW.case_id
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE FUNCTION moderation_grant_ends() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  PERFORM 1 FROM upscrolled_account a WHERE a.id = NEW.by_id AND a.is_active AND a.role <> '';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'only moderators take a grant back' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION moderation_appeal_by_moderators() RETURNS trigger {_PLPGSQL} AS $$
DECLARE person bigint := coalesce(NEW.decided_by_id, NEW.claimed_by_id); about bigint[];
BEGIN
  about := CASE WHEN NEW.report_id IS NOT NULL THEN (SELECT r.cases FROM moderation_report r WHERE r.id = NEW.report_id)
    ELSE ARRAY[(SELECT d.case_id FROM moderation_decision d WHERE d.id = NEW.decision_id)] END;
  IF NOT moderation_may_decide(person, NULL)
     AND (coalesce(cardinality(about), 0) = 0
          OR EXISTS (SELECT 1 FROM unnest(about) AS n (id) WHERE NOT moderation_is_granted(person, n.id))) THEN
    RAISE EXCEPTION 'only moderators decide appeals, or to whom the case is granted' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION moderation_no_silent_decision() RETURNS trigger {_PLPGSQL} AS $$
DECLARE earlier moderation_decision; s moderation_statement;
BEGIN
  PERFORM moderation_require_chain(NEW);
  SELECT * INTO s FROM moderation_statement WHERE id = NEW.statement_id;
  IF (SELECT n.created_at FROM moderation_notice n WHERE n.statement_id = s.id) <> NEW.decided_at
     OR (SELECT e.created_at FROM moderation_logentry e WHERE e.decision_id = NEW.id) <> NEW.decided_at
     OR s.created_at <> NEW.decided_at THEN
    RAISE EXCEPTION 'silent restriction refused: the parts of decision % have other dates', NEW.id
      USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.decided_by_id IS NOT NULL THEN
    IF NOT moderation_may_decide(NEW.decided_by_id, NEW.case_id) OR NEW.decided_by_id IS NOT DISTINCT FROM s.account_id
    THEN
      RAISE EXCEPTION 'decision % is refused: account % moderates nobody, or itself', NEW.id, NEW.decided_by_id
        USING ERRCODE = 'check_violation';
    END IF;
  END IF;
  -- Else one hold after the other would last for ever, and no person had decided anything.
  IF NEW.action = 'hold' AND NEW.decided_by_id IS NULL AND EXISTS (
       SELECT 1 FROM moderation_decision h WHERE h.subject_kind = NEW.subject_kind AND h.subject_id = NEW.subject_id
         AND h.id < NEW.id AND h.action = 'hold' AND h.decided_by_id IS NULL AND NOT EXISTS (
           SELECT 1 FROM moderation_decision p WHERE p.subject_kind = h.subject_kind AND p.subject_id = h.subject_id
             AND p.id > h.id AND p.id < NEW.id AND p.decided_by_id IS NOT NULL)) THEN
    RAISE EXCEPTION 'decision % is refused: a program holds back once, and then a person decides', NEW.id
      USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.reverses_id IS NOT NULL THEN
    SELECT * INTO earlier FROM moderation_decision WHERE id = NEW.reverses_id;
    IF (earlier.subject_kind, earlier.subject_id) <> (NEW.subject_kind, NEW.subject_id) THEN
      RAISE EXCEPTION 'decision % reverses one about something else', NEW.id USING ERRCODE = 'check_violation';
    END IF;
  END IF;
  RETURN NULL;
END $$;
"""

TRIGGERS = f"""
REVOKE UPDATE, DELETE ON moderation_reviewgrant, moderation_reviewgrantend FROM {ROLE};
CREATE TRIGGER grant_begins BEFORE INSERT ON moderation_reviewgrant
  FOR EACH ROW EXECUTE FUNCTION moderation_grant_begins();
CREATE TRIGGER grant_ends BEFORE INSERT ON moderation_reviewgrantend
  FOR EACH ROW EXECUTE FUNCTION moderation_grant_ends();
CREATE TRIGGER dated_now BEFORE INSERT ON moderation_reviewgrant
  FOR EACH ROW EXECUTE FUNCTION moderation_dated_now();
CREATE TRIGGER moderation_reviewgrant_stays BEFORE UPDATE OR DELETE ON moderation_reviewgrant
  FOR EACH ROW EXECUTE FUNCTION moderation_append_only();
CREATE TRIGGER moderation_reviewgrantend_stays BEFORE UPDATE OR DELETE ON moderation_reviewgrantend
  FOR EACH ROW EXECUTE FUNCTION moderation_append_only();
"""


def _who() -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0008_by_whose_hand"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    # Forward only, as 0003.
    operations = [
        migrations.CreateModel(
            name="ReviewGrant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("because", models.TextField()),
                ("created_at", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("by", _who()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="grants", to="moderation.case"
                    ),
                ),
                (
                    "to",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        db_constraint=False,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(until__gt=F("created_at"), until__lte=F("created_at") + timedelta(days=30)),
                        name="a_grant_ends_within_30_days",
                    ),
                    models.CheckConstraint(condition=Q(because__regex=r"\S.{2,}"), name="a_grant_has_a_reason"),
                    models.CheckConstraint(condition=~Q(to=F("by")), name="a_grant_is_for_somebody_else"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReviewGrantEnd",
            fields=[
                (
                    "grant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="end",
                        serialize=False,
                        to="moderation.reviewgrant",
                    ),
                ),
                ("because", models.TextField()),
                ("at", models.DateTimeField()),
                ("by", _who()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=Q(because__regex=r"\S.{2,}"), name="a_grant_ends_for_a_reason"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProfileWritten",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("at", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="RuleRehearsal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rules", models.JSONField()),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("part", models.CharField(blank=True, max_length=10)),
                ("after", models.BigIntegerField(default=0)),
                ("looked_at", models.JSONField(default=dict)),
                ("met", models.JSONField(default=dict)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.Value(1), condition=Q(finished_at__isnull=True), name="one_rehearsal_runs"
                    ),
                    models.CheckConstraint(
                        condition=Q(part="", finished_at__isnull=False)
                        | (~Q(part="") & Q(finished_at__isnull=True)),
                        name="a_rehearsal_ends_at_its_end",
                    ),
                ],
            },
        ),
        migrations.RunSQL(FUNCTIONS),
        migrations.RunSQL(TRIGGERS),
    ]
