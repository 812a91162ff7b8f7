"""Filters over the API: both versions speak of the same rows, and every page says which of them a post meets."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from feed.operations import filters as operations
from feed.operations.interact import repost
from tests.people import NOON, client_of, publish, seen_by, token_of

pytestmark = pytest.mark.django_db
V1, V2 = "/api/v1/filters", "/api/v2/filters"


def filter_words(account, *words: str, **facts) -> dict:
    """Make a filter of whole words for this account."""
    body = {
        "title": "Noise",
        "context": ["home", "notifications", "public", "thread", "account"],
        "keywords_attributes": [{"keyword": word, "whole_word": True} for word in words],
    }
    answer = client_of(account).post(V2, {**body, **facts})
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_words_come_as_a_list_or_an_object(client_of, alice):
    client, words = client_of(alice), [{"keyword": "war"}, {"keyword": "army", "whole_word": False}]
    numbered = {str(place): word for place, word in enumerate(words)}
    for sent in (words, numbered):
        made = client.post(V2, {"title": "x", "context": ["home"], "keywords_attributes": sent}).json()
        assert [(word["keyword"], word["whole_word"]) for word in made["keywords"]] == [
            ("war", True),
            ("army", False),
        ]

    gone = {"0": {"id": made["keywords"][0]["id"], "_destroy": True}}
    left = client.put(f"{V2}/{made['id']}", {"keywords_attributes": gone}).json()
    assert [word["keyword"] for word in left["keywords"]] == ["army"]


def met(status: dict) -> list[str]:
    return [word for result in status["filtered"] for word in result["keyword_matches"] or ()]


def first(account, path: str, **params) -> dict:
    answer = client_of(account).get(path, params)
    assert answer.status_code == 200, answer.content
    return answer.json()[0]


def test_a_filter_is_made_changed_and_deleted(client_of, alice):
    client = client_of(alice)

    made = client.form(
        V2,
        {
            "title": "حرب",
            "context[]": ["public", "home"],
            "filter_action": "hide",
            "expires_in": "3600",
            "keywords_attributes[0][keyword]": "حرب",
            "keywords_attributes[0][whole_word]": "0",
            "keywords_attributes[1][keyword]": "army",
        },
    ).json()
    assert (made["title"], made["context"], made["filter_action"]) == ("حرب", ["home", "public"], "hide")
    assert made["expires_at"] is not None
    assert [(word["keyword"], word["whole_word"]) for word in made["keywords"]] == [
        ("حرب", False),
        ("army", True),
    ]
    assert made["statuses"] == []

    arabic, army = made["keywords"]
    changed = client.put(
        f"{V2}/{made['id']}",
        {
            "title": "War",
            "expires_in": "",
            "keywords_attributes": [
                {"id": arabic["id"], "keyword": "الحرب"},
                {"id": army["id"], "_destroy": True},
                {"keyword": "tank"},
            ],
        },
    ).json()
    assert (changed["title"], changed["context"], changed["filter_action"]) == (
        "War",
        ["home", "public"],
        "hide",
    )
    assert changed["expires_at"] is None
    assert [(word["keyword"], word["whole_word"]) for word in changed["keywords"]] == [
        ("الحرب", False),
        ("tank", True),
    ]
    assert client.get(V2).json() == [client.get(f"{V2}/{made['id']}").json()] == [changed]
    assert client.delete(f"{V2}/{made['id']}").json() == {}
    assert client.get(V2).json() == []


def test_words_of_a_filter_have_addresses_of_their_own(client_of, alice):
    client, made = client_of(alice), filter_words(alice)
    words = f"{V2}/{made['id']}/keywords"

    word = client.post(words, {"keyword": "army", "whole_word": "false"}).json()
    assert client.get(words).json() == [word] == [{"id": word["id"], "keyword": "army", "whole_word": False}]
    address = f"{V2}/keywords/{word['id']}"
    assert client.put(address, {"keyword": "navy"}).json() == {**word, "keyword": "navy"}
    assert client.get(address).json()["keyword"] == "navy"
    assert client.delete(address).json() == {}
    assert client.get(address).status_code == 404
    assert client.get(words).json() == []


def test_posts_of_a_filter_have_addresses_of_their_own(client_of, alice, bob):
    post, hidden = publish(alice, "hello"), publish(alice, "for followers", audience="followers")
    client, made = client_of(bob), filter_words(bob)
    posts = f"{V2}/{made['id']}/statuses"

    row = client.post(posts, {"status_id": str(post)}).json()
    assert client.get(posts).json() == [row] == [{"id": row["id"], "status_id": str(post)}]
    assert client.post(posts, {"status_id": str(post)}).status_code == 422
    assert client.post(posts, {"status_id": "1"}).status_code == 404
    assert client.get(f"/api/v1/statuses/{post}").json()["filtered"][0]["status_matches"] == [str(post)]
    assert client.get(f"{V2}/statuses/{row['id']}").json() == row
    assert client.delete(f"{V2}/statuses/{row['id']}").json() == row
    assert client.get(f"/api/v1/statuses/{post}").json()["filtered"] == []
    others = filter_words(alice)
    assert (
        client_of(alice).post(f"{V2}/{others['id']}/statuses", {"status_id": str(hidden)}).status_code == 200
    )


def test_a_filter_is_its_owners_secret(client_of, alice, bob):
    made = filter_words(alice, "army")
    word = made["keywords"][0]["id"]
    client = client_of(bob)

    for method, path in (
        ("get", f"{V2}/{made['id']}"), ("put", f"{V2}/{made['id']}"), ("delete", f"{V2}/{made['id']}"),
        ("get", f"{V2}/{made['id']}/keywords"), ("post", f"{V2}/{made['id']}/keywords"),
        ("get", f"{V2}/{made['id']}/statuses"), ("post", f"{V2}/{made['id']}/statuses"),
        ("get", f"{V2}/keywords/{word}"), ("put", f"{V2}/keywords/{word}"), ("delete", f"{V2}/keywords/{word}"),
        ("get", f"{V1}/{word}"), ("put", f"{V1}/{word}"), ("delete", f"{V1}/{word}"),
    ):  # fmt: skip
        assert getattr(client, method)(path).status_code == 404, (method, path)
    theirs = filter_words(bob)
    stolen = {"keywords_attributes": [{"id": word, "keyword": "mine"}]}
    assert client.put(f"{V2}/{theirs['id']}", stolen).status_code == 404
    assert client_of(alice).get(V2).json() == [made]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"context": ["home"]}, "title"),
        ({"title": " ", "context": ["home"]}, "Title can't be blank"),
        ({"title": "x" * 257, "context": ["home"]}, "257 characters; at most 256"),
        ({"title": "x"}, "context"),
        ({"title": "x", "context": []}, "there was none"),
        ({"title": "x", "context": ["moon"]}, "'moon'"),
        ({"title": "x", "context": ["home"], "filter_action": "burn"}, "filter_action"),
        ({"title": "x", "context": ["home"], "expires_in": -1}, "expires_in"),
        (
            {"title": "x", "context": ["home"], "keywords_attributes": [{"keyword": "\u200b"}]},
            "Keyword can't be blank",
        ),
        ({"title": "x", "context": ["home"], "keywords_attributes": [{}]}, "Keyword can't be blank"),
        ({"title": "x", "context": ["home"], "keywords_attributes": [{"keyword": "x" * 513}]}, "at most 512"),
        ({"title": "x", "context": ["home"], "keywords_attributes": "army"}, "keywords_attributes"),
        (
            {"title": "x", "context": ["home"], "keywords_attributes": {"keyword": "army"}},
            "keywords_attributes",
        ),
        ({"title": "x", "context": ["home"], "keywords_attributes": {"0": "army"}}, "keywords_attributes"),
    ],
)
def test_a_bad_filter_is_refused_with_a_sentence_and_leaves_nothing(client_of, alice, body, told):
    client = client_of(alice)

    answer = client.post(V2, body)

    assert answer.status_code == 422
    assert told in answer.json()["error"]
    assert client.get(V2).json() == []


def test_limits_are_told_with_the_number_that_passed_them(client_of, alice, bob, monkeypatch):
    for limit in ("FILTERS_MAX", "KEYWORDS_MAX", "POSTS_MAX"):
        monkeypatch.setattr(operations, limit, 1)
    client, made = client_of(alice), filter_words(alice, "army")
    posts = [publish(bob, "one"), publish(bob, "two", after=1)]
    client.post(f"{V2}/{made['id']}/statuses", {"status_id": str(posts[0])})

    for path, body, told in (
        (V2, {"title": "x", "context": "home"}, "at most 1 filters; you have 1"),
        (
            f"{V2}/{made['id']}/keywords",
            {"keyword": "navy"},
            "at most 1 words in filters; with these it would be 2",
        ),
        (f"{V2}/{made['id']}/statuses", {"status_id": str(posts[1])}, "at most 1 posts in filters"),
    ):
        answer = client.post(path, body)
        assert (answer.status_code, told in answer.json()["error"]) == (422, True), answer.json()


def test_the_first_version_is_one_word_of_the_same_rows(client_of, alice):
    client = client_of(alice)

    made = client.form(V1, {"phrase": "army", "context[]": ["home", "public"], "whole_word": "1"}).json()
    assert made == {
        "id": made["id"], "phrase": "army", "context": ["home", "public"], "expires_at": None,
        "irreversible": False, "whole_word": True,
    }  # fmt: skip
    assert client.get(V2).json()[0]["keywords"] == [{"id": made["id"], "keyword": "army", "whole_word": True}]
    changed = client.put(
        f"{V1}/{made['id']}", {"phrase": "navy", "context": ["thread"], "irreversible": True}
    ).json()
    assert (changed["phrase"], changed["context"], changed["irreversible"]) == ("navy", ["thread"], True)
    assert client.get(V2).json()[0]["filter_action"] == "hide"
    assert client.get(V1).json() == [client.get(f"{V1}/{made['id']}").json()] == [changed]
    assert client.delete(f"{V1}/{made['id']}").json() == {}
    assert (client.get(V1).json(), client.get(V2).json()) == ([], [])


def test_the_first_version_does_not_change_what_other_words_share(client_of, alice):
    client, made = client_of(alice), filter_words(alice, "army", "navy")
    army, navy = (word["id"] for word in made["keywords"])

    refused = client.put(f"{V1}/{army}", {"phrase": "tank", "context": ["home"]})
    assert (refused.status_code, "a filter of 2" in refused.json()["error"]) == (422, True)
    assert client.put(f"{V1}/{army}", {"phrase": "tank"}).json()["phrase"] == "tank"
    all_of_it = {"phrase": "tanks", "context": made["context"], "irreversible": False, "expires_in": ""}
    assert client.put(f"{V1}/{army}", all_of_it).json()["phrase"] == "tanks"
    client.delete(f"{V1}/{navy}")
    assert [word["keyword"] for word in client.get(V2).json()[0]["keywords"]] == ["tanks"]


def test_every_page_says_which_filters_a_post_meets(client_of, alice, bob):
    root = publish(bob, "root")
    post = publish(alice, "The ARMY, @bob", reply_to=root, after=1)
    filter_words(bob, "army", "navy")

    for path in (
        "/api/v1/timelines/home", f"/api/v1/accounts/{alice.id}/statuses", f"/api/v1/statuses?id[]={post}",
    ):  # fmt: skip
        status = first(bob, path)
        assert (status["id"], met(status)) == (str(post), ["army"]), path
    (reply,) = client_of(bob).get(f"/api/v1/statuses/{root}/context").json()["descendants"]
    assert met(reply) == ["army"]
    assert met(first(bob, "/api/v1/notifications")["status"]) == ["army"]
    assert first(alice, f"/api/v1/accounts/{alice.id}/statuses")["filtered"] == []
    assert "filtered" not in client_of().get(f"/api/v1/statuses/{post}").json()


def test_a_result_names_the_filter_without_what_is_in_it(client_of, alice, bob):
    publish(alice, "army")
    made = filter_words(bob, "army")

    (result,) = first(bob, "/api/v1/timelines/home")["filtered"]

    assert result["filter"] == {
        key: value for key, value in made.items() if key not in ("keywords", "statuses")
    }
    assert (result["keyword_matches"], result["status_matches"]) == (["army"], None)


def test_a_filter_is_named_everywhere_with_the_contexts_it_is_meant_for(client_of, alice, bob):
    """An app keeps the post it got in one place and shows it in another; where a filter acts, it decides itself."""
    publish(alice, "army")
    filter_words(bob, "army", context=["thread"])

    for path in ("/api/v1/timelines/home", "/api/v1/timelines/public"):
        post = first(bob, path)
        assert met(post) == ["army"]
        assert post["filtered"][0]["filter"]["context"] == ["thread"]


def test_a_share_meets_what_it_shares_and_a_warning_and_a_poll_are_read_too(client_of, alice, bob, dave):
    filter_words(bob, "army", "navy", "fleet")
    original = publish(dave, "army")
    repost(seen_by(alice, original), by=alice, audience="public", now=NOON)
    share = first(bob, "/api/v1/timelines/home")
    warned = publish(alice, "x", warning="navy", after=2)
    poll = {"options": ["the fleet", "nobody"], "expires_in": 3600}
    asked = client_of(alice).post("/api/v1/statuses", {"status": "who?", "poll": poll}).json()["id"]

    assert (met(share), met(share["reblog"])) == (["army"], ["army"])
    assert met(client_of(bob).get(f"/api/v1/statuses/{warned}").json()) == ["navy"]
    assert met(client_of(bob).get(f"/api/v1/statuses/{asked}").json()) == ["fleet"]


def test_a_change_of_a_filter_is_seen_at_once(client_of, alice, bob):
    publish(alice, "army and navy")
    made = filter_words(bob, "army")
    assert met(first(bob, "/api/v1/timelines/home")) == ["army"]

    client = client_of(bob)
    client.put(f"{V2}/keywords/{made['keywords'][0]['id']}", {"keyword": "navy"})
    assert met(first(bob, "/api/v1/timelines/home")) == ["navy"]
    client.put(f"{V2}/{made['id']}", {"expires_in": 0})
    assert met(first(bob, "/api/v1/timelines/home")) == []


def test_an_irreversible_filter_leaves_posts_out_of_home_and_notifications_but_not_elsewhere(
    client_of, alice, bob
):
    kept = publish(alice, "peace, @bob")
    dropped = publish(alice, "war, @bob", after=1)
    contexts = ["home", "notifications", "account"]
    client_of(bob).post(V1, {"phrase": "war", "context": contexts, "irreversible": True, "whole_word": True})
    client = client_of(bob)

    assert [status["id"] for status in client.get("/api/v1/timelines/home").json()] == [str(kept)]
    assert [note["status"]["id"] for note in client.get("/api/v1/notifications").json()] == [str(kept)]
    assert client.get("/api/v1/notifications/unread_count").json() == {"count": 1}
    (theirs, _) = client.get(f"/api/v1/accounts/{alice.id}/statuses").json()
    assert (theirs["id"], met(theirs)) == (str(dropped), ["war"])


def test_a_filter_of_the_second_version_that_hides_leaves_that_to_the_client(client_of, alice, bob):
    post = publish(alice, "war, @bob")
    wanted = {"title": "war", "context": ["home", "notifications"], "filter_action": "hide"}
    client_of(bob).post(V2, {**wanted, "keywords_attributes": [{"keyword": "war"}]})
    client = client_of(bob)
    (home,), (told,) = (client.get(f"/api/v1/{page}").json() for page in ("timelines/home", "notifications"))

    assert [word["irreversible"] for word in client.get(V1).json()] == [False]
    assert (home["id"], home["filtered"][0]["filter"]["filter_action"]) == (str(post), "hide")
    assert told["status"]["id"] == str(post)


def test_no_filter_leaves_out_what_one_wrote_oneself(client_of, alice, bob):
    client_of(alice).post(V1, {"phrase": "war", "context": ["home", "notifications"], "irreversible": True})
    own = publish(alice, "no war")
    client_of(bob).post(f"/api/v1/statuses/{own}/favourite")
    (home,), (told,) = (
        client_of(alice).get(f"/api/v1/{page}", {"exclude_types[]": "follow"}).json()
        for page in ("timelines/home", "notifications")
    )

    assert (home["id"], met(home)) == (str(own), ["war"])
    assert told["status"]["id"] == str(own)


def test_a_page_of_home_is_full_although_a_filter_leaves_posts_out(client_of, alice, bob):
    posts = [publish(alice, "war" if number % 2 else "peace", after=number) for number in range(20)]
    client_of(bob).post(V1, {"phrase": "war", "context": ["home"], "irreversible": True})

    page = client_of(bob).get("/api/v1/timelines/home", {"limit": 5})

    assert [int(status["id"]) for status in page.json()] == posts[18:8:-2]


@pytest.mark.parametrize(
    ("path", "statements"),
    [("/api/v1/timelines/home", 3), ("/api/v1/timelines/public", 4), ("/api/v1/notifications", 5)],
)
def test_filters_cost_a_page_no_statement_once_they_are_known(client_of, alice, bob, path, statements):
    for number in range(5):
        publish(alice, f"army {number} @bob", after=number)
    filter_words(bob, "army", "navy")
    client = client_of(bob)
    client.get(path)

    with CaptureQueriesContext(connection) as captured:
        assert all(met(item.get("status", item)) == ["army"] for item in client.get(path).json())

    assert len(captured) == statements, [query["sql"] for query in captured.captured_queries]


def test_words_of_a_form_come_one_after_the_other(alice) -> None:
    words = [("الدوري", "true"), ("final score", None), ("offside", "false")]
    fields = [("title", "football"), ("context[]", "home")]
    for keyword, whole in words:
        fields.append(("keywords_attributes[][keyword]", keyword))
        fields += [("keywords_attributes[][whole_word]", whole)] if whole else []
    made = client_of(alice).form("/api/v2/filters", fields).json()

    assert [(word["keyword"], word["whole_word"]) for word in made["keywords"]] == [
        ("الدوري", True),
        ("final score", True),
        ("offside", False),
    ]


def test_words_of_a_form_in_parts_come_together_by_their_place(alice) -> None:
    names = ["keyword", "whole_word", "keyword", "whole_word"]
    values = ["offside", "false", "final score", "true"]
    parts = [("title", "football"), ("context[]", "home")]
    parts += [(f"keywords_attributes[][{name}]", value) for name, value in zip(names, values, strict=True)]
    body = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in parts
    )
    made = (
        Client()
        .post(
            "/api/v2/filters",
            f"{body}--x--\r\n",
            content_type="multipart/form-data; boundary=x",
            headers={"Authorization": f"Bearer {token_of(alice)}"},
        )
        .json()
    )

    assert [(word["keyword"], word["whole_word"]) for word in made["keywords"]] == [
        ("offside", False),
        ("final score", True),
    ]
