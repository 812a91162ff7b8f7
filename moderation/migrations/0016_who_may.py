"""The database asks whether whoever decides may: by a role that runs, within its reach (docs/adr/0026).

Nobody raises themselves either: roles are given by administrators, to others, and rows only come.
"""

from django.db import migrations

ROLE = "upscrolled_app"
_DEFINER = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
_PLPGSQL = f"LANGUAGE plpgsql {_DEFINER}"

REACH = f"""
-- The language of a subject, by its first part: a post's own, else that in which whose it is reads. NULL: none is known.
CREATE FUNCTION moderation_language(kind text, subject bigint, account bigint) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT nullif(split_part(lower(coalesce(
    CASE kind WHEN 'post' THEN (SELECT nullif(p.language, '') FROM feed_post p WHERE p.id = subject)
      WHEN 'media' THEN (SELECT nullif(p.language, '') FROM feed_postmedia s JOIN feed_post p ON p.id = s.post_id
                         WHERE s.attachment_id = subject ORDER BY s.post_id LIMIT 1) END,
    (SELECT a.locale FROM upscrolled_account a WHERE a.id = account), '')), '-', 1), '')
$$;

-- Where somebody may do something at a moment: one row a role. Lanes are named, of kinds and languages none is no limit.
CREATE FUNCTION moderation_reach(person bigint, permission text, moment timestamptz)
RETURNS TABLE (lanes text[], kinds text[], languages text[]) LANGUAGE sql STABLE {_DEFINER} AS $$
  SELECT ARRAY(SELECT l FROM unnest(ARRAY['life', 'dark', 'order', 'intimate', 'ordinary', 'sample']) AS l
      WHERE (cardinality(r.lanes) = 0 OR l = ANY(r.lanes)) AND (l <> 'dark' OR upscrolled_role_may(r.role, 'dark'))
        AND (l <> 'order' OR upscrolled_role_may(r.role, 'law'))), r.kinds::text[], r.languages::text[]
  FROM upscrolled_staff_roles(person, moment) r WHERE upscrolled_role_may(r.role, permission)
$$;

-- Whether a row of that reaches something in a lane.
CREATE FUNCTION moderation_within(lanes text[], kinds text[], languages text[], lane text, kind text, subject bigint,
  account bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT lane = ANY(lanes) AND (cardinality(kinds) = 0 OR kind = ANY(kinds))
    AND (cardinality(languages) = 0 OR coalesce(moderation_language(kind, subject, account) = ANY(languages), false))
$$;

-- Whether somebody may do this in a case.
CREATE FUNCTION moderation_may_in(person bigint, permission text, about bigint, moment timestamptz) RETURNS boolean
LANGUAGE sql STABLE {_DEFINER} AS $$
  SELECT EXISTS (SELECT 1 FROM moderation_case c, moderation_reach(person, permission, moment) r
    WHERE c.id = about
      AND moderation_within(r.lanes, r.kinds, r.languages, c.lane, c.subject_kind, c.subject_id, c.account_id))
$$;

-- Whether a decision may be somebody's at a moment: the permission is that of what it does, its reach that of its case,
-- or of its policy and subject where it has none. `asked` is what it is asked as, the same for a moment past.
CREATE FUNCTION moderation_wanted(d moderation_decision) RETURNS text LANGUAGE sql STABLE {_DEFINER} AS $$
  SELECT CASE WHEN d.action = 'hold' THEN 'hold' WHEN d.reverses_id IS NULL THEN 'decide' ELSE (
    SELECT CASE WHEN e.action = 'hold' OR e.decided_by_id = d.decided_by_id THEN 'decide'
      WHEN EXISTS (SELECT 1 FROM moderation_appeal a WHERE a.decision_id = e.id AND a.decided_by_id = d.decided_by_id
                     AND a.state = 'overturned') THEN 'appeals'
      ELSE 'undo' END
    FROM moderation_decision e WHERE e.id = d.reverses_id) END
$$;
CREATE FUNCTION moderation_is_theirs(d moderation_decision, permission text, moment timestamptz) RETURNS boolean
LANGUAGE sql STABLE {_DEFINER} AS $$
  SELECT CASE WHEN d.case_id IS NOT NULL THEN moderation_may_in(d.decided_by_id, permission, d.case_id, moment) ELSE EXISTS (
    SELECT 1 FROM moderation_reach(d.decided_by_id, permission, moment) r
    JOIN moderation_policyversion v ON v.id = d.policy_id JOIN moderation_statement s ON s.id = d.statement_id
    WHERE moderation_within(r.lanes, r.kinds, r.languages, v.lane, d.subject_kind, d.subject_id, s.account_id)) END
$$;

-- The same for the audit, of a moment past: whether a role let somebody decide this then, whatever became of their account.
-- A case's lane may have been another before it was closed, and languages of posts and people change.
CREATE FUNCTION moderation_was_theirs(d moderation_decision) RETURNS boolean LANGUAGE sql STABLE {_DEFINER} AS $$
  SELECT EXISTS (
    SELECT 1 FROM upscrolled_staffrole r LEFT JOIN moderation_case c ON c.id = d.case_id AND c.closed_at = d.decided_at
    WHERE r.account_id = d.decided_by_id AND upscrolled_role_may(r.role, moderation_wanted(d))
      AND r.since <= d.decided_at AND (r.until IS NULL OR r.until > d.decided_at)
      AND NOT EXISTS (SELECT 1 FROM upscrolled_staffroleend e WHERE e.staff_role_id = r.id AND e.at <= d.decided_at)
      AND (c.id IS NULL OR ((cardinality(r.lanes) = 0 OR c.lane = ANY(r.lanes))
        AND (c.lane <> 'dark' OR upscrolled_role_may(r.role, 'dark'))
        AND (c.lane <> 'order' OR upscrolled_role_may(r.role, 'law'))
        AND (cardinality(r.kinds) = 0 OR c.subject_kind = ANY(r.kinds)))))
$$;

-- Whether somebody may decide in a case (NULL: outside of any): by a role, or because it is granted to them.
CREATE OR REPLACE FUNCTION moderation_may_decide(person bigint, about bigint) RETURNS boolean LANGUAGE sql STABLE {_DEFINER}
AS $$
  SELECT CASE WHEN about IS NULL THEN upscrolled_may(person, 'decide', clock_timestamp())
    ELSE moderation_may_in(person, 'decide', about, clock_timestamp()) OR moderation_is_granted(person, about) END
$$;
"""

