import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

# As upscrolled.core.scripts had them when this was written.
ALIKE = (
    "\u0623\u0625\u0622\u0671\u0649\u0629\u0640\u0670"
    "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0653\u0654\u0655"
)
AS = "\u0627\u0627\u0627\u0627\u064a\u0647"
WORDS = {
    "second": "^[^ ]+ (.+)$",
    "third": "^[^ ]+ [^ ]+ (.+)$",
    "fourth": "^[^ ]+ [^ ]+ [^ ]+ (.+)$",
}


def folded():
    return models.Func(
        django.db.models.functions.text.Lower("display_name"),
        models.Value(ALIKE),
        models.Value(AS),
        function="translate",
        output_field=models.TextField(),
    )


def index(name, expression):
    pattern = django.contrib.postgres.indexes.OpClass(expression, "text_pattern_ops")
    return AddIndexConcurrently("account", models.Index(pattern, name=f"account_folded_{name}"))


def from_word(pattern):
    return models.Func(
        folded(), models.Value(pattern), function="substring", output_field=models.TextField()
    )


class Migration(migrations.Migration):
    """Names are found in every spelling of Arabic. To code of before, only the search for people is slower."""

    atomic = False  # indexes are made and dropped beside whoever writes

    dependencies = [
        ("upscrolled", "0003_names_by_word"),
    ]

    operations = [
        index("begins", folded()),
        *(index(name, from_word(pattern)) for name, pattern in WORDS.items()),
        *(
            RemoveIndexConcurrently("account", f"account_display_{name}")
            for name in ("begins", *WORDS)
        ),
    ]
