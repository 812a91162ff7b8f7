"""PostgreSQL refuses a restriction without its reasons, and what would hide that (docs/adr/0018).

Functions run with the rights of the owner and look only where the tables are: a temporary table of the same name
deceives nobody. Names of tables stand here as they are, since this is about this schema and no other.
"""

from django.db import migrations

APPEND_ONLY = (
    "moderation_decision",
    "moderation_statement",
    "moderation_strike",
    "moderation_severedfollow",
    "moderation_endedeffect",
    "moderation_policyversion",
    "moderation_policyexample",
    "moderation_caseevent",
    "moderation_evidence",
    "moderation_logentry",
    "moderation_logleaf",
    "moderation_logcheckpoint",
)
_DEFINER = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"

FUNCTIONS = f"""
-- Whose a subject is; NULL for a hashtag, which is nobody's. A room that brings another kind of subject replaces this.
CREATE FUNCTION moderation_owner(kind text, subject bigint) RETURNS bigint {_DEFINER} STABLE AS $$
DECLARE owner bigint;
BEGIN
  CASE kind
    WHEN 'account', 'handle' THEN SELECT id INTO owner FROM upscrolled_account WHERE id = subject;
    WHEN 'post' THEN SELECT author_id INTO owner FROM feed_post WHERE id = subject;
    WHEN 'hashtag' THEN
      PERFORM 1 FROM feed_tag WHERE id = subject;
      IF NOT FOUND THEN RAISE EXCEPTION 'there is no hashtag %', subject USING ERRCODE = 'check_violation'; END IF;
      RETURN NULL;
    ELSE RAISE EXCEPTION 'nobody knows whose % is', kind USING ERRCODE = 'check_violation';
  END CASE;
  IF owner IS NULL THEN
    RAISE EXCEPTION 'there is no % %', kind, subject USING ERRCODE = 'check_violation';
  END IF;
  RETURN owner;
END $$;

CREATE FUNCTION moderation_append_only() RETURNS trigger {_DEFINER} AS $$
BEGIN
  RAISE EXCEPTION '% of % is refused: its rows stay as they were written', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;

-- A statement that the very account can read: its notice, its key, its entry in the public log.
CREATE FUNCTION moderation_require_chain(d moderation_decision) RETURNS void {_DEFINER} AS $$
DECLARE s moderation_statement; owner bigint; said jsonb;
BEGIN
  IF d.reverses_id IS NULL THEN
    owner := moderation_owner(d.subject_kind, d.subject_id);
  ELSE  -- what is restored may be purged by now
    SELECT t.account_id INTO owner FROM moderation_decision e JOIN moderation_statement t ON t.id = e.statement_id
    WHERE e.id = d.reverses_id;
  END IF;
  SELECT * INTO s FROM moderation_statement WHERE id = d.statement_id;
  IF s.id IS NULL THEN
    RAISE EXCEPTION 'silent restriction refused: decision % has no statement', d.id USING ERRCODE = 'check_violation';
  END IF;
  IF (s.subject_kind, s.subject_id, s.measure, s.policy_id, s.countries)
       IS DISTINCT FROM (d.subject_kind, d.subject_id, d.action, d.policy_id, d.countries)
     OR s.ends_at IS DISTINCT FROM d.ends_at OR s.starts_at <> d.decided_at OR s.account_id IS DISTINCT FROM owner
     OR s.automated_decision <> (d.decided_by_id IS NULL) THEN
    RAISE EXCEPTION 'silent restriction refused: statement % says something else than decision %', s.id, d.id
      USING ERRCODE = 'check_violation';
  END IF;
  PERFORM 1 FROM moderation_notice n WHERE n.statement_id = s.id AND n.account_id IS NOT DISTINCT FROM owner;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'silent restriction refused: statement % has no notice to account %', s.id, owner
      USING ERRCODE = 'check_violation';
  END IF;
  PERFORM 1 FROM moderation_statementkey k WHERE k.statement_id = s.id AND octet_length(k.key) = 32;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'silent restriction refused: statement % cannot be read', s.id USING ERRCODE = 'check_violation';
  END IF;
  SELECT e.data::jsonb INTO said FROM moderation_logentry e WHERE e.decision_id = d.id;
  IF said IS NULL OR said->>'action' <> d.action OR said->>'digest' <> s.digest OR said->>'subject' <> d.subject_kind
  THEN
    RAISE EXCEPTION 'silent restriction refused: the public log has no true entry for decision %', d.id
      USING ERRCODE = 'check_violation';
  END IF;
END $$;

CREATE FUNCTION moderation_no_silent_decision() RETURNS trigger {_DEFINER} AS $$
DECLARE earlier moderation_decision;
BEGIN
  PERFORM moderation_require_chain(NEW);
  IF NEW.reverses_id IS NOT NULL THEN
    SELECT * INTO earlier FROM moderation_decision WHERE id = NEW.reverses_id;
    IF (earlier.subject_kind, earlier.subject_id) <> (NEW.subject_kind, NEW.subject_id) THEN
      RAISE EXCEPTION 'decision % reverses one about something else', NEW.id USING ERRCODE = 'check_violation';
    END IF;
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION moderation_no_silent_restriction() RETURNS trigger {_DEFINER} AS $$
DECLARE d moderation_decision;
BEGIN
  SELECT * INTO d FROM moderation_decision WHERE id = NEW.decision_id;
  IF d.id IS NULL THEN
    RAISE EXCEPTION 'silent restriction refused: there is no decision %', NEW.decision_id
      USING ERRCODE = 'foreign_key_violation';
  END IF;
  IF (NEW.subject_kind, NEW.subject_id, NEW.kind, NEW.countries)
       IS DISTINCT FROM (d.subject_kind, d.subject_id, d.action, d.countries)
     OR NEW.ends_at IS DISTINCT FROM d.ends_at OR NEW.starts_at < d.decided_at THEN
    RAISE EXCEPTION 'silent restriction refused: decision % decided something else', d.id
      USING ERRCODE = 'check_violation';
  END IF;
  PERFORM moderation_require_chain(d);
  RETURN NULL;
END $$;

CREATE FUNCTION moderation_statement_is_of_a_decision() RETURNS trigger {_DEFINER} AS $$
BEGIN
  PERFORM 1 FROM moderation_decision WHERE statement_id = NEW.id;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'statement % belongs to no decision', NEW.id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;

-- A restriction ends earlier, or it stays as it is.
CREATE FUNCTION moderation_only_earlier() RETURNS trigger {_DEFINER} AS $$
BEGIN
  IF (to_jsonb(NEW) - 'ends_at') IS DISTINCT FROM (to_jsonb(OLD) - 'ends_at')
     OR NEW.ends_at IS NULL OR NEW.ends_at > coalesce(OLD.ends_at, 'infinity') THEN
    RAISE EXCEPTION 'a restriction may only end earlier; anything else is a new decision'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;

-- A notice is new, then delivered by a notification that exists, then read.
CREATE FUNCTION moderation_notice_steps() RETURNS trigger {_DEFINER} AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.sent_at IS NOT NULL OR NEW.read_at IS NOT NULL THEN
      RAISE EXCEPTION 'a notice is not sent before it is written' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF (to_jsonb(NEW) - 'sent_at' - 'delivery_id' - 'read_at') IS DISTINCT FROM
     (to_jsonb(OLD) - 'sent_at' - 'delivery_id' - 'read_at')
     OR (OLD.sent_at IS NOT NULL AND (NEW.sent_at, NEW.delivery_id) IS DISTINCT FROM (OLD.sent_at, OLD.delivery_id))
     OR (OLD.read_at IS NOT NULL AND NEW.read_at IS DISTINCT FROM OLD.read_at) THEN
    RAISE EXCEPTION 'a notice is sent once and read once; nothing else of it changes'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF OLD.sent_at IS NULL AND NEW.sent_at IS NOT NULL THEN
    PERFORM 1 FROM upscrolled_notification t WHERE t.id = NEW.delivery_id AND t.recipient_id = NEW.account_id
      AND t.kind = 'moderation_warning' AND t.subject_id = NEW.statement_id;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'notice % was not delivered: there is no such notification', NEW.id
        USING ERRCODE = 'check_violation';
    END IF;
  END IF;
  RETURN NEW;
END $$;

-- Keys go only with their account; the statement and its place in the log stay.
CREATE FUNCTION moderation_keep_keys() RETURNS trigger {_DEFINER} AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.statement_id = OLD.statement_id AND OLD.key IS NOT NULL AND NEW.key IS NULL
     AND NOT EXISTS (SELECT 1 FROM moderation_statement s JOIN upscrolled_account a ON a.id = s.account_id
                     WHERE s.id = OLD.statement_id AND a.is_active) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the key of a statement is kept for as long as its account is open'
    USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION moderation_forget(account bigint) RETURNS integer {_DEFINER} AS $$
DECLARE forgotten integer;
BEGIN
  UPDATE moderation_statementkey k SET key = NULL, erased_at = now()
  FROM moderation_statement s WHERE s.id = k.statement_id AND s.account_id = account AND k.key IS NOT NULL;
  GET DIAGNOSTICS forgotten = ROW_COUNT;
  RETURN forgotten;
END $$;

-- Everybody who had a hand in what an appeal is about.
CREATE FUNCTION moderation_chain(appeal moderation_appeal) RETURNS bigint[] {_DEFINER} STABLE AS $$
  BEGIN RETURN ARRAY(
    WITH RECURSIVE chain AS (
      SELECT d.id, d.reverses_id, d.decided_by_id, d.case_id FROM moderation_decision d WHERE d.id = appeal.decision_id
      UNION
      SELECT d.id, d.reverses_id, d.decided_by_id, d.case_id FROM moderation_decision d
      JOIN chain c ON d.id = c.reverses_id OR d.reverses_id = c.id)
    SELECT decided_by_id FROM chain WHERE decided_by_id IS NOT NULL
    UNION SELECT appeal.account_id
    UNION SELECT e.actor_id FROM moderation_caseevent e
      WHERE e.kind IN ('decided', 'dismissed') AND e.actor_id IS NOT NULL
        AND (e.case_id IN (SELECT case_id FROM chain)
             OR e.case_id = ANY((SELECT r.cases FROM moderation_report r WHERE r.id = appeal.report_id)::bigint[])));
END $$;

CREATE FUNCTION moderation_other_person() RETURNS trigger {_DEFINER} AS $$
BEGIN
  IF (TG_OP = 'INSERT' OR (NEW.claimed_by_id, NEW.decided_by_id) IS DISTINCT FROM (OLD.claimed_by_id, OLD.decided_by_id))
     AND (coalesce(NEW.decided_by_id = ANY(moderation_chain(NEW)), false)
          OR coalesce(NEW.claimed_by_id = ANY(moderation_chain(NEW)), false)) THEN
    RAISE EXCEPTION 'an appeal is decided by another person than any in the chain' USING ERRCODE = 'check_violation';
  END IF;
  IF TG_OP = 'UPDATE' THEN
    IF OLD.state IN ('upheld', 'overturned')
       AND (to_jsonb(NEW) - 'told_at') IS DISTINCT FROM (to_jsonb(OLD) - 'told_at') THEN
      RAISE EXCEPTION 'a decided appeal stays as it is' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (NEW.decision_id, NEW.report_id, NEW.account_id, NEW.text, NEW.filed_at)
         IS DISTINCT FROM (OLD.decision_id, OLD.report_id, OLD.account_id, OLD.text, OLD.filed_at) THEN
      RAISE EXCEPTION 'what was appealed stays as it was said' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION moderation_author_stays() RETURNS trigger {_DEFINER} AS $$
BEGIN
  RAISE EXCEPTION 'the author of a post stays its author' USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""

TRIGGERS = "\n".join(
    f"""CREATE TRIGGER {table}_stays BEFORE UPDATE OR DELETE ON {table}
  FOR EACH ROW EXECUTE FUNCTION moderation_append_only();"""
    for table in APPEND_ONLY
)
TRIGGERS += """
ALTER TABLE moderation_statement
  ADD CONSTRAINT statement_says_what_happened CHECK (octet_length(facts) BETWEEN 48 AND 20028),
  ADD CONSTRAINT statement_says_why CHECK (octet_length(explanation) BETWEEN 48 AND 20028),
  ADD CONSTRAINT statement_has_a_body CHECK (octet_length(body) >= 200);
