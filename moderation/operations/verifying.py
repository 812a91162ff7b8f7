"""Verify one statement of reasons, or that the log only grew, from what everybody is given: notes, proofs, tiles."""

from __future__ import annotations

import json

from moderation import publishing, statements, transparency
from moderation.log import tree
from moderation.models import LogCheckpoint, Statement
from moderation.queries import publiclog
from upscrolled.core.errors import NotFound


def statement(statement_id: int) -> str:
    """Return what is wrong with a statement and its place in the log; empty if nothing is. Raises NotFound."""
    found = Statement.objects.select_related("key", "decision").filter(pk=statement_id).first()
    if found is None:
        raise NotFound(f"There is no statement {statement_id}")
    proof = publiclog.proof_of(found.decision.pk)
    if json.loads(proof.entry)["digest"] != found.digest:
        return "the log tells of another statement"
    try:
        opened = statements.unseal(found, found.key.key)
    except ValueError:
        return "its text cannot be opened"
    if opened is not None and not opened.is_true:
        return "its text is not the one of the log"
    if proof.index is None or proof.checkpoint is None:
        return "it waits for its place in the log"
    signed, leaf = publishing.read(proof.checkpoint), transparency.hash_of(proof.entry)
    if not tree.verify_inclusion(leaf, proof.index, signed.size, proof.path, signed.root):
        return "its proof does not lead to the root that was signed"
    return ""


def growth(old: int) -> str:
    """Return what is wrong between the checkpoint of that size and the newest; empty if the log only grew.

    Raises NotFound for a size that no checkpoint has.
    """
    before, newest = LogCheckpoint.objects.filter(pk=old).first(), publiclog.checkpoint()
    if before is None:
        raise NotFound(f"There is no checkpoint of {old} leaves")
    earlier, later = publishing.read(before.note), publishing.read(newest.note)
    path = publiclog.consistency(earlier.size, later.size)
    if not tree.verify_consistency(earlier.size, later.size, earlier.root, later.root, path):
        return "the log was rewritten"
    return ""
