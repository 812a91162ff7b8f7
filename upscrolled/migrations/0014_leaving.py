import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """A new table that code of before does not ask for."""

    dependencies = [
        ('upscrolled', '0013_restrictions_by_time'),
    ]

    operations = [
        migrations.CreateModel(
            name='Departure',
            fields=[
                ('account', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('left_at', models.DateTimeField()),
                ('erase_at', models.DateTimeField()),
                ('erased_at', models.DateTimeField(null=True)),
                ('emptied_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('erased_at', None)), fields=['erase_at'], name='departure_due'), models.Index(condition=models.Q(('emptied_at', None), ('erased_at__isnull', False)), fields=['account'], name='departure_to_empty')],
            },
        ),
    ]
