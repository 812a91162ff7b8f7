"""A photo, video or sound of a post is decided about by itself: whose it is, and that nobody takes its files away quietly.

Of what other migrations made, `moderation_owner` alone is replaced.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

_DEFINER = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
_PLPGSQL = f"LANGUAGE plpgsql {_DEFINER}"

FUNCTIONS = f"""
-- Media of messages are decided about with these.
CREATE OR REPLACE FUNCTION moderation_owner(kind text, subject bigint) RETURNS bigint {_PLPGSQL} STABLE AS $$
DECLARE owner bigint;
BEGIN
  CASE kind
    WHEN 'account', 'handle' THEN SELECT id INTO owner FROM upscrolled_account WHERE id = subject;
    WHEN 'post' THEN SELECT author_id INTO owner FROM feed_post WHERE id = subject;
    WHEN 'media' THEN
      SELECT owner_id INTO owner FROM upscrolled_mediaattachment WHERE id = subject AND purpose = 'post';
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

-- What is shown can be shown: there is something to show, and each file that is named is one that it uses.
CREATE FUNCTION moderation_files_are_there() RETURNS trigger {_PLPGSQL} AS $$
DECLARE m upscrolled_mediaattachment;
BEGIN
  IF NOT moderation_is_bound() THEN
    RETURN NULL;
  END IF;
  SELECT * INTO m FROM upscrolled_mediaattachment
  WHERE id = (CASE TG_TABLE_NAME WHEN 'upscrolled_fileuse' THEN to_jsonb(OLD)->>'attachment_id'
              ELSE to_jsonb(OLD)->>'id' END)::bigint AND attached_at IS NOT NULL AND deleted_at IS NULL;
  IF FOUND AND (NOT m.files ?| ARRAY['original', 'fallback'] OR EXISTS (
       SELECT 1 FROM (SELECT value FROM jsonb_each_text(m.files)
                      UNION SELECT c->>'file' FROM jsonb_array_elements(m.captions) c) AS named (name)
       WHERE NOT EXISTS (SELECT 1 FROM upscrolled_fileuse u JOIN upscrolled_storedfile f ON f.id = u.file_id
                         WHERE u.attachment_id = m.id AND f.name = named.name))) THEN
    PERFORM moderation_refuse(TG_OP, TG_TABLE_NAME, 'what is shown keeps its files');
  END IF;
  RETURN NULL;
END $$;
"""

TRIGGERS = """
CREATE CONSTRAINT TRIGGER files_are_there AFTER UPDATE OF files, captions ON upscrolled_mediaattachment
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (OLD.attached_at IS NOT NULL AND ROW(OLD.files, OLD.captions) IS DISTINCT FROM ROW(NEW.files, NEW.captions))
  EXECUTE FUNCTION moderation_files_are_there();
CREATE CONSTRAINT TRIGGER files_are_there AFTER DELETE OR UPDATE OF file_id, attachment_id ON upscrolled_fileuse
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION moderation_files_are_there();
CREATE TRIGGER name_stays BEFORE UPDATE OF name, area ON upscrolled_storedfile FOR EACH ROW
  WHEN (ROW(OLD.name, OLD.area) IS DISTINCT FROM ROW(NEW.name, NEW.area))
  EXECUTE FUNCTION moderation_never('a stored file stays where it is');
CREATE TRIGGER media_stay BEFORE UPDATE OF media_ids ON moderation_report FOR EACH ROW
  WHEN (OLD.media_ids IS DISTINCT FROM NEW.media_ids)
  EXECUTE FUNCTION moderation_never('a report stays as it was said');
-- Of a medium that decisions are about, the purpose says how: it stays.
CREATE TRIGGER purpose_stays BEFORE UPDATE OF purpose ON upscrolled_mediaattachment FOR EACH ROW
  WHEN (OLD.purpose <> NEW.purpose AND OLD.attached_at IS NOT NULL)
  EXECUTE FUNCTION moderation_never('media of a post stay that');
"""


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0014_reads_and_lifted_limits"),
        ("feed", "0009_deliveries_are_taken"),
        ("upscrolled", "0019_media_as_subjects"),
    ]
    # Forward only, as 0003.
    operations = [
        migrations.AddField(
            "report", "media_ids", ArrayField(models.BigIntegerField(), db_default=[], size=None)
        ),
        migrations.AddIndex(
            "case",
            models.Index(
                fields=["subject_id"], name="case_of_media", condition=models.Q(subject_kind="media")
            ),
        ),
        migrations.RunSQL(FUNCTIONS),
        migrations.RunSQL(TRIGGERS),
    ]
