"""Avatar and header: what is taken, what is made of it, how it is served, and when it goes."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from PIL import Image, ImageCms

from tests import restricting
from tests.people import token_of
from upscrolled import tasks
from upscrolled.models import Account, Picture, Restriction
from upscrolled.operations.accounts import close_account
from upscrolled.pictures import addresses, ledger

PATH = "/api/v1/accounts/update_credentials"


@pytest.fixture(autouse=True)
def _own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def drawn(size=(900, 600), colour=(200, 30, 60), form="PNG", **options) -> bytes:
    out = io.BytesIO()
    Image.new("RGBA" if len(colour) == 4 else "RGB", size, colour).save(out, form, **options)
    return out.getvalue()


def moving(frames=3, size=(300, 300), **options) -> bytes:
    pictures = [Image.new("RGB", size, (40 * number % 256, number % 256, 90)) for number in range(frames)]
    out = io.BytesIO()
    pictures[0].save(out, "GIF", save_all=True, append_images=pictures[1:], duration=100, **options)
    return out.getvalue()


def send(account, method="patch", path=PATH, **files):
    body = encode_multipart(BOUNDARY, {name: _part(name, value) for name, value in files.items()})
    headers = {"Authorization": f"Bearer {token_of(account)}"}
    return Client().generic(method.upper(), path, body, content_type=MULTIPART_CONTENT, headers=headers)


def _part(name, value):
    return SimpleUploadedFile(f"{name}.png", value) if isinstance(value, bytes) else value


def fetched(address: str):
    return Client().get("/" + address.partition("://")[2].partition("/")[2])


def opened(address: str) -> Image.Image:
    return Image.open(io.BytesIO(fetched(address).content))


class TestSending:
    def test_a_photograph_becomes_a_square_and_a_wide_strip(self, alice):
        response = send(alice, avatar=drawn(), header=drawn((3000, 3000)), avatar_description="In red")

        me = response.json()
        assert response.status_code == 200, me
        assert opened(me["avatar"]).size == (400, 400)
        assert opened(me["header"]).size == (1500, 500)
        assert (me["avatar_description"], me["avatar_static"]) == ("In red", me["avatar"])
        red, green, blue = opened(me["avatar"]).getpixel((200, 200))
        assert abs(red - 200) + abs(green - 30) + abs(blue - 60) < 20

    @pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
    def test_four_kinds_are_known_by_their_content(self, alice, form):
        me = send(alice, avatar=drawn(form=form)).json()

        assert opened(me["avatar"]).size == (400, 400)

    def test_small_pictures_stay_small_and_glass_stays_clear(self, alice):
        me = send(alice, avatar=drawn((60, 30), (10, 20, 30, 100))).json()

        shown = opened(me["avatar"])
        assert (shown.format, shown.size) == ("WEBP", (30, 30))
        assert shown.convert("RGBA").getpixel((9, 9))[3] == 100

    def test_a_moving_picture_moves_and_has_a_still(self, alice):
        me = send(alice, avatar=moving(), header=moving()).json()

        assert (opened(me["avatar"]).format, opened(me["avatar"]).n_frames) == ("GIF", 3)
        assert max(opened(me["avatar"]).size) <= 200
        assert me["avatar_static"] != me["avatar"]
        assert getattr(opened(me["avatar_static"]), "n_frames", 1) == 1
        assert me["header"] == me["header_static"]

    def test_a_moving_picture_keeps_no_comment_of_its_file(self, alice):
        me = send(alice, avatar=moving(comment=b"taken at home")).json()

        assert (opened(me["avatar"]).n_frames, "comment" in opened(me["avatar"]).info) == (3, False)
        assert b"taken at home" not in fetched(me["avatar"]).content

    def test_json_and_forms_bring_pictures_as_data_addresses(self, client_of, alice):
        address = "data:image/png;base64," + base64.b64encode(drawn()).decode()

        for response in (
            client_of(alice).patch(PATH, {"avatar": address}),
            client_of(alice).form(PATH, {"avatar": address}, method="patch"),
        ):
            assert opened(response.json()["avatar"]).size == (400, 400)

    def test_a_telephone_held_upright_gives_an_upright_picture_that_tells_no_place(self, alice):
        sideways = Image.new("RGB", (400, 200), (0, 0, 255))
        sideways.paste((255, 0, 0), (0, 0, 200, 200))  # red is left in the file, and so on top once turned
        tags = Image.Exif()
        tags[0x0112], tags[0x010E] = 6, "at home"
        tags.get_ifd(0x8825)[2] = (36.0, 48.0, 0.0)
        out = io.BytesIO()
        sideways.save(out, "JPEG", exif=tags, quality=95)

        shown = opened(send(alice, avatar=out.getvalue()).json()["avatar"])

        assert shown.size == (200, 200)
        assert shown.getpixel((100, 20))[0] > 200
        assert shown.getpixel((100, 180))[2] > 200
        assert not shown.getexif()
        assert {"exif", "icc_profile", "comment", "xmp"}.isdisjoint(shown.info)

    def test_colours_of_another_space_become_those_of_screens(self, alice):
        lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

        shown = opened(send(alice, avatar=drawn(icc_profile=lab)).json()["avatar"])

        assert "icc_profile" not in shown.info

    def test_an_empty_picture_is_one_that_was_not_chosen(self, client_of, alice):
        before = send(alice, avatar=drawn()).json()["avatar"]

        assert (
            client_of(alice).form(PATH, {"avatar": "", "note": "x"}, method="patch").json()["avatar"]
            == before
        )


def bomb(width: int, height: int) -> bytes:
    """A PNG that says it is huge; its few bytes unpack to nothing but zeros."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(10**6)))
        + chunk(b"IEND", b"")
    )