DECIDED = f"""
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
    IF NEW.decided_by_id IS NOT DISTINCT FROM s.account_id
       OR NOT (moderation_is_theirs(NEW, moderation_wanted(NEW), clock_timestamp())
               OR moderation_is_granted(NEW.decided_by_id, NEW.case_id)) THEN
      RAISE EXCEPTION 'decision % is refused: account % may not decide it (%), or decides about itself', NEW.id,
        NEW.decided_by_id, moderation_wanted(NEW) USING ERRCODE = 'check_violation';
    END IF;
    -- Who may only hold holds once, and then somebody decides.
    IF NEW.action = 'hold' AND NOT (moderation_is_theirs(NEW, 'decide', clock_timestamp())
                                    OR moderation_is_granted(NEW.decided_by_id, NEW.case_id)) AND EXISTS (
         SELECT 1 FROM moderation_decision h WHERE h.subject_kind = NEW.subject_kind AND h.subject_id = NEW.subject_id
           AND h.id < NEW.id AND h.action = 'hold' AND NOT EXISTS (
             SELECT 1 FROM moderation_decision p WHERE p.subject_kind = h.subject_kind AND p.subject_id = h.subject_id
               AND p.id > h.id AND p.id < NEW.id AND p.decided_by_id IS NOT NULL AND p.action <> 'hold')) THEN
      RAISE EXCEPTION 'decision % is refused: it was held back before, and somebody has to decide', NEW.id
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

-- An appeal is taken and answered by who may answer appeals about all that it is about, or to whom that is granted.
CREATE OR REPLACE FUNCTION moderation_appeal_by_moderators() RETURNS trigger {_PLPGSQL} AS $$
DECLARE person bigint := coalesce(NEW.decided_by_id, NEW.claimed_by_id); about bigint[]; d moderation_decision;
  moment timestamptz := clock_timestamp();
BEGIN
  about := CASE WHEN NEW.report_id IS NOT NULL THEN (SELECT r.cases FROM moderation_report r WHERE r.id = NEW.report_id)
    ELSE ARRAY(SELECT e.case_id FROM moderation_decision e WHERE e.id = NEW.decision_id AND e.case_id IS NOT NULL) END;
  IF coalesce(cardinality(about), 0) = 0 THEN
    SELECT * INTO d FROM moderation_decision WHERE id = NEW.decision_id;
    d.decided_by_id := person;
    IF (CASE WHEN d.id IS NULL THEN upscrolled_may(person, 'appeals', moment)
             ELSE moderation_is_theirs(d, 'appeals', moment) END) THEN
      RETURN NEW;
    END IF;
  ELSIF NOT EXISTS (SELECT 1 FROM unnest(about) AS n (id) WHERE NOT moderation_may_in(person, 'appeals', n.id, moment))
     OR NOT EXISTS (SELECT 1 FROM unnest(about) AS n (id) WHERE NOT moderation_is_granted(person, n.id)) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'only who answers appeals decides them, or to whom the case is granted' USING ERRCODE = 'check_violation';
END $$;

-- A case is granted by who may grant it, to somebody else without a role; nobody chooses who decides about themselves.
CREATE OR REPLACE FUNCTION moderation_grant_begins() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  PERFORM 1 FROM upscrolled_account o
    JOIN moderation_case c ON c.id = NEW.case_id AND c.lane <> 'dark' AND c.subject_kind <> 'message'
    WHERE o.id = NEW.to_id AND o.is_active AND NOT EXISTS (SELECT 1 FROM upscrolled_staff_roles(o.id, clock_timestamp()))
      AND moderation_may_in(NEW.by_id, 'grant', c.id, clock_timestamp())
      AND c.account_id IS DISTINCT FROM NEW.by_id AND c.account_id IS DISTINCT FROM o.id
      AND NOT EXISTS (SELECT 1 FROM moderation_casecopy y WHERE y.case_id = c.id AND y.account_id IN (NEW.by_id, o.id));
  IF NOT FOUND THEN
    RAISE EXCEPTION 'case % is not granted so: who may grant it gives it to somebody without a role', NEW.case_id
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION moderation_grant_ends() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  IF NOT upscrolled_may(NEW.by_id, 'grant', clock_timestamp()) THEN
    RAISE EXCEPTION 'only who grants cases takes a grant back' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION moderation_seal_steps() RETURNS trigger {_PLPGSQL} AS $$
DECLARE proposal moderation_sealstep; approvers bigint[];
BEGIN
  IF abs(extract(epoch FROM NEW.at - clock_timestamp())) > 86400 THEN
    RAISE EXCEPTION 'seal refused: it is dated otherwise than today' USING ERRCODE = 'check_violation';
  END IF;
  IF EXISTS (SELECT 1 FROM moderation_decision d JOIN moderation_notice n ON n.statement_id = d.statement_id
             WHERE d.case_id = NEW.case_id AND n.sent_at IS NOT NULL) THEN
    RAISE EXCEPTION 'seal refused: the notice was sent' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.basis = 'bank_hit' THEN
    PERFORM 1 FROM moderation_case c WHERE c.id = NEW.case_id AND c.policy IN ('child_abuse', 'terror');
    IF NOT FOUND OR NEW.until > least(NEW.at, clock_timestamp()) + interval '24 hours'
       OR EXISTS (SELECT 1 FROM moderation_sealstep s WHERE s.case_id = NEW.case_id) THEN
      RAISE EXCEPTION 'seal refused: a hit in a bank seals once, for 24 hours' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF NEW.until > least(NEW.at, clock_timestamp()) + interval '84 days' THEN
    RAISE EXCEPTION 'seal refused: it lasts 84 days at the most' USING ERRCODE = 'check_violation';
  END IF;
  PERFORM 1 FROM moderation_case c WHERE c.id = NEW.case_id AND NEW.by_id IS DISTINCT FROM c.account_id
    AND moderation_may_in(NEW.by_id, 'seal', c.id, clock_timestamp());
  IF NOT FOUND THEN
    RAISE EXCEPTION 'seal refused: only who may seal approves it' USING ERRCODE = 'check_violation';
  END IF;
  approvers := ARRAY(
    SELECT unnest(ARRAY[s.by_id, p.by_id]) FROM moderation_sealstep s JOIN moderation_sealstep p ON p.id = s.confirms_id
    WHERE s.case_id = NEW.case_id);
  IF NEW.confirms_id IS NOT NULL THEN
    SELECT * INTO proposal FROM moderation_sealstep WHERE id = NEW.confirms_id;
    IF proposal.by_id = NEW.by_id OR proposal.by_id = ANY(approvers) THEN
      RAISE EXCEPTION 'a seal takes two people, and each renewal two others' USING ERRCODE = 'check_violation';
    END IF;
    IF proposal.confirms_id IS NOT NULL OR (proposal.case_id, proposal.basis, proposal.reference, proposal.until)
         IS DISTINCT FROM (NEW.case_id, NEW.basis, NEW.reference, NEW.until) THEN
      RAISE EXCEPTION 'seal refused: this was not proposed' USING ERRCODE = 'check_violation';
    END IF;
  END IF;
  IF NEW.by_id = ANY(approvers) THEN
    RAISE EXCEPTION 'a seal takes two people, and each renewal two others' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
"""

