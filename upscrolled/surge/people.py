"""What people do on a visit: newcomers sign up, readers come back, lookers have no account."""

from __future__ import annotations

from random import Random

import msgspec

from upscrolled.surge.ledger import Person
from upscrolled.surge.visits import Author, GaveUp, Seen, Visit, World, somewhere

PASSWORD = "a surge of newcomers"
SCOPES = "read write follow"
READERS_REQUESTS = 12  # at most, on one visit
MAIL_WITHIN = 60.0
SAYINGS = (
    "hello everybody",
    "first day here #newhere",
    "what a crowd today",
    "good morning #morning",
    "مرحبا بالجميع",
)


async def let_in(world: World, who: str, key: str) -> None:
    """Let somebody come who does what the seed and the key say; nothing that happens ends the replay."""
    rng = Random(f"{world.seed} {key}")
    person = world.ledger.somebody(READERS_REQUESTS) if who == "reader" else None
    try:
        if who == "newcomer":
            await Newcomer(world, rng).come()
        elif person is not None:
            await Reader(world, rng, person).come()
        else:
            await Looker(world, rng).come()
    except GaveUp:
        pass


class _Suggested(msgspec.Struct):
    account: Author


class Looker(Visit):
    """No account, curious."""

    def __init__(self, world: World, rng: Random) -> None:
        super().__init__(world, rng, address=somewhere())

    async def stay(self) -> None:
        """Look at what is going on, at somebody, and at what was answered."""
        await self.need("instance", "GET", "/api/v2/instance")
        seen = await self.posts("trends", "/api/v1/trends/statuses")
        await self.think()
        seen += await self.posts("public", "/api/v1/timelines/public")
        if seen:
            post = self.rng.choice(seen)
            await self.think()
            await self.ask("a stranger's context", "GET", f"/api/v1/statuses/{post.id}/context")
            await self.posts("a stranger's profile", f"/api/v1/accounts/{post.account.id}/statuses")


class SignedIn(Visit):
    """What people with an account do."""

    person: Person

    async def like(self, seen: list[Seen]) -> None:
        """Like one of the posts seen that is not liked yet."""
        choice = [post for post in seen if post.reblog is None and post.id not in self.person.likes]
        if choice:
            post = self.rng.choice(choice)
            answer = await self.ask("like", "POST", f"/api/v1/statuses/{post.id}/favourite")
            if answer is not None and answer.status == 200:
                self.person.likes.add(post.id)

    async def publish(self) -> None:
        """Say something."""
        text = {"status": self.rng.choice(SAYINGS)}
        answer = await self.ask("post", "POST", "/api/v1/statuses", json=text)
        if answer is not None and answer.status == 200:
            self.person.posts.add(msgspec.json.decode(answer.body, type=Author).id)

    async def follow(self, account_id: str) -> None:
        """Follow somebody."""
        answer = await self.ask("follow", "POST", f"/api/v1/accounts/{account_id}/follow")
        if answer is not None and answer.status == 200:
            self.person.follows.add(account_id)


class Reader(SignedIn):
    """Somebody who comes back."""

    def __init__(self, world: World, rng: Random, person: Person) -> None:
        super().__init__(world, rng, address=person.address, token=person.token)
        self.person = person

    async def stay(self) -> None:
        """Read both feeds, answer some of it, see what the others did."""
        seen = await self.posts("home", "/api/v1/timelines/home")
        await self.think()
        if self.rng.random() < 0.7:
            seen += await self.posts("discover", "/api/v1/upscrolled/discover")
        await self.think()
        if self.rng.random() < 0.6:
            await self.like(seen)
        if self.rng.random() < 0.25:
            await self.publish()
        await self.think()
        if self.rng.random() < 0.5:
            await self.ask("notifications", "GET", "/api/v1/notifications")
        if seen and self.rng.random() < 0.4:
            post = self.rng.choice(seen)
            await self.ask("context", "GET", f"/api/v1/statuses/{post.id}/context")
            await self.posts("profile", f"/api/v1/accounts/{post.account.id}/statuses")


class Newcomer(SignedIn):
    """Somebody who has heard of it and wants in."""

    def __init__(self, world: World, rng: Random) -> None:
        super().__init__(world, rng, address=somewhere())
        world.number += 1
        self.name = f"s{world.run}_{world.number}"

    async def stay(self) -> None:
        """Register, confirm the address, follow whom one is told to, look around, say hello."""
        await self._sign_up()
        await self._confirm()
        await self.need("me", "GET", "/api/v1/accounts/verify_credentials")
        self.world.ledger.settle(self.person)
        self.person.spend(20)
        for account_id in await self._suggestions():
            await self.follow(account_id)
        seen = await self.posts("home", "/api/v1/timelines/home")
        seen += await self.posts("discover", "/api/v1/upscrolled/discover")
        await self.think()
        await self.like(seen)
        await self.publish()

    async def _sign_up(self) -> None:
        """As an app does: register itself, get its own token, send the form."""
        await self.need("instance", "GET", "/api/v2/instance")
        app = {"client_name": "Surge", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob", "scopes": SCOPES}
        secret = msgspec.json.decode((await self.need("app", "POST", "/api/v1/apps", json=app)).body)
        grant = {
            "grant_type": "client_credentials",
            "client_id": secret["client_id"],
            "client_secret": secret["client_secret"],
            "scope": SCOPES,
        }
        token = await self.need("token", "POST", "/oauth/token", form=grant)
        self.client.token = msgspec.json.decode(token.body)["access_token"]
        facts = {
            "username": self.name,
            "email": f"{self.name}@example.org",
            "password": PASSWORD,
            "agreement": True,
            "locale": "en",
            "date_of_birth": "1990-05-17",
        }
        made = await self.need("sign-up", "POST", "/api/v1/accounts", json=facts)
        self.client.token = msgspec.json.decode(made.body)["access_token"]
        self.person = Person(self.name, self.client.address, self.client.token)
        self.world.ledger.enter(self.person)

    async def _confirm(self) -> None:
        """Open the link of the mail, in a browser, and press the button. Raises GaveUp."""
        link = await self.world.mailbox.link(f"{self.name}@example.org", seconds=MAIL_WITHIN)
        if link is None:
            self.world.meter.unexpected["no mail within a minute"] += 1
            raise GaveUp
        browser = Visit(self.world, self.rng, address=self.client.address)
        try:
            page = await browser.need("confirm", "GET", link)
            secret = page.body.decode().partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
            await browser.need("confirm", "POST", link, form={"csrfmiddlewaretoken": secret})
        finally:
            await browser.client.close()

    async def _suggestions(self) -> list[str]:
        """Whom to follow: whoever is suggested, or else whoever is talking."""
        answer = await self.ask("suggestions", "GET", "/api/v2/suggestions")
        found: list[str] = []
        if answer is not None and answer.status == 200:
            found = [one.account.id for one in msgspec.json.decode(answer.body, type=list[_Suggested])]
        if not found:
            found = [post.account.id for post in await self.posts("public", "/api/v1/timelines/public")]
        return list(dict.fromkeys(found))[: self.rng.randint(2, 5)]
