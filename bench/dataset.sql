-- Rows of a benchmark: no chance in it, so that every run has the same. Counts come as settings `bench.…`.
BEGIN;
SET LOCAL synchronous_commit = off;
SET LOCAL work_mem = '128MB';

CREATE FUNCTION pg_temp.n(name text) RETURNS int LANGUAGE sql STABLE AS
$$ SELECT current_setting('bench.' || name)::int $$;
CREATE FUNCTION pg_temp.id(kind text, number bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
$$ SELECT overlay(overlay(md5(kind || ':' || number) PLACING '4' FROM 13 FOR 1) PLACING '8' FROM 17 FOR 1)::uuid $$;
CREATE FUNCTION pg_temp.at(seconds bigint) RETURNS timestamp LANGUAGE sql IMMUTABLE AS
$$ SELECT timestamp '2026-01-05 08:00:00' + make_interval(secs => seconds) $$;

-- library ---------------------------------------------------------------------------------------------
INSERT INTO organisation (id, name, hours_by_day, created_at, updated_at)
SELECT pg_temp.id('organisation', 1), 'Lantern Pictures', 8, pg_temp.at(0), pg_temp.at(0)
WHERE NOT EXISTS (SELECT FROM organisation);
INSERT INTO project_status (id, name, color, created_at, updated_at)
SELECT pg_temp.id('project-status', k), name, '#000000', pg_temp.at(0), pg_temp.at(0)
FROM (VALUES (1, 'Open'), (2, 'Closed')) AS v (k, name)
WHERE NOT EXISTS (SELECT FROM project_status p WHERE p.name = v.name);
INSERT INTO entity_type (id, name, archived, created_at, updated_at)
SELECT pg_temp.id('entity-type', k), name, false, pg_temp.at(0), pg_temp.at(0)
FROM unnest(ARRAY['Shot', 'Sequence', 'Episode', 'Scene', 'Edit', 'Concept', 'Character', 'Prop', 'Set']) WITH ORDINALITY AS v (name, k)
WHERE NOT EXISTS (SELECT FROM entity_type e WHERE e.name = v.name);
INSERT INTO department (id, name, color, archived, created_at, updated_at)
SELECT pg_temp.id('department', k), 'Lantern ' || name, '#4488AA', false, pg_temp.at(0), pg_temp.at(0)
FROM unnest(ARRAY['Modeling', 'Layout', 'Animation', 'Lighting']) WITH ORDINALITY AS v (name, k);
INSERT INTO task_status (id, name, short_name, color, archived, is_done, is_artist_allowed, is_client_allowed, is_retake,
    is_feedback_request, is_default, is_wip, for_concept, priority, created_at, updated_at)
SELECT pg_temp.id('task-status', k), 'Lantern ' || name, short, '#AABBCC', false, short = 'ldone', short <> 'ldone', true, short = 'lretake',
    short = 'lwfa', short = 'ltodo' AND NOT EXISTS (SELECT FROM task_status WHERE is_default), short = 'lwip', false, k, pg_temp.at(0), pg_temp.at(0)
FROM (VALUES (1, 'Todo', 'ltodo'), (2, 'In progress', 'lwip'), (3, 'To check', 'lwfa'), (4, 'Retake', 'lretake'), (5, 'Done', 'ldone')) AS v (k, name, short);
INSERT INTO task_type (id, name, short_name, color, priority, for_entity, allow_timelog, archived, department_id, created_at, updated_at)
SELECT pg_temp.id('task-type', k), 'Lantern ' || name, lower(left(name, 3)), '#778899', k, kind, true, false, pg_temp.id('department', 1 + k % 4), pg_temp.at(0), pg_temp.at(0)
FROM (VALUES (1, 'Layout', 'Shot'), (2, 'Animation', 'Shot'), (3, 'Effects', 'Shot'), (4, 'Lighting', 'Shot'), (5, 'Compositing', 'Shot'),
    (6, 'Modeling', 'Asset'), (7, 'Rigging', 'Asset'), (8, 'Shading', 'Asset')) AS v (k, name, kind);

-- people: 1 is the admin, 2 an artist, 3 a vendor, 4 to 8 managers ---------------------------------------
INSERT INTO person (id, first_name, last_name, email, active, archived, password, role, position, seniority, contract_type, has_avatar,
    timezone, locale, notifications_enabled, totp_enabled, email_otp_enabled, fido_enabled, login_failed_attemps, is_bot, is_guest, created_at, updated_at)
SELECT pg_temp.id('person', k), 'Robin', 'Number ' || k, CASE k WHEN 1 THEN 'admin' WHEN 2 THEN 'artist' WHEN 3 THEN 'vendor' ELSE 'person' || k END || '@lantern.example.com',
    true, false, convert_to(current_setting('bench.password'), 'UTF8'), CASE WHEN k = 1 THEN 'admin' WHEN k = 3 THEN 'vendor' WHEN k BETWEEN 4 AND 8 THEN 'manager' ELSE 'user' END,
    'artist', 'mid', 'open-ended', false, 'Europe/Paris', 'en_US', false, false, false, false, 0, false, false, pg_temp.at(k), pg_temp.at(k)
FROM generate_series(1, pg_temp.n('people')) AS k;
INSERT INTO department_link (person_id, department_id)
SELECT pg_temp.id('person', k), pg_temp.id('department', 1 + k % 4) FROM generate_series(2, pg_temp.n('people')) AS k;

-- productions: 1 is measured, 2 has a tenth of it, 3 nothing -----------------------------------------------
INSERT INTO project (id, name, code, fps, ratio, resolution, production_type, production_style, homepage, has_avatar,
    is_clients_isolated, is_preview_download_allowed, is_set_preview_automated, is_publish_default_for_artists, is_bot_collaboration_enabled,
    is_single_preview_per_revision, is_frame_in_numbering, episode_span, max_retakes, start_date, end_date, project_status_id, nb_episodes, created_at, updated_at)
SELECT pg_temp.id('project', k), 'Lantern ' || k, 'L' || k, '25', '16:9', '1920x1080', CASE k WHEN 1 THEN 'tvshow' ELSE 'short' END, '2d3d', 'assets',
    false, false, false, false, false, false, false, false, 0, 3, date '2026-01-05', date '2027-12-31',
    (SELECT id FROM project_status WHERE name = 'Open' LIMIT 1), 0, pg_temp.at(k), pg_temp.at(k)
FROM generate_series(1, 3) AS k;
INSERT INTO project_person_link (project_id, person_id)
SELECT pg_temp.id('project', p), pg_temp.id('person', k) FROM generate_series(1, 3) AS p, generate_series(1, pg_temp.n('people')) AS k WHERE p = 1 OR k % 3 = 0;
INSERT INTO project_task_type_link (id, project_id, task_type_id, priority, created_at, updated_at)
SELECT pg_temp.id('project-task-type', p * 100 + k), pg_temp.id('project', p), pg_temp.id('task-type', k), k, pg_temp.at(0), pg_temp.at(0) FROM generate_series(1, 3) AS p, generate_series(1, 8) AS k;
INSERT INTO project_task_status_link (id, project_id, task_status_id, priority, created_at, updated_at)
SELECT pg_temp.id('project-task-status', p * 100 + k), pg_temp.id('project', p), pg_temp.id('task-status', k), k, pg_temp.at(0), pg_temp.at(0) FROM generate_series(1, 3) AS p, generate_series(1, 5) AS k;
INSERT INTO project_asset_type_link (project_id, asset_type_id)
SELECT pg_temp.id('project', p), id FROM generate_series(1, 3) AS p, entity_type WHERE name IN ('Character', 'Prop', 'Set');
INSERT INTO metadata_descriptor (id, project_id, entity_type, name, data_type, field_name, choices, for_client, position, created_at, updated_at)
SELECT pg_temp.id('descriptor', p * 1000 + e * 100 + k), pg_temp.id('project', p), CASE e WHEN 1 THEN 'Shot' ELSE 'Asset' END, initcap(field), 'string', field, '[]', false, k, pg_temp.at(k), pg_temp.at(k)
FROM generate_series(1, 3) AS p, generate_series(1, 2) AS e, (VALUES (1, 'location'), (2, 'weather'), (3, 'camera'), (4, 'difficulty')) AS v (k, field);

-- entities -------------------------------------------------------------------------------------------------
CREATE TEMP TABLE size ON COMMIT DROP AS
SELECT 1 AS p, pg_temp.n('shots') AS shots, pg_temp.n('sequences') AS sequences, pg_temp.n('episodes') AS episodes, pg_temp.n('assets') AS assets, 0 AS base
UNION ALL SELECT 2, pg_temp.n('shots') / 10, greatest(pg_temp.n('sequences') / 10, 1), 0, pg_temp.n('assets') / 10, 10000000;

INSERT INTO entity (id, name, is_casting_standby, is_shared, canceled, status, project_id, entity_type_id, data, created_at, updated_at)
SELECT pg_temp.id('episode', base + k), 'E' || lpad(k::text, 3, '0'), false, false, false, 'running', pg_temp.id('project', p), (SELECT id FROM entity_type WHERE name = 'Episode'), '{}', pg_temp.at(k), pg_temp.at(k)
FROM size, generate_series(1, episodes) AS k;
INSERT INTO entity (id, name, is_casting_standby, is_shared, canceled, status, project_id, entity_type_id, parent_id, data, created_at, updated_at)
SELECT pg_temp.id('sequence', base + k), 'SQ' || lpad(k::text, 4, '0'), false, false, false, 'running', pg_temp.id('project', p), (SELECT id FROM entity_type WHERE name = 'Sequence'),
    CASE WHEN episodes > 0 THEN pg_temp.id('episode', base + 1 + (k - 1) * episodes / sequences) END, '{}', pg_temp.at(k), pg_temp.at(k)
FROM size, generate_series(1, sequences) AS k;
INSERT INTO entity (id, name, description, is_casting_standby, is_shared, canceled, status, nb_frames, nb_entities_out, project_id, entity_type_id, parent_id, data, created_by, created_at, updated_at)
SELECT pg_temp.id('shot', base + k), 'SH' || lpad((k * 10)::text, 6, '0'), 'The keeper climbs stair ' || k || ' while the storm comes nearer and the lamp goes out.', false, false, k % 300 = 0, 'running', 48 + k % 120, 5,
    pg_temp.id('project', p), (SELECT id FROM entity_type WHERE name = 'Shot'), pg_temp.id('sequence', base + 1 + (k - 1) * sequences / shots),
    jsonb_build_object('frame_in', '1001', 'frame_out', (1049 + k % 120)::text, 'fps', '25', 'location', 'stair ' || k % 30, 'weather', (ARRAY['storm', 'calm', 'fog'])[1 + k % 3], 'camera', 'c' || k % 9, 'difficulty', (k % 5)::text),
    pg_temp.id('person', 1), pg_temp.at(k), pg_temp.at(k)
FROM size, generate_series(1, shots) AS k;
INSERT INTO entity (id, name, description, is_casting_standby, is_shared, canceled, status, project_id, entity_type_id, data, created_by, created_at, updated_at)
SELECT pg_temp.id('asset', base + k), 'Thing ' || lpad(k::text, 6, '0'), 'A thing that stands in the tower.', false, false, k % 200 = 0, 'running', pg_temp.id('project', p),
    (SELECT id FROM entity_type WHERE name = (ARRAY['Character', 'Prop', 'Set'])[1 + k % 3]),
    jsonb_build_object('location', 'stair ' || k % 30, 'weather', 'any', 'camera', '', 'difficulty', (k % 5)::text), pg_temp.id('person', 1), pg_temp.at(k), pg_temp.at(k)
FROM size, generate_series(1, assets) AS k;
INSERT INTO entity_link (id, entity_in_id, entity_out_id, nb_occurences, label, created_at, updated_at)
SELECT pg_temp.id('link', (base + k) * 10 + j), pg_temp.id('shot', base + k), pg_temp.id('asset', base + 1 + (k * 7 + j * (assets / 5)) % assets), 1 + (k + j) % 3, 'animate', pg_temp.at(k), pg_temp.at(k)
FROM size, generate_series(1, shots) AS k, generate_series(0, 4) AS j;

-- tasks: number (shot - 1) * 5 + type, then those of assets -----------------------------------------------
CREATE TEMP TABLE work ON COMMIT DROP AS
SELECT p, base + (k - 1) * 5 + j AS number, pg_temp.id('shot', base + k) AS entity_id, j AS kind FROM size, generate_series(1, shots) AS k, generate_series(1, 5) AS j
UNION ALL
SELECT p, base + shots * 5 + (k - 1) * 3 + j, pg_temp.id('asset', base + k), 5 + j FROM size, generate_series(1, assets) AS k, generate_series(1, 3) AS j;
INSERT INTO task (id, name, priority, difficulty, duration, estimation, retake_count, sort_order, start_date, due_date, last_comment_date, completion_rate, nb_assets_ready, nb_drawings,
    project_id, task_type_id, task_status_id, entity_id, assigner_id, last_preview_file_id, created_at, updated_at)
SELECT pg_temp.id('task', number), 'main', number % 4, 1 + number % 5, number % 20 * 60, 480, number % 3, 0, pg_temp.at(number % 300 * 86400), pg_temp.at((number % 300 + 5) * 86400), pg_temp.at(number % 300 * 86400), 0, 0, 0,
    pg_temp.id('project', p), pg_temp.id('task-type', kind), pg_temp.id('task-status', 1 + number % 5), entity_id, pg_temp.id('person', 1),
    CASE WHEN number <= pg_temp.n('previews') THEN pg_temp.id('preview', number) END, pg_temp.at(number % 10000000), pg_temp.at(number % 10000000)
FROM work;
-- tasks 1 to 50 are the artist's, 51 to 100 the vendor's
INSERT INTO task_person_link (task_id, person_id)
SELECT pg_temp.id('task', number), pg_temp.id('person', CASE WHEN number <= 50 THEN 2 WHEN number <= 100 THEN 3 ELSE 4 + number % (pg_temp.n('people') - 3) END) FROM work
UNION
SELECT pg_temp.id('task', number), pg_temp.id('person', 4 + (number + 1) % (pg_temp.n('people') - 3)) FROM work WHERE number % 2 = 0 AND number > 100;

-- previews, comments, news, notifications, events: all of production 1 -------------------------------------
CREATE TEMP TABLE total ON COMMIT DROP AS SELECT count(*)::int AS tasks FROM work WHERE p = 1;
INSERT INTO preview_file (id, name, original_name, revision, position, extension, status, validation_status, width, height, file_size, duration, task_id, person_id, is_movie, created_at, updated_at)
SELECT pg_temp.id('preview', k), 'preview ' || k, 'take_' || k, 1 + (k - 1) / tasks, 1, 'png', 'ready', 'neutral', 1920, 1080, 200000, 0,
    pg_temp.id('task', 1 + (k - 1) % tasks), pg_temp.id('person', 4 + k % (pg_temp.n('people') - 3)), false, pg_temp.at(k), pg_temp.at(k)
FROM total, generate_series(1, pg_temp.n('previews')) AS k;
UPDATE entity SET preview_file_id = pg_temp.id('preview', first) FROM (SELECT entity_id, min(number) AS first FROM work WHERE p = 1 GROUP BY entity_id) AS q
WHERE entity.id = q.entity_id AND first <= pg_temp.n('previews') AND first % 2 = 1;
-- every twentieth comment is on the busy task, number 101, up to 500 of them
INSERT INTO comment (id, object_id, object_type, text, replies, checklist, pinned, links, task_status_id, person_id, created_at, updated_at, for_client)
SELECT pg_temp.id('comment', k), pg_temp.id('task', CASE WHEN k % 20 = 0 AND k <= 10000 THEN 101 ELSE 1 + k % tasks END), 'Task', 'Take ' || k || ': hold the silhouette two frames longer, then let the arc fall.',
    CASE WHEN k % 25 = 0 THEN jsonb_build_array(jsonb_build_object('id', pg_temp.id('reply', k), 'date', '2026-03-01T10:00:00', 'person_id', pg_temp.id('person', 4), 'text', 'Done.')) ELSE '[]'::jsonb END,
    CASE WHEN k % 10 = 0 THEN '[{"text": "arcs", "checked": false}]'::jsonb ELSE '[]'::jsonb END, false, '{}', pg_temp.id('task-status', 1 + k % 5), pg_temp.id('person', 4 + k % (pg_temp.n('people') - 3)), pg_temp.at(k * 30), pg_temp.at(k * 30), false
FROM total, generate_series(1, pg_temp.n('comments')) AS k;
INSERT INTO comment_preview_link (comment, preview_file)
SELECT pg_temp.id('comment', k), pg_temp.id('preview', k + 1) FROM generate_series(1, least(pg_temp.n('previews') - 1, pg_temp.n('comments'))) AS k WHERE k % 20 > 0;
INSERT INTO news (id, change, author_id, comment_id, task_id, created_at, updated_at)
SELECT pg_temp.id('news', k), k % 2 = 0, person_id, id, object_id, created_at, created_at FROM (SELECT *, row_number() OVER (ORDER BY created_at) AS k FROM comment) AS c;
INSERT INTO notification (id, read, change, type, person_id, author_id, comment_id, task_id, created_at, updated_at)
SELECT pg_temp.id('notification', k), k % 3 = 0, k % 2 = 0, 'comment', pg_temp.id('person', CASE WHEN k % 50 = 0 THEN 2 ELSE 4 + k * 3 % (pg_temp.n('people') - 3) END), person_id, id, object_id, created_at, created_at
FROM (SELECT *, row_number() OVER (ORDER BY created_at) AS k FROM comment) AS c WHERE k <= pg_temp.n('notifications');
INSERT INTO time_spent (id, duration, date, task_id, person_id, created_at, updated_at)
SELECT pg_temp.id('time-spent', k), 60 + k % 8 * 60, date '2026-01-05' + k % 200, pg_temp.id('task', 1 + k % tasks), pg_temp.id('person', 4 + k % (pg_temp.n('people') - 3)), pg_temp.at(k), pg_temp.at(k)
FROM total, generate_series(1, pg_temp.n('shots') * 6) AS k ON CONFLICT DO NOTHING;
INSERT INTO subscription (id, person_id, task_id, created_at, updated_at)
SELECT pg_temp.id('subscription', w * 1000 + k), pg_temp.id('person', w), pg_temp.id('task', k), pg_temp.at(k), pg_temp.at(k) FROM generate_series(1, 3) AS w, generate_series(1, 50) AS k;
INSERT INTO playlist (id, name, shots, project_id, episode_id, for_client, for_entity, is_for_all, created_at, updated_at)
SELECT pg_temp.id('playlist', k), 'Review ' || k, (SELECT jsonb_agg(jsonb_build_object('entity_id', pg_temp.id('shot', 1 + (k * 20 + j) % pg_temp.n('shots')), 'preview_file_id', pg_temp.id('preview', 1 + (k * 20 + j) % pg_temp.n('shots') * 5))) FROM generate_series(0, 19) AS j),
    pg_temp.id('project', 1), pg_temp.id('episode', 1), k % 2 = 0, 'shot', false, pg_temp.at(k), pg_temp.at(k)
FROM generate_series(1, pg_temp.n('playlists')) AS k;
INSERT INTO schedule_item (id, start_date, end_date, man_days, project_id, task_type_id, created_at, updated_at)
SELECT pg_temp.id('schedule-item', k), date '2026-01-05', date '2027-06-30', 100, pg_temp.id('project', 1), pg_temp.id('task-type', k), pg_temp.at(0), pg_temp.at(0) FROM generate_series(1, 8) AS k;
INSERT INTO api_event (id, name, user_id, project_id, data, created_at, updated_at)
SELECT pg_temp.id('event', k), (ARRAY['task:update', 'comment:new', 'preview-file:new', 'shot:update'])[1 + k % 4], pg_temp.id('person', 4 + k % (pg_temp.n('people') - 3)), pg_temp.id('project', 1),
    jsonb_build_object('task_id', pg_temp.id('task', 1 + k % tasks), 'project_id', pg_temp.id('project', 1)), pg_temp.at(k * 12), pg_temp.at(k * 12)
FROM total, generate_series(1, pg_temp.n('events')) AS k;
COMMIT;
