from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """People go on signing up meanwhile; code of before knows nothing of what is added."""

    atomic = False  # the indexes are made beside whoever writes

    dependencies = [
        ('upscrolled', '0009_live'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='account',
            index=models.Index(condition=models.Q(('is_active', False), ('discoverable', False), _connector='OR'), fields=['id'], name='account_out_of_discover'),
        ),
        migrations.AlterField(
            model_name='restriction',
            name='kind',
            field=models.CharField(choices=[('removed', 'Removed'), ('hidden_from_discover', 'Hidden From Discover'), ('sensitive', 'Sensitive'), ('age_limited', 'Age Limited'), ('replies_off', 'Replies Off'), ('uncounted', 'Uncounted'), ('account_limited', 'Account Limited'), ('account_suspended', 'Account Suspended'), ('hold', 'Hold')], max_length=24),
        ),
        AddIndexConcurrently(
            model_name='restriction',
            index=models.Index(condition=models.Q(('kind', 'uncounted'), ('subject_kind', 'account')), fields=['subject_id'], name='restriction_of_tickets'),
        ),
    ]
