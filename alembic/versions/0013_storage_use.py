"""Whose the files in storage are, and how many bytes each person and production has there."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# A file is somebody's from the moment at which it is registered until it is gone from storage: one that is
# deleted still takes its place until then. Changes are rows of their own, so that no two writers wait for
# one sum; a job adds them up at night. With the rights of its owner: another server on these tables may work
# under a role that knows nothing of ours.
OWNERS = """
CREATE FUNCTION kitsu_api_owners_of_file(file uuid, OUT person_id uuid, OUT project_id uuid)
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
    SELECT owner.person_id, owner.project_id FROM (
        SELECT p.person_id, t.project_id
        FROM preview_file p LEFT JOIN task t ON t.id = p.task_id WHERE p.id = file
        UNION ALL
        SELECT coalesce(r.person_id, c.person_id), t.project_id
        FROM attachment_file a
        JOIN comment c ON c.id = a.comment_id
        LEFT JOIN task t ON t.id = c.object_id
        LEFT JOIN LATERAL (
            SELECT s.id AS person_id
            FROM jsonb_array_elements(
                CASE WHEN jsonb_typeof(c.replies) = 'array' THEN c.replies ELSE '[]'::jsonb END
            ) reply
            JOIN person s ON s.id::text = reply->>'person_id'
            WHERE reply->>'id' = a.reply_id::text
        ) r ON true
        WHERE a.id = file
        UNION ALL
        SELECT m.person_id, e.project_id FROM attachment_file a
        JOIN chat_message m ON m.id = a.chat_message_id
        JOIN chat h ON h.id = m.chat_id LEFT JOIN entity e ON e.id = h.object_id WHERE a.id = file
        UNION ALL
        SELECT w.person_id, t.project_id
        FROM working_file w LEFT JOIN task t ON t.id = w.task_id WHERE w.id = file
        UNION ALL
        SELECT NULL, l.project_id FROM build_job b JOIN playlist l ON l.id = b.playlist_id WHERE b.id = file
    ) owner LIMIT 1
$$
"""
COUNTED = """
CREATE FUNCTION kitsu_api_count_file() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    known kitsu_api_kept_file;
    owner record;
    now_kept bigint := 0;
BEGIN
    IF TG_OP <> 'DELETE' AND NEW.purged_at IS NULL THEN
        now_kept := coalesce(NEW.size, 0);
    END IF;
    SELECT * INTO known FROM kitsu_api_kept_file WHERE id = coalesce(NEW.id, OLD.id) FOR UPDATE;
    IF NOT FOUND THEN
        IF now_kept = 0 OR NEW.file_id !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN
            RETURN NULL;
        END IF;
        SELECT * INTO owner FROM kitsu_api_owners_of_file(NEW.file_id::uuid);
        IF owner.person_id IS NULL AND owner.project_id IS NULL THEN
            RETURN NULL;
        END IF;
        INSERT INTO kitsu_api_kept_file (id, person_id, project_id, bytes)
        VALUES (NEW.id, owner.person_id, owner.project_id, now_kept);
        known.person_id := owner.person_id;
        known.project_id := owner.project_id;
        known.bytes := 0;
    ELSIF now_kept = 0 THEN
        DELETE FROM kitsu_api_kept_file WHERE id = known.id;
    ELSIF now_kept <> known.bytes THEN
        UPDATE kitsu_api_kept_file SET bytes = now_kept WHERE id = known.id;
    END IF;
    IF now_kept <> known.bytes THEN
        INSERT INTO kitsu_api_storage_use (owner_id, bytes)
        SELECT id, now_kept - known.bytes FROM unnest(ARRAY[known.person_id, known.project_id]) id
        WHERE id IS NOT NULL;
    END IF;
    RETURN NULL;
END
$$
"""
TRIGGER = """
CREATE TRIGGER kitsu_api_count_file AFTER INSERT OR UPDATE OF size, purged_at OR DELETE ON stored_file
FOR EACH ROW EXECUTE FUNCTION kitsu_api_count_file()
"""
KNOWN_FILES = """
INSERT INTO kitsu_api_kept_file (id, person_id, project_id, bytes)
SELECT f.id, o.person_id, o.project_id, f.size
FROM stored_file f, LATERAL kitsu_api_owners_of_file(f.file_id::uuid) o
WHERE f.purged_at IS NULL AND f.size > 0
  AND f.file_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
  AND (o.person_id IS NOT NULL OR o.project_id IS NOT NULL)
"""
KNOWN_USE = """
INSERT INTO kitsu_api_storage_use (owner_id, bytes)
SELECT owner_id, sum(bytes) FROM (
    SELECT person_id AS owner_id, bytes FROM kitsu_api_kept_file
    UNION ALL SELECT project_id, bytes FROM kitsu_api_kept_file
) known WHERE owner_id IS NOT NULL GROUP BY owner_id
"""


def upgrade() -> None:
    op.create_table(
        "kitsu_api_kept_file",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.Uuid),
        sa.Column("project_id", sa.Uuid),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="kitsu_api_kept_file_pkey"),
    )
    op.create_table(
        "kitsu_api_storage_use",
        sa.Column("id", sa.BigInteger, sa.Identity(always=False), nullable=False),
        sa.Column("owner_id", sa.Uuid, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="kitsu_api_storage_use_pkey"),
    )
    op.create_index("ix_kitsu_api_storage_use_owner_id", "kitsu_api_storage_use", ["owner_id"])
    op.execute(OWNERS)
    op.execute(COUNTED)
    op.execute(KNOWN_FILES)
    op.execute(KNOWN_USE)
    op.execute(TRIGGER)


def downgrade() -> None:
    op.execute("DROP TRIGGER kitsu_api_count_file ON stored_file")
    op.execute("DROP FUNCTION kitsu_api_count_file()")
    op.execute("DROP FUNCTION kitsu_api_owners_of_file(uuid)")
    op.drop_table("kitsu_api_storage_use")
    op.drop_table("kitsu_api_kept_file")
