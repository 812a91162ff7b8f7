import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models

# Posts that stand already are noted for the workers, the newest of which are found within a minute of the upgrade.
NOTE = """
INSERT INTO feed_unindexed (post_id)
SELECT id FROM feed_post WHERE repost_of_id IS NULL AND deleted_at IS NULL ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    """Posts are found by their words. Code of before neither reads nor writes these tables; what it publishes while
    both run is entered by `manage.py search_index`."""

    dependencies = [
        ("feed", "0005_public_pools"),
    ]

    operations = [
        migrations.CreateModel(
            name="Unindexed",
            fields=[
                ("post_id", models.BigIntegerField(primary_key=True, serialize=False)),
            ],
        ),
        migrations.CreateModel(
            name="PostWords",
            fields=[
                ("post", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="+", serialize=False, to="feed.post")),
                ("words", django.contrib.postgres.search.SearchVectorField()),
            ],
            options={
                "indexes": [django.contrib.postgres.indexes.GinIndex(fastupdate=True, fields=["words"], gin_pending_list_limit=512, name="post_words")],
            },
        ),
        migrations.RunSQL(NOTE, migrations.RunSQL.noop),
    ]
