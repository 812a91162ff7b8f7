"""What rows say was done was done, in the very transaction that says so (docs/adr/0028).

A report is told only with its notification, an appeal is answered only with its event and, overturned, with the
reversal, a rule at the door changes its mode only with a turn that is kept. What still could be written in another's
name, deleted before its time or put beside a decision is refused too.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

ROLE = "upscrolled_app"
_DEFINER = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
_PLPGSQL = f"LANGUAGE plpgsql {_DEFINER}"
# A row of this very transaction, whichever savepoint wrote it.
_NOW = "age({row}.xmin) <= age(pg_current_xact_id()::xid)"

TOLD = f"""
-- Whether somebody was told of something in this transaction.
CREATE FUNCTION moderation_was_told(account bigint, what text, about bigint) RETURNS boolean LANGUAGE sql STABLE
{_DEFINER} AS $$
  SELECT EXISTS (SELECT 1 FROM upscrolled_notification t WHERE t.recipient_id = account AND t.kind = what
                   AND t.subject_id = about AND {_NOW.format(row="t")})
$$;
-- The same of a mail to whoever sent a notice; true where no address was given.
CREATE FUNCTION moderation_was_mailed(about bigint) RETURNS boolean LANGUAGE sql STABLE {_DEFINER} AS $$
  SELECT NOT EXISTS (SELECT 1 FROM moderation_publicnotice n WHERE n.report_id = about AND n.email <> '' AND NOT EXISTS (
    SELECT 1 FROM upscrolled_owedmail m WHERE m."to" = n.email AND {_NOW.format(row="m")}))
$$;

CREATE FUNCTION moderation_outcome_is_told() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  IF moderation_is_bound() AND (NEW.outcome = '' OR NOT CASE WHEN NEW.reporter_id IS NULL
       THEN moderation_was_mailed(NEW.id) ELSE moderation_was_told(NEW.reporter_id, 'report', NEW.id) END) THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'nobody was told of the outcome');
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION moderation_notifier_is_told() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  IF moderation_is_bound() AND NOT moderation_was_mailed(NEW.report_id) THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'no mail is owed to them');
  END IF;
  RETURN NULL;
END $$;
-- Who sent a notice is reached until long after it was decided.
CREATE FUNCTION moderation_notifier_stays() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  IF moderation_is_bound() AND (
       ROW(NEW.report_id, NEW.language, NEW.law) IS DISTINCT FROM ROW(OLD.report_id, OLD.language, OLD.law)
       OR NEW.name NOT IN ('', OLD.name) OR NEW.email NOT IN ('', OLD.email)
       OR OLD.told_at IS NOT NULL AND NEW.told_at IS DISTINCT FROM OLD.told_at
       OR ROW(NEW.name, NEW.email) IS DISTINCT FROM ROW(OLD.name, OLD.email) AND NOT EXISTS (
            SELECT 1 FROM moderation_report r WHERE r.id = OLD.report_id
              AND r.decided_at < clock_timestamp() - interval '199 days')) THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'who sent a notice stays reachable');
  END IF;
  RETURN NEW;
END $$;
-- A report of messages is handed over when moderation has a report of its own with the cases of it.
CREATE FUNCTION moderation_report_is_taken_up() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  IF moderation_is_bound() AND (OLD.handed_at IS NOT NULL OR NOT EXISTS (
       SELECT 1 FROM moderation_report r WHERE r.reporter_id = NEW.reporter_id AND r.target_id = NEW.target_id
         AND r.created_at = NEW.created_at AND cardinality(r.cases) > 0)) THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'nobody has taken it up');
  END IF;
  RETURN NULL;
END $$;
-- What tells a reporter goes with their own hand, or another takes its place.
CREATE FUNCTION moderation_news_of_report_stays() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  IF moderation_is_bound() AND current_setting('upscrolled.actor', true) IS DISTINCT FROM OLD.recipient_id::text
     AND NOT EXISTS (SELECT 1 FROM upscrolled_notification t WHERE t.recipient_id = OLD.recipient_id
                       AND t.kind = 'report' AND t.subject_id = OLD.subject_id) THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'it told somebody of their report');
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER outcome_is_told AFTER UPDATE ON moderation_report DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW.outcome_told_at IS NOT NULL AND NEW.outcome_told_at IS DISTINCT FROM OLD.outcome_told_at)
  EXECUTE FUNCTION moderation_outcome_is_told();
