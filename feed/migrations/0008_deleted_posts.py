from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Posts that were deleted long ago are found without a look at every post. Code of before asks for none of it."""

    atomic = False  # the index is made beside whoever writes

    dependencies = [
        ("feed", "0007_whose_posts"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="post",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)), fields=["deleted_at"], name="post_deleted"
            ),
        ),
    ]
