"""What the audit asks of the rows: each a name, the table that is looked at, and a statement that finds the wrong."""

from __future__ import annotations

from typing import Final

from moderation.operations.beside import BESIDE

QUESTIONS: Final = (
    (
        "restrictions without their decision",
        "upscrolled_restriction",
        """SELECT r.id FROM upscrolled_restriction r LEFT JOIN moderation_decision d ON d.id = r.decision_id
           WHERE d.id IS NULL OR (r.subject_kind, r.subject_id, r.kind, r.countries)
                   IS DISTINCT FROM (d.subject_kind, d.subject_id, d.action, d.countries)
              OR r.starts_at <> d.decided_at OR coalesce(r.ends_at, 'infinity') > coalesce(d.ends_at, 'infinity')""",
    ),
    (
        "holds that last longer than 72 hours",
        "upscrolled_restriction",
        """SELECT r.id FROM upscrolled_restriction r
           WHERE r.kind = 'hold' AND (r.ends_at IS NULL OR r.ends_at > r.starts_at + interval '72 hours')""",
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
           LEFT JOIN upscrolled_mediaattachment f ON s.subject_kind = 'media' AND f.id = s.subject_id
           WHERE n.id IS NULL OR n.account_id IS DISTINCT FROM s.account_id
              OR (s.account_id IS NULL) <> (s.subject_kind = 'hashtag')
              OR (s.subject_kind IN ('account', 'handle') AND s.account_id <> s.subject_id)
              OR coalesce(p.author_id, f.owner_id) <> s.account_id""",
    ),
    (
        "restrictions on what is somebody else's by now",
        "upscrolled_restriction",
        """SELECT r.id FROM upscrolled_restriction r JOIN moderation_decision d ON d.id = r.decision_id
           JOIN moderation_statement s ON s.id = d.statement_id
           LEFT JOIN feed_post p ON r.subject_kind = 'post' AND p.id = r.subject_id
           LEFT JOIN messaging_message m ON r.subject_kind = 'message' AND m.id = r.subject_id
           LEFT JOIN upscrolled_mediaattachment f ON r.subject_kind = 'media' AND f.id = r.subject_id
           WHERE coalesce(p.author_id, m.sender_id, f.owner_id) <> s.account_id""",
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
        "notices that were sent before their seal ended",
        "moderation_notice",
        """SELECT n.id FROM moderation_notice n WHERE n.sent_at < moderation_not_before(n.statement_id)""",
    ),
    (
        "statements of erased accounts that can be read again",
        "moderation_statementkey",
        """SELECT k.statement_id FROM moderation_statementkey k JOIN moderation_statement s ON s.id = k.statement_id
           JOIN upscrolled_departure p ON p.account_id = s.account_id AND p.erased_at < %(unsent)s - interval '2 days'
           WHERE k.key IS NOT NULL AND NOT EXISTS (
             SELECT 1 FROM moderation_decision d JOIN moderation_casehold h ON h.case_id = d.case_id
             WHERE d.statement_id = s.id AND coalesce(h.released_at, h.until) > %(unsent)s - interval '2 days')
           UNION ALL SELECT k.statement_id FROM moderation_statementkey k
           WHERE (k.key IS NULL) <> (k.erased_at IS NOT NULL)""",
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
              OR e.data::jsonb->>'day' IS DISTINCT FROM to_char(d.decided_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')
              OR e.data::jsonb->>'category' IS DISTINCT FROM v.category
              OR e.data::jsonb->>'ground' IS DISTINCT FROM s.ground
              OR e.data::jsonb->>'source' IS DISTINCT FROM s.source
              OR (e.data::jsonb->>'automated_detection')::boolean IS DISTINCT FROM s.automated_detection
              OR e.data::jsonb->'countries' IS DISTINCT FROM to_jsonb(d.countries)
              OR (e.data::jsonb->>'days')::int IS DISTINCT FROM CASE WHEN d.ends_at IS NOT NULL THEN
                   greatest(1, round(extract(epoch FROM d.ends_at - d.decided_at)::float8 / 86400))::int END
              OR (d.reverses_id IS NULL AND e.data::jsonb->>'prior' <> '')""",
    ),
    (
        "decisions whose parts have other dates",
        "moderation_decision",
        """SELECT d.id FROM moderation_decision d JOIN moderation_statement s ON s.id = d.statement_id
           LEFT JOIN moderation_notice n ON n.statement_id = s.id
           LEFT JOIN moderation_logentry e ON e.decision_id = d.id
           LEFT JOIN moderation_strike t ON t.decision_id = d.id
           WHERE d.decided_at <> ANY(ARRAY[s.starts_at, s.created_at, n.created_at, e.created_at, t.given_at])""",
    ),
    (
        "strikes on somebody else, or other than the policy has them",
        "moderation_strike",
        """SELECT t.decision_id FROM moderation_strike t JOIN moderation_decision d ON d.id = t.decision_id
           JOIN moderation_statement s ON s.id = d.statement_id JOIN moderation_policyversion v ON v.id = d.policy_id
           WHERE t.account_id IS DISTINCT FROM s.account_id OR t.weight <> v.strike_weight
              OR t.expires_at <> t.given_at + v.strike_days * interval '24 hours'""",
    ),
    (
        "severed follows that are not as they were severed",
        "moderation_severedfollow",
        """SELECT s.decision_id FROM moderation_severedfollow s LEFT JOIN moderation_decision d ON d.id = s.decision_id
           LEFT JOIN moderation_severing v ON v.decision_id = s.decision_id AND v.upto >= s.id
           WHERE d.id IS NULL OR d.action <> 'account_suspended' OR d.ends_at IS NOT NULL
              OR d.subject_id NOT IN (s.follower_id, s.target_id)
              OR (v.id IS NULL AND d.decided_at < %(unsent)s)
           UNION SELECT v.decision_id FROM moderation_severing v
           WHERE v.digest <> moderation_severed_digest(v.decision_id, v.upto)""",
    ),
    (
        "follows that a suspension severed and that did not come back",
        "moderation_endedeffect",
        """SELECT e.decision_id FROM moderation_endedeffect e JOIN moderation_decision d ON d.id = e.decision_id
           WHERE NOT coalesce(d.ends_at <= e.at, false)
             AND NOT EXISTS (SELECT 1 FROM moderation_decision u WHERE u.reverses_id = d.id)""",
    ),
    *BESIDE,
)
