# ruff: noqa: S608 (the names are written in this module)
"""The trail is written by the database: entries by triggers of the tables, links at commit."""

from __future__ import annotations

from django.db import migrations

from targets.trail.attaching import attach, begun, follow

# Where an entry belongs: from the columns of the row, or from the row that they refer to.
_NOTE = """
CREATE FUNCTION trail_note(
    action text, name text, id text, about jsonb, before jsonb, after jsonb
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    item bigint := (about->>'item_id')::bigint;
    directive bigint := (about->>'directive_id')::bigint;
    report bigint := (about->>'report_id')::bigint;
    target bigint := (about->>'target_id')::bigint;
    organisation bigint := (about->>'organisation_id')::bigint;
    indicator bigint := (about->>'indicator_id')::bigint;
BEGIN
    CASE name
        WHEN 'targets_report' THEN report := id::bigint;
        WHEN 'targets_target' THEN target := id::bigint;
        WHEN 'targets_organisation' THEN organisation := id::bigint;
        WHEN 'targets_indicator' THEN indicator := id::bigint;
        WHEN 'targets_directive' THEN organisation := (about->>'addressee_id')::bigint;
        WHEN 'targets_succession' THEN organisation := (about->>'predecessor_id')::bigint;
        WHEN 'targets_directivefile' THEN
            SELECT a.directive_id INTO directive FROM targets_directiveanswer a
            WHERE a.id = (about->>'answer_id')::bigint;
        ELSE NULL;
    END CASE;
    IF directive IS NOT NULL THEN
        SELECT d.report_id, d.target_id, d.addressee_id INTO report, target, organisation
        FROM targets_directive d WHERE d.id = directive;
    END IF;
    IF item IS NOT NULL THEN
        SELECT i.report_id, i.indicator_id INTO report, indicator
        FROM targets_reportitem i WHERE i.id = item;
    END IF;
    IF indicator IS NULL AND about ? 'series_id' THEN
        SELECT s.indicator_id INTO indicator
        FROM targets_series s WHERE s.id = (about->>'series_id')::bigint;
    END IF;
    IF organisation IS NULL AND report IS NOT NULL THEN
        SELECT r.organisation_id INTO organisation FROM targets_report r WHERE r.id = report;
    END IF;
    INSERT INTO targets_trailentry (
        happened_at, actor_id, actor_name, origin, why, transaction, table_name, row_id, action,
        before, after, report_id, target_id, organisation_id, indicator_id)
    VALUES (
        clock_timestamp(),
        nullif(current_setting('thuocdo.by', true), '')::bigint,
        coalesce(current_setting('thuocdo.by_name', true), ''),
        -- Whoever comes past the application is known by the role that they signed in with.
        coalesce(
            nullif(current_setting('thuocdo.origin', true), ''),
            concat_ws(' ', 'sql', session_user, host(inet_client_addr()))),
        coalesce(current_setting('thuocdo.why', true), ''),
        pg_current_xact_id()::text::bigint,
        name, id, action, before, after, report, target, organisation, indicator);
END;
$$
"""

# The columns of a row that changed, and those that name it.
_CHANGE = """
CREATE FUNCTION trail_change(
    name text, older jsonb, newer jsonb, secret text[], named text[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    changed text[];
    hushed jsonb;
BEGIN
    SELECT array_agg(n.key) INTO changed FROM jsonb_each(newer) n
    WHERE n.value IS DISTINCT FROM older->n.key;
    IF changed IS NULL THEN
        RETURN;
    END IF;
    SELECT jsonb_object_agg(word, 'changed') INTO hushed
    FROM unnest(secret) word WHERE word = ANY (changed);
    PERFORM trail_note(
        'update', name, newer->>'id', newer,
        (SELECT jsonb_object_agg(o.key, o.value) FROM jsonb_each(older - secret) o
         WHERE o.key = ANY (changed || named)),
        coalesce(hushed, '{}') || coalesce(
            (SELECT jsonb_object_agg(n.key, n.value) FROM jsonb_each(newer - secret) n
             WHERE n.key = ANY (changed || named)), '{}'));
END;
$$
"""