CREATE TRIGGER report_begins BEFORE INSERT ON moderation_report FOR EACH ROW
  WHEN (NEW.outcome <> '' OR NEW.decided_at IS NOT NULL OR NEW.outcome_told_at IS NOT NULL)
  EXECUTE FUNCTION moderation_never('a report begins without an answer');
CREATE TRIGGER own_name BEFORE INSERT ON moderation_report FOR EACH ROW WHEN (NEW.reporter_id IS NOT NULL)
  EXECUTE FUNCTION moderation_in_own_name('reporter_id');
CREATE CONSTRAINT TRIGGER notifier_is_told AFTER UPDATE ON moderation_publicnotice DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW.told_at IS DISTINCT FROM OLD.told_at) EXECUTE FUNCTION moderation_notifier_is_told();
CREATE TRIGGER notifier_stays BEFORE UPDATE ON moderation_publicnotice FOR EACH ROW
  EXECUTE FUNCTION moderation_notifier_stays();
CREATE CONSTRAINT TRIGGER report_is_taken_up AFTER UPDATE ON messaging_report DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW.handed_at IS DISTINCT FROM OLD.handed_at) EXECUTE FUNCTION moderation_report_is_taken_up();
CREATE TRIGGER report_stays BEFORE UPDATE ON messaging_report FOR EACH ROW
  WHEN (ROW(OLD.id, OLD.reporter_id, OLD.target_id, OLD.conversation_id, OLD.category, OLD.rule_ids, OLD.comment,
    OLD.created_at) IS DISTINCT FROM ROW(NEW.id, NEW.reporter_id, NEW.target_id, NEW.conversation_id, NEW.category,
    NEW.rule_ids, NEW.comment, NEW.created_at))
  EXECUTE FUNCTION moderation_never('a report stays as it was said');
CREATE TRIGGER report_is_kept BEFORE DELETE ON messaging_report FOR EACH ROW
  EXECUTE FUNCTION moderation_never('a report stays');
CREATE TRIGGER own_name BEFORE INSERT ON messaging_report FOR EACH ROW
  EXECUTE FUNCTION moderation_in_own_name('reporter_id');
CREATE CONSTRAINT TRIGGER report_news_stay AFTER DELETE ON upscrolled_notification DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (OLD.kind = 'report') EXECUTE FUNCTION moderation_news_of_report_stays();
CREATE TRIGGER report_stays_told BEFORE UPDATE OF id, recipient_id, actor_id, kind, subject_id ON upscrolled_notification
  FOR EACH ROW WHEN (OLD.kind = 'report' AND ROW(OLD.id, OLD.recipient_id, OLD.actor_id, OLD.kind, OLD.subject_id)
    IS DISTINCT FROM ROW(NEW.id, NEW.recipient_id, NEW.actor_id, NEW.kind, NEW.subject_id))
  EXECUTE FUNCTION moderation_stays_that();
"""

APPEALS = f"""
-- An appeal is of whoever says it, against a decision about them or the refusal of their report, and is filed now.
CREATE FUNCTION moderation_appeal_is_theirs() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  IF NOT moderation_is_bound() THEN
    RETURN NEW;
  END IF;
  IF NEW.account_id IS NOT NULL
     AND current_setting('upscrolled.actor', true) IS DISTINCT FROM NEW.account_id::text THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'it is not said in their name');
  ELSIF NEW.decision_id IS NOT NULL AND NOT EXISTS (
          SELECT 1 FROM moderation_decision d JOIN moderation_statement s ON s.id = d.statement_id
          WHERE d.id = NEW.decision_id AND s.account_id = NEW.account_id)
        OR NEW.report_id IS NOT NULL AND NOT EXISTS (
          SELECT 1 FROM moderation_report r WHERE r.id = NEW.report_id AND r.reporter_id IS NOT DISTINCT FROM NEW.account_id)
  THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'it is about somebody else''s');
  ELSIF abs(extract(epoch FROM NEW.filed_at - clock_timestamp())) > 3600
        OR NEW.deadline > NEW.filed_at + interval '7 days' OR NEW.deadline <= NEW.filed_at THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'it is filed now, and answered within seven days');
  END IF;
  RETURN NEW;
