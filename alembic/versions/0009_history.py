"""What changed in entities, tasks, comments and people: our own table, filled by triggers on theirs."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0007"
branch_labels = None
depends_on = None

# Partitions by month: old ones are dropped as a whole. What no month takes goes to the default partition, so
# that no write of anybody fails for want of one; the worker makes months ahead, and moves such rows.
TABLE = """
CREATE TABLE kitsu_api_history (
    id bigint NOT NULL DEFAULT nextval('kitsu_api_history_id_seq'),
    table_name varchar(63) NOT NULL,
    record_id uuid NOT NULL,
    action varchar(10) NOT NULL,
    changed_at timestamp NOT NULL,
    person_id uuid,
    client varchar(120) NOT NULL,
    project_id uuid,
    before jsonb NOT NULL,
    after jsonb NOT NULL,
    CONSTRAINT kitsu_api_history_pkey PRIMARY KEY (record_id, id, changed_at)
) PARTITION BY RANGE (changed_at)
"""
MONTHS = """
DO $$
DECLARE month date := date_trunc('month', now() AT TIME ZONE 'UTC');
BEGIN
    FOR ahead IN 0 .. 3 LOOP
        EXECUTE format(
            'CREATE TABLE kitsu_api_history_%s PARTITION OF kitsu_api_history FOR VALUES FROM (%L) TO (%L)',
            to_char(month, 'YYYY_MM'), month, month + interval '1 month'
        );
        month := month + interval '1 month';
    END LOOP;
END
$$
"""

# The comparison of a row with what it was, column by column, written out for each table: to turn rows into
# JSON and compare that cost five times as much. `data` (metadata) is compared key by key, as `data.<key>`,
# where it is an object on both sides.
#
# With the rights of its owner and our search path: another server on these tables may work under a role that
# knows nothing of ours. Whatever it says of itself is taken as text and checked, and where our table is gone
# nothing is noted: no write of its fails for our sake.
NOTE = """
CREATE OR REPLACE FUNCTION %1$I() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = %2$I, pg_temp AS $note$
DECLARE
    was jsonb := '{}';
    became jsonb := '{}';
    key text;
    author text;
    production uuid;
    latest record;
BEGIN
    %3$s
    IF TG_OP = 'UPDATE' AND was = '{}' THEN RETURN NULL; END IF;
    IF to_regclass('kitsu_api_history') IS NULL THEN RETURN NULL; END IF;
    IF TG_OP = 'DELETE' THEN latest := OLD; ELSE latest := NEW; END IF;
    production := %4$s;
    author := current_setting('kitsu_api.actor', true);
    INSERT INTO kitsu_api_history
        (table_name, record_id, action, changed_at, person_id, client, project_id, before, after)
    VALUES (
        TG_TABLE_NAME, latest.id,
        CASE TG_OP WHEN 'INSERT' THEN 'create' WHEN 'UPDATE' THEN 'update' ELSE 'delete' END,
        clock_timestamp() AT TIME ZONE 'UTC',
        CASE WHEN author ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN author::uuid END,
        left(coalesce(
            nullif(current_setting('kitsu_api.client', true), ''),
            nullif(current_setting('application_name'), ''), 'unknown'
        ), 120),
        production,
        CASE TG_OP WHEN 'INSERT' THEN '{}' ELSE was END,
        CASE TG_OP WHEN 'DELETE' THEN '{}' ELSE became END
    );
    RETURN NULL;
END
$note$
"""
COLUMN = """
    IF OLD.%1$I IS DISTINCT FROM NEW.%1$I THEN
        was := was || jsonb_build_object(%1$L, OLD.%1$I);
        became := became || jsonb_build_object(%1$L, NEW.%1$I);
    END IF;
"""
METADATA = """
    IF OLD.data IS DISTINCT FROM NEW.data THEN
        IF coalesce(jsonb_typeof(OLD.data), 'object') = 'object'
            AND coalesce(jsonb_typeof(NEW.data), 'object') = 'object'
        THEN
            FOR key IN SELECT jsonb_object_keys(coalesce(OLD.data, '{}') || coalesce(NEW.data, '{}')) LOOP
                IF (OLD.data -> key) IS DISTINCT FROM (NEW.data -> key) THEN
                    was := was || jsonb_build_object('data.' || key, OLD.data -> key);
                    became := became || jsonb_build_object('data.' || key, NEW.data -> key);
                END IF;
            END LOOP;
        ELSE
            was := was || jsonb_build_object('data', OLD.data);
            became := became || jsonb_build_object('data', NEW.data);
        END IF;
    END IF;
"""
PRODUCTION_OF_COMMENT = "(SELECT task.project_id FROM task WHERE task.id = latest.object_id)"

# Kept in the database, for revisions that add a column to one of these tables: they call it again.
WATCH = f"""
CREATE FUNCTION kitsu_api_watch(watched text, hidden text[]) RETURNS void LANGUAGE plpgsql AS $watch$
DECLARE
    comparison text;
    production text := 'NULL';
BEGIN
    SELECT string_agg(
        CASE attname WHEN 'data' THEN $sql${METADATA}$sql$ ELSE format($sql${COLUMN}$sql$, attname) END,
        '' ORDER BY attnum
    ) INTO comparison
    FROM pg_attribute
    WHERE attrelid = to_regclass(quote_ident(watched)) AND attnum > 0 AND NOT attisdropped
      AND attname <> ALL (ARRAY['id', 'created_at', 'updated_at'] || hidden);
    IF watched = 'comment' THEN
        production := $sql${PRODUCTION_OF_COMMENT}$sql$;
    ELSIF watched IN ('entity', 'task') THEN
        production := 'latest.project_id';
    END IF;
    EXECUTE format(
        $sql${NOTE}$sql$, 'kitsu_api_note_' || watched, current_schema(), comparison, production
    );
    EXECUTE format(
        'CREATE OR REPLACE TRIGGER kitsu_api_history AFTER INSERT OR UPDATE OR DELETE ON %1$I'
        ' FOR EACH ROW EXECUTE FUNCTION %2$I()', watched, 'kitsu_api_note_' || watched
    );
END
$watch$
"""  # noqa: S608 (pieces of this file)

# Secrets, and what changes without anybody's doing.
HIDDEN = {
    "entity": (),
    "task": (),
    "comment": (),
    "person": (
        *("password", "jti", "totp_secret", "email_otp_secret", "fido_credentials", "otp_recovery_codes"),
        *("oidc_issuer", "oidc_subject", "saml_issuer", "saml_subject"),
        *("login_failed_attemps", "last_login_failed", "last_presence"),
    ),
}


def upgrade() -> None:
    op.execute("CREATE SEQUENCE kitsu_api_history_id_seq")
    op.execute(TABLE)
    op.execute("ALTER SEQUENCE kitsu_api_history_id_seq OWNED BY kitsu_api_history.id")
    op.execute("CREATE TABLE kitsu_api_history_other PARTITION OF kitsu_api_history DEFAULT")
    op.execute(MONTHS)
    op.execute(WATCH)
    for table, hidden in HIDDEN.items():
        op.execute(f"SELECT kitsu_api_watch('{table}', '{{{', '.join(hidden)}}}')")


def downgrade() -> None:
    for table in HIDDEN:
        op.execute(f"DROP TRIGGER IF EXISTS kitsu_api_history ON {table}")
        op.execute(f"DROP FUNCTION kitsu_api_note_{table}()")
    op.execute("DROP FUNCTION kitsu_api_watch(text, text[])")
    op.execute("DROP TABLE kitsu_api_history")
