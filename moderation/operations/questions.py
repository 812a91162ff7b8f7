"""What the audit asks of the rows: each a name, the table that is looked at, and a statement that finds the wrong."""

from __future__ import annotations

from typing import Final

QUESTIONS: Final = (
    (
        "restrictions without their decision",
        "upscrolled_restriction",
        """SELECT r.id FROM upscrolled_restriction r LEFT JOIN moderation_decision d ON d.id = r.decision_id
           WHERE d.id IS NULL OR (r.subject_kind, r.subject_id, r.kind, r.countries)
                   IS DISTINCT FROM (d.subject_kind, d.subject_id, d.action, d.countries)
              OR r.starts_at < d.decided_at OR coalesce(r.ends_at, 'infinity') > coalesce(d.ends_at, 'infinity')""",
    ),
    (
        "restrictions that ended early without a word",
        "upscrolled_restriction",
        """SELECT r.id FROM upscrolled_restriction r JOIN moderation_decision d ON d.id = r.decision_id
           WHERE r.kind <> 'hold' AND r.ends_at < coalesce(d.ends_at, 'infinity')
             AND NOT EXISTS (SELECT 1 FROM moderation_decision u WHERE u.reverses_id = d.id)""",
    ),
    (
        "decisions that restrict and have no restriction",
        "moderation_decision",
        """SELECT d.id FROM moderation_decision d WHERE d.action NOT IN ('warn', 'restore')
             AND NOT EXISTS (SELECT 1 FROM upscrolled_restriction r WHERE r.decision_id = d.id)""",
    ),
    (
        "decisions without their statement",
        "moderation_decision",
        """SELECT d.id FROM moderation_decision d LEFT JOIN moderation_statement s ON s.id = d.statement_id
           WHERE s.id IS NULL OR (s.subject_kind, s.subject_id, s.measure, s.policy_id, s.countries)
                   IS DISTINCT FROM (d.subject_kind, d.subject_id, d.action, d.policy_id, d.countries)
              OR s.ends_at IS DISTINCT FROM d.ends_at OR s.starts_at <> d.decided_at""",
    ),
    (
        "statements without their decision",
        "moderation_statement",
        """SELECT s.id FROM moderation_statement s
           WHERE NOT EXISTS (SELECT 1 FROM moderation_decision d WHERE d.statement_id = s.id)""",
    ),
    (
        "statements without a notice to whom they concern",
        "moderation_statement",
        """SELECT s.id FROM moderation_statement s LEFT JOIN moderation_notice n ON n.statement_id = s.id
           LEFT JOIN feed_post p ON s.subject_kind = 'post' AND p.id = s.subject_id
           WHERE n.id IS NULL OR n.account_id IS DISTINCT FROM s.account_id
              OR (s.account_id IS NULL) <> (s.subject_kind = 'hashtag')
              OR (s.subject_kind IN ('account', 'handle') AND s.account_id <> s.subject_id)
              OR p.author_id <> s.account_id""",
    ),
    (
        "restrictions on what is somebody else's by now",
        "upscrolled_restriction",
        """SELECT r.id FROM upscrolled_restriction r JOIN moderation_decision d ON d.id = r.decision_id
           JOIN moderation_statement s ON s.id = d.statement_id
           LEFT JOIN feed_post p ON r.subject_kind = 'post' AND p.id = r.subject_id
           LEFT JOIN messaging_message m ON r.subject_kind = 'message' AND m.id = r.subject_id
           WHERE coalesce(p.author_id, m.sender_id) <> s.account_id""",
    ),
    (
        "decisions by nobody who could decide",
        "moderation_decision",
        """SELECT d.id FROM moderation_decision d JOIN moderation_statement s ON s.id = d.statement_id
           WHERE d.decided_by_id = s.account_id OR (d.decided_by_id IS NOT NULL AND NOT EXISTS (
             SELECT 1 FROM upscrolled_account a WHERE a.id = d.decided_by_id))""",
    ),
    (
        "decisions by people who were not allowed them at that time",
        "moderation_decision",
        """SELECT d.id FROM moderation_decision d WHERE d.decided_by_id IS NOT NULL
             AND NOT moderation_was_theirs(d) AND NOT EXISTS (
               SELECT 1 FROM moderation_reviewgrant g WHERE g.to_id = d.decided_by_id AND g.case_id = d.case_id
                 AND g.created_at <= d.decided_at AND g.until > d.decided_at AND NOT EXISTS (
                   SELECT 1 FROM moderation_reviewgrantend e WHERE e.grant_id = g.id AND e.at <= d.decided_at))""",
    ),
    (
        "roles that nobody who could give them gave",
        "upscrolled_staffrole",
        """SELECT r.id FROM upscrolled_staffrole r WHERE r.by_id IS NOT NULL AND NOT EXISTS (
             SELECT 1 FROM upscrolled_staffrole g WHERE g.account_id = r.by_id AND g.role = 'admin' AND g.id <> r.id
               AND g.since <= r.since AND (g.until IS NULL OR g.until > r.since) AND NOT EXISTS (
                 SELECT 1 FROM upscrolled_staffroleend e WHERE e.staff_role_id = g.id AND e.at <= r.since))""",
    ),
    (
        "accounts that say another role than they have",
        "upscrolled_account",
        """SELECT a.id FROM upscrolled_account a WHERE (a.is_staff OR a.role <> '' OR a.is_superuser)
             AND (a.is_superuser OR NOT EXISTS (SELECT 1 FROM upscrolled_staffrole r WHERE r.account_id = a.id
               AND r.role = a.role AND coalesce(r.until, 'infinity') > %(unsent)s))""",
    ),
    (
        "statements without their key or its tombstone",
        "moderation_statement",
        """SELECT s.id FROM moderation_statement s LEFT JOIN moderation_statementkey k ON k.statement_id = s.id
           WHERE k.statement_id IS NULL OR (k.key IS NULL AND EXISTS (
             SELECT 1 FROM upscrolled_account a WHERE a.id = s.account_id AND a.is_active))""",
    ),
    (
        "notices that nobody was sent",
        "moderation_notice",
        """SELECT n.id FROM moderation_notice n JOIN upscrolled_account a ON a.id = n.account_id
           WHERE n.sent_at IS NULL
             AND greatest(n.created_at, moderation_not_before(n.statement_id)) < %(unsent)s""",
    ),
    (
        "decisions that the log tells otherwise",
        "moderation_decision",
        """SELECT d.id FROM moderation_decision d JOIN moderation_statement s ON s.id = d.statement_id
           LEFT JOIN moderation_logentry e ON e.decision_id = d.id
           JOIN moderation_policyversion v ON v.id = d.policy_id
           WHERE e.data IS NULL OR e.data::jsonb->>'action' IS DISTINCT FROM d.action
              OR e.data::jsonb->>'digest' IS DISTINCT FROM s.digest
              OR e.data::jsonb->>'subject' IS DISTINCT FROM d.subject_kind
              OR e.data::jsonb->>'policy' IS DISTINCT FROM v.key
              OR (e.data::jsonb->>'policy_version')::int IS DISTINCT FROM v.version
              OR (e.data::jsonb->>'automated_decision')::boolean IS DISTINCT FROM (d.decided_by_id IS NULL)
              OR e.data::jsonb->>'day' IS DISTINCT FROM to_char(d.decided_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')""",
    ),
    (
        "strikes on somebody else",
        "moderation_strike",
        """SELECT t.decision_id FROM moderation_strike t JOIN moderation_decision d ON d.id = t.decision_id
           JOIN moderation_statement s ON s.id = d.statement_id WHERE t.account_id IS DISTINCT FROM s.account_id""",
    ),
    (
        "appeals decided by somebody in the chain",
        "moderation_appeal",
        """SELECT a.id FROM moderation_appeal a JOIN moderation_decision d ON d.id = a.decision_id
           WHERE a.decided_by_id IS NOT NULL AND a.decided_by_id IN (d.decided_by_id, a.account_id)""",
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
        "live public posts that discover cannot draw",
        "feed_post",
        """SELECT p.id FROM feed_post p JOIN upscrolled_account a ON a.id = p.author_id
           WHERE p.audience = 'public' AND p.repost_of_id IS NULL AND p.in_reply_to_account_id IS NULL
             AND p.deleted_at IS NULL
             AND NOT EXISTS (SELECT 1 FROM feed_candidate c WHERE c.post_id = p.id AND c.author_id = p.author_id)""",
    ),
)