END $$;
-- Each step of an appeal is an event of this transaction; an answer is told by the log, and what is overturned is
-- taken back with it.
CREATE FUNCTION moderation_appeal_is_told() RETURNS trigger {_PLPGSQL} AS $$
DECLARE wanted text[] := CASE NEW.state WHEN 'filed' THEN ARRAY['skipped', 'lease ended']
                                        ELSE ARRAY[NEW.state::text] END;
BEGIN
  IF NOT moderation_is_bound() THEN
    RETURN NULL;
  ELSIF NOT EXISTS (SELECT 1 FROM moderation_appealevent e WHERE e.appeal_id = NEW.id AND e.kind = ANY(wanted)
                      AND {_NOW.format(row="e")}) THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'no event tells of it: ' || array_to_string(wanted, ' or '));
  ELSIF NEW.state IN ('upheld', 'overturned') AND NOT EXISTS (
          SELECT 1 FROM moderation_publicact p WHERE p.kind = 'appeal' AND p.ref = NEW.id) THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'the log does not tell of it');
  ELSIF NEW.state = 'overturned' AND NEW.decision_id IS NOT NULL AND NOT EXISTS (
          SELECT 1 FROM moderation_decision d WHERE d.reverses_id = NEW.decision_id) THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'what it is against was not taken back');
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION moderation_answer_is_told() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  IF moderation_is_bound() AND (OLD.told_at IS NOT NULL OR NEW.state NOT IN ('upheld', 'overturned') OR NOT CASE
       WHEN NEW.account_id IS NULL THEN moderation_was_mailed(NEW.report_id)
       WHEN NEW.report_id IS NOT NULL THEN moderation_was_told(NEW.account_id, 'report', NEW.report_id)
       ELSE moderation_was_told(NEW.account_id, 'moderation_warning',
         (SELECT d.statement_id FROM moderation_decision d WHERE d.id = NEW.decision_id)) END) THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'nobody was told of the answer');
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION moderation_door_answer_is_told() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  IF moderation_is_bound() AND (NOT moderation_may_decide(NEW.decided_by_id, NULL) OR NOT EXISTS (
       SELECT 1 FROM moderation_publicact p WHERE p.kind = 'door_appeal' AND p.ref = NEW.id)) THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'moderators answer, and the log tells of it');
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER appeal_is_theirs BEFORE INSERT ON moderation_appeal FOR EACH ROW
  EXECUTE FUNCTION moderation_appeal_is_theirs();
CREATE CONSTRAINT TRIGGER appeal_is_told AFTER UPDATE ON moderation_appeal DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION moderation_appeal_is_told();
CREATE CONSTRAINT TRIGGER answer_is_told AFTER UPDATE ON moderation_appeal DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (OLD.told_at IS DISTINCT FROM NEW.told_at) EXECUTE FUNCTION moderation_answer_is_told();
CREATE TRIGGER appeal_begins BEFORE INSERT ON moderation_doorappeal FOR EACH ROW WHEN (NEW.state <> 'filed')
  EXECUTE FUNCTION moderation_never('it is not answered before it is filed');
CREATE CONSTRAINT TRIGGER answer_is_told AFTER UPDATE ON moderation_doorappeal DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION moderation_door_answer_is_told();
"""

DECISIONS = f"""
-- A strike weighs what the policy says, for as long as it says, on whom the decision is about, from the decision on.
CREATE FUNCTION moderation_strike_is_decided() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  PERFORM 1 FROM moderation_decision d JOIN moderation_statement s ON s.id = d.statement_id
    JOIN moderation_policyversion v ON v.id = d.policy_id
    WHERE d.id = NEW.decision_id AND s.account_id = NEW.account_id AND v.strike_weight = NEW.weight
      AND NEW.given_at = d.decided_at AND NEW.expires_at = d.decided_at + v.strike_days * interval '24 hours'
      AND d.action NOT IN ('restore', 'hold') AND {_NOW.format(row="d")};
  IF NOT FOUND AND moderation_is_bound() THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'nobody decided it');
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER strike_is_decided AFTER INSERT ON moderation_strike DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION moderation_strike_is_decided();

