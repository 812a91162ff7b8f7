"""What lowers what somebody sees, or who sees them, is refused in another's name, on every table (docs/adr/0025).

And a case is closed once, with its decision and its trace; what was reported stays as it was said.
"""

from django.db import migrations

_DEFINER = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
_PLPGSQL = f"LANGUAGE plpgsql {_DEFINER}"

FUNCTIONS = f"""
CREATE FUNCTION moderation_refuse(op text, named_table text, why text) RETURNS void {_PLPGSQL} AS $$
BEGIN
  RAISE EXCEPTION '% of % is refused: %', op, named_table, why USING ERRCODE = 'integrity_constraint_violation';
END $$;

-- Whether a post is there for anybody still.
CREATE FUNCTION moderation_stands(post bigint) RETURNS boolean {_PLPGSQL} STABLE AS $$
BEGIN RETURN EXISTS (SELECT 1 FROM feed_post p WHERE p.id = post AND p.deleted_at IS NULL); END $$;

-- What goes by itself: what hangs on a deleted post, the share of one, what is kept of or by somebody who never
-- confirmed that they are there, and what others keep of an account that is erased in its owner's name.
CREATE FUNCTION moderation_is_over(said jsonb, named text) RETURNS boolean {_PLPGSQL} STABLE AS $$
BEGIN RETURN coalesce(said ? 'post_id' AND NOT moderation_stands((said->>'post_id')::bigint), false)
  OR coalesce(said->>'repost_of_id' IS NOT NULL AND NOT moderation_stands((said->>'repost_of_id')::bigint), false)
  OR EXISTS (
    SELECT 1 FROM upscrolled_account a
    WHERE a.id = ANY(ARRAY[said->>'account_id', said->>'target_id', said->>'recipient_id', said->>'sender_id']::bigint[])
      AND (a.confirmed_at IS NULL OR (NOT a.is_active AND a.id::text = named)));
END $$;

-- Written in the name of one of the accounts that the row names in these columns (the argument, with commas). Of a row
-- that is changed both how it was and how it is going to be are theirs.
CREATE FUNCTION moderation_in_own_name() RETURNS trigger {_PLPGSQL} AS $$
DECLARE named text := nullif(current_setting('upscrolled.actor', true), ''); said jsonb;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF OLD IS NOT DISTINCT FROM NEW THEN
      RETURN NEW;
    END IF;
  END IF;
  IF moderation_is_bound() THEN
    FOREACH said IN ARRAY CASE TG_OP WHEN 'INSERT' THEN ARRAY[to_jsonb(NEW)] WHEN 'DELETE' THEN ARRAY[to_jsonb(OLD)]
                                     ELSE ARRAY[to_jsonb(OLD), to_jsonb(NEW)] END LOOP
      IF NOT coalesce(named = ANY(ARRAY(SELECT said->>c FROM unnest(string_to_array(TG_ARGV[0], ',')) c)), false)
         AND NOT (TG_OP = 'DELETE' AND moderation_is_over(said, named)) THEN
        PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'it is done in the name of ' || coalesce(named, 'nobody'));
      END IF;
    END LOOP;
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

-- The same for a part of something: the column that names the whole, its table, the column that says whose it is, and
-- when that does not matter any more.
CREATE FUNCTION moderation_in_name_of() RETURNS trigger {_PLPGSQL} AS $$
DECLARE named text := nullif(current_setting('upscrolled.actor', true), ''); said jsonb; whose text; over boolean;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF OLD IS NOT DISTINCT FROM NEW THEN
      RETURN NEW;
    END IF;
  END IF;
  IF moderation_is_bound() THEN
    FOREACH said IN ARRAY CASE TG_OP WHEN 'INSERT' THEN ARRAY[to_jsonb(NEW)] WHEN 'DELETE' THEN ARRAY[to_jsonb(OLD)]
                                     ELSE ARRAY[to_jsonb(OLD), to_jsonb(NEW)] END LOOP
      EXECUTE format('SELECT %I, %s FROM %I WHERE id = $1', TG_ARGV[2], TG_ARGV[3], TG_ARGV[1])
        INTO whose, over USING (said->>TG_ARGV[0])::bigint;
      IF whose IS NOT NULL AND NOT over AND whose IS DISTINCT FROM named
         AND NOT (TG_OP = 'DELETE' AND moderation_is_over(said, named)) THEN
        PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'it is done in the name of ' || coalesce(named, 'nobody'));
      END IF;
    END LOOP;
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE FUNCTION moderation_never() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  IF moderation_is_bound() THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, TG_ARGV[0]);
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

-- A follow ends at the wish of either, or with the suspension of one of them, which remembers it.
CREATE FUNCTION moderation_follow_ends() RETURNS trigger {_PLPGSQL} AS $$
DECLARE named text := nullif(current_setting('upscrolled.actor', true), '');
BEGIN
  IF moderation_is_bound() AND NOT coalesce(named IN (OLD.account_id::text, OLD.target_id::text), false)
     AND NOT moderation_is_over(to_jsonb(OLD), named) AND NOT EXISTS (
       SELECT 1 FROM upscrolled_restriction r WHERE r.subject_kind = 'account' AND r.kind = 'account_suspended'
         AND r.subject_id IN (OLD.account_id, OLD.target_id) AND r.ends_at IS NULL) THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'it is the wish of neither');
  END IF;
  RETURN OLD;
END $$;

-- What a post answers, shares and quotes stays that; it is forgotten with what it was.
CREATE FUNCTION moderation_thread_stays() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  IF moderation_is_bound() AND NOT (
       ROW(NEW.thread_id, NEW.in_reply_to_account_id, NEW.repost_of_id)
         IS NOT DISTINCT FROM ROW(OLD.thread_id, OLD.in_reply_to_account_id, OLD.repost_of_id)
       AND (NEW.in_reply_to_id IS NOT DISTINCT FROM OLD.in_reply_to_id
            OR (NEW.in_reply_to_id IS NULL AND NOT moderation_stands(OLD.in_reply_to_id)))
       AND (NEW.quote_of_id IS NOT DISTINCT FROM OLD.quote_of_id
            OR (NEW.quote_of_id IS NULL AND NOT moderation_stands(OLD.quote_of_id)))) THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'a post stays where it was written');
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION moderation_quote_is_theirs() RETURNS trigger {_PLPGSQL} AS $$
DECLARE named text := nullif(current_setting('upscrolled.actor', true), '');
BEGIN
  IF moderation_is_bound() AND named IS DISTINCT FROM OLD.author_id::text AND NOT EXISTS (
       SELECT 1 FROM feed_post q WHERE q.id = OLD.quote_of_id AND q.author_id::text = named) THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'a quotation is ended by whom it quotes');
  END IF;
  RETURN NEW;
END $$;

-- Out of a conversation goes who wants to, or whom the owner of a group takes out.
CREATE FUNCTION moderation_member_stays() RETURNS trigger {_PLPGSQL} AS $$
DECLARE named text := nullif(current_setting('upscrolled.actor', true), '');
BEGIN
  IF moderation_is_bound() AND NOT coalesce(
       named = OLD.account_id::text OR (NEW.account_id, NEW.conversation_id) = (OLD.account_id, OLD.conversation_id)
         AND named = (SELECT c.owner_id::text FROM messaging_conversation c WHERE c.id = OLD.conversation_id), false)
  THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'it is done in the name of ' || coalesce(named, 'nobody'));
  END IF;
  RETURN NEW;
END $$;

-- What was shown to the moderators of a message goes with the evidence of its cases, and not before.
CREATE FUNCTION moderation_reported_stays() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  IF moderation_is_bound() AND (
       NOT EXISTS (SELECT 1 FROM messaging_report p WHERE p.id = OLD.report_id AND p.handed_at IS NOT NULL)
       OR EXISTS (SELECT 1 FROM moderation_case c JOIN moderation_evidence e ON e.case_id = c.id
                  WHERE c.subject_kind = 'message' AND c.subject_id = OLD.message_id)
       OR EXISTS (SELECT 1 FROM moderation_casecopy y JOIN moderation_evidence e ON e.case_id = y.case_id
                  WHERE y.subject_kind = 'message' AND y.subject_id = OLD.message_id)) THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'it is evidence');
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

-- A case that is closed was closed now, and stays as it was closed, but that all of it may be taken back.
CREATE FUNCTION moderation_case_closes_once() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  IF NOT moderation_is_bound() THEN
    RETURN NEW;
  END IF;
  IF TG_OP = 'INSERT' THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'a case begins open');
  ELSIF OLD.state = 'decided' THEN
    IF (to_jsonb(NEW) - 'outcome') IS DISTINCT FROM (to_jsonb(OLD) - 'outcome')
       OR (NEW.outcome <> OLD.outcome AND NEW.outcome <> 'undone') THEN
      PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'what was decided stays decided; looking again is a new case');
    END IF;
  ELSIF NEW.state = 'decided' AND (NEW.closed_at IS NULL OR NEW.outcome NOT IN ('upheld', 'refused')
          OR abs(extract(epoch FROM NEW.closed_at - clock_timestamp())) > 3600)
        OR NEW.state <> 'decided' AND (NEW.closed_at IS NOT NULL OR NEW.outcome <> '') THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'a case is closed now, with an outcome');
  END IF;
  RETURN NEW;
END $$;

-- A step of a case is an event of this very transaction; what closes one has its decision, or its word in the log.
CREATE FUNCTION moderation_case_is_told() RETURNS trigger {_PLPGSQL} AS $$
DECLARE wanted text[] := CASE
  WHEN OLD.state = 'decided' THEN ARRAY['undone']
  WHEN NEW.state = 'claimed' THEN ARRAY['claimed']
  WHEN NEW.state = 'open' THEN ARRAY['skipped', 'second opinion', 'lease ended']
  WHEN NEW.outcome = 'upheld' THEN ARRAY['decided'] ELSE ARRAY['dismissed'] END;
BEGIN
  IF moderation_is_bound() AND NOT EXISTS (
       SELECT 1 FROM moderation_caseevent e WHERE e.case_id = NEW.id AND e.kind = ANY(wanted)
         AND age(e.xmin) <= age(pg_current_xact_id()::xid)
         AND (NEW.state <> 'decided' OR OLD.state = 'decided'
              OR e.at = NEW.closed_at AND moderation_may_decide(e.actor_id, NEW.id))) THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'no event tells of it: ' || array_to_string(wanted, ' or '));
  END IF;
  IF moderation_is_bound() AND NEW.state = 'decided' AND OLD.state <> 'decided' AND NOT (CASE NEW.outcome
       WHEN 'upheld' THEN EXISTS (SELECT 1 FROM moderation_decision d WHERE d.case_id = NEW.id AND d.reverses_id IS NULL)
       ELSE EXISTS (SELECT 1 FROM moderation_publicact p WHERE p.kind = 'kept' AND p.ref = NEW.id) END) THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'nothing was decided');
  END IF;
  RETURN NULL;
END $$;

-- Who waits never waits longer than they were told.
CREATE FUNCTION moderation_case_waits_no_longer() RETURNS trigger {_PLPGSQL} AS $$
DECLARE lanes text[] := ARRAY['life', 'dark', 'order', 'intimate', 'ordinary', 'sample'];
BEGIN
  IF moderation_is_bound() AND (coalesce(NEW.deadline, 'infinity') > coalesce(OLD.deadline, 'infinity')
       OR coalesce(array_position(lanes, NEW.lane::text), 9) > array_position(lanes, OLD.lane::text)) THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'a case gets no later deadline and no lighter lane');
  END IF;
  RETURN NEW;
END $$;

-- A report stays as it was said (moderators may sort it under other rules); it is answered when all that it names is decided.
CREATE FUNCTION moderation_report_stays() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  IF moderation_is_bound() AND (
       ROW(NEW.id, NEW.reporter_id, NEW.target_id, NEW.hashtag_id, NEW.post_ids, NEW.comment, NEW.created_at, NEW.reason)
         IS DISTINCT FROM ROW(OLD.id, OLD.reporter_id, OLD.target_id, OLD.hashtag_id, OLD.post_ids, OLD.comment,
           OLD.created_at, OLD.reason)
       OR cardinality(NEW.cases) < cardinality(OLD.cases)
       OR (NEW.outcome <> '' AND NEW.outcome <> OLD.outcome AND EXISTS (
             SELECT 1 FROM moderation_case c WHERE c.id = ANY(NEW.cases) AND c.state <> 'decided'))) THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'a report stays as it was said, until what it names is decided');
  END IF;
  RETURN NEW;
END $$;
"""

