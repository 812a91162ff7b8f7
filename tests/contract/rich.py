"""The world of the contract grown rich: every list has something in it, and every field somebody's value."""

from __future__ import annotations

import base64
import io
from datetime import UTC, datetime
from typing import Any

from PIL import Image

from feed import tasks, usage
from feed.cards import ledger
from feed.cards.page import Preview
from feed.queries import trends
from feed.timelines import pools
from tests.contract.surface import World
from tests.media import photo, ready
from tests.people import client_of, make_account
from upscrolled import popularity, weeks
from upscrolled.operations import rules
from upscrolled.queries.rules import shipped

LINK = "https://example.org/tides"


def enrich(world: World, alice: Any, bob: Any) -> None:
    """Let alice and the people around her do what there is to do."""
    now = datetime.now(UTC)
    hers, his = client_of(alice), client_of(bob)
    rules.load_rules(written=shipped(), now=now)
    describe(hers)
    talk(world, hers, his)
    say(
        hers,
        "Look #river",
        media_ids=[ready(alice, description="A boat", focus="0,0.5"), ready(alice, photo(2))],
    )
    for number in range(4):
        neighbour = make_account(f"neighbour{number}", discoverable=True)
        move_in(client_of(neighbour), world, hers)
        done(his.post(f"/api/v1/accounts/{neighbour.id}/follow"))
        done(his.post(f"/api/v1/accounts/{neighbour.id}/endorse"))
        world.ids["newcomer"] = str(neighbour.id)
    remember(world, hers)
    preview()
    tasks.deliver_owed()
    usage.recount(now=now)
    weeks.count(now=now)
    popularity.refresh()
    trends.forget()
    pools.advance(now=now)


def describe(hers: Any) -> None:
    """alice fills in her profile."""
    profile = {
        "note": "By the #river, with @bob.",
        "fields_attributes": [{"name": "Site", "value": "https://alice.example"}],
        "avatar": picture(),
        "header": picture(),
        "avatar_description": "A boat",
        "source": {"language": "ar", "sensitive": True, "privacy": "public"},
        "locked": True,
        "discoverable": True,
    }
    done(hers.patch("/api/v1/accounts/update_credentials", profile))


def talk(world: World, hers: Any, his: Any) -> None:
    """alice and bob follow each other and talk in every way."""
    done(hers.post(f"/api/v1/accounts/{world.ids['account']}/follow", {"notify": True, "languages": ["en"]}))
    answer = {"in_reply_to_id": world.ids["own"], "spoiler_text": "wet", "sensitive": True, "language": "en"}
    said = say(his, f"@alice see the noise of the #river: {LINK}", **answer)
    say(hers, "An answer to the answer.", in_reply_to_id=said)
    own = world.ids["own"]
    done(
        hers.put(
            f"/api/v1/statuses/{own}", {"status": f"mine, by the #river {LINK}", "spoiler_text": "edited"}
        )
    )
    for verb in ("favourite", "bookmark"):
        done(his.post(f"/api/v1/statuses/{own}/{verb}"))
        done(hers.post(f"/api/v1/statuses/{world.ids['post']}/{verb}"))
    done(his.post(f"/api/v1/statuses/{own}/reblog"))
    done(hers.post(f"/api/v1/statuses/{world.ids['post']}/reblog"))
    asked = say(
        his, "quoted with a poll", quoted_status_id=own, poll={"options": ["a", "b"], "expires_in": 3600}
    )
    done(hers.post(f"/api/v1/polls/{asked}/votes", {"choices": [1]}))
    say(hers, "so says he", quoted_status_id=world.ids["post"])
    world.ids["said"] = said


def preview() -> None:
    """A worker has read the page that everybody links to."""
    now = datetime.now(UTC)
    owed = ledger.claim(now=now)
    assert owed is not None
    assert owed.url == LINK
    said = Preview(
        title="Tides",
        description="When the river rises.",
        author_name="Mona",
        author_url="https://example.org/mona",
        provider="The Almanac",
        language="en",
        published_at=now,
        image_description="A river",
    )
    image = ledger.Image("cards/00/" + "0" * 64 + ".jpg", 800, 420, "LEHV6nWB2yk8pyo0adR*.7kCMdnj")
    ledger.keep(owed, said, image, ["example.org"], now=now)


def move_in(theirs: Any, world: World, hers: Any) -> None:
    """Somebody comes, meets everybody, and talks of what is talked about."""
    for person in (world.ids["account"], world.ids["followed"]):
        done(theirs.post(f"/api/v1/accounts/{person}/follow"))
    post = say(theirs, f"High water #river {LINK}")
    done(hers.post(f"/api/v1/statuses/{post}/favourite"))
    done(theirs.post(f"/api/v1/statuses/{world.ids['own']}/favourite"))
    done(theirs.post(f"/api/v1/statuses/{world.ids['said']}/favourite"))


def remember(world: World, hers: Any) -> None:
    """alice keeps things for herself."""
    person, muted, blocked = (world.ids["account"], make_account("gale").id, make_account("hugo").id)
    for path, body in (
        (f"accounts/{person}/note", {"comment": "met in Tunis"}),
        (f"accounts/{person}/endorse", {}),
        (f"accounts/{muted}/mute", {"duration": 3600}),
        (f"accounts/{blocked}/block", {}),
        (f"lists/{world.ids['list']}/accounts", {"account_ids": [person]}),
        (f"statuses/{world.ids['own']}/pin", {}),
        ("tags/river/follow", {}),
        ("markers", {"home": {"last_read_id": world.ids["post"]}}),
    ):
        done(hers.post(f"/api/v1/{path}", body))
    done(hers.put(f"/api/v1/announcements/{world.ids['news']}/reactions/🎉"))


def say(client: Any, text: str, **more: Any) -> str:
    """Publish; the id of the post."""
    return str(done(client.post("/api/v1/statuses", {"status": text, **more}))["id"])


def picture() -> str:
    """A small picture as a data address, as some applications send one."""
    out = io.BytesIO()
    Image.new("RGB", (40, 40), (30, 90, 160)).save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


def done(answer: Any) -> Any:
    """What was answered; it was no refusal."""
    assert answer.status_code == 200, answer.content
    return answer.json()
