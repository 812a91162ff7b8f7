"""What the law and the public bring in: notices of people without an account, orders with clocks, trusted flaggers.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQL = """
REVOKE DELETE ON moderation_publicnotice, moderation_trustedflagger FROM upscrolled_app;
REVOKE UPDATE, DELETE ON moderation_legalorder FROM upscrolled_app;
CREATE TRIGGER moderation_legalorder_stays BEFORE UPDATE OR DELETE ON moderation_legalorder
  FOR EACH ROW EXECUTE FUNCTION moderation_append_only();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('moderation', '0005_whose_messages_are'),
        ('upscrolled', '0009_live'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LegalOrder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20)),
                ('authority', models.CharField(max_length=200)),
                ('reference', models.CharField(max_length=100)),
                ('law', models.CharField(max_length=300)),
                ('countries', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=2), default=list, size=None)),
                ('demand', models.TextField()),
                ('received_at', models.DateTimeField()),
                ('deadline', models.DateTimeField()),
                ('entered_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='PublicNotice',
            fields=[
                ('report', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='notice', serialize=False, to='moderation.report')),
                ('name', models.CharField(blank=True, default='', max_length=200)),
                ('email', models.CharField(blank=True, default='', max_length=254)),
                ('language', models.CharField(max_length=8)),
                ('law', models.CharField(blank=True, default='', max_length=500)),
                ('told_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='TrustedFlagger',
            fields=[
                ('account', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('name', models.CharField(max_length=200)),
                ('appointed_by', models.CharField(max_length=200)),
                ('area', models.CharField(max_length=200)),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField(null=True)),
                ('ended_because', models.TextField(blank=True, default='')),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='statement',
            name='statement_source',
        ),
        migrations.AlterField(
            model_name='statement',
            name='source',
            field=models.CharField(choices=[('report', 'Report'), ('notice', 'Notice'), ('trusted_flagger', 'Trusted'), ('order', 'Order'), ('own_initiative', 'Own'), ('appeal', 'Appeal')], max_length=20),
        ),
        migrations.AddConstraint(
            model_name='statement',
            constraint=models.CheckConstraint(condition=models.Q(('source__in', ['report', 'notice', 'trusted_flagger', 'order', 'own_initiative', 'appeal'])), name='statement_source'),
        ),
        migrations.AddField(
            model_name='legalorder',
            name='case',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='moderation.case'),
        ),
        migrations.AddField(
            model_name='legalorder',
            name='entered_by',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='publicnotice',
            index=models.Index(condition=models.Q(('told_at__isnull', True), models.Q(('email', ''), _negated=True)), fields=['report'], name='public_notice_untold'),
        ),
        migrations.AddConstraint(
            model_name='trustedflagger',
            constraint=models.CheckConstraint(condition=models.Q(('until__isnull', True), ('ended_because__regex', '\\S.{2,}'), _connector='OR'), name='a_flagger_ends_for_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='legalorder',
            constraint=models.UniqueConstraint(fields=('authority', 'reference', 'case'), name='an_order_is_entered_once'),
        ),
        migrations.AddConstraint(
            model_name='legalorder',
            constraint=models.CheckConstraint(condition=models.Q(('law__regex', '\\S.{2,}')), name='an_order_names_its_law'),
        ),
        migrations.AddConstraint(
            model_name='legalorder',
            constraint=models.CheckConstraint(condition=models.Q(('deadline__gt', models.F('received_at'))), name='an_order_ends_after_it_came'),
        ),
        migrations.RunSQL(SQL, migrations.RunSQL.noop),
    ]
