"""What staff read of what is not public is a row, and so is who lets whom see more than a day's limit; rows only come."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

STAYS = "\n".join(
    f"""REVOKE UPDATE, DELETE ON {table} FROM upscrolled_app;
CREATE TRIGGER {table}_stays BEFORE UPDATE OR DELETE ON {table}
  FOR EACH ROW EXECUTE FUNCTION moderation_append_only();"""
    for table in ("moderation_exposurelift", "moderation_privateread")
)


class Migration(migrations.Migration):

    dependencies = [
        ('moderation', '0013_what_is_said_was_done'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ExposureLift',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('dark', models.BooleanField()),
                ('more', models.IntegerField()),
                ('because', models.TextField()),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('to', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['to', 'day'], name='lift_of_a_day')],
                'constraints': [models.CheckConstraint(condition=models.Q(('more__gte', 1), ('more__lte', 200)), name='a_limit_is_lifted_by_some'), models.CheckConstraint(condition=models.Q(('because__regex', '\\S.{2,}')), name='a_limit_is_lifted_for_a_reason')],
            },
        ),
        migrations.CreateModel(
            name='PrivateRead',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('what', models.CharField(max_length=40)),
                ('why', models.TextField()),
                ('whose', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('by', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['whose'], name='read_of_whom')],
                'constraints': [models.CheckConstraint(condition=models.Q(('why__regex', '\\S.{2,}')), name='a_read_has_a_reason'), models.CheckConstraint(condition=models.Q(('whose', []), _negated=True), name='a_read_is_of_somebody')],
            },
        ),
        migrations.RunSQL(STAYS),
    ]