HOSTILE = {
    "nothing at all": (b"", ("0 bytes",)),
    "text named .png": (b"hello, I am a picture", ("JPEG, PNG, WebP or GIF",)),
    "a drawing that may run scripts": (
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        ("JPEG, PNG, WebP or GIF",),
    ),
    "a page": (b"<html><script>alert(1)</script>", ("JPEG, PNG, WebP or GIF",)),
    "a film": (b"RIFF\x00\x00\x00\x00AVI ", ("JPEG, PNG, WebP or GIF",)),
    "half a file": (drawn(form="JPEG", size=(3000, 3000))[:4000], ("cannot be read",)),
    "a beginning and noise": (b"\xff\xd8\xff" + bytes(range(256)) * 40, ("cannot be read",)),
    "more pixels than told": (bomb(60_000, 60_000), ("3600000000", "33177600")),
    "a lying header": (bomb(5_000, 5_000), ("cannot be read",)),
    "more frames than told": (moving(160, (40, 40)), ("160 frames", "150")),
    "too many bytes": (drawn()[:50] + bytes(9_000_000), ("9000050", "8388608")),
}


class TestHostileFiles:
    @pytest.mark.parametrize("name", HOSTILE)
    def test_each_is_refused_with_a_sentence_and_the_site_lives_on(self, client_of, alice, name):
        data, words = HOSTILE[name]

        response = send(alice, avatar=data, display_name="Changed")

        sentence = response.json()["error"]
        assert response.status_code == 422, sentence
        assert sentence.startswith("Validation failed: ")
        assert all(word in sentence for word in words), sentence
        assert client_of().get(f"/api/v1/accounts/{alice.id}").json()["display_name"] == "Alice"
        assert Picture.objects.count() == 0

    @pytest.mark.parametrize(
        "address", ["https://evil.example/a.png", "data:image/png;base64,@@@", "data:,x", {"a": 1}, 7]
    )
    def test_what_is_no_picture_in_json(self, client_of, alice, address):
        response = client_of(alice).patch(PATH, {"avatar": address})

        assert response.status_code == 422
        assert "avatar" in response.json()["error"]

    def test_a_body_beyond_all_measure_is_not_read(self, alice):
        response = send(alice, avatar=bytes(30_000_000))

        assert response.status_code == 413
        assert "30000" in response.json()["error"]

    def test_a_child_that_never_ends_is_ended(self, alice, monkeypatch, tmp_path):
        from upscrolled.pictures import process

        (tmp_path / "sleeper.py").write_text("import time; time.sleep(60)")
        monkeypatch.setattr(process, "_CHILD", tmp_path / "sleeper.py")
        monkeypatch.setattr(process, "SECONDS", 0.5)

        response = send(alice, avatar=drawn())

        assert response.status_code == 422
        assert "longer than" in response.json()["error"]


