"""Near copies join a case; they are found by bands."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0006_law_and_the_public"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CaseBand",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "band", "case", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("band", models.BigIntegerField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="moderation.case"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CaseCopy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("subject_kind", models.CharField(max_length=10)),
                ("subject_id", models.BigIntegerField()),
                ("joined_at", models.DateTimeField()),
                (
                    "account",
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
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="copies",
                        to="moderation.case",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["subject_kind", "subject_id"], name="copy_of_a_case")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("case", "subject_kind", "subject_id"), name="a_copy_joins_once"
                    )
                ],
            },
        ),
    ]
