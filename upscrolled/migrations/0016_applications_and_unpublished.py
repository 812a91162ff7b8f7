from django.db import migrations, models


class Migration(migrations.Migration):
    """A column with a default of the database's own, which code of before neither reads nor writes."""

    dependencies = [
        ("upscrolled", "0015_who_invited"),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="shows_application",
            field=models.BooleanField(db_default=True),
        ),
        migrations.AlterField(
            model_name='notification',
            name='kind',
            field=models.CharField(choices=[('mention', 'Mention'), ('like', 'Like'), ('repost', 'Repost'), ('follow', 'Follow'), ('follow_request', 'Follow Request'), ('post', 'Post'), ('edit', 'Edit'), ('poll', 'Poll'), ('quote', 'Quote'), ('quoted_edit', 'Quoted Edit'), ('sign_up', 'Sign Up'), ('moderation_warning', 'Moderation Warning'), ('report', 'Report'), ('message', 'Message'), ('not_published', 'Not Published')], max_length=20),
        ),
    ]