# Arguments of the trigger: the names of the secret, the ignored and the naming columns. The
# settings make the text of a row the same whatever the session has set.
_ROW = """
CREATE FUNCTION trail_row() RETURNS trigger LANGUAGE plpgsql
SET timezone = 'UTC' SET extra_float_digits = 1 AS $$
DECLARE
    secret text[] := TG_ARGV[0];
    ignored text[] := TG_ARGV[1];
    named text[] := TG_ARGV[2];
    older jsonb;
    newer jsonb;
BEGIN
    IF TG_TABLE_NAME = 'targets_storedfile' THEN
        -- Megabytes, for which the row's `sha256` stands.
        IF TG_OP <> 'INSERT' THEN OLD.content := ''; END IF;
        IF TG_OP <> 'DELETE' THEN NEW.content := ''; END IF;
    END IF;
    IF TG_OP <> 'INSERT' THEN older := to_jsonb(OLD) - ignored; END IF;
    IF TG_OP <> 'DELETE' THEN newer := to_jsonb(NEW) - ignored; END IF;
    IF TG_OP = 'INSERT' THEN
        PERFORM trail_note('insert', TG_TABLE_NAME, newer->>'id', newer, NULL, newer - secret);
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM trail_note('delete', TG_TABLE_NAME, older->>'id', older, older - secret, NULL);
    ELSIF older->'id' <> newer->'id' THEN
        PERFORM trail_note('delete', TG_TABLE_NAME, older->>'id', older, older - secret, NULL);
        PERFORM trail_note('insert', TG_TABLE_NAME, newer->>'id', newer, NULL, newer - secret);
    ELSE
        PERFORM trail_change(TG_TABLE_NAME, older, newer, secret, named);
    END IF;
    RETURN NULL;
END;
$$
"""

# A link is made after everything else that waits for the commit. The checks of references may
# wait for a row that another transaction holds, which itself waits for its turn here: so nobody
# may hold the turn while they wait. What waits for the commit runs in rounds; the first entry of
# a transaction asks in the first round, and its request is granted in the second.
_ASK = """
CREATE FUNCTION trail_ask() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- All entries of the transaction are linked at once, so most of them ask for nothing.
    IF current_setting('thuocdo.trail_asked', true) IS DISTINCT FROM 'yes'
        AND NEW.id > coalesce(nullif(current_setting('thuocdo.trail_linked', true), ''), '0')::bigint
    THEN
        PERFORM set_config('thuocdo.trail_asked', 'yes', true);
        INSERT INTO targets_trailturn (entry) VALUES (NEW.id);
    END IF;
    RETURN NULL;
END;
$$;
CREATE UNLOGGED TABLE targets_trailturn (entry bigint NOT NULL);
"""
_LINK = """
CREATE FUNCTION trail_link() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    place bigint;
    hash bytea;
    entry record;
BEGIN
    PERFORM set_config('thuocdo.trail_asked', 'no', true);
    DELETE FROM targets_trailturn t WHERE t.entry = NEW.entry;
    PERFORM pg_advisory_xact_lock(749202030);
    SELECT l.position, l.hash INTO place, hash
    FROM targets_traillink l ORDER BY l.position DESC LIMIT 1;
    FOR entry IN
        SELECT e.id, jsonb_build_array(
            e.id, (extract(epoch FROM e.happened_at) * 1000000)::bigint, e.actor_id, e.actor_name,
            e.origin, e.why, e.transaction, e.table_name, e.row_id, e.action, e.before, e.after,
            e.report_id, e.target_id, e.organisation_id, e.indicator_id)::text AS said
        FROM targets_trailentry e
        WHERE e.id >= NEW.entry AND e.transaction = pg_current_xact_id()::text::bigint
        ORDER BY e.id
    LOOP
        place := coalesce(place, 0) + 1;
        hash := sha256(coalesce(hash, '') || convert_to(entry.said, 'UTF8'));
        INSERT INTO targets_traillink (position, entry_id, hash) VALUES (place, entry.id, hash);
        PERFORM set_config('thuocdo.trail_linked', entry.id::text, true);
    END LOOP;
    RETURN NULL;
END;
$$;
CREATE CONSTRAINT TRIGGER trail_ask AFTER INSERT ON targets_trailentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION trail_ask();
CREATE CONSTRAINT TRIGGER trail_link AFTER INSERT ON targets_trailturn
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION trail_link();
"""

_REFUSE = """
CREATE FUNCTION trail_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: %', TG_TABLE_NAME, CASE
        WHEN TG_NAME = 'trail_whole' THEN 'rows are deleted one by one, each with its entry'
        ELSE 'the trail is written by triggers and never changed' END
        USING ERRCODE = 'restrict_violation';
END;
$$;
CREATE TRIGGER trail_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON targets_trailentry
    FOR EACH STATEMENT EXECUTE FUNCTION trail_refuse();
CREATE TRIGGER trail_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON targets_traillink
    FOR EACH STATEMENT EXECUTE FUNCTION trail_refuse();
CREATE TRIGGER trail_by_triggers BEFORE INSERT ON targets_trailentry
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION trail_refuse();
CREATE TRIGGER trail_by_triggers BEFORE INSERT ON targets_traillink
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION trail_refuse();
"""

# Values come by the million, and change in a load only by being superseded. Of more rows than
# these one statement writes one entry: which ids it added, with a digest of every thousand of them;
# or what it changed alike, and in which.
_FEW = 500
_NAMED = ("series_id", "organisation_id", "period")