ALTER TABLE moderation_logentry
  ADD CONSTRAINT log_entry_hash CHECK (hash = sha256('\\x00'::bytea || convert_to(data, 'UTF8'))),
  ADD CONSTRAINT log_entry_is_json CHECK (jsonb_typeof(data::jsonb) = 'object');
ALTER TABLE upscrolled_restriction
  ADD CONSTRAINT restriction_of_decision FOREIGN KEY (decision_id) REFERENCES moderation_decision (id)
    DEFERRABLE INITIALLY DEFERRED,
  ADD CONSTRAINT one_restriction_a_decision UNIQUE (decision_id);

CREATE CONSTRAINT TRIGGER no_silent_restriction AFTER INSERT ON upscrolled_restriction
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION moderation_no_silent_restriction();
CREATE CONSTRAINT TRIGGER no_silent_decision AFTER INSERT ON moderation_decision
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION moderation_no_silent_decision();
CREATE CONSTRAINT TRIGGER statement_is_of_a_decision AFTER INSERT ON moderation_statement
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION moderation_statement_is_of_a_decision();

CREATE TRIGGER restriction_only_earlier BEFORE UPDATE ON upscrolled_restriction
  FOR EACH ROW EXECUTE FUNCTION moderation_only_earlier();
CREATE TRIGGER restriction_stays BEFORE DELETE ON upscrolled_restriction
  FOR EACH ROW EXECUTE FUNCTION moderation_append_only();