class TestServing:
    def test_pictures_are_kept_for_ever_and_nothing_in_them_runs(self, alice):
        address = send(alice, avatar=drawn()).json()["avatar"]

        answer = fetched(address)

        assert answer["Content-Type"] == "image/jpeg"
        assert "immutable" in answer["Cache-Control"]
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]
        path = "/" + address.partition("://")[2].partition("/")[2]
        assert Client().get(path, headers={"If-None-Match": answer["ETag"]}).status_code == 304
        assert (
            Client().get(path, headers={"Origin": "https://app.example"})["Access-Control-Allow-Origin"]
            == "*"
        )
        assert Client().post(path).status_code == 405

    @pytest.mark.parametrize(
        "path",
        [
            "/media/",
            "/media/avatars",
            "/media/avatars/",
            "/media/../secret_key",
            "/media/%2e%2e/secret_key",
            "/media/avatars/%2e%2e/%2e%2e/secret_key",
            "/media//etc/passwd",
            "/media/avatars/aa/" + "a" * 64 + ".html",
            "/media/avatars/aa/" + "a" * 64 + ".jpg",
            "/media/avatars/aa/" + "a" * 64 + ".jpg%00",
        ],
    )
    def test_nothing_else_is_there(self, db, path, settings):
        settings.MEDIA_ROOT.mkdir(parents=True)
        (settings.MEDIA_ROOT.parent / "secret_key").write_text("secret")

        answer = Client().get(path)

        assert answer.status_code == 404
        assert b"secret" not in answer.content


class TestWhoseAccountIsSuspendedOrClosed:
    def send_all(self, *people) -> list[str]:
        """Each shows the same three files: a picture that moves, its still, a header."""
        for person in people:
            made = send(person, avatar=moving(), header=drawn()).json()
        return [made["avatar"], made["avatar_static"], made["header"]]

    def test_a_suspension_ends_the_addresses_of_pictures_and_its_end_brings_them_back(self, alice):
        shown = self.send_all(alice)
        tag = fetched(shown[0])["ETag"]
        made = restricting.restrict("account", alice.id, "account_suspended")

        assert [fetched(each).status_code for each in shown] == [404, 404, 404]
        path = "/" + shown[0].partition("://")[2].partition("/")[2]
        assert Client().get(path, headers={"If-None-Match": tag}).status_code == 404

        Restriction.objects.filter(pk=made.pk).update(ends_at=datetime.now(UTC) - timedelta(minutes=1))
        assert [fetched(each).status_code for each in shown] == [200, 200, 200]

    def test_who_closes_the_account_closes_its_pictures(self, alice):
        shown = self.send_all(alice)

        close_account(account=alice)

        assert [fetched(each).status_code for each in shown] == [404, 404, 404]

    def test_the_same_pictures_of_somebody_else_stay(self, alice, bob):
        shown = self.send_all(alice, bob)

        restricting.restrict("account", alice.id, "account_suspended")

        assert [fetched(each).status_code for each in shown] == [200, 200, 200]

    def test_one_country_s_suspension_holds_there(self, alice, settings):
        settings.TRUSTED_PROXIES, settings.COUNTRY_HEADER = ["127.0.0.1"], "CF-IPCountry"
        address = self.send_all(alice)[0].partition("://")[2].partition("/")[2]
        restricting.restrict("account", alice.id, "account_suspended", countries=["FR"])

        asked = [Client().get(f"/{address}", headers={"CF-IPCountry": code}) for code in ("FR", "DE", "")]

        assert [each.status_code for each in asked] == [404, 200, 200]

    def test_a_moderator_still_sees_them_for_a_while_and_nothing_else_by_the_same_address(self, alice):
        self.send_all(alice)
        avatar, header = alice.__class__.objects.values_list("avatar", "header").get(pk=alice.pk)
        restricting.restrict("account", alice.id, "account_suspended")
        now = datetime.now(UTC)
        signed = addresses.signed(avatar, now=now)
        expires, _, signature = signed.split("/")[3].partition("-")

        answer = Client().get(signed)
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/gif")
        assert answer["Cache-Control"] == "private, no-cache"
        longer = str(int(expires) + 3_600)
        wrong = [
            signed.replace(avatar, header),
            signed.replace(expires, longer),
            signed.replace(signature, signature[::-1]),
            addresses.signed(avatar, now=now - timedelta(days=1)),
        ]
        assert [Client().get(each).status_code for each in wrong] == [404] * 4