-- An entry of the log says all of the decision that it is of.
CREATE FUNCTION moderation_entry_is_true() RETURNS trigger {_PLPGSQL} AS $$
DECLARE d moderation_decision; s moderation_statement; v moderation_policyversion; said jsonb := NEW.data::jsonb;
BEGIN
  SELECT * INTO d FROM moderation_decision WHERE id = NEW.decision_id;
  SELECT * INTO s FROM moderation_statement WHERE id = d.statement_id;
  SELECT * INTO v FROM moderation_policyversion WHERE id = d.policy_id;
  IF said - ARRAY['v', 'lane', 'took', 'in_time', 'prior', 'stands_for'] IS DISTINCT FROM jsonb_build_object(
       'action', d.action, 'subject', d.subject_kind, 'digest', s.digest, 'source', s.source,
       'day', to_char(d.decided_at AT TIME ZONE 'UTC', 'YYYY-MM-DD'), 'policy', v.key, 'policy_version', v.version,
       'category', v.category, 'ground', s.ground, 'automated_detection', s.automated_detection,
       'automated_decision', d.decided_by_id IS NULL, 'countries', to_jsonb(d.countries),
       'days', CASE WHEN d.ends_at IS NOT NULL
         THEN greatest(1, round(extract(epoch FROM d.ends_at - d.decided_at)::float8 / 86400)) END)
     OR NOT said ?& ARRAY['v', 'lane', 'took', 'in_time', 'prior']
     OR (said ? 'stands_for' AND said->>'lane' IS DISTINCT FROM 'sample')
     OR (d.reverses_id IS NULL AND said->>'prior' <> '') THEN
    RAISE EXCEPTION 'silent restriction refused: the public log says something else than decision %', d.id
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER entry_is_true AFTER INSERT ON moderation_logentry DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION moderation_entry_is_true();

-- What the log tells of beside decisions was done.
CREATE FUNCTION moderation_act_was_done() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  IF moderation_is_bound() AND NOT (CASE NEW.kind
       WHEN 'sealed' THEN EXISTS (SELECT 1 FROM moderation_sealstep s WHERE s.id = NEW.ref)
       WHEN 'crisis_on' THEN EXISTS (SELECT 1 FROM moderation_crisis c WHERE c.id = NEW.ref)
       WHEN 'crisis_off' THEN EXISTS (SELECT 1 FROM moderation_crisisend e WHERE e.crisis_id = NEW.ref)
       WHEN 'kept' THEN EXISTS (SELECT 1 FROM moderation_case c WHERE c.id = NEW.ref AND c.state = 'decided')
       WHEN 'appeal' THEN EXISTS (
         SELECT 1 FROM moderation_appeal a WHERE a.id = NEW.ref AND a.state = NEW.data::jsonb->>'outcome')
       WHEN 'door_appeal' THEN EXISTS (
         SELECT 1 FROM moderation_doorappeal a WHERE a.id = NEW.ref AND a.state = NEW.data::jsonb->>'outcome')
       ELSE true END) THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'this was not done');
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER act_was_done AFTER INSERT ON moderation_publicact DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION moderation_act_was_done();

-- Places of the log have no gap.
CREATE FUNCTION moderation_leaf_is_next() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  IF NEW.index <> (SELECT coalesce(max(l.index) + 1, 0) FROM moderation_logleaf l) AND moderation_is_bound() THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'the log has no gaps');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER leaf_is_next BEFORE INSERT ON moderation_logleaf FOR EACH ROW EXECUTE FUNCTION moderation_leaf_is_next();

-- A notice is not sent before its seal ends, and whoever it is for reads it.
CREATE FUNCTION moderation_notice_in_its_time() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  IF NEW.sent_at < moderation_not_before(NEW.statement_id) OR (moderation_is_bound()
       AND abs(extract(epoch FROM NEW.sent_at - clock_timestamp())) > 3600) THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'it is sent now, and not before its seal ends');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER notice_in_its_time BEFORE UPDATE OF sent_at ON moderation_notice FOR EACH ROW
  WHEN (OLD.sent_at IS NULL AND NEW.sent_at IS NOT NULL) EXECUTE FUNCTION moderation_notice_in_its_time();
CREATE TRIGGER own_hand_reads BEFORE UPDATE OF read_at ON moderation_notice FOR EACH ROW
  WHEN (OLD.read_at IS DISTINCT FROM NEW.read_at) EXECUTE FUNCTION moderation_own_hand('account_id');

