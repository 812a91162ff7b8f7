"""Roles of the staff are rows: who has which, where, from when until when (docs/adr/0026).

Whoever moderated until now could do nearly all of what the roles tell apart from here on, so nobody loses anything on the day of
the upgrade: a moderator becomes senior and legal, an administrator stays one, without an end. Administrators narrow that down. What `upscrolled_account.role` says is brought up by the clock of the new code, which knows
these names; the old one does not.
"""

import datetime
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


_DEFINER = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
# The table of `upscrolled/roles.py` as it was when this was written; a later one replaces the function.
FUNCTIONS = f"""
CREATE FUNCTION upscrolled_role_may(role text, permission text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE role
    WHEN 'admin' THEN permission IN ('sort', 'hold', 'decide', 'decide_many', 'undo', 'appeals', 'dark', 'law', 'messages',
      'grant', 'seal', 'orders', 'policies', 'crisis', 'sign_ups', 'team', 'site', 'staff')
    WHEN 'senior' THEN permission IN ('sort', 'hold', 'decide', 'messages', 'sign_ups', 'decide_many', 'undo', 'appeals',
      'dark', 'law', 'grant', 'seal', 'crisis')
    WHEN 'moderator' THEN permission IN ('sort', 'hold', 'decide', 'messages', 'sign_ups')
    WHEN 'legal' THEN permission IN ('sort', 'hold', 'decide', 'messages', 'law', 'seal', 'orders')
    WHEN 'policy' THEN permission IN ('policies', 'crisis')
    WHEN 'triage' THEN permission IN ('sort', 'hold')
    ELSE false END
$$;

-- The roles that somebody has at a moment. Who closed their account has none.
CREATE FUNCTION upscrolled_staff_roles(person bigint, moment timestamptz) RETURNS SETOF upscrolled_staffrole
LANGUAGE sql STABLE {_DEFINER} AS $$
  SELECT r.* FROM upscrolled_staffrole r JOIN upscrolled_account a ON a.id = r.account_id AND a.is_active
  WHERE r.account_id = person AND r.since <= moment AND (r.until IS NULL OR r.until > moment)
    AND NOT EXISTS (SELECT 1 FROM upscrolled_staffroleend e WHERE e.staff_role_id = r.id AND e.at <= moment)
$$;

-- Whether somebody may do this, in some case at least.
CREATE FUNCTION upscrolled_may(person bigint, permission text, moment timestamptz) RETURNS boolean
LANGUAGE sql STABLE {_DEFINER} AS $$
  SELECT EXISTS (SELECT 1 FROM upscrolled_staff_roles(person, moment) r WHERE upscrolled_role_may(r.role, permission))
$$;

-- What `upscrolled_account.role` says: the strongest of the roles that somebody has.
CREATE FUNCTION upscrolled_role_of(person bigint, moment timestamptz) RETURNS text LANGUAGE sql STABLE {_DEFINER} AS $$
  SELECT coalesce((SELECT r.role FROM upscrolled_staff_roles(person, moment) r
    ORDER BY array_position(ARRAY['admin', 'senior', 'moderator', 'legal', 'policy', 'triage'], r.role::text) LIMIT 1), '')
$$;
"""
# An account is as old as its number says (upscrolled/core/ids.py): milliseconds of the epoch, and 16 bits.
AS_BEFORE = """
INSERT INTO upscrolled_staffrole (account_id, role, lanes, kinds, languages, because, since)
SELECT a.id, n.role, n.lanes, '{}', '{}', 'had the role ' || a.role || ' before roles were told apart',
  to_timestamp((a.id >> 16) / 1000.0)
FROM upscrolled_account a
JOIN (VALUES ('admin', 'admin', '{}'::varchar[]), ('moderator', 'senior', '{}'),
             ('moderator', 'legal', '{order,intimate}')) AS n (before, role, lanes) ON n.before = a.role;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('upscrolled', '0019_media_as_subjects'),
    ]

    # Forward only.
    operations = [
        migrations.CreateModel(
            name='StaffRole',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(max_length=20)),
                ('lanes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, size=None)),
                ('kinds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, size=None)),
                ('languages', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, size=None)),
                ('because', models.TextField()),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField(null=True)),
                ('account', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('by', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='StaffRoleEnd',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('because', models.TextField()),
                ('written_at', models.DateTimeField()),
                ('by', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('staff_role', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ends', to='upscrolled.staffrole')),
            ],
        ),
        migrations.AddConstraint(
            model_name='staffrole',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['admin', 'senior', 'moderator', 'legal', 'policy', 'triage'])), name='a_role_is_known'),
        ),
        migrations.AddConstraint(
            model_name='staffrole',
            constraint=models.CheckConstraint(condition=models.Q(('because__regex', '\\S.{2,}')), name='a_role_has_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='staffrole',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('by', None), ('until', None)), models.Q(('until__gt', models.F('since')), ('until__isnull', False), ('until__lte', django.db.models.expressions.CombinedExpression(models.F('since'), '+', models.Value(datetime.timedelta(days=366))))), _connector='OR'), name='a_role_given_by_somebody_ends_within_a_year'),
        ),
        migrations.AddConstraint(
            model_name='staffrole',
            constraint=models.CheckConstraint(condition=models.Q(('by', None), models.Q(('account', models.F('by')), _negated=True), _connector='OR'), name='a_role_is_given_by_somebody_else'),
        ),
        migrations.AddConstraint(
            model_name='staffrole',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('role__in', ['admin', 'policy']), _negated=True), models.Q(('kinds', []), ('lanes', []), ('languages', [])), _connector='OR'), name='admin_and_policy_have_no_limits'),
        ),
        migrations.AddConstraint(
            model_name='staffrole',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('role', 'legal'), _negated=True), models.Q(models.Q(('lanes', []), _negated=True), ('lanes__contained_by', ['order', 'intimate'])), _connector='OR'), name='legal_works_in_lanes_of_law'),
        ),
        migrations.AddConstraint(
            model_name='staffroleend',
            constraint=models.CheckConstraint(condition=models.Q(('because__regex', '\\S.{2,}')), name='a_role_ends_for_a_reason'),
        ),
        migrations.RunSQL(FUNCTIONS),
        migrations.RunSQL(AS_BEFORE),
    ]
