"""What the law and the public bring in: notices without an account, orders, flaggers, sealed decisions, crisis mode.

A seal binds when another person than the proposer has confirmed it, or for a day after a hit in a bank; nobody who
approved one of a case approves its next. That the log tells of it is asked at COMMIT.
"""

import datetime
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

_DEFINER = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"

SQL = f"""
REVOKE DELETE ON moderation_publicnotice, moderation_trustedflagger FROM upscrolled_app;
REVOKE UPDATE, DELETE ON moderation_legalorder, moderation_sealstep, moderation_publicact, moderation_crisis,
  moderation_crisisend FROM upscrolled_app;
CREATE TRIGGER moderation_legalorder_stays BEFORE UPDATE OR DELETE ON moderation_legalorder
  FOR EACH ROW EXECUTE FUNCTION moderation_append_only();
CREATE TRIGGER moderation_sealstep_stays BEFORE UPDATE OR DELETE ON moderation_sealstep
  FOR EACH ROW EXECUTE FUNCTION moderation_append_only();
CREATE TRIGGER moderation_publicact_stays BEFORE UPDATE OR DELETE ON moderation_publicact
  FOR EACH ROW EXECUTE FUNCTION moderation_append_only();
CREATE TRIGGER moderation_crisis_stays BEFORE UPDATE OR DELETE ON moderation_crisis
  FOR EACH ROW EXECUTE FUNCTION moderation_append_only();
CREATE TRIGGER moderation_crisisend_stays BEFORE UPDATE OR DELETE ON moderation_crisisend
  FOR EACH ROW EXECUTE FUNCTION moderation_append_only();
REVOKE UPDATE, DELETE ON moderation_casehold FROM upscrolled_app;
GRANT UPDATE (released_at) ON moderation_casehold TO upscrolled_app;
REVOKE DELETE ON moderation_doorappeal, moderation_doorexception FROM upscrolled_app;
ALTER TABLE moderation_publicact
  ADD CONSTRAINT public_act_hash CHECK (hash = sha256('\\x00'::bytea || convert_to(data, 'UTF8'))),
  ADD CONSTRAINT public_act_is_json CHECK (jsonb_typeof(data::jsonb) = 'object');

-- Until when a statement is kept from whom it concerns; NULL: not at all.
CREATE FUNCTION moderation_not_before(statement bigint) RETURNS timestamptz {_DEFINER} STABLE AS $$
  BEGIN RETURN (
    SELECT max(s.until) FROM moderation_decision d JOIN moderation_sealstep s ON s.case_id = d.case_id
    WHERE d.statement_id = statement AND (s.basis = 'bank_hit' OR s.confirms_id IS NOT NULL));
END $$;

CREATE FUNCTION moderation_seal_steps() RETURNS trigger {_DEFINER} AS $$
DECLARE proposal moderation_sealstep; approvers bigint[];
BEGIN
  IF abs(extract(epoch FROM NEW.at - clock_timestamp())) > 86400 THEN
    RAISE EXCEPTION 'seal refused: it is dated otherwise than today' USING ERRCODE = 'check_violation';
  END IF;
  IF EXISTS (SELECT 1 FROM moderation_decision d JOIN moderation_notice n ON n.statement_id = d.statement_id
             WHERE d.case_id = NEW.case_id AND n.sent_at IS NOT NULL) THEN
    RAISE EXCEPTION 'seal refused: the notice was sent' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.basis = 'bank_hit' THEN
    PERFORM 1 FROM moderation_case c WHERE c.id = NEW.case_id AND c.policy IN ('child_abuse', 'terror');
    IF NOT FOUND OR NEW.until > least(NEW.at, clock_timestamp()) + interval '24 hours'
       OR EXISTS (SELECT 1 FROM moderation_sealstep s WHERE s.case_id = NEW.case_id) THEN
      RAISE EXCEPTION 'seal refused: a hit in a bank seals once, for 24 hours' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF NEW.until > least(NEW.at, clock_timestamp()) + interval '84 days' THEN
    RAISE EXCEPTION 'seal refused: it lasts 84 days at the most' USING ERRCODE = 'check_violation';
  END IF;
  PERFORM 1 FROM upscrolled_account a JOIN moderation_case c ON c.id = NEW.case_id
    WHERE a.id = NEW.by_id AND a.is_active AND a.role <> '' AND a.id IS DISTINCT FROM c.account_id;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'seal refused: only moderators approve it' USING ERRCODE = 'check_violation';
  END IF;
  approvers := ARRAY(
    SELECT unnest(ARRAY[s.by_id, p.by_id]) FROM moderation_sealstep s JOIN moderation_sealstep p ON p.id = s.confirms_id
    WHERE s.case_id = NEW.case_id);
  IF NEW.confirms_id IS NOT NULL THEN
    SELECT * INTO proposal FROM moderation_sealstep WHERE id = NEW.confirms_id;
    IF proposal.by_id = NEW.by_id OR proposal.by_id = ANY(approvers) THEN
      RAISE EXCEPTION 'a seal takes two people, and each renewal two others' USING ERRCODE = 'check_violation';
    END IF;
    IF proposal.confirms_id IS NOT NULL OR (proposal.case_id, proposal.basis, proposal.reference, proposal.until)
         IS DISTINCT FROM (NEW.case_id, NEW.basis, NEW.reference, NEW.until) THEN
      RAISE EXCEPTION 'seal refused: this was not proposed' USING ERRCODE = 'check_violation';
    END IF;
  END IF;
  IF NEW.by_id = ANY(approvers) THEN
    RAISE EXCEPTION 'a seal takes two people, and each renewal two others' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION moderation_seal_is_told() RETURNS trigger {_DEFINER} AS $$
BEGIN
  PERFORM 1 FROM moderation_publicact a WHERE a.kind = 'sealed' AND a.ref = NEW.id
    AND a.data::jsonb->>'act' = 'sealed' AND a.data::jsonb->>'basis' = NEW.basis;
  IF NOT FOUND AND (NEW.basis = 'bank_hit' OR NEW.confirms_id IS NOT NULL) THEN
    RAISE EXCEPTION 'silent seal refused: the public log does not tell of it' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER seal_steps BEFORE INSERT ON moderation_sealstep
  FOR EACH ROW EXECUTE FUNCTION moderation_seal_steps();
CREATE CONSTRAINT TRIGGER seal_is_told AFTER INSERT ON moderation_sealstep
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION moderation_seal_is_told();

CREATE FUNCTION moderation_crisis_is_told() RETURNS trigger {_DEFINER} AS $$
BEGIN
  PERFORM 1 FROM moderation_publicact a WHERE a.kind = 'crisis_on' AND a.ref = NEW.id
    AND a.data::jsonb->>'because' = NEW.because;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'silent crisis refused: the public log does not tell of it' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER crisis_is_told AFTER INSERT ON moderation_crisis
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION moderation_crisis_is_told();

-- Whether the evidence of a case may go: nobody can appeal any more, and no law keeps it.
CREATE FUNCTION moderation_evidence_is_due(c moderation_case) RETURNS boolean {_DEFINER} STABLE AS $$
  BEGIN RETURN c.state = 'decided'
    AND c.closed_at < now() - CASE WHEN c.policy IN ('child_abuse', 'terror') THEN interval '400 days'
                                   ELSE interval '200 days' END
    AND NOT EXISTS (SELECT 1 FROM moderation_casehold h
                    WHERE h.case_id = c.id AND h.released_at IS NULL AND h.until > now())
    AND NOT EXISTS (SELECT 1 FROM moderation_appeal a LEFT JOIN moderation_decision d ON d.id = a.decision_id
                    LEFT JOIN moderation_report r ON r.id = a.report_id
                    WHERE a.state IN ('filed', 'claimed') AND (d.case_id = c.id OR c.id = ANY(r.cases)));
END $$;

CREATE FUNCTION moderation_evidence_stays_its_time() RETURNS trigger {_DEFINER} AS $$
BEGIN
  IF TG_OP = 'DELETE' AND (SELECT moderation_evidence_is_due(c) FROM moderation_case c WHERE c.id = OLD.case_id) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION '% of moderation_evidence is refused: it stays as it was frozen, for its time', TG_OP
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
DROP TRIGGER moderation_evidence_stays ON moderation_evidence;
CREATE TRIGGER evidence_stays_its_time BEFORE UPDATE OR DELETE ON moderation_evidence
  FOR EACH ROW EXECUTE FUNCTION moderation_evidence_stays_its_time();

-- The one way in which web and workers delete evidence; returns the case of each piece.
CREATE FUNCTION moderation_forget_evidence(most integer) RETURNS SETOF bigint {_DEFINER} AS $$
BEGIN
  RETURN QUERY DELETE FROM moderation_evidence WHERE id IN (
    SELECT e.id FROM moderation_evidence e JOIN moderation_case c ON c.id = e.case_id
    WHERE c.closed_at < now() - interval '200 days' AND moderation_evidence_is_due(c) ORDER BY e.id LIMIT most)
  RETURNING case_id;
END $$;

-- A hold of law goes before forgetting.
CREATE OR REPLACE FUNCTION moderation_forget(account bigint) RETURNS integer {_DEFINER} AS $$
DECLARE forgotten integer;
BEGIN
  UPDATE moderation_statementkey k SET key = NULL, erased_at = now()
  FROM moderation_statement s WHERE s.id = k.statement_id AND s.account_id = account AND k.key IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM moderation_decision d JOIN moderation_casehold h ON h.case_id = d.case_id
                    WHERE d.statement_id = s.id AND h.released_at IS NULL AND h.until > now());
  GET DIAGNOSTICS forgotten = ROW_COUNT;
  RETURN forgotten;
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('moderation', '0005_whose_messages_are'),
        ('upscrolled', '0009_live'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CaseHold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20)),
                ('because', models.TextField()),
                ('placed_at', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('released_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Crisis',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('because', models.TextField()),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='DoorAppeal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ticket', models.CharField(max_length=64, unique=True)),
                ('rule', models.CharField(max_length=60)),
                ('version', models.PositiveIntegerField()),
                ('field', models.CharField(max_length=10)),
                ('said', models.CharField(max_length=300)),
                ('digest', models.CharField(max_length=64)),
                ('language', models.CharField(max_length=8)),
                ('email', models.CharField(blank=True, default='', max_length=254)),
                ('text', models.TextField()),
                ('filed_at', models.DateTimeField()),
                ('deadline', models.DateTimeField()),
                ('state', models.CharField(default='filed', max_length=10)),
                ('decided_at', models.DateTimeField(null=True)),
                ('answer', models.TextField(blank=True, default='')),
            ],
        ),
        migrations.CreateModel(
            name='DoorException',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule', models.CharField(max_length=60)),
                ('field', models.CharField(max_length=10)),
                ('digest', models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name='LegalOrder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20)),
                ('authority', models.CharField(max_length=200)),
                ('reference', models.CharField(max_length=100)),
                ('law', models.CharField(max_length=300)),
                ('countries', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=2), default=list, size=None)),
                ('demand', models.TextField()),
                ('received_at', models.DateTimeField()),
                ('deadline', models.DateTimeField()),
                ('entered_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='PublicAct',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=12)),
                ('ref', models.BigIntegerField()),
                ('data', models.TextField()),
                ('hash', models.BinaryField()),
                ('created_at', models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name='PublicNotice',
            fields=[
                ('report', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='notice', serialize=False, to='moderation.report')),
                ('name', models.CharField(blank=True, default='', max_length=200)),
                ('email', models.CharField(blank=True, default='', max_length=254)),
                ('language', models.CharField(max_length=8)),
                ('law', models.CharField(blank=True, default='', max_length=500)),
                ('told_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='PublishedFigures',
            fields=[
                ('size', models.BigIntegerField(primary_key=True, serialize=False)),
                ('figures', models.JSONField()),
                ('made_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='SealStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('basis', models.CharField(max_length=20)),
                ('reference', models.CharField(max_length=200)),
                ('until', models.DateTimeField()),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='TrustedFlagger',
            fields=[
                ('account', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('name', models.CharField(max_length=200)),
                ('appointed_by', models.CharField(max_length=200)),
                ('area', models.CharField(max_length=200)),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField(null=True)),
                ('ended_because', models.TextField(blank=True, default='')),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='statement',
            name='statement_source',
        ),
        migrations.AlterField(
            model_name='appeal',
            name='account',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='logleaf',
            name='entry',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='leaf', to='moderation.logentry'),
        ),
        migrations.AlterField(
            model_name='statement',
            name='source',
            field=models.CharField(choices=[('report', 'Report'), ('notice', 'Notice'), ('trusted_flagger', 'Trusted'), ('order', 'Order'), ('own_initiative', 'Own'), ('appeal', 'Appeal')], max_length=20),
        ),
        migrations.AddConstraint(
            model_name='appeal',
            constraint=models.CheckConstraint(condition=models.Q(('account__isnull', False), ('report__isnull', False), _connector='OR'), name='who_has_no_account_appeals_a_notice'),
        ),
        migrations.AddConstraint(
            model_name='appeal',
            constraint=models.UniqueConstraint(condition=models.Q(('account__isnull', True)), fields=('report',), name='one_appeal_a_notice'),
        ),
        migrations.AddConstraint(
            model_name='statement',
            constraint=models.CheckConstraint(condition=models.Q(('source__in', ['report', 'notice', 'trusted_flagger', 'order', 'own_initiative', 'appeal'])), name='statement_source'),
        ),
        migrations.AddField(
            model_name='casehold',
            name='case',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='moderation.case'),
        ),
        migrations.AddField(
            model_name='casehold',
            name='placed_by',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.CreateModel(
            name='CrisisEnd',
            fields=[
                ('crisis', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='end', serialize=False, to='moderation.crisis')),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='crisis',
            name='begun_by',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='doorappeal',
            name='decided_by',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='doorexception',
            name='appeal',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='moderation.doorappeal'),
        ),
        migrations.AddField(
            model_name='legalorder',
            name='case',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='moderation.case'),
        ),
        migrations.AddField(
            model_name='legalorder',
            name='entered_by',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='publicact',
            constraint=models.UniqueConstraint(fields=('kind', 'ref'), name='an_act_is_told_once'),
        ),
        migrations.AddField(
            model_name='logleaf',
            name='act',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='leaf', to='moderation.publicact'),
        ),
        migrations.AddConstraint(
            model_name='logleaf',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('act__isnull', True), ('entry__isnull', False)), models.Q(('act__isnull', False), ('entry__isnull', True)), _connector='OR'), name='a_leaf_is_of_one_thing'),
        ),
        migrations.AddIndex(
            model_name='publicnotice',
            index=models.Index(condition=models.Q(('told_at__isnull', True), models.Q(('email', ''), _negated=True)), fields=['report'], name='public_notice_untold'),
        ),
        migrations.AddField(
            model_name='sealstep',
            name='by',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='sealstep',
            name='case',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='seals', to='moderation.case'),
        ),
        migrations.AddField(
            model_name='sealstep',
            name='confirms',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='confirmed_by', to='moderation.sealstep'),
        ),
        migrations.AddConstraint(
            model_name='trustedflagger',
            constraint=models.CheckConstraint(condition=models.Q(('until__isnull', True), ('ended_because__regex', '\\S.{2,}'), _connector='OR'), name='a_flagger_ends_for_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='casehold',
            constraint=models.CheckConstraint(condition=models.Q(('until__gt', models.F('placed_at'))), name='a_hold_ends_later'),
        ),
        migrations.AddConstraint(
            model_name='casehold',
            constraint=models.CheckConstraint(condition=models.Q(('because__regex', '\\S.{2,}')), name='a_hold_has_a_reason'),
        ),
        migrations.AddField(
            model_name='crisisend',
            name='by',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='crisis',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at')), ('ends_at__lte', django.db.models.expressions.CombinedExpression(models.F('starts_at'), '+', models.Value(datetime.timedelta(days=3))))), name='a_crisis_ends_within_72_hours'),
        ),
        migrations.AddConstraint(
            model_name='crisis',
            constraint=models.CheckConstraint(condition=models.Q(('because__regex', '\\S.{9,}')), name='a_crisis_has_a_reason'),
        ),
        migrations.AddIndex(
            model_name='doorappeal',
            index=models.Index(condition=models.Q(('state', 'filed')), fields=['deadline', 'id'], name='door_appeal_queue'),
        ),
        migrations.AddConstraint(
            model_name='doorappeal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by__isnull', True), ('state', 'filed')), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('state__in', ['upheld', 'overturned']), ('answer__regex', '\\S.{10,}')), _connector='OR'), name='a_decided_door_appeal_has_an_answer'),
        ),
        migrations.AddConstraint(
            model_name='doorexception',
            constraint=models.UniqueConstraint(fields=('rule', 'field', 'digest'), name='door_exception_once'),
        ),
        migrations.AddConstraint(
            model_name='legalorder',
            constraint=models.UniqueConstraint(fields=('authority', 'reference', 'case'), name='an_order_is_entered_once'),
        ),
        migrations.AddConstraint(
            model_name='legalorder',
            constraint=models.CheckConstraint(condition=models.Q(('law__regex', '\\S.{2,}')), name='an_order_names_its_law'),
        ),
        migrations.AddConstraint(
            model_name='legalorder',
            constraint=models.CheckConstraint(condition=models.Q(('deadline__gt', models.F('received_at'))), name='an_order_ends_after_it_came'),
        ),
        migrations.AddConstraint(
            model_name='sealstep',
            constraint=models.CheckConstraint(condition=models.Q(('basis__in', ('bank_hit', 'terror_order', 'court_order', 'child_abuse_inquiry'))), name='a_seal_has_a_legal_basis'),
        ),
        migrations.AddConstraint(
            model_name='sealstep',
            constraint=models.CheckConstraint(condition=models.Q(('reference__regex', '\\S.{2,}')), name='a_seal_names_its_paper'),
        ),
        migrations.AddConstraint(
            model_name='sealstep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('basis', 'bank_hit'), ('by__isnull', True), ('confirms__isnull', True)), models.Q(models.Q(('basis', 'bank_hit'), _negated=True), ('by__isnull', False)), _connector='OR'), name='only_a_bank_seals_by_itself'),
        ),
        migrations.RunSQL(SQL, migrations.RunSQL.noop),
    ]