-- A follow ends at the wish of either; with a suspension without an end it is remembered, here and by nobody else.
CREATE OR REPLACE FUNCTION moderation_follow_ends() RETURNS trigger {_PLPGSQL} AS $$
DECLARE named text := nullif(current_setting('upscrolled.actor', true), '');
BEGIN
  IF coalesce(named IN (OLD.account_id::text, OLD.target_id::text), false) THEN
    RETURN OLD;
  END IF;
  INSERT INTO moderation_severedfollow (decision_id, follower_id, target_id, created_at, reposts, notify, languages)
  SELECT r.decision_id, OLD.account_id, OLD.target_id, OLD.created_at, OLD.reposts, OLD.notify, OLD.languages
  FROM upscrolled_restriction r WHERE r.subject_kind = 'account' AND r.kind = 'account_suspended'
    AND r.subject_id IN (OLD.account_id, OLD.target_id) AND r.ends_at IS NULL
  ON CONFLICT (decision_id, follower_id, target_id) DO NOTHING;
  IF NOT FOUND AND moderation_is_bound() AND NOT moderation_is_over(to_jsonb(OLD), named) AND NOT EXISTS (
       SELECT 1 FROM moderation_severedfollow s JOIN upscrolled_restriction r ON r.decision_id = s.decision_id
         AND r.ends_at IS NULL
       WHERE s.follower_id = OLD.account_id AND s.target_id = OLD.target_id) THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'it is the wish of neither');
  END IF;
  RETURN OLD;
END $$;
REVOKE INSERT ON moderation_severedfollow FROM {ROLE};

-- What a decision had severed up to a row, in one number: whoever changes such a row later is found (`manage.py audit`).
CREATE FUNCTION moderation_severed_digest(decision bigint, upto bigint) RETURNS bytea LANGUAGE sql STABLE {_DEFINER}
AS $$
  SELECT sha256(convert_to(coalesce(string_agg(concat_ws(' ', s.id, s.follower_id, s.target_id,
    extract(epoch FROM s.created_at), s.reposts, s.notify, array_to_string(s.languages, ',')), chr(10) ORDER BY s.id), ''),
    'UTF8'))
  FROM moderation_severedfollow s WHERE s.decision_id = decision AND s.id <= upto
$$;
CREATE FUNCTION moderation_tally_severed(accounts bigint[]) RETURNS void LANGUAGE sql {_DEFINER} AS $$
  INSERT INTO moderation_severing (decision_id, upto, digest, at)
  SELECT s.decision_id, max(s.id), moderation_severed_digest(s.decision_id, max(s.id)), now()
  FROM upscrolled_restriction r JOIN moderation_severedfollow s ON s.decision_id = r.decision_id
  WHERE r.subject_kind = 'account' AND r.subject_id = ANY(accounts) AND r.kind = 'account_suspended'
  GROUP BY s.decision_id
  ON CONFLICT (decision_id, upto) DO NOTHING
$$;
CREATE TRIGGER moderation_severing_stays BEFORE UPDATE OR DELETE ON moderation_severing
  FOR EACH ROW EXECUTE FUNCTION moderation_append_only();
REVOKE INSERT, UPDATE, DELETE ON moderation_severing FROM {ROLE};

-- What a decision did beside its row is undone when it is over and every follow that may come back has come back.
CREATE FUNCTION moderation_effect_is_undone() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  IF moderation_is_bound() AND (NOT EXISTS (
       SELECT 1 FROM moderation_decision d WHERE d.id = NEW.decision_id AND (d.ends_at <= clock_timestamp()
         OR EXISTS (SELECT 1 FROM moderation_decision u WHERE u.reverses_id = d.id)))
     OR EXISTS (
       SELECT 1 FROM moderation_severedfollow s
       JOIN upscrolled_account a ON a.id = s.follower_id AND a.is_active
       JOIN upscrolled_account b ON b.id = s.target_id AND b.is_active
       WHERE s.decision_id = NEW.decision_id
         AND NOT EXISTS (SELECT 1 FROM upscrolled_follow f WHERE f.account_id = s.follower_id AND f.target_id = s.target_id)
         AND NOT EXISTS (SELECT 1 FROM upscrolled_block x
                         WHERE (x.account_id, x.target_id) IN ((a.id, b.id), (b.id, a.id)))
         AND NOT EXISTS (SELECT 1 FROM upscrolled_restriction r WHERE r.subject_kind = 'account'
                         AND r.subject_id IN (a.id, b.id) AND r.kind = 'account_suspended'
                         AND (r.ends_at IS NULL OR r.ends_at > clock_timestamp())))) THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'what it did is not undone');
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER effect_is_undone AFTER INSERT ON moderation_endedeffect DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION moderation_effect_is_undone();

