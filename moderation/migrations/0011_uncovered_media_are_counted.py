"""How many media each moderator uncovers in a day is counted, and has a limit."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0010_in_ones_own_name"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Exposure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(db_index=True)),
                ("dark", models.BooleanField()),
                ("category", models.CharField(max_length=30)),
                ("seen", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("account", "day", "dark", "category"), name="exposure_of_a_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("seen", []), _negated=True), name="exposure_to_something"
                    ),
                ],
            },
        ),
    ]
