import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Posts go on being written meanwhile; code of before knows nothing of what is added."""

    atomic = False  # the indexes are made beside whoever writes

    dependencies = [
        ('feed', '0004_media'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='FrozenPool',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pool', models.CharField(max_length=10)),
                ('epoch_ms', models.BigIntegerField()),
                ('frozen_at', models.DateTimeField()),
                ('version', models.IntegerField()),
                ('digest', models.BinaryField()),
                ('previous', models.BinaryField()),
                ('posts', models.IntegerField()),
                ('popular', models.IntegerField()),
                ('fresh', models.IntegerField()),
                ('cut', models.FloatField(null=True)),
                ('arc_start', models.BigIntegerField()),
                ('arc_end', models.BigIntegerField()),
                ('key_id', models.CharField(max_length=16)),
                ('signature', models.BinaryField()),
                ('is_keyframe', models.BooleanField()),
                ('size', models.IntegerField()),
                ('frame', models.BinaryField()),
            ],
            options={
                'indexes': [models.Index(fields=['pool', '-id'], name='pools_in_order'), models.Index(condition=models.Q(('is_keyframe', True)), fields=['pool', '-id'], name='pool_keyframes')],
                'constraints': [models.UniqueConstraint(fields=('digest', 'pool'), name='one_row_for_each_pool'), models.UniqueConstraint(fields=('pool', 'previous'), name='one_successor_for_each_pool')],
            },
        ),
        # Frames are packed already: trying to pack them again costs time and gains nothing.
        migrations.RunSQL(
            'ALTER TABLE feed_frozenpool ALTER COLUMN frame SET STORAGE EXTERNAL',
            'ALTER TABLE feed_frozenpool ALTER COLUMN frame SET STORAGE EXTENDED',
        ),
        migrations.CreateModel(
            name='PoolAudit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pool', models.CharField(max_length=10)),
                ('epoch_ms', models.BigIntegerField()),
                ('digest', models.BinaryField()),
                ('audited_at', models.DateTimeField()),
                ('looked_at', models.IntegerField()),
                ('missing', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('surplus', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('restricted', models.JSONField(default=dict)),
            ],
            options={
                'indexes': [models.Index(fields=['pool', '-id'], name='audits_in_order')],
            },
        ),
        migrations.CreateModel(
            name='DiscoverChoice',
            fields=[
                ('account', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('languages', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=8), default=list, size=None)),
                ('sensitive', models.BooleanField(default=True)),
                ('followed', models.BooleanField(default=True)),
            ],
        ),
        migrations.CreateModel(
            name='HiddenPost',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField()),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('post', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='feed.post')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('account', 'post'), name='hidden_once')],
            },
        ),
        migrations.CreateModel(
            name='Impressions',
            fields=[
                ('post', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='feed.post')),
                ('surface', models.CharField(max_length=10)),
                ('pk', models.CompositePrimaryKey('post_id', 'surface', blank=True, editable=False, primary_key=True, serialize=False)),
                ('estimate', models.BigIntegerField()),
            ],
        ),
        migrations.AddField(
            model_name='candidate',
            name='video',
            field=models.BooleanField(db_default=False),
        ),
        AddIndexConcurrently(
            model_name='candidate',
            index=models.Index(condition=models.Q(('video', True)), fields=['-base', '-post'], include=('author_id', 'likes', 'comments', 'shares'), name='candidate_video_popular'),
        ),
        AddIndexConcurrently(
            model_name='candidate',
            index=models.Index(condition=models.Q(('comments__lte', 4), ('likes__lte', 9), ('shares__lte', 3), ('video', True)), fields=['day', 'ring'], include=('post', 'author_id', 'likes', 'comments', 'shares', 'base'), name='candidate_video_fresh'),
        ),
    ]
