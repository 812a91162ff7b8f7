from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Decisions go on being taken meanwhile; code of before asks for none of these."""

    atomic = False  # indexes are made beside whoever writes

    dependencies = [
        ("upscrolled", "0012_phones_and_digests"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="restriction",
            index=models.Index(fields=["starts_at"], name="restriction_begins"),
        ),
        AddIndexConcurrently(
            model_name="restriction",
            index=models.Index(condition=models.Q(("ends_at__isnull", False)), fields=["ends_at"], name="restriction_ends"),
        ),
    ]
