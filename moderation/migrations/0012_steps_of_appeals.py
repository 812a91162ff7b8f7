"""Each step of an appeal is a row, and rows only come."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

STAYS = """
REVOKE UPDATE, DELETE ON moderation_appealevent FROM upscrolled_app;
CREATE TRIGGER moderation_appealevent_stays BEFORE UPDATE OR DELETE ON moderation_appealevent
  FOR EACH ROW EXECUTE FUNCTION moderation_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0011_uncovered_media_are_counted"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AppealEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("kind", models.CharField(max_length=20)),
                ("reason", models.TextField(blank=True, default="")),
                (
                    "actor",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "appeal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="moderation.appeal",
                    ),
                ),
            ],
        ),
        migrations.RunSQL(STAYS),
    ]
