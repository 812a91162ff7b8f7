"""Messages have an owner too, so that a decision about one has a statement and a notice as any other."""

from django.db import migrations

_DEFINER = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
OWNER = f"""
CREATE OR REPLACE FUNCTION moderation_owner(kind text, subject bigint) RETURNS bigint {_DEFINER} STABLE AS $$
DECLARE owner bigint;
BEGIN
  CASE kind
    WHEN 'account', 'handle' THEN SELECT id INTO owner FROM upscrolled_account WHERE id = subject;
    WHEN 'post' THEN SELECT author_id INTO owner FROM feed_post WHERE id = subject;
    WHEN 'message' THEN SELECT sender_id INTO owner FROM messaging_message WHERE id = subject;
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
"""


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0004_a_role_that_cannot"),
        ("messaging", "0001_conversations"),
    ]
    operations = [migrations.RunSQL(OWNER, migrations.RunSQL.noop)]
