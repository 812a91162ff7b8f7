"""E-mail addresses as names of mailboxes: what of an address says whose it is."""

from __future__ import annotations


def domain_of(email: str) -> str:
    """Return the domain of an address, in the form in which domains are compared."""
    return comparable(email.rpartition("@")[2])


def comparable(domain: str) -> str:
    """Return a domain in lower case, as ASCII (RFC 5891); what cannot be written so stays as it is."""
    plain = domain.strip().strip(".").lower()
    try:
        return plain.encode("idna").decode("ascii")
    except UnicodeError:
        return plain


def with_parents(domain: str) -> list[str]:
    """Return a domain and those it lies below, the nearest first: a.b.example, b.example, example."""
    labels = domain.split(".")
    return [".".join(labels[position:]) for position in range(len(labels))]


def canonical(email: str) -> str:
    """Return one form for the spellings that many providers deliver to one mailbox.

    Without what follows a plus sign (RFC 5233) and without dots, in lower case. Two people may share a form where a
    provider tells dots apart, so it is good for counting and never for saying that an address is taken.
    """
    local, _, domain = email.rpartition("@")
    return f"{local.partition('+')[0].replace('.', '').lower()}@{comparable(domain)}"