EVIDENCE = f"""
-- What is kept for a case stays as long as its evidence.
CREATE FUNCTION moderation_kept_stays() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  PERFORM 1 FROM moderation_evidence e WHERE e.case_id = OLD.case_id;
  IF FOUND OR TG_OP = 'UPDATE' THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'it is evidence');
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER kept_stays BEFORE UPDATE OR DELETE ON upscrolled_keptmedia FOR EACH ROW
  EXECUTE FUNCTION moderation_kept_stays();
CREATE TRIGGER kept_stays BEFORE UPDATE OR DELETE ON upscrolled_keptpicture FOR EACH ROW
  EXECUTE FUNCTION moderation_kept_stays();
-- Of what was reported before, what is still there.
INSERT INTO upscrolled_keptmedia (attachment_id, case_id)
SELECT DISTINCT a.id, e.case_id FROM moderation_evidence e,
  jsonb_array_elements(CASE jsonb_typeof(e.content->'media') WHEN 'array' THEN e.content->'media' ELSE '[]' END) m
JOIN upscrolled_mediaattachment a ON a.id = (m->>'id')::bigint;
INSERT INTO upscrolled_keptpicture (picture_id, case_id)
SELECT DISTINCT p.name, e.case_id FROM moderation_evidence e
JOIN upscrolled_picture p ON p.name IN (e.content->>'avatar', e.content->>'header');
"""
LANGUAGE = f"""
-- A statement is written in its reader's language, or in English where we do not write theirs. What takes a decision
-- back may be in the language that this was told in.
CREATE FUNCTION moderation_in_their_language() RETURNS trigger {_PLPGSQL} AS $$
DECLARE theirs text;
BEGIN
  SELECT CASE WHEN a.locale IN ('en', 'ar', 'fr') THEN a.locale ELSE 'en' END INTO theirs
  FROM upscrolled_account a WHERE a.id = NEW.account_id;
  IF theirs <> NEW.language AND NOT (NEW.measure = 'restore' AND EXISTS (
       SELECT 1 FROM moderation_statement s WHERE s.account_id = NEW.account_id AND s.language = NEW.language
         AND (s.subject_kind, s.subject_id) = (NEW.subject_kind, NEW.subject_id))) THEN
    RAISE EXCEPTION 'a statement to account % is written in %, and they read %', NEW.account_id, NEW.language, theirs
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER in_their_language BEFORE INSERT ON moderation_statement FOR EACH ROW
  EXECUTE FUNCTION moderation_in_their_language();
"""