class TestRemoving:
    @pytest.mark.parametrize("place", ["avatar", "header"])
    def test_one_picture_goes_and_the_other_stays(self, client_of, alice, place):
        before = send(
            alice, avatar=drawn(), header=drawn(), avatar_description="a", header_description="h"
        ).json()

        me = client_of(alice).delete(f"/api/v1/profile/{place}").json()

        other = "header" if place == "avatar" else "avatar"
        assert "/static/" in me[place]
        assert me[f"{place}_description"] == ""
        assert me[other] == before[other]

    def test_the_file_goes_when_nobody_shows_it(
        self, client_of, alice, bob, django_capture_on_commit_callbacks
    ):
        for person in (alice, bob):
            send(person, avatar=moving())
        name = Account.objects.get(pk=alice.pk).avatar
        later = datetime.now(UTC) + timedelta(hours=1)

        client_of(alice).delete("/api/v1/profile/avatar")
        assert (ledger.remove_due(now=later), default_storage.exists(name)) == (0, True)
        client_of(bob).delete("/api/v1/profile/avatar")

        assert ledger.remove_due(now=later) == 1
        assert not default_storage.exists(name)
        assert not list(default_storage.listdir(name.rpartition("/")[0])[1])

    def test_what_was_stored_a_moment_ago_is_left_alone(self, alice):
        ledger.store("avatars/aa/" + "a" * 64 + ".jpg", {}, now=datetime.now(UTC))

        tasks.remove_pictures()

        assert Picture.objects.count() == 1

    def test_a_new_picture_takes_the_old_ones_place(self, alice):
        old = send(alice, avatar=drawn()).json()["avatar"]
        new = send(alice, avatar=drawn(colour=(0, 0, 0))).json()["avatar"]

        ledger.remove_due(now=datetime.now(UTC) + timedelta(hours=1))

        assert (fetched(old).status_code, fetched(new).status_code) == (404, 200)


def test_the_editors_profile_shows_what_was_typed_and_no_picture_where_there_is_none(client_of, alice):
    client = client_of(alice)

    profile = client.patch("/api/v1/profile", {"note": "#sea", "upscrolled": {"pronouns": "she/her"}}).json()

    assert (profile["note"], profile["avatar"], profile["upscrolled"]) == (
        "#sea",
        None,
        {"pronouns": "she/her", "place": None},
    )
    assert client.get("/api/v1/profile").json() == profile
    others = client_of().get(f"/api/v1/accounts/{alice.id}").json()
    assert others["upscrolled"] == {"pronouns": "she/her", "place": None}


def test_the_limits_are_told(client_of, db):
    told = client_of().get("/api/v2/instance").json()["configuration"]["accounts"]

    assert (told["picture_size_limit"], told["picture_matrix_limit"]) == (8_388_608, 33_177_600)
    assert (told["max_avatar_description_length"], told["max_pronouns_length"]) == (1_500, 40)
