"""What the audit asks of what stands beside decisions: reports, cases, appeals, the law, what posts are found by."""

from __future__ import annotations

from typing import Final

# What lowers a reach without a decision and is nobody's doing to another (docs/adr/0023): how many, and the last of it.
EXCEPTIONS: Final = (
    (
        "accounts that were erased at their owners' wish",
        "SELECT account_id FROM upscrolled_departure WHERE erased_at IS NOT NULL ORDER BY erased_at DESC",
    ),
    (
        "posts that their authors deleted and nobody purged yet",
        "SELECT id FROM feed_post WHERE deleted_at IS NOT NULL AND repost_of_id IS NULL ORDER BY id DESC",
    ),
    (
        "media that the pipeline could not make, and their owners were told",
        "SELECT id FROM upscrolled_mediaattachment WHERE state = 'failed' ORDER BY id DESC",
    ),
)
BESIDE: Final = (
    (
        "reports and appeals whose answer nobody was told",
        "moderation_report",
        """SELECT r.id FROM moderation_report r WHERE r.outcome <> '' AND r.outcome_told_at IS NULL
             AND r.reporter_id IS NOT NULL AND r.decided_at < %(unsent)s
           UNION ALL SELECT a.id FROM moderation_appeal a
           WHERE a.state IN ('upheld', 'overturned') AND a.told_at IS NULL AND a.decided_at < %(unsent)s
           UNION ALL SELECT p.id FROM messaging_report p WHERE p.handed_at IS NULL AND p.created_at < %(unsent)s
           UNION ALL SELECT p.id FROM messaging_report p WHERE p.handed_at < %(unsent)s AND NOT EXISTS (
             SELECT 1 FROM moderation_report r WHERE r.reporter_id = p.reporter_id AND r.created_at = p.created_at)""",
    ),
    (
        "appeals decided by somebody in the chain",
        "moderation_appeal",
        """SELECT a.id FROM moderation_appeal a JOIN moderation_decision d ON d.id = a.decision_id
           WHERE a.decided_by_id IS NOT NULL AND (a.decided_by_id IN (d.decided_by_id, a.account_id)
              OR EXISTS (SELECT 1 FROM moderation_decision x WHERE x.case_id = d.case_id
                           AND x.decided_by_id = a.decided_by_id AND x.decided_at < a.filed_at))""",
    ),
    (
        "appeals that were overturned and changed nothing, or wait longer than promised",
        "moderation_appeal",
        """SELECT a.id FROM moderation_appeal a WHERE a.deadline > a.filed_at + interval '7 days'
              OR (a.state = 'overturned' AND a.decision_id IS NOT NULL AND NOT EXISTS (
                    SELECT 1 FROM moderation_decision u WHERE u.reverses_id = a.decision_id))
              OR (a.state IN ('upheld', 'overturned') AND NOT EXISTS (
                    SELECT 1 FROM moderation_appealevent e WHERE e.appeal_id = a.id AND e.kind = a.state))""",
    ),
    (
        "rules at the door and switches that nobody turned",
        "moderation_screenmode",
        """SELECT m.rule FROM moderation_screenmode m WHERE m.mode IS DISTINCT FROM (
             SELECT t.after FROM moderation_screenturn t WHERE t.rule = m.rule ORDER BY t.id DESC LIMIT 1)
           UNION ALL SELECT s.name FROM upscrolled_switch s WHERE s.value IS DISTINCT FROM (
             SELECT t.after FROM upscrolled_switchturn t WHERE t.name = s.name ORDER BY t.id DESC LIMIT 1)""",
    ),
    (
        "holds of law without a word, or longer than their kind",
        "moderation_casehold",
        """SELECT h.id FROM moderation_casehold h
           WHERE h.until > h.placed_at + CASE h.kind WHEN 'eu_terrorist' THEN interval '184 days'
               WHEN 'us_child_abuse' THEN interval '365 days' ELSE interval '366 days' END
              OR NOT EXISTS (SELECT 1 FROM moderation_caseevent e WHERE e.case_id = h.case_id AND e.kind = 'held'
                               AND e.at = h.placed_at)
              OR (h.released_at IS NOT NULL AND NOT EXISTS (
                    SELECT 1 FROM moderation_caseevent e WHERE e.case_id = h.case_id AND e.kind = 'hold released'
                      AND e.at = h.released_at))""",
    ),
    (
        "acts that the log tells of and that never were",
        "moderation_publicact",
        """SELECT p.id FROM moderation_publicact p WHERE NOT CASE p.kind
             WHEN 'sealed' THEN EXISTS (SELECT 1 FROM moderation_sealstep s WHERE s.id = p.ref)
             WHEN 'crisis_on' THEN EXISTS (SELECT 1 FROM moderation_crisis c WHERE c.id = p.ref)
             WHEN 'crisis_off' THEN EXISTS (SELECT 1 FROM moderation_crisisend e WHERE e.crisis_id = p.ref)
             WHEN 'kept' THEN EXISTS (SELECT 1 FROM moderation_case c WHERE c.id = p.ref AND c.state = 'decided')
             WHEN 'appeal' THEN EXISTS (
               SELECT 1 FROM moderation_appeal a WHERE a.id = p.ref AND a.state = p.data::jsonb->>'outcome')
             WHEN 'door_appeal' THEN EXISTS (
               SELECT 1 FROM moderation_doorappeal a WHERE a.id = p.ref AND a.state = p.data::jsonb->>'outcome')
             ELSE false END""",
    ),
    (
        "evidence that is kept longer than it may be",
        "moderation_evidence",
        """SELECT e.id FROM moderation_evidence e JOIN moderation_case c ON c.id = e.case_id
           WHERE c.closed_at < %(unsent)s - interval '403 days' AND moderation_evidence_is_due(c)""",
    ),
    (
        "media and pictures that are kept for no evidence",
        "upscrolled_keptmedia",
        """SELECT k.case_id FROM (SELECT case_id FROM upscrolled_keptmedia UNION
                                  SELECT case_id FROM upscrolled_keptpicture) k
           WHERE NOT EXISTS (SELECT 1 FROM moderation_evidence e WHERE e.case_id = k.case_id)""",
    ),
    (
        "copies of reported messages that outlive their evidence",
        "messaging_reported",
        """SELECT r.id FROM messaging_reported r JOIN messaging_report p ON p.id = r.report_id
           WHERE p.handed_at < %(unsent)s AND (r.body <> '' OR r.attachments <> '{}')
             AND NOT EXISTS (SELECT 1 FROM moderation_case c JOIN moderation_evidence e ON e.case_id = c.id
                             WHERE c.subject_kind = 'message' AND c.subject_id = r.message_id)
             AND NOT EXISTS (SELECT 1 FROM moderation_casecopy y JOIN moderation_evidence e ON e.case_id = y.case_id
                             WHERE y.subject_kind = 'message' AND y.subject_id = r.message_id)""",
    ),
    (
        "crises that the log does not tell, or that nobody ended",
        "moderation_crisis",
        """SELECT c.id FROM moderation_crisis c LEFT JOIN moderation_crisisend e ON e.crisis_id = c.id
           WHERE NOT EXISTS (SELECT 1 FROM moderation_publicact a WHERE a.kind = 'crisis_on' AND a.ref = c.id
                               AND a.data::jsonb->>'because' = c.because)
              OR (e.at IS NULL AND c.ends_at < %(unsent)s) OR c.ends_at > c.starts_at + interval '72 hours'""",
    ),
    (
        "seals without their two people, or that the log does not tell",
        "moderation_sealstep",
        """SELECT s.id FROM moderation_sealstep s LEFT JOIN moderation_sealstep p ON p.id = s.confirms_id
           LEFT JOIN moderation_publicact a ON a.kind = 'sealed' AND a.ref = s.id
           WHERE (s.basis = 'bank_hit' OR s.confirms_id IS NOT NULL) AND (a.id IS NULL
              OR a.data::jsonb->>'basis' IS DISTINCT FROM s.basis
              OR (a.data::jsonb->>'days')::int <> greatest(1, round(extract(epoch FROM s.until - s.at)::float8 / 86400))
              OR (s.basis <> 'bank_hit' AND (p.by_id = s.by_id OR p.by_id IS NULL OR p.case_id <> s.case_id))
              OR s.until > s.at + CASE s.basis WHEN 'bank_hit' THEN interval '24 hours' ELSE interval '84 days' END)""",
    ),
    (
        "decisions on an order that do not name its law, or go further",
        "moderation_legalorder",
        """SELECT d.id FROM moderation_decision d JOIN moderation_statement s ON s.id = d.statement_id
           WHERE s.source = 'order' AND d.reverses_id IS NULL AND NOT EXISTS (
             SELECT 1 FROM moderation_legalorder o JOIN moderation_case c ON c.id = o.case_id
             WHERE (o.case_id = d.case_id OR (c.subject_kind, c.subject_id) = (d.subject_kind, d.subject_id))
               AND s.ground = 'law' AND starts_with(s.legal_reference, o.law)
               AND (cardinality(o.countries) = 0
                    OR (cardinality(d.countries) > 0 AND d.countries <@ o.countries)))""",
    ),
    (
        "cases that were closed without a decision or a word",
        "moderation_case",
        """SELECT c.id FROM moderation_case c WHERE (c.state = 'decided') <> (c.closed_at IS NOT NULL)
              OR c.state = 'decided' AND (
                NOT EXISTS (SELECT 1 FROM moderation_caseevent e WHERE e.case_id = c.id AND e.at = c.closed_at
                              AND e.kind IN ('decided', 'dismissed'))
                OR NOT CASE c.outcome
                  WHEN 'upheld' THEN EXISTS (SELECT 1 FROM moderation_decision d WHERE d.case_id = c.id)
                  WHEN 'refused' THEN EXISTS (
                    SELECT 1 FROM moderation_publicact p WHERE p.kind = 'kept' AND p.ref = c.id)
                  ELSE EXISTS (
                    SELECT 1 FROM moderation_caseevent e WHERE e.case_id = c.id AND e.kind = 'undone') END)""",
    ),
    (
        "live posts that search cannot find",
        "feed_post",
        """SELECT p.id FROM feed_post p LEFT JOIN feed_postwords w ON w.post_id = p.id
           WHERE p.deleted_at IS NULL AND p.repost_of_id IS NULL
             AND NOT coalesce(w.words @@ ('''=from:' || p.author_id || '''')::tsquery
                              AND (p.audience <> 'public' OR w.words @@ '''=public'''::tsquery), false)
             AND NOT EXISTS (SELECT 1 FROM feed_unindexed u WHERE u.post_id = p.id)
             AND NOT EXISTS (SELECT 1 FROM feed_delivery d WHERE d.post_id = p.id) LIMIT 1000""",
    ),
    (
        "live posts that are missing under their hashtags",
        "feed_post",
        """SELECT p.id FROM feed_post p WHERE p.tags <> '{}' AND p.deleted_at IS NULL AND p.repost_of_id IS NULL
             AND cardinality(p.tags) > (SELECT count(*) FROM feed_posttag t WHERE t.post_id = p.id) LIMIT 1000""",
    ),
    (
        "accounts whose tickets do not count for no reason",
        "feed_uncounted",
        """SELECT u.account_id FROM feed_uncounted u WHERE u.since < %(unsent)s
             AND NOT EXISTS (SELECT 1 FROM upscrolled_account a WHERE a.id = u.account_id AND NOT a.is_active)
             AND NOT EXISTS (SELECT 1 FROM upscrolled_restriction r WHERE r.subject_kind = 'account'
                               AND r.subject_id = u.account_id AND r.starts_at <= now()
                               AND r.kind IN ('account_suspended', 'hold', 'uncounted')
                               AND coalesce(r.ends_at, 'infinity') > %(unsent)s)""",
    ),
    (
        "media of posts and messages whose files nothing keeps",
        "upscrolled_mediaattachment",
        """SELECT m.id FROM upscrolled_mediaattachment m WHERE (m.attached_at IS NOT NULL AND m.deleted_at IS NULL
                  OR EXISTS (SELECT 1 FROM upscrolled_keptmedia k WHERE k.attachment_id = m.id))
             AND m.files <> '{}' AND NOT EXISTS (SELECT 1 FROM upscrolled_fileuse u WHERE u.attachment_id = m.id)""",
    ),
    (
        "media of posts and messages that are shown no more for no reason",
        "upscrolled_mediaattachment",
        """SELECT m.id FROM upscrolled_mediaattachment m
           WHERE m.attached_at IS NOT NULL AND m.deleted_at IS NULL AND m.state <> 'ready'""",
    ),
    (
        "live public posts that discover cannot draw",
        "feed_post",
        """SELECT p.id FROM feed_post p JOIN upscrolled_account a ON a.id = p.author_id
           WHERE p.audience = 'public' AND p.repost_of_id IS NULL AND p.in_reply_to_account_id IS NULL
             AND p.deleted_at IS NULL
             AND NOT EXISTS (SELECT 1 FROM feed_candidate c WHERE c.post_id = p.id AND c.author_id = p.author_id)""",
    ),
)
