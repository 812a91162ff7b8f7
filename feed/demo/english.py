"""English texts of the demo."""

from __future__ import annotations

from feed.demo.words import Topic, Words

ENGLISH = Words(
    places=(
        "the old harbour", "the hill road", "the market square", "the river bend", "the upper town",
        "the library steps", "the orchard", "the north beach", "the tram depot", "the botanical garden",
        "the corner café", "the lighthouse", "the school yard", "the canal path",
    ),
    openings=(
        "Good morning, everyone.", "Small joy of the day:", "Slow evening here.", "Back from {place}, tired and happy.",
        "Note to self:", "Hello from a rainy balcony.", "First coffee, first thought.", "Weekend report:",
    ),
    closings=(
        "How is it where you are?", "Tips welcome.", "More tomorrow.", "That is all, have a kind day.",
        "I could get used to this.", "Who else?", "Still smiling about it.", "Ask me anything.",
    ),
    topics={
        "garden": Topic(
            tags=("gardening", "balcony", "GrowYourOwn"),
            things=("the tomatoes", "the basil", "the beans", "the lemon tree", "the mint", "the radishes", "the roses"),
            posts=(
                "After {n} weeks of waiting, {thing} finally decided to grow. I only talked to them a little.",
                "Question for people with more patience than me: how often do you water {thing} when it is this warm?",
                "Swapped seeds near {place} today. I gave {n} bags away and came home with twelve. This is how it starts.",
                "A blackbird has moved in beside {thing}. We have agreed on visiting hours.",
                "Compost update: day {n}0 and it no longer smells of regret.",
            ),
            answers=(
                "Mine did the same last year. Less water and a bit of shade helped.",
                "Could I have a cutting when it has grown? I will trade you some of {thing}.",
                "Try it in the morning, the leaves stay dry at night.",
            ),
        ),
        "kitchen": Topic(
            tags=("cooking", "bread", "homemade"),
            things=("lentil soup", "flatbread", "apple cake", "chickpea stew", "rice pudding", "roast carrots", "plum jam"),
            posts=(
                "{n} neighbours, one pot of {thing}, no leftovers. Best kind of dinner.",
                "My grandmother's recipe for {thing} says 'until it is right'. I have {n} questions.",
                "Burned the first {thing}, saved the second one. Progress is a curve.",
                "What is your trick for {thing}? Mine is more time and less looking.",
                "The sourdough has a name now. It answers to nothing, but it rises.",
            ),
            answers=(
                "A pinch of cumin at the end. Trust me.",
                "Now I am hungry and it is not even noon.",
                "I always forget the salt, so {thing} is my yearly surprise.",
            ),
        ),
        "books": Topic(
            tags=("books", "reading", "library"),
            things=("a slow novel", "short stories", "a book about maps", "old letters", "poems", "a history of bridges"),
            posts=(
                "Finished {thing} in {n} evenings and now I miss everybody in it.",
                "The library at {place} has a shelf called 'books that were returned with a smile'. I borrowed {n}.",
                "Reading {thing} aloud to my father on the phone. He pretends not to like it.",
                "What should I read after {thing}? Something gentle, please.",
                "I keep {n} bookmarks in one book. This is a system and I will defend it.",
            ),
            answers=(
                "I read that one on a train and missed my stop.",
                "Adding it to a list that is already a tower.",
                "If you liked it, try {thing} next.",
            ),
        ),
        "bikes": Topic(
            tags=("cycling", "bikes", "commute"),
            things=("the old bike", "the cargo bike", "a new bell", "the back wheel", "a second-hand saddle", "the brakes"),
            posts=(
                "{n}0 kilometres to {place} and back, headwind both ways. How is that possible?",
                "Repaired {thing} with a spoon and optimism. Do not do this at home.",
                "Counted {n} smiles and one goose on the way to work.",
                "The repair café at {place} fixed {thing} for a slice of cake. I love this town.",
                "Rain jacket review after {n} showers: the sleeves are fine, the rest is a sponge.",
            ),
            answers=(
                "The wind is always against you, it is the law.",
                "Come by on Saturday, I have the right tool for {thing}.",
                "A goose! You were lucky it let you pass.",
            ),
        ),
        "photos": Topic(
            tags=("photography", "light", "filmcamera"),
            things=("the fog", "the morning light", "a red door", "wet cobblestones", "the last tram", "shadows on a wall"),
            posts=(
                "Waited {n} mornings at {place} for {thing}. Today all was perfect and I had no film left.",
                "A photo is {n} parts waiting and one part luck, I think.",
                "Developed an old roll: {thing}, twice, and somebody's thumb.",
                "Which do you prefer, {thing} in colour or in black and white?",
                "My neighbour asked for a portrait with her cat. The cat had other plans.",
            ),
            answers=(
                "Black and white, always, until I see the colours.",
                "The thumb is the best part of every old roll.",
                "Was that near {place}? I think I know that corner.",
            ),
        ),
        "code": Topic(
            tags=("programming", "OpenSource", "learning"),
            things=("a missing comma", "the test suite", "a tiny script", "the build", "time zones", "the documentation"),
            posts=(
                "Spent {n} hours on {thing}. The fix was one line, the lesson was longer.",
                "Today I deleted {n}00 lines and nothing broke. Best day of the month.",
                "Teaching a beginner about {thing} showed me how little I had understood myself.",
                "Wrote down what {thing} does, for the person who comes after me. That person is me, in {n} months.",
                "Is there a kind word for the moment when the tests are green and you do not know why?",
            ),
            answers=(
                "Deleting code is the best kind of writing it.",
                "Green and unexplained is my least favourite colour.",
                "Time zones again? It is always time zones.",
            ),
        ),
        "music": Topic(
            tags=("music", "practice", "choir"),
            things=("the second violin", "an old song", "the drum part", "a waltz", "the choir", "scales"),
            posts=(
                "Practised {thing} for {n} minutes, then looked out of the window for ten.",
                "Our choir sings at {place} on Sunday. We know {n} songs and hum the rest.",
                "My oud teacher says play slower. I am now so slow that it is a photograph.",
                "Found {thing} on a cassette in a drawer. It still knows my summer.",
                "What do you play when you are sad? I play {thing} until I am not.",
            ),
            answers=(
                "Slow is smooth, says my teacher too.",
                "I will be there on Sunday, with biscuits.",
                "Please record it, even with the mistakes.",
            ),
        ),
        "school": Topic(
            tags=("teaching", "learning", "classroom"),
            things=("fractions", "the water cycle", "a school play", "reading hour", "the ant farm", "a map of our street"),
            posts=(
                "My class of {n}-year-olds explained {thing} to me. I learned something.",
                "We drew {thing} on the yard with chalk. It rained, and we learned about that as well.",
                "A pupil asked why the sky does not fall down. We have {n} theories.",
                "Looking for simple experiments about {thing} that need no money. What worked for you?",
                "The quiet one read a whole page aloud today. I had something in my eye.",
            ),
            answers=(
                "A jar, some sand and patience: ours loved it.",
                "Teachers like you are why I like Mondays.",
                "The chalk idea is lovely, I will take it for {thing}.",
            ),
        ),
        "sky": Topic(
            tags=("astronomy", "nightsky", "stars"),
            things=("Saturn", "the Moon", "a meteor", "the Pleiades", "Jupiter and its moons", "Orion"),
            posts=(
                "Clear night at {place}: {thing}, {n} friends and one thermos.",
                "Showed {thing} to my niece. She asked who switches it off in the morning.",
                "Clouds. {n} nights of clouds. I am learning the names of the clouds now.",
                "You can see {thing} tonight without any telescope, an hour after sunset.",
                "My first drawing of {thing} looks like a potato, but it is my potato.",
            ),
            answers=(
                "Saw it from {place} too, what a night.",
                "Cloudy here as well, send some sky.",
                "Kids ask the best questions about {thing}.",
            ),
        ),
        "sea": Topic(
            tags=("sea", "sailing", "beach"),
            things=("the tide", "a seal", "the ferry", "a message in a bottle", "the small boat", "the fog horn"),
            posts=(
                "Swam at {place} this morning, {n} degrees, screamed only once.",
                "Picked up {n} bags of litter on the beach. Found a toy whale. He lives with us now.",
                "Waited for {thing} today, and nobody minded the wait. That is the sea for you.",
                "Learning knots: I can do {n}, and undo none of them.",
                "The whole café stood up to look at {thing}. Then everybody ordered another coffee.",
            ),
            answers=(
                "You are braver than me, I went in to the knees.",
                "The whale has found a good home.",
                "I watched {thing} for an hour yesterday. Worth it.",
            ),
        ),
        "crafts": Topic(
            tags=("knitting", "woodwork", "handmade"),
            things=("a scarf", "a small chair", "a patchwork quilt", "a clay bowl", "a wooden spoon", "odd socks"),
            posts=(
                "Finished {thing} after {n} weeks. It has exactly one mistake and I know where it lives.",
                "The mending circle at {place} saved {n} jumpers today.",
                "Started {thing} for a friend's baby. The baby will be at school when it is done.",
                "Glue, sawdust and the radio. There are worse evenings.",
                "How do you keep the cat off {thing}? Asking with very little hope.",
            ),
            answers=(
                "The mistake is the signature.",
                "Cats own {thing}, we only make it for them.",
                "I would love to learn that. Do you take beginners?",
            ),
        ),
        "walks": Topic(
            tags=("hiking", "walking", "outdoors"),
            things=("a narrow path", "the long ridge", "an owl", "wild thyme", "a stone hut", "the first snow"),
            posts=(
                "{n} hours from {place} over the ridge, and not one phone call.",
                "Met {thing} on the way up and a very friendly goat on the way down.",
                "Walked a visitor through town: {n} bridges, two bakeries, endless questions.",
                "Forgot the map, followed {thing}, arrived anyway.",
                "Which walk near {place} would you show to somebody with small children?",
            ),
            answers=(
                "The path behind {place}, it is flat and there is ice cream.",
                "The goat knows everybody. Say hello from me.",
                "I got lost there once, best day of the year.",
            ),
        ),
    },
    replies=(
        "This made my morning, thank you.", "I did not know that. Tell us more?", "Same here, word for word.",
        "Lovely. Could you post a picture next time?", "I have been thinking about this all day.",
        "Ha! My sister says exactly the same.", "How long did it take you?", "Count me in next time.",
        "Saved for the weekend.", "That is the best thing I read today.", "I tried it yesterday and it works.",
        "I disagree a little, but kindly: it depends on the weather.", "Is it far from {place}?",
        "You always find the good ones.", "My children want to know what happened next.", "So well said.",
        "I needed to hear that.", "Congratulations! You earned it.", "What would you do differently?",
        "I will bring tea.", "Can beginners join?", "We did that {n} years ago and still talk about it.",
        "Thank you for writing it down.", "This is why I come here.",
    ),
    thanks=("Thank you!", "You are too kind.", "Glad it helped.", "Yes, please come along.", "About {n} days, with breaks."),
    warnings=(
        ("Spider, close up", "A very large and very polite spider lives behind the watering can. I call her Margaret."),
        ("Ending of a book", "I did not expect the lighthouse keeper to be the one who wrote all the letters."),
        ("Hospital, all is well", "Stitches out today. Everybody was kind and the tea was terrible."),
        ("Food", "Four kinds of pudding on one table. I regret nothing."),
    ),
    polls=(
        ("kitchen", "The last slice of plum cake goes to", ("whoever baked it", "whoever washed up", "the neighbour", "me")),
        ("walks", "Sunday walk: which way?", ("along the canal", "up the hill", "to the lighthouse")),
        ("books", "Do you finish books that you do not enjoy?", ("always", "never", "I skip to the end")),
        ("garden", "What should grow in the empty pot?", ("mint", "chillies", "a surprise", "nothing, let it rest")),
        ("music", "Songs for the harbour concert, choose as many as you like", ("sea shanties", "lullabies", "something new", "all the old ones")),
    ),
    quotes=(
        "I read this to everybody at breakfast.", "Worth your minute:", "This, exactly this.", "Adding only: bring a jumper.",
        "My neighbour needs to see this.", "I have been saying it for years, only worse.",
    ),
    news=(
        "Lanterns along the canal tonight, and everybody may bring one. The way: https://lanterns.example/walk #LanternWalk",
        "Ours is a jam jar with a candle stub and a lot of pride. See you at seven. #LanternWalk",
        "I sing with the choir at the bridge tonight, wrap up warm. https://lanterns.example/walk #LanternWalk",
        "The children are asleep in their shoes, so that nobody leaves without them. #LanternWalk",
    ),
    threads=(
        ("kitchen", (
            "How I learned to bake bread in a flat with a very small oven. A thread, with crumbs. 🧵",
            "First lesson: time does the work. I mix everything in the evening and go to sleep.",
            "Second lesson: a heavy pot with a lid makes the oven better than it is.",
            "Last lesson: give the second loaf away. People tell you what to change. #bread",
        )),
        ("bikes", (
            "A small guide to riding to work, for those who are thinking about it. 🧵",
            "Ride the way once on a Sunday. You will find the quiet streets that the map hides.",
            "Lights, a bell, a spare pair of socks. You need nothing else to begin. #cycling",
        )),
        ("sky", (
            "You can find north without a phone. Here is how my grandfather did it. 🧵",
            "Find the Plough. Take the two stars at its end, and go on five times as far.",
            "That lonely star is Polaris. It hardly moves; everything else goes round it. #stars",
        )),
        ("code", (
            "Three things I tell everybody in their first week of programming. 🧵",
            "Read the error message to the end. It is usually the last line that is trying to help.",
            "Change one thing at a time. If you change two, you learn nothing from either.",
            "Ask early. Nobody remembers the question; everybody remembers the week you lost. #learning",
        )),
        ("garden", (
            "What grew on my balcony this year, honestly counted. 🧵",
            "Tomatoes: 31, of which the blackbird had 9. Basil: too much. Courgette: one, enormous.",
            "Next year: fewer pots, more mint, and a treaty with the blackbird. #balcony",
        )),
        ("school", (
            "We wrote a newspaper with eight-year-olds. This is what happened. 🧵",
            "The front page: a lost tooth, found in a sandwich. Everybody wanted to report on it.",
            "The corrections column was longer than the news. I have never been prouder. #classroom",
        )),
    ),
)  # fmt: skip
