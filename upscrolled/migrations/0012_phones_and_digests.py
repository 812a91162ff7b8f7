import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Phones are reached by Apple's and Google's services too, people by mail if they ask for it. Code of before writes
    none of those: it knows Web Push."""

    dependencies = [
        ("upscrolled", "0011_told_of_messages"),
    ]

    operations = [
        migrations.AddField(
            model_name="pushsubscription",
            name="service",
            field=models.CharField(db_default="web", max_length=4),
        ),
        migrations.CreateModel(
            name="MailDigest",
            fields=[
                ("account", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="+", serialize=False, to=settings.AUTH_USER_MODEL)),
                ("every", models.CharField(max_length=6)),
                ("due_at", models.DateTimeField()),
                ("told_id", models.BigIntegerField(default=0)),
            ],
            options={
                "indexes": [models.Index(fields=["due_at"], name="digest_due")],
            },
        ),
    ]