-- What waited with a case waits in one of its own when it is taken out of it.
CREATE FUNCTION moderation_copy_waits() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  IF moderation_is_bound() AND NOT EXISTS (
       SELECT 1 FROM moderation_case c WHERE (c.subject_kind, c.subject_id) = (OLD.subject_kind, OLD.subject_id)
         AND c.state <> 'decided')
     AND NOT EXISTS (
       SELECT 1 FROM moderation_casecopy y JOIN moderation_case c ON c.id = y.case_id AND c.state <> 'decided'
       WHERE (y.subject_kind, y.subject_id) = (OLD.subject_kind, OLD.subject_id)) THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'nobody would look at it');
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER copy_waits AFTER DELETE ON moderation_casecopy DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION moderation_copy_waits();
REVOKE UPDATE ON moderation_casecopy FROM {ROLE};
"""

HOLDS = f"""
-- A hold of law begins now, has the clock of its kind, and is an event of its case; so is its release, once.
CREATE FUNCTION moderation_hold_is_told() RETURNS trigger {_PLPGSQL} AS $$
DECLARE wanted text := CASE TG_OP WHEN 'INSERT' THEN 'held' ELSE 'hold released' END;
BEGIN
  IF moderation_is_bound() AND NOT EXISTS (
       SELECT 1 FROM moderation_caseevent e WHERE e.case_id = NEW.case_id AND e.kind = wanted
         AND (e.actor_id IS NULL OR moderation_may_decide(e.actor_id, NULL)) AND {_NOW.format(row="e")}) THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'no event tells of it: ' || wanted);
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION moderation_hold_has_its_clock() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  IF moderation_is_bound() AND (CASE TG_OP WHEN 'INSERT' THEN NEW.released_at IS NOT NULL
       OR abs(extract(epoch FROM NEW.placed_at - clock_timestamp())) > 3600
       OR NEW.until > NEW.placed_at + CASE NEW.kind WHEN 'eu_terrorist' THEN interval '184 days'
         WHEN 'us_child_abuse' THEN interval '365 days' ELSE interval '366 days' END
     ELSE OLD.released_at IS NOT NULL OR NEW.released_at IS NULL
       OR abs(extract(epoch FROM NEW.released_at - clock_timestamp())) > 3600 END) THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'a hold begins now, ends by its clock, and is released once');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER hold_has_its_clock BEFORE INSERT OR UPDATE ON moderation_casehold FOR EACH ROW
  EXECUTE FUNCTION moderation_hold_has_its_clock();
CREATE CONSTRAINT TRIGGER hold_is_told AFTER INSERT OR UPDATE ON moderation_casehold DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION moderation_hold_is_told();

-- A hold on a medium stays until it is released, now, and its row as long as that one.
CREATE FUNCTION moderation_medium_stays_held() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  IF moderation_is_bound() AND (CASE TG_OP WHEN 'DELETE' THEN OLD.released_at IS NULL
       ELSE OLD.released_at IS NOT NULL OR NEW.released_at IS NULL
         OR (to_jsonb(NEW) - 'released_at') IS DISTINCT FROM (to_jsonb(OLD) - 'released_at')
         OR abs(extract(epoch FROM NEW.released_at - clock_timestamp())) > 3600 END) THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'it is held until it is released, once and now');
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER medium_stays_held BEFORE UPDATE OR DELETE ON upscrolled_legalhold FOR EACH ROW
  EXECUTE FUNCTION moderation_medium_stays_held();
"""

SWITCHES = f"""
-- A rule at the door works in another mode, and a switch of the site is turned, with a row that says so and stays.
CREATE FUNCTION moderation_mode_is_told() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  IF moderation_is_bound() AND NOT EXISTS (
       SELECT 1 FROM moderation_screenturn t WHERE t.rule = NEW.rule AND t.after = NEW.mode AND t.because = NEW.because
         AND {_NOW.format(row="t")}) THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'no turn tells of it');
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION moderation_switch_is_told() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  IF moderation_is_bound() AND NOT EXISTS (
       SELECT 1 FROM upscrolled_switch s JOIN upscrolled_switchturn t ON t.name = s.name AND t.after = s.value
       WHERE s.name = NEW.name AND {_NOW.format(row="t")}) THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'no turn tells of it');
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER mode_is_told AFTER INSERT OR UPDATE ON moderation_screenmode DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION moderation_mode_is_told();
CREATE TRIGGER mode_stays BEFORE DELETE ON moderation_screenmode FOR EACH ROW
  EXECUTE FUNCTION moderation_never('a mode is changed by a turn');
