from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Who never posted is deleted without a look at every post. Code of before asks for none of it."""

    atomic = False  # the index is made beside whoever writes

    dependencies = [
        ("feed", "0006_words_of_posts"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="post", index=models.Index(fields=["author"], name="post_of_author")
        ),
    ]
