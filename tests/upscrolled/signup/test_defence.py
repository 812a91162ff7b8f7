"""Sign-ups by the thousand: limits, e-mail providers, and something to solve first."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from datetime import datetime
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any, ClassVar

import pytest
from django.contrib.staticfiles import finders
from django.core.checks import run_checks
from django.core.management import CommandError, call_command

from tests.browser import Browser
from tests.newcomers import FORM, application, codes, sign_up
from tests.people import NOON, ApiClient
from upscrolled import challenges, limits, origin, switches
from upscrolled.challenges import Issued, ProofOfWork
from upscrolled.core import mailbox
from upscrolled.demo import Scene, house
from upscrolled.models import Account, EmailDomainRule, Switch
from upscrolled.operations.switches import turn
from upscrolled.origin import Origin

pytestmark = pytest.mark.django_db


class TestLimits:
    def test_a_new_token_is_no_new_address(self, db: None) -> None:
        answers = [
            sign_up(application(agent=f"app {number}"), username="", email=f"erin{number}@example.org")
            for number in range(6)
        ]

        assert [answer.status_code for answer in answers] == [422] * 5 + [429]
        assert 1 <= int(answers[-1]["Retry-After"]) <= 1_800

    def test_the_page_and_the_api_count_together(self, db: None) -> None:
        for number in range(5):
            sign_up(application(agent=f"app {number}"), username="")
        browser = Browser().open("/accounts/signup/")
        browser.send(username="erin", email="e@example.org", password=str(FORM["password"]), agreement="on")

        assert browser.page.status_code == 429
        assert "too many sign-ups" in browser.text

    def test_a_neighbourhood_has_a_limit_of_its_own(self, settings: Any) -> None:
        settings.SIGN_UPS_PER_BLOCK = 3
        answers = [
            sign_up(application(address=f"198.51.100.{number}", agent=f"app {number}"), username="")
            for number in range(4)
        ]

        assert [answer.status_code for answer in answers] == [422] * 3 + [429]
        assert sign_up(application(address="198.51.101.1"), username="").status_code == 422

    def test_a_device_is_known_wherever_in_the_neighbourhood_it_goes(self, settings: Any) -> None:
        settings.SIGN_UPS_PER_DEVICE = 2
        answers = [
            sign_up(application(address=f"2001:db8:1:{number}::1"), username="").status_code
            for number in range(3)
        ]

        assert answers == [422, 422, 429]
        assert (
            sign_up(application(address="2001:db8:1:9::1", agent="Other/1"), username="").status_code == 422
        )

    def test_a_browser_is_known_by_its_cookie(self, settings: Any) -> None:
        settings.SIGN_UPS_PER_DEVICE = 1
        browser = Browser().open("/accounts/signup/")
        fields = {"password": str(FORM["password"]), "agreement": "on"}

        first = browser.send(username="erin", email="e@example.org", **fields).page.status_code
        second = browser.open("/accounts/signup/").send(username="frida", email="f@example.org", **fields)

        cookie = browser.client.cookies[origin.COOKIE]
        assert (first, second.page.status_code) == (302, 429)
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")

    def test_one_mailbox_is_one_mailbox_however_it_is_spelt(self, settings: Any) -> None:
        settings.SIGN_UPS_PER_MAILBOX = 2
        spelt = ("e.rin@example.org", "erin+1@example.org", "ER.IN+2@Example.org")
        answers = [
            sign_up(application(), username=f"n{number}", email=address).status_code
            for number, address in enumerate(spelt)
        ]

        assert answers == [200, 200, 429]
        assert set(Account.objects.values_list("email", flat=True)) == set(spelt[:2])  # each as it was typed

    def test_a_limit_of_nothing_lets_nobody_in_and_without_valkey_nobody_is_kept_out(
        self, settings: Any, without_cache: Any
    ) -> None:
        settings.SIGN_UPS_PER_ADDRESS = 0
        assert sign_up(application()).status_code == 429
        without_cache()
        assert sign_up(application()).status_code == 200

    def test_the_limits_are_told(self, client_of: Any, settings: Any) -> None:
        settings.SIGN_UPS_PER_BLOCK = 7

        told = client_of().get("/api/v1/upscrolled/features").json()["sign_up"]

        assert told["limits"] == {
            "per_address": 5,
            "per_block": 7,
            "per_device": 5,
            "per_mailbox_and_day": 5,
        }
        assert (told["challenge"], told["min_age"], told["ip_retention_days"]) == (None, None, 90)


@pytest.mark.parametrize(
    ("address", "narrow", "wide"),
    [
        ("203.0.113.77", "203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("", "unknown", "unknown"),
    ],
)
def test_blocks_of_addresses(address: str, narrow: str, wide: str) -> None:
    assert (limits.address_block(address), limits.wide_block(address)) == (narrow, wide)


@pytest.mark.parametrize(
    ("address", "box"),
    [
        ("A.b+c@Example.ORG", "ab@example.org"),
        ("a@bücher.example", "a@xn--bcher-kva.example"),
        ("a@example.org.", "a@example.org"),
    ],
)
def test_spellings_of_a_mailbox(address: str, box: str) -> None:
    assert mailbox.canonical(address) == box


class TestProviders:
    def shell(self, *words: str) -> str:
        out = StringIO()
        call_command("email_domains", *words, stdout=out)
        return out.getvalue().strip()

    def test_a_refused_provider_is_refused_with_all_below_it(self, db: None) -> None:
        self.shell("add", "Throwaway.example", "--because", "ten-minute mail")

        refused = sign_up(application(), email="erin@mail.throwaway.example")

        assert codes(refused) == {"email": ["ERR_BLOCKED"]}
        assert sign_up(application(), email="erin@notthrowaway.example").status_code == 200

    def test_the_nearest_rule_decides(self, db: None) -> None:
        self.shell("add", "example", "--action", "refuse")
        self.shell("add", "good.example", "--action", "allow")

        assert sign_up(application(), email="erin@mail.good.example").status_code == 200
        refused = sign_up(application(), username="frida", email="frida@bad.example")
        assert codes(refused) == {"email": ["ERR_BLOCKED"]}

    def test_some_are_let_in_only_after_a_look_although_the_site_is_open(self, db: None) -> None:
        self.shell("add", "unsure.example", "--action", "approve")

        sign_up(application(), email="erin@unsure.example")

        assert Account.objects.get().awaits_approval

    def test_a_list_is_loaded_whole_or_not_at_all_and_undoes_nothing(self, tmp_path: Path, db: None) -> None:
        self.shell("add", "kept.example", "--action", "allow")
        (tmp_path / "list").write_text("# a list\na.example\nkept.example  # no\n\nbücher.example\n")
        assert self.shell("load", str(tmp_path / "list")) == "3 domains read."
        (tmp_path / "bad").write_text("c.example\nno domain\n")
        with pytest.raises(CommandError, match="Line 2: 'no domain' is no domain"):
            self.shell("load", str(tmp_path / "bad"))

        rules = dict(EmailDomainRule.objects.values_list("domain", "action"))
        assert rules == {
            "a.example": "refuse",
            "kept.example": "allow",
            "xn--bcher-kva.example": "refuse",
        }
        assert "refuse   a.example" in self.shell("list")
        self.shell("remove", "a.example")
        with pytest.raises(CommandError, match=r"no rule for a\.example"):
            self.shell("remove", "a.example")


def solve(challenge: str, bits: int) -> str:
    """What an app does."""
    number = 0
    while int.from_bytes(hashlib.sha256(f"{challenge}:{number}".encode()).digest(), "big") >> (256 - bits):
        number += 1
    return str(number)


@pytest.fixture
def proof(settings: Any) -> Any:
    settings.SIGNUP_CHALLENGE, settings.SIGNUP_CHALLENGE_BITS = "proof_of_work", 8
    return settings


class TestChallenge:
    def given(self) -> dict[str, Any]:
        told: dict[str, Any] = ApiClient().get("/api/v1/upscrolled/signup_challenge").json()
        return told

    def test_by_default_there_is_nothing_to_solve(self, db: None) -> None:
        assert self.given() == {
            "required": False,
            "kind": None,
            "challenge": None,
            "parameters": {},
            "expires_at": None,
        }

    def test_who_solves_it_comes_in_and_who_does_not_is_told_where_to_get_it(self, proof: Any) -> None:
        given = self.given()
        assert (given["kind"], given["parameters"]["difficulty"]) == ("proof_of_work", 8)

        missing = sign_up(application())
        solved = {"challenge": given["challenge"], "solution": solve(given["challenge"], 8)}

        assert codes(missing) == {"challenge": ["ERR_BLANK"]}
        assert "/api/v1/upscrolled/signup_challenge" in missing.json()["error"]
        assert sign_up(application(), **solved).status_code == 200

    def test_a_solution_works_once(self, proof: Any) -> None:
        given = self.given()
        solved = {"challenge": given["challenge"], "solution": solve(given["challenge"], 8)}
        sign_up(application(), **solved)

        again = sign_up(application(), username="frida", email="f@example.org", **solved)

        assert codes(again) == {"challenge": ["ERR_INVALID"]}

    def test_a_form_with_another_fault_does_not_spend_it(self, proof: Any) -> None:
        given = self.given()
        solved = {"challenge": given["challenge"], "solution": solve(given["challenge"], 8)}

        assert codes(sign_up(application(), username="", **solved)) == {"username": ["ERR_BLANK"]}
        assert sign_up(application(), **solved).status_code == 200

    def test_what_was_made_up_lowered_or_kept_too_long_is_refused(
        self, proof: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        given = str(self.given()["challenge"])
        lowered = given.replace("8.", "0.", 1)
        wrong = next(str(number) for number in range(9) if challenges.zero_bits(given, str(number)) < 8)

        refused = [(given, wrong), (lowered, "0"), ("made up", "0"), ("", "0")]
        assert not any(ProofOfWork().verify(*pair, Origin()) for pair in refused)
        monkeypatch.setattr(ProofOfWork, "SECONDS", -1)
        assert not ProofOfWork().verify(given, solve(given, 8), Origin())

    def test_another_adapter_is_named_by_its_path(self, settings: Any) -> None:
        settings.SIGNUP_CHALLENGE = f"{Riddle.__module__}.Riddle"

        assert self.given()["challenge"] == "What runs and never walks?"
        assert codes(sign_up(application(), challenge="?", solution="a dog")) == {
            "challenge": ["ERR_INVALID"]
        }
        assert sign_up(application(), challenge="?", solution="a river").status_code == 200
        assert "riddle" in ApiClient().get("/api/v1/upscrolled/features").json()["sign_up"]["challenge"]

    @pytest.mark.parametrize(
        "name", ["riddle", "upscrolled.challenges.Nothing", "upscrolled.origin.Origin.x"]
    )
    def test_a_name_of_nothing_is_found_before_the_site_starts(self, settings: Any, name: str) -> None:
        settings.SIGNUP_CHALLENGE = name

        (problem,) = [found for found in run_checks() if str(found.id).startswith("upscrolled.")]

        assert problem.id == "upscrolled.E001"
        assert name in problem.msg

    def test_the_page_brings_it_along_without_inline_script(self, proof: Any) -> None:
        browser = Browser().open("/accounts/signup/")

        assert 'src="/static/upscrolled/proof_of_work.js"' in browser.text
        assert "<script>" not in browser.text
        fields = {name: str(FORM[name]) for name in ("username", "email", "password")}
        browser.send(**fields, agreement="on", solution="")
        assert browser.page.status_code == 422
        assert "had not finished its check" in browser.text
        challenge = browser.text.partition('data-challenge="')[2].partition('"')[0]
        browser.send(**fields, agreement="on", solution=solve(challenge, 8))
        assert browser.page.status_code == 302

    @pytest.mark.skipif(shutil.which("node") is None, reason="no JavaScript engine on this machine")
    @pytest.mark.parametrize("length", [3, 55, 60, 64, 130])
    def test_the_script_of_the_page_finds_what_the_server_accepts(self, length: int) -> None:
        challenge = "c" * length
        script = finders.find("upscrolled/proof_of_work.js")
        program = f"require({str(script)!r}).solve({challenge!r}, 10, (number) => console.log(number))"

        ran = subprocess.run(["node", "-e", program], capture_output=True, text=True, timeout=60, check=True)

        assert challenges.zero_bits(challenge, ran.stdout.strip()) >= 10


class Riddle:
    """Somebody's own challenge."""

    kind: ClassVar[str] = "riddle"
    template: ClassVar[str] = "account/proof_of_work.html"

    def issue(self, origin: Origin) -> Issued:
        return Issued("What runs and never walks?", {}, datetime.max.replace(tzinfo=NOON.tzinfo))

    def verify(self, challenge: str, solution: str, origin: Origin) -> bool:
        return solution == "a river"


