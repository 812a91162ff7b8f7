import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("upscrolled", "0007_told_of_decisions"),
    ]

    operations = [
        migrations.CreateModel(
            name="Upload",
            fields=[
                ("id", models.BigIntegerField(editable=False, primary_key=True, serialize=False)),
                ("size", models.BigIntegerField()),
                ("description", models.CharField(db_default="", max_length=1500)),
                ("metadata", models.CharField(db_default="", max_length=4096)),
                ("key", models.CharField(db_default="", max_length=200)),
                ("store_upload", models.CharField(db_default="", max_length=2000)),
                ("expires_at", models.DateTimeField()),
                ("attachment", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="upscrolled.mediaattachment")),
                ("owner", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["owner"], name="upload_of_owner"),
                    models.Index(fields=["expires_at"], name="upload_expires"),
                    models.Index(condition=models.Q(("attachment__isnull", False)), fields=["attachment"], name="upload_of_attachment"),
                ],
                "constraints": [models.CheckConstraint(condition=models.Q(("size__gt", 0)), name="upload_has_bytes")],
            },
        ),
    ]
