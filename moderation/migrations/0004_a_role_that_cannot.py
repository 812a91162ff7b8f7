"""The role that web and workers use: it writes what people do, and of moderation's rows it adds new ones only.

The role that migrates owns the tables. It makes this one; where it may not, an operator has made it before
(docs/deployment.md). Tables of later migrations are granted by the default privileges, whatever refuses more says so
itself.
"""

from django.db import migrations

ROLE = "upscrolled_app"
ONLY_ADDED = (
    "upscrolled_restriction",
    "moderation_decision",
    "moderation_statement",
    "moderation_statementkey",
    "moderation_notice",
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
NEVER_DELETED = ("moderation_case", "moderation_report", "moderation_appeal")

GRANTS = f"""
DO $$ BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{ROLE}') THEN
    CREATE ROLE {ROLE} LOGIN;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;  -- another migration made it at this moment
END $$;
GRANT USAGE ON SCHEMA public TO {ROLE};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {ROLE};
GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO {ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO {ROLE};
REVOKE UPDATE, DELETE ON {", ".join(ONLY_ADDED)} FROM {ROLE};
REVOKE DELETE ON {", ".join(NEVER_DELETED)} FROM {ROLE};
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {ROLE};
GRANT UPDATE (ends_at) ON upscrolled_restriction TO {ROLE};
GRANT UPDATE (sent_at, delivery_id, read_at) ON moderation_notice TO {ROLE};
"""


class Migration(migrations.Migration):
    dependencies = [("moderation", "0003_the_database_refuses")]
    operations = [migrations.RunSQL(GRANTS)]
