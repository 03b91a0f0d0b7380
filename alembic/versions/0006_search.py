"""Search: words without accents or case, and what is spelt alike."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Both are trusted: the owner of the database may create them. Where the role may not, or the server has no
# such files, search goes without: accents are taken off by normalisation, and typos find nothing.
EXTENSION = """
DO $$ BEGIN
    CREATE EXTENSION IF NOT EXISTS {name};
EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported OR invalid_schema_name THEN
    RAISE NOTICE 'Search goes without the extension {name}: %', SQLERRM;
END $$
"""

# The functions name their schemas, since a restore of a dump builds the indexes with an empty search_path.
# They look at the first 20,000 characters: a tsvector has an end, and a long comment must not fail on it.
# Punctuation becomes spaces, or the parser would take SQ01.SH010 for the name of a host.
FUNCTIONS = r"""
DO $do$
DECLARE
    own text := quote_ident(current_schema());
    accents text := (SELECT extnamespace::regnamespace::text FROM pg_extension
                     WHERE extname = 'unaccent');
    trigrams text := (SELECT extnamespace::regnamespace::text FROM pg_extension
                     WHERE extname = 'pg_trgm');
    plain text;
    punctuation text := $p$!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~$p$;
BEGIN
    plain := CASE WHEN accents IS NULL
        THEN $x$normalize(
            regexp_replace(normalize(left($1, 20000), NFD), '[\u0300-\u036f]', '', 'g'), NFKC)$x$
        ELSE format($x$%1$s.unaccent(%2$L::regdictionary, normalize(left($1, 20000), NFKC))$x$,
                    accents, accents || '.unaccent') END;
    EXECUTE format($f$
        CREATE FUNCTION kitsu_api_fold(text) RETURNS text
        LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $b$
            SELECT translate(lower(%1$s), %2$L, repeat(' ', %3$s)) $b$ $f$,
        plain, punctuation, length(punctuation));
    EXECUTE format($f$
        CREATE FUNCTION kitsu_api_document(text, text) RETURNS tsvector
        LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $b$
            SELECT to_tsvector('pg_catalog.simple',
                %1$s.kitsu_api_fold(coalesce($1, '') || ' ' || coalesce($2, '')))
        $b$ $f$, own);
    EXECUTE format($f$
        CREATE FUNCTION kitsu_api_words(text) RETURNS tsquery
        LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $b$
            SELECT to_tsquery('pg_catalog.simple',
                coalesce(string_agg(quote_literal(word) || ':*', ' & '), ''))
            FROM regexp_split_to_table(%1$s.kitsu_api_fold($1), '\s+') AS word WHERE word <> ''
        $b$ $f$, own);
    -- Plain enough for the planner to see through them to the operator, and from there to the index.
    EXECUTE format($f$
        CREATE FUNCTION kitsu_api_alike(text, text) RETURNS boolean
        LANGUAGE sql STABLE PARALLEL SAFE AS $b$
            SELECT %1$s $b$ $f$,
        CASE WHEN trigrams IS NULL THEN 'false' ELSE format('$2 OPERATOR(%s.%%>) $1', trigrams) END);
    EXECUTE format($f$
        CREATE FUNCTION kitsu_api_likeness(text, text) RETURNS real
        LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $b$
            SELECT %1$s $b$ $f$,
        CASE WHEN trigrams IS NULL THEN '0::real' ELSE format('%s.word_similarity($1, $2)', trigrams) END);
    IF trigrams IS NOT NULL THEN
        EXECUTE format('CREATE INDEX kitsu_api_entity_likeness ON entity
                        USING gin (kitsu_api_fold(name) %s.gin_trgm_ops)', trigrams);
        EXECUTE format('CREATE INDEX kitsu_api_playlist_likeness ON playlist
                        USING gin (kitsu_api_fold(name) %s.gin_trgm_ops)', trigrams);
    END IF;
END $do$
"""
WORDS = {
    "entity": "name, description",
    "entity_name": "name, NULL",
    "person": "first_name, last_name",
    "comment": "text, NULL",
    "playlist": "name, NULL",
}


def upgrade() -> None:
    for name in ("unaccent", "pg_trgm"):
        op.execute(EXTENSION.format(name=name))
    op.execute(FUNCTIONS)
    for name, columns in WORDS.items():
        table = name.removesuffix("_name")
        op.execute(
            f"CREATE INDEX kitsu_api_{name}_words ON {table} USING gin (kitsu_api_document({columns}))"
        )


def downgrade() -> None:
    for table in WORDS:
        op.execute(f"DROP INDEX kitsu_api_{table}_words")
    for table in ("entity", "playlist"):
        op.execute(f"DROP INDEX IF EXISTS kitsu_api_{table}_likeness")
    op.execute("DROP FUNCTION kitsu_api_likeness(text, text)")
    op.execute("DROP FUNCTION kitsu_api_alike(text, text)")
    op.execute("DROP FUNCTION kitsu_api_words(text)")
    op.execute("DROP FUNCTION kitsu_api_document(text, text)")
    op.execute("DROP FUNCTION kitsu_api_fold(text)")