# What one row says. The other columns follow from these, but for the moment of recording, which
# an entry has apart. Numbers for days: their text takes a third of the time.
_SAID = """concat_ws('|',
    f.id, f.series_id, f.organisation_id, f.source_id, f.period,
    f.period_start - DATE '2000-01-01', f.period_end - DATE '2000-01-01',
    f.value, coalesce(f.numerator::text, ''), coalesce(f.denominator::text, ''),
    coalesce((f.published_on - DATE '2000-01-01')::text, ''), f.known_on - DATE '2000-01-01',
    coalesce(f.superseded_at::text, ''), f.state, f.synthetic, f.derived,
    length(f.vintage), f.vintage, length(f.caveat_vi), f.caveat_vi, f.caveat_en)"""


def _load_of(rows: str) -> str:
    """SQL that writes the one entry for all of `rows`."""
    return f"""
    PERFORM trail_note('load', 'targets_observation', '', '{{}}', NULL, jsonb_build_object(
        'count', total.count,
        'ids', CASE
            WHEN total.count = total.last - total.first + 1
            THEN jsonb_build_array(jsonb_build_array(total.first, total.last))
            ELSE (
                SELECT jsonb_agg(jsonb_build_array(lower(span), upper(span) - 1) ORDER BY span)
                FROM (SELECT unnest(range_agg(int8range(f.id, f.id, '[]'))) AS span FROM {rows} f) s
            ) END,
        'recorded', jsonb_build_array(total.recorded_from, total.recorded_to),
        'digests', total.digests))
    FROM (
        SELECT sum(t.count)::bigint AS count, min(t.first) AS first, max(t.last) AS last,
               min(t.recorded_from) AS recorded_from, max(t.recorded_to) AS recorded_to,
               jsonb_agg(encode(sha256(convert_to(t.said, 'UTF8')), 'hex') ORDER BY t.block)
                   AS digests
        FROM (
            SELECT f.id / 1000 AS block, count(*) AS count, min(f.id) AS first, max(f.id) AS last,
                   min(f.recorded_at) AS recorded_from, max(f.recorded_at) AS recorded_to,
                   string_agg({_SAID}, E'\\n' ORDER BY f.id) AS said
            FROM {rows} f GROUP BY f.id / 1000
        ) t
    ) total
    WHERE total.count > 0;
    """


_TEXTS = "SET timezone = 'UTC' SET extra_float_digits = 1 SET datestyle = 'ISO, YMD'"
_VALUES = f"""
CREATE FUNCTION trail_values_added() RETURNS trigger LANGUAGE plpgsql {_TEXTS} AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM fresh OFFSET {_FEW}) THEN
        PERFORM trail_note(
            'insert', 'targets_observation', f.id::text, to_jsonb(f), NULL, to_jsonb(f))
        FROM fresh f;
        RETURN NULL;
    END IF;
    {_load_of("fresh")}
    RETURN NULL;
END;
$$;
CREATE FUNCTION trail_values_changed() RETURNS trigger LANGUAGE plpgsql {_TEXTS} AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM fresh OFFSET {_FEW}) THEN
        PERFORM trail_change(
            'targets_observation', to_jsonb(g), to_jsonb(f), '{{}}', '{{{",".join(_NAMED)}}}')
        FROM fresh f JOIN gone g ON g.id = f.id;
        RETURN NULL;
    END IF;
    PERFORM trail_note(
        'update', 'targets_observation', '', '{{}}',
        jsonb_build_object('superseded_at', c.superseded_at, 'state', c.state),
        jsonb_build_object('superseded_at', c.new_at, 'state', c.new_state, 'ids', c.ids))
    FROM (
        SELECT g.superseded_at, g.state, f.superseded_at AS new_at, f.state AS new_state,
               jsonb_agg(f.id ORDER BY f.id) AS ids
        FROM fresh f JOIN gone g ON g.id = f.id
        WHERE g.superseded_at IS DISTINCT FROM f.superseded_at OR g.state <> f.state
        GROUP BY 1, 2, 3, 4
    ) c;
    RETURN NULL;
END;
$$;
{begun(f"DO $$ BEGIN {_load_of('targets_observation')} END $$;")}
{follow("targets_observation", _NAMED, on="DELETE")}
CREATE TRIGGER trail_added AFTER INSERT ON targets_observation
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION trail_values_added();
CREATE TRIGGER trail_changed AFTER UPDATE ON targets_observation
    REFERENCING OLD TABLE AS gone NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION trail_values_changed();
"""
_VALUES_BACK = """
DROP TRIGGER trail_row ON targets_observation;
DROP TRIGGER trail_whole ON targets_observation;
DROP TRIGGER trail_added ON targets_observation;
DROP TRIGGER trail_changed ON targets_observation;
DROP FUNCTION trail_values_added();
DROP FUNCTION trail_values_changed();
"""

