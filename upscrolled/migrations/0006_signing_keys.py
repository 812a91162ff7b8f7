from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('upscrolled', '0005_media'),
    ]

    operations = [
        migrations.CreateModel(
            name='SigningKey',
            fields=[
                ('id', models.CharField(max_length=16, primary_key=True, serialize=False)),
                ('purpose', models.CharField(max_length=20)),
                ('algorithm', models.CharField(max_length=10)),
                ('public', models.BinaryField()),
                ('sealed', models.BinaryField()),
                ('created_at', models.DateTimeField()),
                ('retired_at', models.DateTimeField(null=True)),
                ('because', models.TextField(blank=True, default='')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('retired_at__isnull', True)), fields=('purpose',), name='one_key_in_use_for_each_purpose')],
            },
        ),
    ]