_POST = "'{column}', 'feed_post', 'author_id', 'deleted_at IS NOT NULL'"
_PARTS = {  # of what: the column, and whose that is
    "feed_posttag": ("UPDATE OR DELETE", "post_id"),
    "feed_postmedia": ("UPDATE OR DELETE", "post_id"),
    "feed_poll": ("DELETE", "post_id"),
    "feed_pollvote": ("DELETE", "poll_id"),
}
_THEIRS = {  # what people keep for themselves: who may write it, and which writes are asked
    "feed_hiddenpost": ("account_id", "INSERT OR UPDATE OR DELETE"),
    "feed_filter": ("account_id", "INSERT OR UPDATE OR DELETE"),
    "feed_threadmute": ("account_id", "INSERT OR UPDATE OR DELETE"),
    "feed_readinglist": ("account_id", "INSERT OR UPDATE OR DELETE"),
    "feed_discoverchoice": ("account_id", "INSERT OR UPDATE OR DELETE"),
    "feed_tagfollow": ("account_id", "INSERT OR UPDATE OR DELETE"),
    "feed_featuredtag": ("account_id", "INSERT OR UPDATE OR DELETE"),
    "feed_pin": ("account_id", "INSERT OR UPDATE OR DELETE"),
    "feed_scheduledpost": ("account_id", "UPDATE OR DELETE"),
    "feed_like": ("account_id", "UPDATE OR DELETE"),
    "feed_bookmark": ("account_id", "UPDATE OR DELETE"),
    "upscrolled_mute": ("account_id", "UPDATE OR DELETE"),
    "upscrolled_block": ("account_id", "UPDATE OR DELETE"),
    "upscrolled_follow": ("account_id", "UPDATE"),
    "upscrolled_followrequest": ("account_id,target_id", "UPDATE OR DELETE"),
    "upscrolled_endorsement": ("account_id,target_id", "UPDATE OR DELETE"),
    "upscrolled_dismissedsuggestion": ("account_id", "INSERT OR UPDATE OR DELETE"),
    "upscrolled_notificationchoice": ("account_id", "INSERT OR UPDATE OR DELETE"),
    "upscrolled_notificationsender": ("recipient_id", "INSERT OR UPDATE OR DELETE"),
    "upscrolled_departure": ("account_id", "INSERT OR UPDATE OR DELETE"),
    "messaging_hidden": ("account_id", "INSERT OR UPDATE OR DELETE"),
    "messaging_message": ("sender_id", "DELETE"),
    "messaging_member": ("account_id", "DELETE"),
}
_PROFILE = (
    "username",
    "display_name",
    "note",
    "fields",
    "pronouns",
    "avatar",
    "header",
    "avatar_description",
    "header_description",
    "locked",
    "hide_collections",
    "default_audience",
    "default_sensitive",
    "default_quoting",
)
_ASKED = ("post_id", "options", "multiple", "hide_totals", "expires_at")
_WHERE = ("thread_id", "in_reply_to_id", "in_reply_to_account_id", "repost_of_id", "quote_of_id")


