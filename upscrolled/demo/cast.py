"""The people of the demo. They are made up: given names only, and no name of anybody real."""

from __future__ import annotations

from dataclasses import dataclass

STAFF = (
    ("admin", "Admin", "Keeps this demo running.", "admin"),
    ("moderator", "Moderator", "Reads reports in this demo.", "senior"),
)


@dataclass(frozen=True, slots=True)
class Role:
    """Somebody of the demo. `topics` are what they write about; `popular` says how many come to read it."""

    username: str
    display_name: str
    language: str
    topics: tuple[str, ...]
    note: str
    popular: int = 2
    locked: bool = False
    hidden: bool = False  # not discoverable, by their own choice


def _role(line: str) -> Role:
    """Read one line of the table below."""
    username, display_name, language, topics, popular, note = (part.strip() for part in line.split("|"))
    return Role(
        username=username,
        display_name=display_name,
        language=language,
        topics=tuple(topics.split()),
        note=note,
        popular=int(popular.rstrip("!-")),
        locked=popular.endswith("!"),
        hidden=popular.endswith("-"),
    )


# name | shown as | language | topics | how popular (! private, - not in discover) | what they say of themselves
_TABLE = """
alice     | Alice 🌿          | en | garden kitchen    | 9  | Balcony gardener, soup optimist. Plants and bread.
omar      | عمر 🚲             | ar | bikes walks       | 9  | دراجة ومدينة وقهوة. أكتب عن الطريق أكثر من الوصول.
layla     | ليلى               | ar | books music       | 8  | أقرأ بصوت عال وأعزف العود بصوت منخفض.
chloe     | Chloé              | fr | books crafts      | 7  | Libraire de quartier. Je couds les jours de pluie.
sami      | سامي               | ar | sky code          | 8  | أحب النجوم والبرامج الصغيرة. الأسئلة مرحب بها.
bruno     | Bruno              | fr | kitchen sea       | 6  | Cuisine de port, marées et bons restes.
nadia     | Nadia              | en | school books      | 7  | Teacher of eight-year-olds. Learning every day.
yusuf     | يوسف               | ar | garden kitchen    | 5  | بستان صغير على السطح، وخبز يوم الجمعة.
ines      | Inès 🎶            | fr | music school      | 6  | Chorale, piano débutant, grands éclats de rire.
theo      | Théo               | fr | bikes code        | 5  | Vélo le jour, logiciel libre le soir.
maya      | Maya               | en | photos walks      | 8  | Film camera, muddy boots.
karim     | كريم               | ar | sea photos        | 6  | مصور على الشاطئ. الضباب صديقي.
grace     | Grace              | en | crafts music      | 5  | Knits in meetings. Sings in the choir at the harbour.
hala      | هالة               | ar | crafts school     | 6  | تطريز وتعليم، والشاي دائمًا جاهز.
leo       | Léo                | fr | sky photos        | 4  | Un petit télescope et beaucoup de nuages.
rosa      | Rosa               | en | kitchen sea       | 5  | Runs a tiny café by the sea. Ask for the plum cake.
tariq     | طارق               | ar | code books        | 4  | أكتب برامج وأحذف أكثر مما أكتب.
zoe       | Zoé                | fr | garden walks      | 4  | Graines, sentiers, cailloux dans les poches.
finn      | Finn               | en | sea bikes         | 4  | Learning to sail. Good at falling in.
amal      | أمل                | ar | kitchen walks     | 5  | وصفات الجدة مع تعليقات الحفيدة.
marin     | Marin              | fr | sea music         | 3  | Petit bateau, grand accordéon.
priya     | Priya              | en | code school       | 5  | Teaches programming in the evening. Be kind.
dina      | دينا 📷            | ar | photos music      | 4  | صور قديمة وأغان أقدم.
hugo      | Hugo               | fr | crafts kitchen    | 3  | Copeaux de bois et pâte à pain.
ivy       | Ivy                | en | garden photos     | 3  | Ferns, fog and film.
khaled    | خالد               | ar | walks sky         | 4  | أمشي نهارًا وأراقب السماء ليلًا.
lucie     | Lucie              | fr | school garden     | 4  | Maîtresse d'école, potager partagé.
jonas     | Jonas              | en | bikes music       | 3  | Fixes bikes, plays the tuba. Not at the same time.
salma     | سلمى               | ar | books crafts      | 5! | حسابي خاص، أهلًا بالأصدقاء.
emile     | Émile              | fr | books music       | 3  | Lecteur lent, pianiste tardif.
wren      | Wren               | en | walks sky         | 3  | Counts owls.
rami      | رامي               | ar | bikes sea         | 3  | بين البحر والدراجة.
noemie    | Noémie             | fr | photos walks      | 3! | Compte privé, promenades publiques.
oscar     | Oscar              | en | kitchen code      | 2  | Sourdough and shell scripts.
huda      | هدى                | ar | garden school     | 3  | معلمة وأم وبستانية بالصدفة.
basile    | Basile             | fr | bikes garden      | 2  | Facteur à vélo.
tess      | Tess               | en | crafts books      | 3! | Private account. Quilts and quiet novels.
ziad      | زياد               | ar | music photos      | 3  | إيقاع وصورة.
margot    | Margot             | fr | kitchen books     | 3  | Je teste une recette par livre lu.
eli       | Eli                | en | sky school        | 2  | Planetarium guide for children of all ages.
farah     | فرح                | ar | kitchen crafts    | 4  | حلويات ملونة وأصابع مغبرة بالطحين.
anouk     | Anouk              | fr | sea crafts        | 2- | Verre de mer et petites boîtes.
pearl     | Pearl              | en | sea garden        | 2  | Retired, swims every day, grows leeks.
bilal     | بلال               | ar | code bikes        | 2  | متعلم دائم. أسأل كثيرًا.
gaspard   | Gaspard            | fr | code music        | 2  | J'écris des tests et des chansons.
june      | June               | en | music kitchen     | 2- | Here for the songs and the soup.
rana      | رنا                | ar | sky books         | 3  | مجرة وكتاب.
felix     | Félix              | fr | sky walks         | 2  | Randonneur de nuit.
sol       | Sol                | en | photos bikes      | 2  | One wheel in the frame.
lina      | لينا               | ar | walks garden      | 3  | أعرف كل شجرة في الحي.
"""
CAST = tuple(_role(line) for line in _TABLE.strip().splitlines())
