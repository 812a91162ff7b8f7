"""French texts of the demo."""

from __future__ import annotations

from feed.demo.words import Topic, Words

FRENCH = Words(
    places=(
        "le vieux port", "la place du marché", "le canal", "la colline", "la bibliothèque", "le verger",
        "la plage du nord", "le jardin botanique", "le café du coin", "le phare", "la cour de l'école", "le pont",
    ),
    openings=(
        "Bonjour à toutes et à tous.", "Petit bonheur du jour :", "Soirée tranquille ici.", "Note pour moi-même :",
        "Premier café, première idée.", "Bilan du week-end :", "Salut depuis un balcon sous la pluie.",
    ),
    closings=(
        "Et chez vous ?", "Vos conseils sont les bienvenus.", "La suite demain.", "Bonne journée à vous.",
        "Qui d'autre ?", "J'en souris encore.", "Je pourrais m'y habituer.",
    ),
    topics={
        "garden": Topic(
            tags=("jardinage", "potager", "balcon"),
            things=("les tomates", "le basilic", "les haricots", "le citronnier", "la menthe", "les radis"),
            posts=(
                "Après {n} semaines d'attente, j'ai enfin vu pousser {thing}. Sans presque leur parler.",
                "Question aux gens patients : à quelle heure arrosez-vous {thing} quand il fait si chaud ?",
                "Échange de graines ce matin : {n} sachets donnés, douze rapportés. C'est ainsi que tout commence.",
                "Un merle a choisi mon balcon, entre la chaise et {thing}. Nous avons convenu d'horaires de visite.",
                "Le compost a {n} mois et ne sent plus le regret.",
            ),
            answers=(
                "Pareil chez moi l'an dernier. Moins d'eau et un peu d'ombre, et tout est reparti.",
                "Le matin tôt, les feuilles restent sèches la nuit.",
                "Je t'échange une bouture contre {thing} !",
            ),
        ),
        "kitchen": Topic(
            tags=("cuisine", "recette", "faitmaison"),
            things=("la soupe de lentilles", "le pain plat", "la tarte aux pommes", "le riz au lait", "la confiture de prunes"),
            posts=(
                "{n} voisins, une marmite, plus rien dans le plat. Vive {thing}.",
                "La recette de ma grand-mère pour {thing} dit « jusqu'à ce que ce soit bon ». J'ai {n} questions.",
                "Raté une fois, réussi la deuxième : j'apprends {thing}.",
                "Quel est votre secret pour {thing} ? Le mien : plus de temps, moins de regards.",
                "Le levain a maintenant un prénom. Il ne répond pas, mais il monte.",
            ),
            answers=(
                "Une pincée de cumin à la fin, et c'est une autre histoire.",
                "J'ai faim, et il n'est même pas midi.",
                "Chez nous, {thing}, c'est le dimanche.",
            ),
        ),
        "books": Topic(
            tags=("lecture", "livres", "bibliothèque"),
            things=("un roman lent", "des nouvelles", "un livre sur les cartes", "de vieilles lettres", "des poèmes"),
            posts=(
                "J'ai lu {thing} en {n} soirées, et maintenant tout le monde me manque.",
                "À la bibliothèque, une étagère s'appelle « rendus avec le sourire ». J'en ai pris {n}.",
                "Je lis {thing} à mon père au téléphone. Il fait semblant de ne pas aimer.",
                "Que lire après {thing} ? Quelque chose de doux, s'il vous plaît.",
                "J'ai {n} marque-pages dans le même livre. C'est une méthode.",
            ),
            answers=(
                "Je l'ai lu dans le train et j'ai raté mon arrêt.",
                "Ma pile devient une tour, merci beaucoup.",
                "Si ça t'a plu, essaie {thing}.",
            ),
        ),
        "bikes": Topic(
            tags=("vélo", "vélotaf", "atelier"),
            things=("le vieux vélo", "la sonnette", "la roue arrière", "les freins", "le vélo cargo"),
            posts=(
                "{n}0 kilomètres aller-retour, le vent de face dans les deux sens. Comment est-ce possible ?",
                "J'ai réparé {thing} avec une cuillère et de l'optimisme. Ne faites pas pareil.",
                "{n} sourires et une oie sur le chemin du travail.",
                "L'atelier solidaire a remis en état {thing} contre une part de gâteau. J'aime cette ville.",
                "Ma veste de pluie après {n} averses : les manches vont bien, le reste est une éponge.",
            ),
            answers=(
                "Le vent est toujours de face, c'est la loi.",
                "Passe samedi, j'ai l'outil pour {thing}.",
                "Une oie ! Tu as eu de la chance qu'elle te laisse passer.",
            ),
        ),
        "photos": Topic(
            tags=("photo", "lumière", "argentique"),
            things=("la brume", "la lumière du matin", "une porte rouge", "les pavés mouillés", "le dernier tram"),
            posts=(
                "J'ai attendu {n} matins pour {thing}. Aujourd'hui tout y était, sauf la pellicule.",
                "Une photo, c'est {n} parts d'attente et une part de chance.",
                "Développé une vieille pellicule : {thing}, deux fois, et le pouce de quelqu'un.",
                "Vous préférez {thing} en couleurs ou en noir et blanc ?",
                "Ma voisine voulait un portrait avec son chat. Le chat avait d'autres projets.",
            ),
            answers=(
                "Noir et blanc, toujours, jusqu'à ce que je voie les couleurs.",
                "Le pouce est la meilleure partie de chaque vieille pellicule.",
                "C'était près d'ici ? Je crois reconnaître {thing}.",
            ),
        ),
        "code": Topic(
            tags=("programmation", "LogicielLibre", "apprendre"),
            things=("une virgule oubliée", "les tests", "un petit script", "les fuseaux horaires", "la documentation"),
            posts=(
                "{n} heures perdues sur {thing}. La correction tient en une ligne, la leçon un peu moins.",
                "Aujourd'hui j'ai supprimé {n}00 lignes et rien n'a cassé. Le meilleur jour du mois.",
                "Expliquer {thing} à une débutante m'a montré tout ce que je n'avais pas compris.",
                "J'ai pris des notes sur {thing} pour la prochaine personne. C'est moi, dans {n} mois.",
                "Existe-t-il un mot doux pour le moment où les tests passent sans qu'on sache pourquoi ?",
            ),
            answers=(
                "Supprimer du code, c'est la meilleure façon d'en écrire.",
                "Encore les fuseaux horaires ? Toujours les fuseaux horaires.",
                "Vert sans explication : la couleur que j'aime le moins.",
            ),
        ),
        "music": Topic(
            tags=("musique", "chorale", "piano"),
            things=("une vieille chanson", "une valse", "les gammes", "la partie d'alto", "le refrain"),
            posts=(
                "Travaillé {thing} pendant {n} minutes, puis regardé par la fenêtre pendant dix.",
                "Notre chorale chante dimanche. Nous savons {n} chansons et fredonnons le reste.",
                "Mon professeur me dit de jouer plus lentement. Je suis devenu une photographie.",
                "Retrouvé {thing} sur une cassette au fond d'un tiroir. Tout mon été était dessus.",
                "Que jouez-vous quand vous êtes tristes ? Moi, {thing}, jusqu'à ce que ça passe.",
            ),
            answers=(
                "Lentement, c'est en douceur, dit aussi mon professeur.",
                "J'y serai dimanche, avec des biscuits.",
                "Enregistre-la, même avec les fautes !",
            ),
        ),
        "school": Topic(
            tags=("école", "enseignement", "apprendre"),
            things=("les fractions", "le cycle de l'eau", "une pièce de théâtre", "la lecture", "la carte de notre rue"),
            posts=(
                "Mes élèves m'ont expliqué {thing}. J'ai appris quelque chose.",
                "Nous avons dessiné {thing} à la craie dans la cour. Il a plu : autre leçon.",
                "Un élève a demandé pourquoi le ciel ne tombe pas. Nous avons {n} théories.",
                "Je cherche des expériences simples sur {thing}, sans argent. Qu'est-ce qui a marché pour vous ?",
                "La plus timide a lu une page entière à voix haute. J'avais une poussière dans l'œil.",
            ),
            answers=(
                "Un bocal, du sable et de la patience : les nôtres ont adoré.",
                "L'idée de la craie est belle, je la prends pour {thing}.",
                "Merci d'être là pour eux.",
            ),
        ),
        "sky": Topic(
            tags=("astronomie", "étoiles", "ciel"),
            things=("Saturne", "la Lune", "une étoile filante", "les Pléiades", "Jupiter", "Orion"),
            posts=(
                "Nuit claire : {thing}, {n} amis et une thermos.",
                "J'ai montré {thing} à ma nièce. Elle a demandé qui l'éteint le matin.",
                "Des nuages. {n} nuits de nuages. J'apprends le nom des nuages.",
                "Ce soir on voit {thing} sans télescope, une heure après le coucher du soleil.",
                "J'ai dessiné {thing}. On dirait une pomme de terre, mais c'est la mienne.",
            ),
            answers=(
                "Vu d'ici aussi, quelle nuit !",
                "Couvert chez nous, envoie un peu de ciel.",
                "Les enfants posent les meilleures questions sur {thing}.",
            ),
        ),
        "sea": Topic(
            tags=("mer", "voile", "plage"),
            things=("la marée", "un phoque", "le bac", "une bouteille à la mer", "le petit bateau"),
            posts=(
                "Baignade ce matin, {n} degrés, un seul cri.",
                "{n} sacs de déchets ramassés sur la plage, et une baleine en jouet. Elle vit chez nous maintenant.",
                "Tout le café s'est levé pour regarder {thing}. Puis chacun a repris un café.",
                "J'apprends les nœuds : j'en fais {n} et n'en défais aucun.",
                "Rien ne me repose comme {thing} à six heures du matin.",
            ),
            answers=(
                "Tu es plus courageuse que moi, je suis entrée jusqu'aux genoux.",
                "La baleine a trouvé une bonne maison.",
                "J'ai regardé {thing} une heure hier. Ça valait la peine.",
            ),
        ),
        "crafts": Topic(
            tags=("tricot", "couture", "bois"),
            things=("une écharpe", "une petite chaise", "un bol en terre", "une cuillère en bois", "des chaussettes"),
            posts=(
                "Fini {thing} après {n} semaines. Une seule erreur, et je sais où elle habite.",
                "L'atelier de couture a sauvé {n} pulls aujourd'hui.",
                "Commencé {thing} pour le bébé d'une amie. Le bébé sera à l'école quand ce sera prêt.",
                "De la colle, de la sciure et la radio. Il y a de pires soirées.",
                "Comment éloigner le chat quand on fait {thing} ? Je demande sans grand espoir.",
            ),
            answers=(
                "L'erreur, c'est la signature.",
                "Tout appartient au chat, surtout {thing}.",
                "J'aimerais apprendre. Tu prends des débutants ?",
            ),
        ),
        "walks": Topic(
            tags=("randonnée", "marche", "nature"),
            things=("un sentier étroit", "une chouette", "du thym sauvage", "une cabane de pierre", "la première neige"),
            posts=(
                "{n} heures de marche sans un seul appel.",
                "Trouvé {thing} à la montée, une chèvre très aimable à la descente.",
                "Visite de la ville avec une amie : {n} ponts, deux boulangeries, mille questions.",
                "Oublié la carte, suivi mon instinct, vu {thing}, arrivé quand même.",
                "Quelle promenade montrer à quelqu'un avec de jeunes enfants ?",
            ),
            answers=(
                "Le chemin du canal : c'est plat et il y a des glaces.",
                "La chèvre connaît tout le monde. Salue-la de ma part.",
                "Je m'y suis perdu une fois, le meilleur jour de l'année.",
            ),
        ),
    },
    replies=(
        "Merci, tu as fait ma matinée.", "Je ne savais pas. Tu nous en dis plus ?", "Pareil ici, mot pour mot.",
        "Très beau. Une photo la prochaine fois ?", "J'y pense depuis ce matin.", "Ma sœur dit exactement la même chose !",
        "Ça t'a pris combien de temps ?", "Compte sur moi la prochaine fois.", "Noté pour le week-end.",
        "C'est ce que j'ai lu de mieux aujourd'hui.", "Essayé hier, ça marche.", "Pas tout à fait d'accord, mais gentiment.",
        "Tu trouves toujours les bonnes choses.", "Mes enfants veulent la suite.", "Si bien dit.", "J'avais besoin de lire ça.",
        "Bravo, c'est mérité !", "J'apporte le thé.", "Les débutants peuvent venir ?", "Merci de l'avoir écrit.",
    ),
    thanks=("Merci !", "C'est trop gentil.", "Ravi que ça serve.", "Oui, viens donc !", "Environ {n} jours, avec des pauses."),
    warnings=(
        ("Araignée, de près", "Une très grande et très polie araignée habite derrière l'arrosoir. Je l'appelle Simone."),
        ("Fin d'un livre", "Je n'attendais pas que le gardien du phare ait écrit toutes les lettres."),
        ("Nourriture", "Quatre desserts sur la même table. Je ne regrette rien."),
    ),
    polls=(
        ("kitchen", "La dernière part de gâteau revient à", ("qui l'a fait", "qui fait la vaisselle", "la voisine", "moi")),
        ("walks", "Promenade de dimanche : par où ?", ("le canal", "la colline", "le phare")),
        ("books", "Finissez-vous les livres qui vous ennuient ?", ("toujours", "jamais", "je lis la fin")),
        ("garden", "Que planter dans le pot vide ?", ("de la menthe", "des piments", "une surprise", "rien, qu'il se repose")),
        ("music", "Pour le concert de la chorale, plusieurs choix possibles", ("des chants de marins", "des berceuses", "du nouveau", "tout l'ancien")),
    ),
    quotes=(
        "Je l'ai lu à toute la tablée.", "À lire jusqu'au bout :", "Voilà, exactement.", "J'ajoute seulement : prenez un pull.",
        "Ma voisine doit voir ça.", "Je le dis depuis des années, en moins bien.",
    ),
    news=(
        "Ce soir, des lanternes tout le long du canal, et chacun peut porter la sienne. Le chemin : https://lanterns.example/walk #NuitDesLanternes",
        "La nôtre est un pot de confiture, un bout de bougie et beaucoup de fierté. À sept heures ! #NuitDesLanternes",
        "Je chante avec le chœur près du pont, couvrez-vous bien. https://lanterns.example/walk #NuitDesLanternes",
        "Les enfants dorment avec leurs chaussures, pour que personne ne parte sans eux. #NuitDesLanternes",
    ),
    threads=(
        ("walks", (
            "Trois promenades faciles autour de la ville, pour un dimanche sans voiture. 🧵",
            "Le canal jusqu'aux écluses : une heure, tout plat, un banc tous les cent pas.",
            "La colline par l'escalier des lavandières : court, mais les genoux s'en souviennent.",
            "Le tour du verger au printemps. N'oubliez pas le pique-nique. #marche",
        )),
        ("kitchen", (
            "La soupe de lentilles de mon immeuble, telle qu'on la fait depuis toujours. 🧵",
            "Un oignon, deux carottes, des lentilles, de l'eau. Le reste est une question de voisins.",
            "Le secret : un filet de citron au moment de servir. Ne le dites à personne. #recette",
        )),
        ("music", (
            "Comment j'ai appris le piano à soixante ans. Un fil pour ceux qui hésitent. 🧵",
            "Dix minutes par jour, pas une de plus. Les jours sans, on recommence le lendemain.",
            "Jouer pour quelqu'un dès la première semaine, même trois notes. #piano",
        )),
        ("books", (
            "Notre cercle de lecture a un an. Ce que nous avons appris. 🧵",
            "Personne n'est obligé de finir le livre. On parle mieux des livres qu'on a abandonnés.",
            "Toujours prévoir un gâteau. Le livre passe, le gâteau reste. #lecture",
        )),
    ),
)  # fmt: skip
