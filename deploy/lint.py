"""Read docker-compose.yml, Dockerfile, deploy/Caddyfile and deploy/env.example as a careful reviewer would.

It needs no container engine, and therefore builds and starts nothing; it says so. What it finds are the
mistakes that a machine without an engine can find: names that do not match, doors left open, settings
that nobody reads.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from upscrolled import env  # noqa: E402  # The checkout is not installed; its root was just added.

TOP_KEYS = {"name", "services", "networks", "volumes"}
SERVICE_KEYS = {
    "build",
    "cap_drop",
    "command",
    "depends_on",
    "env_file",
    "environment",
    "healthcheck",
    "image",
    "init",
    "logging",
    "networks",
    "ports",
    "profiles",
    "read_only",
    "restart",
    "security_opt",
    "shm_size",
    "stop_grace_period",
    "tmpfs",
    "user",
    "volumes",
}
HEALTH_KEYS = {"test", "interval", "timeout", "retries", "start_period"}
HEALTH_EXTRA_KEYS = {"start_interval"}
CONDITIONS = {"service_healthy", "service_completed_successfully"}
INSTRUCTIONS = {"FROM", "ENV", "COPY", "RUN", "WORKDIR", "USER", "VOLUME", "EXPOSE", "CMD"}
_VARIABLE = re.compile(r"\$\{(\w+)(?::[-?][^}]*)?\}")
_CADDY_VARIABLE = re.compile(r"\{\$(\w+)(?::([^}]*))?\}")
_NEEDED = {
    "postgres",
    "valkey",
    "cache",
    "migrate",
    "web",
    "files",
    "streaming",
    "worker",
    "media",
    "beat",
    "caddy",
}
_TAGGED = re.compile(r"^[\w./-]+:[\w.-]+$")


def main() -> int:
    """Print what is wrong, or what was read; return the exit code."""
    compose_text = (ROOT / "docker-compose.yml").read_text()
    compose = yaml.safe_load(compose_text)
    caddyfile = (ROOT / "deploy" / "Caddyfile").read_text()
    example = _example((ROOT / "deploy" / "env.example").read_text())
    dockerfiles = ["Dockerfile", *(_other_dockerfiles(compose["services"]))]
    problems = [
        *_compose(compose),
        *_services(compose["services"], compose),
        *_variables(compose["services"], compose_text, caddyfile, example),
        *(problem for name in dockerfiles for problem in _dockerfile(name, (ROOT / name).read_text())),
        *_caddyfile(caddyfile, compose["services"]),
    ]
    for problem in problems:
        print(problem)
    if problems:
        return 1
    print(
        f"docker-compose.yml ({len(compose['services'])} services), {', '.join(dockerfiles)}, Caddyfile and "
        "env.example were parsed and linted; no container engine was used, so nothing was built or started."
    )
    return 0


def _compose(compose: dict[str, Any]) -> Iterator[str]:
    for key in compose:
        if key not in TOP_KEYS and not key.startswith("x-"):
            yield f"docker-compose.yml: unknown key {key}"
    for kind in ("networks", "volumes"):
        used = {name for service in compose["services"].values() for name in _used(service, kind)}
        declared = set(compose[kind])
        for name in sorted(used ^ declared):
            yield f"docker-compose.yml: {kind} {name} is {'not declared' if name in used else 'not used'}"
    if not (compose["networks"].get("stores") or {}).get("internal"):
        yield "docker-compose.yml: the network of the stores must be internal"


def _used(service: dict[str, Any], kind: str) -> list[str]:
    if kind == "networks":
        return list(service.get("networks", ()))
    return [
        volume.split(":")[0] for volume in service.get("volumes", ()) if not volume.startswith((".", "/"))
    ]


def _services(services: dict[str, Any], compose: dict[str, Any]) -> Iterator[str]:
    built = {service["image"] for service in services.values() if service.get("build") == "."}
    for name, service in services.items():
        where = f"docker-compose.yml: {name}"
        for key in sorted(set(service) - SERVICE_KEYS):
            yield f"{where}: unknown or unwanted key {key}"
        image = service.get("image", "")
        if not _TAGGED.match(image) or image.endswith(":latest"):
            yield f"{where}: the image {image!r} needs a tag other than latest"
        once = service.get("restart") == "no"
        if ("profiles" in service) == (name in _NEEDED):
            yield f"{where}: what everybody needs has no profile, and everything else has one"
        if not once and service.get("restart") != "unless-stopped":
            yield f"{where}: a service that stays needs restart: unless-stopped"
        if not once and "healthcheck" not in service:
            yield f"{where}: a service that stays needs a healthcheck"
        yield from _health(where, service.get("healthcheck"))
        if "ports" in service and name != "caddy":
            yield f"{where}: only caddy may publish ports"
        if any("docker.sock" in volume for volume in service.get("volumes", ())):
            yield f"{where}: nobody gets the engine's socket"
        yield from _mounts(where, service)
        if not service.get("networks"):
            yield f"{where}: say which networks it is in"
        if image in built:
            yield from _application(where, service)
        for other, need in service.get("depends_on", {}).items():
            yield from _dependency(where, other, need.get("condition"), services)
    stores = {name for name, service in services.items() if service.get("networks") == ["stores"]}
    for name in {"postgres", "postgres-replica", "pgbouncer", "valkey", "cache"} - stores:
        yield f"docker-compose.yml: {name} belongs in the network of the stores and in no other"
    proxies = compose["networks"]["proxy"]["ipam"]["config"][0]["subnet"]
    if services["web"]["environment"].get("TRUSTED_PROXIES") != proxies:
        yield "docker-compose.yml: TRUSTED_PROXIES must be the network of caddy, and only that"


def _health(where: str, health: dict[str, Any] | None) -> Iterator[str]:
    if health is None:
        return
    for key in sorted((set(health) - HEALTH_EXTRA_KEYS) ^ HEALTH_KEYS):
        yield f"{where}: healthcheck: {key} is {'unknown' if key in health else 'missing'}"
    if health.get("test", [""])[0] not in ("CMD", "CMD-SHELL"):
        yield f"{where}: healthcheck: the test must begin with CMD or CMD-SHELL"


def _mounts(where: str, service: dict[str, Any]) -> Iterator[str]:
    for volume in service.get("volumes", ()):
        source = volume.split(":")[0]
        if source.startswith(".") and not (ROOT / source).exists():
            yield f"{where}: {source} does not exist"


def _application(where: str, service: dict[str, Any]) -> Iterator[str]:
    known = {var.name for var in env.VARS}
    # What is emptied is kept from the application, and nobody has to read it.
    given = {name for name, value in service["environment"].items() if value != ""}
    for variable in sorted(given - known):
        yield f"{where}: nobody reads {variable} (upscrolled/env.py)"
    if service.get("cap_drop") != ["ALL"] or not service.get("read_only"):
        yield f"{where}: the application runs without capabilities on a read-only file system"


def _dependency(where: str, other: str, condition: str | None, services: dict[str, Any]) -> Iterator[str]:
    if other not in services:
        yield f"{where}: depends on {other}, which is no service"
    elif condition not in CONDITIONS:
        yield f"{where}: depends on {other} without a condition"
    elif condition == "service_healthy" and "healthcheck" not in services[other]:
        yield f"{where}: waits for the health of {other}, which has no healthcheck"
    elif condition == "service_completed_successfully" and services[other].get("restart") != "no":
        yield f"{where}: waits for the end of {other}, which never ends"


def _variables(services: dict[str, Any], compose: str, caddyfile: str, example: set[str]) -> Iterator[str]:
    known = {var.name for var in env.VARS}
    asked = set(_VARIABLE.findall(compose))
    for name in sorted(asked - example):
        yield f"docker-compose.yml: {name} is not explained in deploy/env.example"
    for name in sorted(example - asked - known):
        yield f"deploy/env.example: nobody reads {name}"
    # docs/scaling.md has the operator name upstreams in .env, so these have to arrive although they have defaults.
    given = _CADDY_VARIABLE.findall(caddyfile)
    needed = {name for name, default in given if not default or name.endswith("_UPSTREAMS")}
    for name in sorted(needed - set(services["caddy"]["environment"])):
        yield f"deploy/Caddyfile: {name} is not passed to caddy in docker-compose.yml"


def _example(text: str) -> set[str]:
    return {line.partition("=")[0] for line in text.splitlines() if re.match(r"[A-Z_]+=", line)}


def _other_dockerfiles(services: dict[str, Any]) -> list[str]:
    builds = [service["build"] for service in services.values() if isinstance(service.get("build"), dict)]
    return sorted({build["dockerfile"] for build in builds})


def _dockerfile(name: str, text: str) -> Iterator[str]:
    user, stages = "", set()
    for instruction, rest in _instructions(text):
        where = f"{name}: {instruction} {rest.split()[0] if rest else ''}".rstrip()
        if instruction not in INSTRUCTIONS:
            yield f"{where}: unknown or unwanted instruction"
        elif instruction == "FROM":
            image, *alias = rest.split(" AS ")
            stages.update(alias)
            user = ""
            if not _TAGGED.match(image) or image.endswith(":latest"):
                yield f"{where}: the image needs a tag other than latest"
        elif instruction == "USER":
            user = rest
        elif instruction == "COPY":
            yield from _copied(where, rest.split(), stages)
        elif instruction == "CMD" and not rest.startswith("["):
            yield f"{where}: use the list form, so that signals reach the program"
        elif "pip install" in rest and "--require-hashes" not in rest:
            yield f"{where}: pip install without --require-hashes"
    if user.split(":")[0] in ("", "0", "root"):
        yield f"{name}: the image must not run as root"


def _copied(where: str, words: list[str], stages: set[str]) -> Iterator[str]:
    if words[0].startswith("--from="):
        if words[0].removeprefix("--from=") not in stages:
            yield f"{where}: there is no such stage"
        return
    for source in words[:-1]:
        if not (ROOT / source).exists():
            yield f"{where}: {source} does not exist"


def _instructions(text: str) -> Iterator[tuple[str, str]]:
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if line.strip():
            instruction, _, rest = line.strip().partition(" ")
            yield instruction, " ".join(rest.split())


def _caddyfile(text: str, services: dict[str, Any]) -> Iterator[str]:
    bare = _CADDY_VARIABLE.sub(r"\2", text)
    if bare.count("{") != bare.count("}"):
        yield "deploy/Caddyfile: the braces do not match"
    targets = re.findall(r"reverse_proxy (\S+?):(\d+)", bare)
    if {name for name, _port in targets} != {"web", "files", "streaming"}:
        yield "deploy/Caddyfile: it must pass requests to web, to files and to streaming"
    for name, port in targets:
        command = services.get(name, {}).get("command", [])
        if port not in command:
            yield f"deploy/Caddyfile: {name} does not listen on {port}"
        if not set(services["caddy"]["networks"]) & set(services.get(name, {}).get("networks", ())):
            yield f"deploy/Caddyfile: caddy and {name} share no network"


if __name__ == "__main__":
    sys.exit(main())
