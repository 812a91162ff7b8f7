"""Quieter ways to restrict somebody are refused too (docs/adr/0023).

Who writes what lowers another's reach says in whose name: a setting of the transaction that triggers read. The numbers
by which decisions name things, and what a decision says of its time and its people, stay what they were.
"""

from django.db import migrations, models

ROLE = "upscrolled_app"
_DEFINER = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
_PLPGSQL = f"LANGUAGE plpgsql {_DEFINER}"

FUNCTIONS = f"""
-- Whether this session is of a role that people's words bind: any but the owner of the tables, who migrates and mends.
CREATE FUNCTION moderation_is_bound() RETURNS boolean LANGUAGE sql STABLE {_DEFINER} AS $$
  SELECT NOT pg_has_role(session_user, current_user, 'MEMBER')
$$;

-- Written in the name of whose it is; the argument is the column that says whose. What a decision does is a row of
-- restrictions, so no decision ever needs this.
CREATE FUNCTION moderation_own_hand() RETURNS trigger {_PLPGSQL} AS $$
DECLARE whose text; named text := current_setting('upscrolled.actor', true);
BEGIN
  whose := (CASE TG_OP WHEN 'INSERT' THEN to_jsonb(NEW) ELSE to_jsonb(OLD) END) ->> TG_ARGV[0];
  IF whose IS DISTINCT FROM named AND moderation_is_bound() THEN
    RAISE EXCEPTION '% of % is refused: it is done in the name of % and not of account %', TG_OP, TG_TABLE_NAME,
      coalesce(nullif(named, ''), 'nobody'), whose USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

-- What decisions name by its number, and whose it is, stays that.
CREATE FUNCTION moderation_stays_that() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  RAISE EXCEPTION 'a row of % keeps its number, and stays whose it is', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION moderation_shown_stays_shown() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  IF moderation_is_bound() THEN
    RAISE EXCEPTION 'media that can be shown do not fail any more' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;

-- Whose statements were made unreadable for ever is gone for ever.
CREATE FUNCTION moderation_forgotten_stays_gone() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  PERFORM 1 FROM moderation_statement s JOIN moderation_statementkey k ON k.statement_id = s.id
    WHERE s.account_id = NEW.id AND k.key IS NULL;
  IF FOUND THEN
    RAISE EXCEPTION 'account % was forgotten, and does not come back', NEW.id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;

-- An entry that is dated wrongly would wait for ever, or skip its hours; an appeal could be too late from the start.
CREATE FUNCTION moderation_dated_now() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  IF abs(extract(epoch FROM NEW.created_at - clock_timestamp())) > 3600 AND moderation_is_bound() THEN
    RAISE EXCEPTION '% of % is refused: it is dated otherwise than now', TG_OP, TG_TABLE_NAME
      USING ERRCODE = 'check_violation';
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
    PERFORM 1 FROM upscrolled_account a WHERE a.id = NEW.decided_by_id AND a.is_active AND a.role <> '';
    IF NOT FOUND OR NEW.decided_by_id IS NOT DISTINCT FROM s.account_id THEN
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

CREATE OR REPLACE FUNCTION moderation_no_silent_restriction() RETURNS trigger {_PLPGSQL} AS $$
DECLARE d moderation_decision;
BEGIN
  SELECT * INTO d FROM moderation_decision WHERE id = NEW.decision_id;
  IF d.id IS NULL THEN
    RAISE EXCEPTION 'silent restriction refused: there is no decision %', NEW.decision_id
      USING ERRCODE = 'foreign_key_violation';
  END IF;
  IF (NEW.subject_kind, NEW.subject_id, NEW.kind, NEW.countries, NEW.starts_at)
       IS DISTINCT FROM (d.subject_kind, d.subject_id, d.action, d.countries, d.decided_at)
     OR NEW.ends_at IS DISTINCT FROM d.ends_at THEN
    RAISE EXCEPTION 'silent restriction refused: decision % decided something else', d.id
      USING ERRCODE = 'check_violation';
  END IF;
  PERFORM moderation_require_chain(d);
  RETURN NULL;
END $$;

-- Everybody who had a hand in what an appeal is about: also in what was decided in the cases of a report.
CREATE OR REPLACE FUNCTION moderation_chain(appeal moderation_appeal) RETURNS bigint[] {_PLPGSQL} STABLE AS $$
  DECLARE named bigint[] := coalesce((SELECT r.cases FROM moderation_report r WHERE r.id = appeal.report_id), '{{}}');
  BEGIN RETURN ARRAY(
    WITH RECURSIVE chain AS (
      SELECT d.id, d.reverses_id, d.decided_by_id, d.case_id FROM moderation_decision d
      WHERE d.id = appeal.decision_id OR d.case_id = ANY(named)
      UNION
      SELECT d.id, d.reverses_id, d.decided_by_id, d.case_id FROM moderation_decision d
      JOIN chain c ON d.id = c.reverses_id OR d.reverses_id = c.id)
    SELECT decided_by_id FROM chain WHERE decided_by_id IS NOT NULL
    UNION SELECT appeal.account_id
    UNION SELECT a.decided_by_id FROM moderation_appeal a WHERE a.id <> appeal.id AND a.decided_by_id IS NOT NULL
      AND (a.decision_id IN (SELECT id FROM chain) OR a.report_id = appeal.report_id)
    UNION SELECT e.actor_id FROM moderation_caseevent e
      WHERE e.kind IN ('decided', 'dismissed') AND e.actor_id IS NOT NULL
        AND (e.case_id IN (SELECT case_id FROM chain) OR e.case_id = ANY(named)));
END $$;

-- An appeal begins as one, and people who moderate take it and decide it.
CREATE FUNCTION moderation_appeal_begins() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  IF NEW.state <> 'filed' OR NEW.decided_at IS NOT NULL OR NEW.claimed_by_id IS NOT NULL OR NEW.answer <> '' THEN
    RAISE EXCEPTION 'an appeal is not decided before it is filed' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION moderation_appeal_by_moderators() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  PERFORM 1 FROM upscrolled_account a
    WHERE a.id = coalesce(NEW.decided_by_id, NEW.claimed_by_id) AND a.is_active AND a.role <> '';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'only moderators decide appeals' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
"""