STAFF = f"""
-- Administrators give roles to others, from now on and for a while; without an end only the owner of the tables does.
CREATE FUNCTION moderation_staff_role_begins() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  IF moderation_is_bound() AND (NEW.by_id IS NULL OR NEW.by_id = NEW.account_id
       OR NOT upscrolled_may(NEW.by_id, 'staff', clock_timestamp())
       OR abs(extract(epoch FROM NEW.since - clock_timestamp())) > 3600
       OR NOT EXISTS (SELECT 1 FROM upscrolled_account a WHERE a.id = NEW.account_id AND a.is_active)) THEN
    RAISE EXCEPTION 'the role of account % is refused: administrators give roles, to others, from now on', NEW.account_id
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;

-- One administrator at least stays; the shell may end the last one too.
CREATE FUNCTION moderation_staff_role_ends() RETURNS trigger {_PLPGSQL} AS $$
DECLARE ended upscrolled_staffrole; moment timestamptz := clock_timestamp();
BEGIN
  IF NOT moderation_is_bound() THEN
    RETURN NEW;
  END IF;
  -- Two administrators do not end each other at once.
  PERFORM pg_advisory_xact_lock(hashtextextended('upscrolled:staff', 0));
  SELECT * INTO ended FROM upscrolled_staffrole WHERE id = NEW.staff_role_id;
  IF NEW.by_id IS NULL OR NOT upscrolled_may(NEW.by_id, 'staff', moment)
     OR abs(extract(epoch FROM NEW.written_at - moment)) > 3600 OR NEW.at < NEW.written_at THEN
    RAISE EXCEPTION 'the end of role % is refused: administrators end roles, from now on', NEW.staff_role_id
      USING ERRCODE = 'check_violation';
  END IF;
  IF ended.role = 'admin' AND NOT EXISTS (
       SELECT 1 FROM upscrolled_staffrole o WHERE o.role = 'admin' AND o.id <> ended.id
         AND o.id IN (SELECT l.id FROM upscrolled_staff_roles(o.account_id, moment) l)
         AND o.id IN (SELECT l.id FROM upscrolled_staff_roles(o.account_id, NEW.at) l)) THEN
    RAISE EXCEPTION 'the end of role % is refused: nobody else would be administrator', NEW.staff_role_id
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;

-- What an account says of its role is what the rows say.
CREATE FUNCTION moderation_role_follows() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  IF moderation_is_bound() AND (NEW.is_superuser OR NEW.role <> upscrolled_role_of(NEW.id, clock_timestamp())
       OR NEW.is_staff <> (NEW.role <> '')) THEN
    RAISE EXCEPTION 'account % has no such role', NEW.id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER staff_role_begins BEFORE INSERT ON upscrolled_staffrole
  FOR EACH ROW EXECUTE FUNCTION moderation_staff_role_begins();
CREATE TRIGGER staff_role_ends BEFORE INSERT ON upscrolled_staffroleend
  FOR EACH ROW EXECUTE FUNCTION moderation_staff_role_ends();
CREATE TRIGGER upscrolled_staffrole_stays BEFORE UPDATE OR DELETE ON upscrolled_staffrole
  FOR EACH ROW EXECUTE FUNCTION moderation_append_only();
CREATE TRIGGER upscrolled_staffroleend_stays BEFORE UPDATE OR DELETE ON upscrolled_staffroleend
  FOR EACH ROW EXECUTE FUNCTION moderation_append_only();
CREATE TRIGGER role_begins BEFORE INSERT ON upscrolled_account FOR EACH ROW
  WHEN (NEW.role <> '' OR NEW.is_staff OR NEW.is_superuser) EXECUTE FUNCTION moderation_role_follows();
CREATE TRIGGER role_follows BEFORE UPDATE OF role, is_staff, is_superuser ON upscrolled_account FOR EACH ROW
  WHEN (ROW(OLD.role, OLD.is_staff, OLD.is_superuser) IS DISTINCT FROM ROW(NEW.role, NEW.is_staff, NEW.is_superuser))
  EXECUTE FUNCTION moderation_role_follows();
REVOKE UPDATE, DELETE ON upscrolled_staffrole, upscrolled_staffroleend FROM {ROLE};
REVOKE UPDATE ON SEQUENCE upscrolled_staffrole_id_seq, upscrolled_staffroleend_id_seq FROM {ROLE};
"""


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0015_media_as_subjects"),
        ("feed", "0009_deliveries_are_taken"),
        ("upscrolled", "0020_roles_by_assignment"),
    ]
    # Forward only, as 0003.
    operations = [migrations.RunSQL(sql) for sql in (REACH, DECIDED, STAFF)]