def _differ(columns: tuple[str, ...]) -> str:
    return " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in columns)


TRIGGERS = "\n".join(
    f"""CREATE TRIGGER own_name BEFORE {asked} ON {table} FOR EACH ROW
  EXECUTE FUNCTION moderation_in_own_name('{columns}');"""
    for table, (columns, asked) in _THEIRS.items()
)
TRIGGERS += "\n".join(
    f"""CREATE TRIGGER own_name BEFORE {asked} ON {table} FOR EACH ROW
  EXECUTE FUNCTION moderation_in_name_of({_POST.format(column=column)});"""
    for table, (asked, column) in _PARTS.items()
)
TRIGGERS += f"""
CREATE TRIGGER own_question BEFORE UPDATE OF post_id, options, multiple, hide_totals, expires_at ON feed_poll FOR EACH ROW
  WHEN ({_differ(_ASKED)}) EXECUTE FUNCTION moderation_in_name_of({_POST.format(column="post_id")});
-- The search enters a post anew in its author's name; what stays as it was is asked by nobody.
CREATE TRIGGER own_name BEFORE UPDATE ON feed_postwords FOR EACH ROW
  WHEN (OLD.post_id <> NEW.post_id OR OLD.words <> NEW.words)
  EXECUTE FUNCTION moderation_in_name_of({_POST.format(column="post_id")});
CREATE TRIGGER own_name_deletes BEFORE DELETE ON feed_postwords FOR EACH ROW
  EXECUTE FUNCTION moderation_in_name_of({_POST.format(column="post_id")});
CREATE TRIGGER own_name BEFORE INSERT OR UPDATE OR DELETE ON feed_filterkeyword FOR EACH ROW
  EXECUTE FUNCTION moderation_in_name_of('filter_id', 'feed_filter', 'account_id', 'false');
CREATE TRIGGER own_name BEFORE INSERT OR UPDATE OR DELETE ON feed_filterpost FOR EACH ROW
  EXECUTE FUNCTION moderation_in_name_of('filter_id', 'feed_filter', 'account_id', 'false');
CREATE TRIGGER own_name BEFORE INSERT OR UPDATE OR DELETE ON feed_listmember FOR EACH ROW
  EXECUTE FUNCTION moderation_in_name_of('reading_list_id', 'feed_readinglist', 'account_id', 'false');
CREATE TRIGGER follow_ends BEFORE DELETE ON upscrolled_follow FOR EACH ROW EXECUTE FUNCTION moderation_follow_ends();
CREATE TRIGGER own_profile BEFORE UPDATE OF {", ".join(_PROFILE)} ON upscrolled_account FOR EACH ROW
  WHEN ({_differ(_PROFILE)}) EXECUTE FUNCTION moderation_own_hand('id');
CREATE TRIGGER thread_stays BEFORE UPDATE OF {", ".join(_WHERE)} ON feed_post FOR EACH ROW
  WHEN ({_differ(_WHERE)}) EXECUTE FUNCTION moderation_thread_stays();
CREATE TRIGGER quote_is_theirs BEFORE UPDATE OF quote_state ON feed_post FOR EACH ROW
  WHEN (OLD.quote_state IS DISTINCT FROM NEW.quote_state) EXECUTE FUNCTION moderation_quote_is_theirs();
DROP TRIGGER own_hand_deletes ON feed_post;
CREATE TRIGGER own_hand_deletes BEFORE DELETE ON feed_post FOR EACH ROW
  WHEN (OLD.deleted_at IS NULL) EXECUTE FUNCTION moderation_in_own_name('author_id');
CREATE TRIGGER files_stay BEFORE UPDATE OF files ON upscrolled_mediaattachment FOR EACH ROW
  WHEN (OLD.attached_at IS NOT NULL AND OLD.files <> '{{}}' AND NEW.files = '{{}}')
  EXECUTE FUNCTION moderation_never('what is shown keeps its files');
CREATE TRIGGER own_name BEFORE DELETE ON upscrolled_mediaattachment FOR EACH ROW WHEN (OLD.deleted_at IS NULL)
  EXECUTE FUNCTION moderation_in_own_name('owner_id');

CREATE TRIGGER member_stays BEFORE UPDATE ON messaging_member FOR EACH ROW
  WHEN (OLD.account_id <> NEW.account_id OR OLD.conversation_id <> NEW.conversation_id
        OR (OLD.state IN ('request', 'accepted') AND (NEW.state NOT IN ('request', 'accepted')
            OR NEW.from_seq > OLD.from_seq
            OR (NEW.until_seq IS NOT NULL AND NEW.until_seq IS DISTINCT FROM OLD.until_seq)
            OR (NEW.activity_id IS NULL AND OLD.activity_id IS NOT NULL)
            OR (NEW.archived_at IS NOT NULL AND NEW.archived_at IS DISTINCT FROM OLD.archived_at)
            OR (NEW.muted_until IS NOT NULL AND NEW.muted_until IS DISTINCT FROM OLD.muted_until))))
  EXECUTE FUNCTION moderation_member_stays();
CREATE TRIGGER own_name BEFORE INSERT ON messaging_inbox FOR EACH ROW WHEN (NEW.writers <> 'everyone')
  EXECUTE FUNCTION moderation_in_own_name('account_id');
CREATE TRIGGER own_name_updates BEFORE UPDATE OF writers ON messaging_inbox FOR EACH ROW
  WHEN (OLD.writers <> NEW.writers) EXECUTE FUNCTION moderation_in_own_name('account_id');
CREATE TRIGGER pair_stays BEFORE UPDATE OF kind, low, high ON messaging_conversation FOR EACH ROW
  WHEN (ROW(OLD.kind, OLD.low, OLD.high) IS DISTINCT FROM ROW(NEW.kind, NEW.low, NEW.high))
  EXECUTE FUNCTION moderation_never('who talks to whom stays');
CREATE TRIGGER own_hand BEFORE UPDATE OF owner_id ON messaging_conversation FOR EACH ROW
  WHEN (OLD.owner_id IS DISTINCT FROM NEW.owner_id) EXECUTE FUNCTION moderation_own_hand('owner_id');
-- Sealed anew under another key it says the same (messaging/operations/reseal.py).
CREATE TRIGGER own_words BEFORE UPDATE OF body, attachments ON messaging_message FOR EACH ROW
  WHEN ((OLD.body <> NEW.body AND (OLD.key_id = NEW.key_id OR octet_length(NEW.body) = 0))
        OR OLD.attachments IS DISTINCT FROM NEW.attachments)
  EXECUTE FUNCTION moderation_own_hand('sender_id');
CREATE TRIGGER reported_stays BEFORE UPDATE ON messaging_reported FOR EACH ROW
  WHEN (ROW(OLD.report_id, OLD.message_id, OLD.attachments) IS DISTINCT FROM
        ROW(NEW.report_id, NEW.message_id, NEW.attachments)
        OR (OLD.body <> NEW.body AND (OLD.key_id = NEW.key_id OR octet_length(NEW.body) = 0)))
  EXECUTE FUNCTION moderation_reported_stays();
CREATE TRIGGER reported_is_kept BEFORE DELETE ON messaging_reported FOR EACH ROW
  EXECUTE FUNCTION moderation_reported_stays();
CREATE TRIGGER reading_stays BEFORE UPDATE OR DELETE ON messaging_reading FOR EACH ROW
  EXECUTE FUNCTION moderation_never('who read what stays written');

CREATE TRIGGER case_begins BEFORE INSERT ON moderation_case FOR EACH ROW
  WHEN (NEW.state <> 'open' OR NEW.closed_at IS NOT NULL OR NEW.outcome <> '')
  EXECUTE FUNCTION moderation_case_closes_once();
CREATE TRIGGER case_closes_once BEFORE UPDATE ON moderation_case FOR EACH ROW
  WHEN (OLD.state = 'decided' OR NEW.state = 'decided' OR NEW.closed_at IS NOT NULL OR NEW.outcome <> '')
  EXECUTE FUNCTION moderation_case_closes_once();
CREATE CONSTRAINT TRIGGER case_is_told AFTER UPDATE ON moderation_case DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (OLD.state <> NEW.state OR OLD.outcome <> NEW.outcome) EXECUTE FUNCTION moderation_case_is_told();
CREATE TRIGGER case_waits_no_longer BEFORE UPDATE OF lane, deadline ON moderation_case FOR EACH ROW
  WHEN (OLD.lane <> NEW.lane OR OLD.deadline IS DISTINCT FROM NEW.deadline)
  EXECUTE FUNCTION moderation_case_waits_no_longer();
CREATE TRIGGER lease_is_short BEFORE UPDATE OF claimed_until ON moderation_case FOR EACH ROW
  WHEN (NEW.claimed_until > clock_timestamp() + interval '1 hour')
  EXECUTE FUNCTION moderation_never('a claim is a lease of minutes');
CREATE TRIGGER lease_is_short BEFORE UPDATE OF claimed_until ON moderation_appeal FOR EACH ROW
  WHEN (NEW.claimed_until > clock_timestamp() + interval '1 hour')
  EXECUTE FUNCTION moderation_never('a claim is a lease of minutes');
CREATE TRIGGER deadline_stays BEFORE UPDATE OF deadline ON moderation_appeal FOR EACH ROW
  WHEN (OLD.deadline <> NEW.deadline) EXECUTE FUNCTION moderation_never('an appeal is answered when it was promised');
CREATE TRIGGER report_stays BEFORE UPDATE ON moderation_report FOR EACH ROW EXECUTE FUNCTION moderation_report_stays();
CREATE TRIGGER answered_stays BEFORE UPDATE ON moderation_doorappeal FOR EACH ROW
  WHEN (OLD.decided_at IS NOT NULL) EXECUTE FUNCTION moderation_never('what was answered stays');
REVOKE UPDATE ON moderation_doorexception FROM upscrolled_app;
REVOKE UPDATE, DELETE ON messaging_reading FROM upscrolled_app;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0009_outside_reviewers_and_rehearsals"),
        ("feed", "0006_words_of_posts"),
        ("messaging", "0002_media_of_messages"),
        ("upscrolled", "0017_kept_as_evidence"),
    ]
    # Forward only, as 0003.
    operations = [migrations.RunSQL(sql) for sql in (FUNCTIONS, TRIGGERS, LANGUAGE, EVIDENCE)]