CREATE CONSTRAINT TRIGGER switch_is_told AFTER INSERT OR UPDATE ON upscrolled_switch DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION moderation_switch_is_told();
CREATE TRIGGER switch_stays BEFORE DELETE ON upscrolled_switch FOR EACH ROW
  EXECUTE FUNCTION moderation_never('a switch is turned back by a turn');
CREATE TRIGGER moderation_screenturn_stays BEFORE UPDATE OR DELETE ON moderation_screenturn
  FOR EACH ROW EXECUTE FUNCTION moderation_append_only();
CREATE TRIGGER turn_stays BEFORE UPDATE OR DELETE ON upscrolled_switchturn
  FOR EACH ROW EXECUTE FUNCTION moderation_never('turns stay');
REVOKE UPDATE, DELETE ON moderation_screenturn FROM {ROLE};
"""

FEED = f"""
-- Deliveries are taken by `feed_take_deliveries`, which runs as the owner of the tables: the oldest first, whosever.
CREATE FUNCTION moderation_delivery_is_taken() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF current_user = session_user AND moderation_is_bound() AND moderation_stands(OLD.post_id) THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'nobody passes over a post');
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER delivery_is_taken BEFORE DELETE ON feed_delivery FOR EACH ROW
  EXECUTE FUNCTION moderation_delivery_is_taken();
REVOKE UPDATE ON feed_delivery FROM {ROLE};

-- Discover may draw a post for as long as it is there for everybody.
CREATE FUNCTION moderation_candidate_stays() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  IF moderation_is_bound() AND EXISTS (
       SELECT 1 FROM feed_post p WHERE p.id = OLD.post_id AND p.deleted_at IS NULL AND p.audience = 'public'
         AND p.in_reply_to_account_id IS NULL AND p.repost_of_id IS NULL)
     AND NOT EXISTS (SELECT 1 FROM feed_candidate c WHERE c.post_id = OLD.post_id AND c.author_id = OLD.author_id) THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'the post is there for everybody');
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER candidate_stays AFTER DELETE ON feed_candidate DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  EXECUTE FUNCTION moderation_candidate_stays();
CREATE TRIGGER place_stays BEFORE UPDATE OF post_id, author_id, ring, day ON feed_candidate FOR EACH ROW
  WHEN (ROW(OLD.post_id, OLD.author_id, OLD.ring, OLD.day)
        IS DISTINCT FROM ROW(NEW.post_id, NEW.author_id, NEW.ring, NEW.day))
  EXECUTE FUNCTION moderation_never('where a post may be drawn follows from its number');

-- Whose tickets are out is closed, or restricted so by a decision.
CREATE FUNCTION moderation_tickets_count() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  IF moderation_is_bound() AND NOT EXISTS (
       SELECT 1 FROM upscrolled_account a WHERE a.id = NEW.account_id AND NOT a.is_active)
     AND NOT EXISTS (
       SELECT 1 FROM upscrolled_restriction r WHERE r.subject_kind = 'account' AND r.subject_id = NEW.account_id
         AND r.kind IN ('account_suspended', 'hold', 'uncounted') AND r.starts_at <= clock_timestamp()
         AND (r.ends_at IS NULL OR r.ends_at > clock_timestamp())) THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'no decision says so');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER tickets_count BEFORE INSERT OR UPDATE ON feed_uncounted FOR EACH ROW
  EXECUTE FUNCTION moderation_tickets_count();