CREATE TRIGGER notice_steps BEFORE INSERT OR UPDATE ON moderation_notice
  FOR EACH ROW EXECUTE FUNCTION moderation_notice_steps();
CREATE TRIGGER notice_stays BEFORE DELETE ON moderation_notice
  FOR EACH ROW EXECUTE FUNCTION moderation_append_only();
CREATE TRIGGER statementkey_stays BEFORE UPDATE OR DELETE ON moderation_statementkey
  FOR EACH ROW EXECUTE FUNCTION moderation_keep_keys();
CREATE TRIGGER appeal_other_person BEFORE INSERT OR UPDATE ON moderation_appeal
  FOR EACH ROW EXECUTE FUNCTION moderation_other_person();
CREATE TRIGGER appeal_stays BEFORE DELETE ON moderation_appeal
  FOR EACH ROW EXECUTE FUNCTION moderation_append_only();
CREATE TRIGGER post_author_stays BEFORE UPDATE OF author_id ON feed_post FOR EACH ROW
  WHEN (OLD.author_id IS DISTINCT FROM NEW.author_id) EXECUTE FUNCTION moderation_author_stays();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0002_cases_and_decisions"),
        ("feed", "0003_cards"),
        ("upscrolled", "0007_told_of_decisions"),
    ]
    # Forward only: what refuses silence is not taken out by going back a step.
    operations = [migrations.RunSQL(FUNCTIONS), migrations.RunSQL(TRIGGERS)]