class TestTheDoorOfADemo:
    def test_all_is_off_until_somebody_turns_it_on(self, client_of: Any, settings: Any) -> None:
        settings.SIGN_UPS_PER_ADDRESS, settings.SIGNUP_CHALLENGE = 1, "proof_of_work"
        call_command("email_domains", "add", "example.net", stdout=StringIO())
        open_door("off")
        app = application()

        names = ("erin", "frida", "gus")
        answers = [sign_up(app, username=name, email=f"{name}@example.net") for name in names]

        assert [answer.status_code for answer in answers] == [200, 200, 200]
        told = client_of().get("/api/v1/upscrolled/features").json()["sign_up"]
        assert (told["limits"], told["challenge"]) == (None, None)
        assert client_of().get("/api/v1/upscrolled/signup_challenge").json()["required"] is False
        open_door("on")
        assert sign_up(app, username="hana", email="hana@example.org").status_code == 422  # not solved
        assert sign_up(app, username="hana", email="hana@example.org").status_code == 429

    def test_the_demo_opens_it_and_says_why(self) -> None:
        house.furnish(Scene(Random(1), NOON, "!", posts=0))

        assert Switch.objects.get(name="sign_up_defence").value == "off"
        assert "demo" in Switch.objects.get(name="sign_up_defence").because


def open_door(value: str) -> None:
    turn(name="sign_up_defence", value=value, because="a test says so", by=None, now=NOON)
    switches.read()