_TABLES: dict[str, dict[str, tuple[str, ...]]] = {
    "targets_reportingduty": {"named": ("code",)},
    "targets_reportingcycle": {"named": ("duty_id", "period")},
    "targets_report": {"named": ("cycle_id", "organisation_id")},
    "targets_reportitem": {"named": ("report_id", "indicator_id", "subject_id")},
    "targets_evidence": {"named": ("item_id", "file_id")},
    "targets_reportaction": {"named": ("report_id", "kind")},
    "targets_itemremark": {"named": ("item_id",)},
    "targets_publication": {"named": ("item_id",)},
    "targets_upload": {"named": ("report_id", "file_id"), "ignored": ("rows_total", "rows_read")},
    "targets_validationrule": {"named": ("code",)},
    "targets_warningreason": {"named": ("item_id", "rule_id")},
    "targets_directive": {"named": ("target_id", "report_id", "addressee_id")},
    "targets_directiveanswer": {"named": ("directive_id",)},
    "targets_directivefile": {"named": ("answer_id", "file_id")},
    "targets_storedfile": {"named": ("name",), "secret": ("content",)},
    "targets_membership": {"named": ("user_id", "organisation_id", "role")},
    "targets_systemrole": {"named": ("user_id", "role")},
    "targets_rolepolicy": {"named": ("role",)},
    "targets_apitoken": {
        "named": ("user_id", "name"),
        "secret": ("digest",),
        "ignored": ("used_at",),
    },
    "auth_user": {"named": ("username",), "secret": ("password",), "ignored": ("last_login",)},
    "auth_group": {"named": ("name",)},
    "auth_user_groups": {"named": ("user_id", "group_id")},
    "auth_user_user_permissions": {"named": ("user_id", "permission_id")},
    "auth_group_permissions": {"named": ("group_id", "permission_id")},
    "account_emailaddress": {"named": ("user_id", "email")},
    "mfa_authenticator": {
        "named": ("user_id", "type"),
        "secret": ("data",),
        "ignored": ("last_used_at",),
    },
    "socialaccount_socialaccount": {
        "named": ("user_id", "provider", "uid"),
        "secret": ("extra_data",),
        "ignored": ("last_login",),
    },
    "socialaccount_socialapp": {"named": ("provider", "client_id"), "secret": ("secret", "key")},
    "documents_document": {"named": ("slug",)},
    "documents_provision": {"named": ("document_id", "locator")},
    "targets_pillar": {"named": ("code",)},
    "targets_unit": {"named": ("code",)},
    "targets_indicator": {"named": ("code",)},
    "targets_contextlink": {"named": ("indicator_id", "context_id")},
    "targets_series": {"named": ("indicator_id", "code")},
    "targets_target": {"named": ("key",)},
    "targets_assignment": {"named": ("target_id", "organisation_id", "role")},
    "targets_organisation": {"named": ("code",)},
    "targets_organisationname": {"named": ("organisation_id",)},
    "targets_organisationcode": {"named": ("organisation_id", "scheme", "code")},
    "targets_succession": {"named": ("predecessor_id", "successor_id", "function")},
    "targets_maptile": {"named": ("organisation_id",)},
    "targets_task": {"named": ("document_id", "number")},
    "targets_taskrole": {"named": ("task_id", "organisation_id", "role")},
    "targets_assessmentmethod": {"named": ("version",)},
    "targets_source": {"named": ("title",)},
}


class Migration(migrations.Migration):
    dependencies = [
        ("targets", "0009_trail_of_changes"),
        ("documents", "0002_documents_and_provisions"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
    ]

    operations = [
        migrations.RunSQL(_NOTE, "DROP FUNCTION trail_note(text, text, text, jsonb, jsonb, jsonb)"),
        migrations.RunSQL(
            _CHANGE, "DROP FUNCTION trail_change(text, jsonb, jsonb, text[], text[])"
        ),
        migrations.RunSQL(_ROW, "DROP FUNCTION trail_row()"),
        migrations.RunSQL(
            _ASK + _LINK,
            "DROP TRIGGER trail_ask ON targets_trailentry; DROP TABLE targets_trailturn;"
            " DROP FUNCTION trail_ask(); DROP FUNCTION trail_link()",
        ),
        migrations.RunSQL(
            _REFUSE,
            "DROP TRIGGER trail_kept ON targets_trailentry;"
            " DROP TRIGGER trail_kept ON targets_traillink;"
            " DROP TRIGGER trail_by_triggers ON targets_trailentry;"
            " DROP TRIGGER trail_by_triggers ON targets_traillink;"
            " DROP FUNCTION trail_refuse()",
        ),
        *(attach(table, **columns) for table, columns in _TABLES.items()),
        migrations.RunSQL(_VALUES, _VALUES_BACK),
    ]