-- A pool stays as it was published; it is forgotten once a later one is whole.
CREATE FUNCTION moderation_pool_stays() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  IF moderation_is_bound() AND NOT EXISTS (
       SELECT 1 FROM feed_frozenpool f WHERE f.pool = OLD.pool AND f.id > OLD.id AND f.is_keyframe) THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'it is what discover draws from');
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER pool_stays BEFORE DELETE ON feed_frozenpool FOR EACH ROW EXECUTE FUNCTION moderation_pool_stays();
REVOKE UPDATE ON feed_frozenpool, feed_poolaudit FROM {ROLE};
"""

_POST = "'post_id', 'feed_post', 'author_id', 'deleted_at IS NOT NULL'"
_READS = ("locale", "reading", "default_language", "shows_application", "bot")
_DIFFER = " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in _READS)
NAMES = f"""
CREATE TRIGGER own_name BEFORE UPDATE OR DELETE ON feed_postlink FOR EACH ROW
  EXECUTE FUNCTION moderation_in_name_of({_POST});
CREATE TRIGGER own_name BEFORE UPDATE OR DELETE ON feed_postcard FOR EACH ROW
  EXECUTE FUNCTION moderation_in_name_of({_POST});
CREATE TRIGGER own_name BEFORE INSERT OR UPDATE OR DELETE ON feed_postedit FOR EACH ROW
  EXECUTE FUNCTION moderation_in_name_of({_POST});
CREATE TRIGGER own_reading BEFORE UPDATE OF {", ".join(_READS)} ON upscrolled_account FOR EACH ROW
  WHEN ({_DIFFER}) EXECUTE FUNCTION moderation_own_hand('id');

-- A reaction goes with its message, or at the wish of who reacted.
CREATE FUNCTION moderation_reaction_is_theirs() RETURNS trigger {_PLPGSQL} AS $$
DECLARE named text := nullif(current_setting('upscrolled.actor', true), '');
BEGIN
  IF moderation_is_bound() AND named IS DISTINCT FROM OLD.account_id::text AND NOT (TG_OP = 'DELETE' AND EXISTS (
       SELECT 1 FROM messaging_message m WHERE m.id = OLD.message_id
         AND (m.deleted_at IS NOT NULL OR m.sender_id::text = named))) THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'it is done in the name of ' || coalesce(named, 'nobody'));
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER reaction_is_theirs BEFORE UPDATE OR DELETE ON messaging_reaction FOR EACH ROW
  EXECUTE FUNCTION moderation_reaction_is_theirs();

-- What devices catch up with stays for its month, and lines and places only grow.
CREATE FUNCTION moderation_event_stays() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  IF moderation_is_bound() AND (TG_OP = 'UPDATE' OR OLD.created_at > clock_timestamp() - interval '29 days')
     AND NOT moderation_is_over(to_jsonb(OLD), nullif(current_setting('upscrolled.actor', true), '')) THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'devices have not caught up with it');
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER event_stays BEFORE UPDATE OR DELETE ON messaging_event FOR EACH ROW
  EXECUTE FUNCTION moderation_event_stays();
CREATE TRIGGER seq_stays BEFORE UPDATE OF seq ON messaging_message FOR EACH ROW WHEN (OLD.seq <> NEW.seq)
  EXECUTE FUNCTION moderation_never('a message keeps its place');
CREATE TRIGGER seq_grows BEFORE UPDATE OF last_seq ON messaging_conversation FOR EACH ROW
  WHEN (NEW.last_seq < OLD.last_seq) EXECUTE FUNCTION moderation_never('places are not given again');
CREATE TRIGGER seq_grows BEFORE UPDATE OF last_seq ON messaging_inbox FOR EACH ROW
  WHEN (NEW.last_seq < OLD.last_seq) EXECUTE FUNCTION moderation_never('places are not given again');
"""


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0012_steps_of_appeals"),
        ("feed", "0009_deliveries_are_taken"),
        ("messaging", "0003_members_by_account"),
        ("upscrolled", "0018_what_people_take_along"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    # Forward only, as 0003.
    operations = [
        migrations.CreateModel(
            name="ScreenTurn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rule", models.CharField(max_length=60)),
                ("before", models.CharField(max_length=10)),
                ("after", models.CharField(max_length=10)),
                ("because", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Severing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("upto", models.BigIntegerField()),
                ("digest", models.BinaryField()),
                ("at", models.DateTimeField()),
                (
                    "decision",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="moderation.decision",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=["decision", "upto"], name="severing_once")],
            },
        ),
        *(migrations.RunSQL(sql) for sql in (TOLD, APPEALS, DECISIONS, HOLDS, SWITCHES, FEED, NAMES)),
    ]
