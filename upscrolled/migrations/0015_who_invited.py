import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Accounts are deleted without a look at all others. Code of before asks for none of it."""

    atomic = False  # the index is made beside whoever writes

    dependencies = [
        ("upscrolled", "0014_leaving"),
    ]

    operations = [
        migrations.AlterField(
            model_name="legalhold",
            name="placed_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        AddIndexConcurrently(
            model_name="account",
            index=models.Index(
                condition=models.Q(("invited_by__isnull", False)),
                fields=["invited_by"],
                name="account_invited_by",
            ),
        ),
    ]