_STAYS = {  # what decisions name, and the columns that say which it is and whose
    "upscrolled_account": ("id",),
    "feed_post": ("id",),
    "feed_tag": ("id", "name"),
    "messaging_message": ("id", "sender_id", "conversation_id"),
    "upscrolled_mediaattachment": ("id", "owner_id"),
    "moderation_case": ("id", "subject_kind", "subject_id", "account_id", "opened_at"),
}
_CHOSEN = (  # what the author of a post chose, and readers see or miss
    "audience",
    "text",
    "html",
    "warning",
    "sensitive",
    "language",
    "quoting",
    "replying",
    "mentions",
    "tags",
    "parts",
    "deleted_at",
)


def _stays(table: str, columns: tuple[str, ...]) -> str:
    old, new = (", ".join(f"{row}.{name}" for name in columns) for row in ("OLD", "NEW"))
    return f"""CREATE TRIGGER number_stays BEFORE UPDATE OF {", ".join(columns)} ON {table} FOR EACH ROW
  WHEN (ROW({old}) IS DISTINCT FROM ROW({new})) EXECUTE FUNCTION moderation_stays_that();"""


def _differ(columns: tuple[str, ...]) -> str:
    return " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in columns)


TRIGGERS = "\n".join(_stays(table, columns) for table, columns in _STAYS.items())
TRIGGERS += f"""
CREATE TRIGGER own_hand BEFORE UPDATE OF {", ".join(_CHOSEN)} ON feed_post FOR EACH ROW
  WHEN ({_differ(_CHOSEN)}) EXECUTE FUNCTION moderation_own_hand('author_id');
-- Shares go with what they share; a post goes for good a while after its author deleted it.
CREATE TRIGGER own_hand_deletes BEFORE DELETE ON feed_post FOR EACH ROW
  WHEN (OLD.deleted_at IS NULL AND OLD.repost_of_id IS NULL) EXECUTE FUNCTION moderation_own_hand('author_id');
CREATE TRIGGER own_hand BEFORE UPDATE OF is_active, discoverable, indexable, confirmed_at, awaits_approval
  ON upscrolled_account FOR EACH ROW
  WHEN (OLD.is_active AND NOT NEW.is_active OR OLD.discoverable AND NOT NEW.discoverable
        OR OLD.indexable AND NOT NEW.indexable OR OLD.confirmed_at IS NOT NULL AND NEW.confirmed_at IS NULL
        OR OLD.confirmed_at IS NOT NULL AND NOT OLD.awaits_approval AND NEW.awaits_approval)
  EXECUTE FUNCTION moderation_own_hand('id');
CREATE TRIGGER forgotten_stays_gone BEFORE UPDATE OF is_active ON upscrolled_account FOR EACH ROW
  WHEN (NEW.is_active AND NOT OLD.is_active) EXECUTE FUNCTION moderation_forgotten_stays_gone();
CREATE TRIGGER own_hand BEFORE INSERT ON upscrolled_block FOR EACH ROW EXECUTE FUNCTION moderation_own_hand('account_id');
CREATE TRIGGER own_hand BEFORE INSERT ON upscrolled_mute FOR EACH ROW EXECUTE FUNCTION moderation_own_hand('account_id');
CREATE TRIGGER own_hand BEFORE UPDATE OF deleted_at ON messaging_message FOR EACH ROW
  WHEN (OLD.deleted_at IS DISTINCT FROM NEW.deleted_at) EXECUTE FUNCTION moderation_own_hand('sender_id');
CREATE TRIGGER shown_stays_shown BEFORE UPDATE OF state ON upscrolled_mediaattachment FOR EACH ROW
  WHEN (OLD.state = 'ready' AND NEW.state <> 'ready') EXECUTE FUNCTION moderation_shown_stays_shown();
CREATE TRIGGER own_hand BEFORE UPDATE OF attached_at, deleted_at ON upscrolled_mediaattachment FOR EACH ROW
  WHEN (OLD.attached_at IS NOT NULL
        AND (NEW.attached_at IS NULL OR OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL))
  EXECUTE FUNCTION moderation_own_hand('owner_id');
-- Who was told of a decision dismisses that themselves; nobody turns it into something else.
CREATE TRIGGER own_hand BEFORE DELETE ON upscrolled_notification FOR EACH ROW
  WHEN (OLD.kind = 'moderation_warning') EXECUTE FUNCTION moderation_own_hand('recipient_id');
CREATE TRIGGER told_stays_told BEFORE UPDATE OF id, recipient_id, actor_id, kind, subject_id ON upscrolled_notification
  FOR EACH ROW WHEN (OLD.kind = 'moderation_warning' AND ROW(OLD.id, OLD.recipient_id, OLD.actor_id, OLD.kind,
    OLD.subject_id) IS DISTINCT FROM ROW(NEW.id, NEW.recipient_id, NEW.actor_id, NEW.kind, NEW.subject_id))
  EXECUTE FUNCTION moderation_stays_that();

CREATE TRIGGER dated_now BEFORE INSERT ON moderation_statement FOR EACH ROW EXECUTE FUNCTION moderation_dated_now();
CREATE TRIGGER dated_now BEFORE INSERT ON moderation_publicact FOR EACH ROW EXECUTE FUNCTION moderation_dated_now();
CREATE TRIGGER appeal_begins BEFORE INSERT ON moderation_appeal
  FOR EACH ROW EXECUTE FUNCTION moderation_appeal_begins();
CREATE TRIGGER appeal_by_moderators BEFORE UPDATE OF claimed_by_id, decided_by_id ON moderation_appeal FOR EACH ROW
  WHEN (coalesce(NEW.decided_by_id, NEW.claimed_by_id) IS NOT NULL
        AND ROW(OLD.claimed_by_id, OLD.decided_by_id) IS DISTINCT FROM ROW(NEW.claimed_by_id, NEW.decided_by_id))
  EXECUTE FUNCTION moderation_appeal_by_moderators();

ALTER TABLE moderation_statement
  ADD CONSTRAINT statement_can_be_appealed CHECK (redress @> ARRAY['appeal']::varchar[]);
ALTER TABLE moderation_policyversion ADD CONSTRAINT policy_says_what_it_forbids CHECK (
  coalesce(length(btrim(texts #>> '{{en,rule}}')), 0) >= 10 AND coalesce(length(btrim(texts #>> '{{ar,rule}}')), 0) >= 10
  AND coalesce(length(btrim(texts #>> '{{fr,rule}}')), 0) >= 10);
"""

# Nobody but the owner makes tables that could stand before the real ones, or has numbers given out again.
RIGHTS = f"""
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
DO $$ DECLARE sequence regclass; BEGIN
  EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
  FOR sequence IN SELECT oid FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace
      AND (relname LIKE 'moderation\\_%' OR relname LIKE 'upscrolled\\_restriction\\_%') LOOP
    EXECUTE format('REVOKE UPDATE ON SEQUENCE %s FROM {ROLE}', sequence);
  END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0007_near_copies"),
        ("feed", "0006_words_of_posts"),
        ("messaging", "0002_media_of_messages"),
        ("upscrolled", "0014_leaving"),
    ]
    # Forward only, as 0003.
    operations = [
        migrations.RunSQL(FUNCTIONS),
        migrations.RunSQL(TRIGGERS),
        migrations.RunSQL(RIGHTS),
        migrations.AddField("publishedfigures", "tally", models.JSONField(default=dict)),
        migrations.AddIndex(
            "case",
            models.Index(
                fields=["subject_id"], name="case_of_message", condition=models.Q(subject_kind="message")
            ),
        ),
        migrations.AddIndex(
            "severedfollow", models.Index(fields=["follower_id", "target_id"], name="severed_of_follower")
        ),
    ]
