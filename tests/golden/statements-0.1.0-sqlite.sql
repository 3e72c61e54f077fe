-- audit_by_organisation
SELECT e.entry_id, e.recorded_at, (SELECT l.leaf_index FROM log_leaf l WHERE l.entry_id = e.entry_id)
FROM log_entry e
WHERE e.organisation = $1 AND e.recorded_at >= $2 AND e.recorded_at <= $3
    AND (e.recorded_at < $3 OR e.entry_id < $4) AND (e.recorded_at > $2 OR e.entry_id >= $5)
    AND (CAST($7 AS TEXT) IS NULL OR e.person_id || '' = $7 OR e.responsible_id || '' = $7)
    AND (CAST($8 AS TEXT) IS NULL OR e.organisation IN (SELECT value FROM json_each($8)))
    AND (CAST($9 AS TEXT) IS NULL OR e.system_id || '' = $9)
    AND (CAST($10 AS TEXT) IS NULL OR e.operation || '' = $10)
    AND (CAST($11 AS TEXT) IS NULL OR e.outcome || '' = $11)
    AND (CAST($12 AS TEXT) IS NULL OR e.purpose || '' = $12)
    AND ($13 IS NULL OR instr(e.payload, $13) > 0)
ORDER BY e.recorded_at DESC, e.entry_id DESC LIMIT $6
;
-- audit_by_organisation
SELECT e.entry_id, e.recorded_at, (SELECT l.leaf_index FROM log_leaf l WHERE l.entry_id = e.entry_id), e.commitment, e.salt, e.payload
FROM log_entry e
WHERE e.organisation = $1 AND e.recorded_at >= $2 AND e.recorded_at <= $3
    AND (e.recorded_at < $3 OR e.entry_id < $4) AND (e.recorded_at > $2 OR e.entry_id >= $5)
    AND (CAST($7 AS TEXT) IS NULL OR e.person_id || '' = $7 OR e.responsible_id || '' = $7)
    AND (CAST($8 AS TEXT) IS NULL OR e.organisation IN (SELECT value FROM json_each($8)))
    AND (CAST($9 AS TEXT) IS NULL OR e.system_id || '' = $9)
    AND (CAST($10 AS TEXT) IS NULL OR e.operation || '' = $10)
    AND (CAST($11 AS TEXT) IS NULL OR e.outcome || '' = $11)
    AND (CAST($12 AS TEXT) IS NULL OR e.purpose || '' = $12)
    AND ($13 IS NULL OR instr(e.payload, $13) > 0)
ORDER BY e.recorded_at DESC, e.entry_id DESC LIMIT $6
;
-- audit_by_time
SELECT e.entry_id, e.recorded_at, (SELECT l.leaf_index FROM log_leaf l WHERE l.entry_id = e.entry_id), e.commitment, e.salt, e.payload
FROM log_entry e
WHERE $1 = 'any' AND e.recorded_at >= $2 AND e.recorded_at <= $3
    AND (e.recorded_at < $3 OR e.entry_id < $4) AND (e.recorded_at > $2 OR e.entry_id >= $5)
    AND (CAST($7 AS TEXT) IS NULL OR e.person_id || '' = $7 OR e.responsible_id || '' = $7)
    AND (CAST($8 AS TEXT) IS NULL OR e.organisation IN (SELECT value FROM json_each($8)))
    AND (CAST($9 AS TEXT) IS NULL OR e.system_id || '' = $9)
    AND (CAST($10 AS TEXT) IS NULL OR e.operation || '' = $10)
    AND (CAST($11 AS TEXT) IS NULL OR e.outcome || '' = $11)
    AND (CAST($12 AS TEXT) IS NULL OR e.purpose || '' = $12)
    AND ($13 IS NULL OR instr(e.payload, $13) > 0)
ORDER BY e.recorded_at DESC, e.entry_id DESC LIMIT $6
;
-- audit_insert_entry
INSERT INTO log_entry (entry_id, recorded_at, commitment, salt, payload, patient_key, patient_number, person_id, person_key,
    responsible_id, organisation, system_id, operation, outcome, purpose, overridden)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
;
-- audit_insert_queued
INSERT INTO log_queue (entry_id, recorded_at, commitment, patient_key, patient_number) VALUES (?, ?, ?, ?, ?)
;
-- audit_put_chains
INSERT INTO patient_chain (patient_key, number, head) VALUES (?, ?, ?) ON CONFLICT (patient_key) DO UPDATE SET number = excluded.number, head = excluded.head
;
-- audit_select_by_leaves
SELECT l.entry_id, l.recorded_at, l.leaf_index, l.commitment, e.salt, e.payload
FROM log_leaf l LEFT JOIN log_entry e ON e.recorded_at = l.recorded_at AND e.entry_id = l.entry_id
WHERE l.leaf_index IN (SELECT value FROM json_each($1)) ORDER BY l.leaf_index
;
-- audit_select_chains
SELECT patient_key, number, head FROM patient_chain WHERE patient_key IN (VALUES (?))
;
-- audit_select_one
SELECT e.entry_id, e.recorded_at, l.leaf_index, e.commitment, e.salt, e.payload
FROM log_entry e LEFT JOIN log_leaf l ON l.entry_id = e.entry_id
WHERE e.recorded_at >= $2 AND e.recorded_at < $3 AND e.entry_id = $1
;
-- chain_cosignatures
SELECT line FROM log_cosignature WHERE tree_size = $1 ORDER BY witness
;
-- chain_entries
SELECT e.recorded_at, e.entry_id, e.salt, e.payload, l.leaf_index
FROM log_entry e LEFT JOIN log_leaf l ON l.entry_id = e.entry_id
WHERE e.patient_key = $1 AND e.recorded_at >= $2 AND (e.recorded_at > $2 OR e.entry_id > $3)
ORDER BY e.recorded_at, e.entry_id LIMIT $4
;
-- chain_first_queued
SELECT e.payload FROM log_queue q JOIN log_entry e ON e.recorded_at = q.recorded_at AND e.entry_id = q.entry_id
WHERE q.patient_key = $1 AND q.patient_number IS NOT NULL ORDER BY q.patient_number LIMIT 1
;
-- checkpoint_waiting_since
SELECT signed_at FROM log_checkpoint WHERE tree_size > $1 ORDER BY tree_size LIMIT 1
;
-- consent_end
UPDATE consent SET ended_at = $3, ended_by = $4
WHERE patient_key = $1 AND consent_id = $2 AND ended_at IS NULL
;
-- consent_insert
INSERT INTO consent (patient_key, consent_id, terms, valid_from, valid_until, created_at, created_by,
    on_behalf)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (patient_key, consent_id) DO NOTHING
;
-- consent_select
SELECT patient_key, consent_id, terms, valid_from, valid_until, created_at, created_by, ended_at,
    on_behalf
FROM consent WHERE patient_key = $1 ORDER BY created_at, consent_id
;
-- cosignature_select_newest
SELECT s.tree_size, c.signed_at, c.note, s.witness, s.line, s.received_at
FROM log_cosignature s JOIN log_checkpoint c ON c.tree_size = s.tree_size
ORDER BY s.tree_size DESC, s.witness LIMIT $1
;
-- demographics_select_sqlite
SELECT patient_key, family_tag, address_tag FROM demographics WHERE patient_key IN (SELECT unhex(value) FROM json_each($1))
;
-- demographics_upsert
INSERT INTO demographics (patient_key, family_tag, address_tag, recorded_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (patient_key) DO UPDATE SET family_tag = excluded.family_tag, address_tag = excluded.address_tag, recorded_at = excluded.recorded_at
;
-- document_insert_entry
INSERT INTO document_entry (patient_key, entry_uuid, status, source_id, repository_unique_id, unique_id, class_code,
    type_code, format_code, facility_code, practice_code, event_codes, confidentiality, author_organisation,
    author_person, creation_time, service_start, service_stop, on_demand, reference_ids, mime_type, size, hash,
    hash_sha256, entry, digest, registered_at, registered_by, message_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
    $25, $26, $27, $28, $29)
ON CONFLICT DO NOTHING
;
-- document_insert_relation
INSERT INTO document_relation (patient_key, target_uuid, entry_uuid, code) VALUES ($1, $2, $3, $4)
ON CONFLICT (patient_key, target_uuid, entry_uuid, code) DO NOTHING
;
-- document_lock_entry
UPDATE document_entry SET status = status WHERE patient_key = $1 AND entry_uuid = $2
;
-- document_select_entry
SELECT patient_key, entry_uuid, status, source_id, repository_unique_id, unique_id, class_code, type_code, format_code, facility_code, practice_code, event_codes, confidentiality, author_organisation, creation_time, service_start, service_stop, on_demand, reference_ids, mime_type, size, hash, hash_sha256, entry, digest, registered_at, registered_by, status_at, replaced_by, dead_since, message_id FROM document_entry WHERE entry_uuid = $1
;
-- document_select_identity
SELECT patient_key, entry_uuid, status, source_id, repository_unique_id, unique_id, class_code, type_code, format_code, facility_code, practice_code, event_codes, confidentiality, author_organisation, creation_time, service_start, service_stop, on_demand, reference_ids, mime_type, size, hash, hash_sha256, entry, digest, registered_at, registered_by, status_at, replaced_by, dead_since, message_id FROM document_entry WHERE entry_uuid = $1 OR (source_id = $2 AND unique_id = $3) ORDER BY entry_uuid
;
-- document_select_patient
SELECT patient_key, entry_uuid, status, source_id, repository_unique_id, unique_id, class_code, type_code, format_code, facility_code, practice_code, event_codes, confidentiality, author_organisation, creation_time, service_start, service_stop, on_demand, reference_ids, mime_type, size, hash, hash_sha256, entry, digest, registered_at, registered_by, status_at, replaced_by, dead_since, message_id FROM document_entry WHERE patient_key = $1 LIMIT $2
;
-- document_select_patient_entry
SELECT patient_key, entry_uuid, status, source_id, repository_unique_id, unique_id, class_code, type_code, format_code, facility_code, practice_code, event_codes, confidentiality, author_organisation, creation_time, service_start, service_stop, on_demand, reference_ids, mime_type, size, hash, hash_sha256, entry, digest, registered_at, registered_by, status_at, replaced_by, dead_since, message_id FROM document_entry WHERE patient_key = $1 AND entry_uuid = $2
;
-- document_select_related
SELECT entry_uuid, code FROM document_relation WHERE patient_key = $1 AND target_uuid = $2 ORDER BY entry_uuid
;
-- document_select_replaced
SELECT entry_uuid FROM document_entry WHERE patient_key = $1 AND replaced_by = $2 ORDER BY entry_uuid
;
-- document_select_source
SELECT patient_key, entry_uuid, status, source_id, repository_unique_id, unique_id, class_code, type_code, format_code, facility_code, practice_code, event_codes, confidentiality, author_organisation, creation_time, service_start, service_stop, on_demand, reference_ids, mime_type, size, hash, hash_sha256, entry, digest, registered_at, registered_by, status_at, replaced_by, dead_since, message_id FROM document_entry WHERE registered_by = $1 AND entry_uuid > $2
    AND ($3 = '' OR source_id = $3) AND ($4 = 0 OR dead_since IS NOT NULL)
ORDER BY entry_uuid LIMIT $5
;
-- document_supersede
UPDATE document_entry SET status = $3, status_at = $4, replaced_by = $5
WHERE patient_key = $1 AND entry_uuid = $2 AND status = $6
;
-- facts_select
WITH RECURSIVE linked (patient_key) AS (
    SELECT $1 WHERE $1 IS NOT NULL
    UNION
    SELECT CASE WHEN link.from_key = linked.patient_key THEN link.to_key ELSE link.from_key END
    FROM linked CROSS JOIN patient_link AS link
    WHERE link.from_key = linked.patient_key OR link.to_key = linked.patient_key
),
person (patient_key) AS (SELECT patient_key FROM linked LIMIT 33)
SELECT 'number' AS fact, patient_key AS key, patient_key AS id, patient_key AS other_key,
    CAST(NULL AS TEXT) AS kind, CAST(NULL AS TEXT) AS organisation, CAST(NULL AS TEXT) AS person,
    CAST(NULL AS TEXT) AS terms, CAST(NULL AS TEXT) AS source, CAST(NULL AS BIGINT) AS valid_from,
    CAST(NULL AS BIGINT) AS valid_until, CAST(NULL AS BIGINT) AS ended_at, CAST(NULL AS BIGINT) AS created_at
FROM person
UNION ALL
SELECT 'consent', f.patient_key, f.consent_id, NULL, NULL, NULL, NULL, f.terms, NULL,
    f.valid_from, f.valid_until, f.ended_at, f.created_at
FROM consent AS f WHERE f.patient_key IN (SELECT patient_key FROM person)
UNION ALL
SELECT 'relation', f.patient_key, f.relation_id, NULL, f.kind, f.organisation, f.authorisation_id, NULL, f.created_by,
    f.valid_from, f.valid_until, f.ended_at, f.created_at
FROM treatment_relation AS f WHERE f.patient_key IN (SELECT patient_key FROM person)
UNION ALL
SELECT 'representation', f.patient_key, f.representation_id, f.representative_key, f.kind, NULL, NULL, f.terms, NULL,
    f.valid_from, f.valid_until, f.ended_at, f.created_at
FROM representation AS f WHERE f.patient_key IN (SELECT patient_key FROM person)
UNION ALL
SELECT 'opening', f.patient_key, f.opening_id, NULL, f.ground, f.organisation, f.authorisation_id, NULL, NULL,
    f.opened_at, f.expires_at, NULL, f.opened_at
FROM break_glass AS f WHERE $4 IS NOT NULL AND f.authorisation_id = $4 AND f.patient_key IN (SELECT patient_key FROM person)
UNION ALL
SELECT 'delegation', f.helper_key, f.delegation_id, NULL, NULL, f.organisation, f.responsible_id, f.rights, NULL,
    f.valid_from, f.valid_until, f.ended_at, f.created_at
FROM helper_delegation AS f WHERE f.helper_key = $2
UNION ALL
SELECT 'permission', NULL, f.permission_id, NULL, NULL, f.organisation, f.authorisation_id, NULL, NULL,
    f.valid_from, f.valid_until, f.ended_at, f.created_at
FROM quality_permission AS f WHERE f.authorisation_id = $3
;
-- glass_insert_opening
INSERT INTO break_glass (patient_key, opening_id, authorisation_id, role, organisation, ground, sealed_reason,
    reason_tag, opened_at, expires_at, audit_entry_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
;
-- glass_select_twin
SELECT opening_id FROM break_glass
WHERE patient_key = $1 AND authorisation_id = $2 AND organisation = $3 AND ground = $4 AND reason_tag = $5
    AND expires_at > $6
ORDER BY opening_id LIMIT 1
;
-- helper_delegation_end
UPDATE helper_delegation SET ended_at = $3, ended_by = $4
WHERE responsible_id = $1 AND delegation_id = $2 AND ended_at IS NULL
;
-- helper_delegation_insert
INSERT INTO helper_delegation (helper_key, delegation_id, responsible_id, organisation, rights, valid_from,
    valid_until, created_at, created_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (helper_key, delegation_id) DO NOTHING
;
-- helper_delegation_select_given
SELECT helper_key, delegation_id, responsible_id, organisation, rights, valid_from, valid_until, created_at, ended_at
FROM helper_delegation WHERE responsible_id = $1 ORDER BY created_at, delegation_id
;
-- helper_delegation_select_one
SELECT helper_key, delegation_id, responsible_id, organisation, rights, valid_from, valid_until, created_at, ended_at
FROM helper_delegation WHERE responsible_id = $1 AND delegation_id = $2
;
-- key_mark_insert
INSERT INTO key_mark (name, mark) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING
;
-- key_mark_select
SELECT mark FROM key_mark WHERE name = $1
;
-- log_insert_checkpoint
INSERT INTO log_checkpoint (tree_size, signed_at, note) VALUES ($1, $2, $3)
ON CONFLICT (tree_size) DO NOTHING
;
-- log_leave_queue
DELETE FROM log_queue WHERE position <= $1
;
-- log_move_head
UPDATE log_head SET tree_size = $1 WHERE id = 1
;
-- log_place_queue
INSERT INTO log_leaf (leaf_index, recorded_at, entry_id, commitment)
SELECT $1 - 1 + ROW_NUMBER() OVER (ORDER BY position), recorded_at, entry_id, commitment FROM log_queue WHERE position <= $2
ORDER BY position
;
-- log_put_tile
INSERT INTO log_tile (level, tile_index, hashes) VALUES (?, ?, ?) ON CONFLICT (level, tile_index) DO UPDATE SET hashes = excluded.hashes
;
-- log_put_tile
INSERT INTO log_tile (level, tile_index, hashes) VALUES (?, ?, ?), (?, ?, ?), (?, ?, ?) ON CONFLICT (level, tile_index) DO UPDATE SET hashes = excluded.hashes
;
-- log_select_commitments
SELECT commitment FROM log_leaf WHERE leaf_index >= $1 AND leaf_index < $2 ORDER BY leaf_index
;
-- log_select_newest_checkpoint
SELECT tree_size, signed_at, note FROM log_checkpoint ORDER BY tree_size DESC LIMIT 1
;
-- log_select_oldest_unsealed
SELECT MIN(recorded_at) FROM log_queue
;
-- log_select_tile
SELECT hashes FROM log_tile WHERE level = $1 AND tile_index = $2
;
-- log_select_unsealed
SELECT position, commitment FROM log_queue ORDER BY position LIMIT $1
;
-- log_store_bytes_sqlite
SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()
;
-- log_take_turn
UPDATE log_head SET turn = turn + 1 WHERE id = 1 RETURNING tree_size
;
-- message_count_held_sqlite
SELECT COUNT(*) FROM message WHERE receiver_gln IN (SELECT value FROM json_each($1)) AND receiver_gln || '/' || message_type IN (SELECT value FROM json_each($2)) AND state = 2 AND lease_expires > $3 AND leased_by = $4
;
-- message_insert
INSERT INTO message (message_id, message_type, sender_message_id, sender_gln, receiver_gln, sender_system, mime_type,
    size, digest, sealed_content, patient_key, episode_of_care, entry_uuid, state, accepted_at, attempts)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0)
ON CONFLICT (sender_gln, sender_message_id) DO NOTHING
;
-- message_insert_event
INSERT INTO message_event (message_id, happened_at, event, detail) VALUES ($1, $2, $3, $4)
ON CONFLICT (message_id, happened_at, event) DO NOTHING
;
-- message_lease
UPDATE message SET state = $2, attempts = attempts + 1, lease_token = $3, lease_expires = $4, leased_by = $5
WHERE message_id = $1
;
-- message_next_offered_sqlite
SELECT message_id, message_type, sender_message_id, sender_gln, receiver_gln, sender_system, size, digest, patient_key, entry_uuid, state, accepted_at, acknowledged_at, attempts, lease_token, lease_expires, refuse_code FROM message WHERE receiver_gln IN (SELECT value FROM json_each($1)) AND receiver_gln || '/' || message_type IN (SELECT value FROM json_each($2)) AND state IN (1, 2) AND (state = 1 OR lease_expires <= $3) ORDER BY accepted_at, message_id LIMIT 1
;
-- message_select
SELECT message_id, message_type, sender_message_id, sender_gln, receiver_gln, sender_system, size, digest, patient_key, entry_uuid, state, accepted_at, acknowledged_at, attempts, lease_token, lease_expires, refuse_code FROM message WHERE message_id = $1
;
-- message_select_content
SELECT sealed_content FROM message WHERE message_id = $1
;
-- message_select_identity
SELECT message_id, message_type, sender_message_id, sender_gln, receiver_gln, sender_system, size, digest, patient_key, entry_uuid, state, accepted_at, acknowledged_at, attempts, lease_token, lease_expires, refuse_code FROM message WHERE sender_gln = $1 AND sender_message_id = $2
;
-- migration_select_applied
SELECT version, description FROM _sqlx_migrations ORDER BY version
;
-- notification_insert
INSERT INTO notification (patient_key, notification_id, kind, subject_id, role, organisation, created_at,
    audit_entry_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
;
-- notification_select_after
SELECT n.patient_key, n.notification_id, n.kind, n.subject_id, n.role, n.organisation, n.created_at,
    n.audit_entry_id, g.ground, g.sealed_reason
FROM notification n
LEFT JOIN break_glass g ON g.patient_key = n.patient_key AND g.opening_id = n.subject_id
WHERE n.patient_key = $1 AND n.notification_id > $2
ORDER BY n.notification_id LIMIT $3
;
-- notification_select_last
SELECT notification_id FROM notification WHERE patient_key = $1 ORDER BY notification_id DESC LIMIT 1
;
-- patient_insert_link
INSERT INTO patient_link (from_key, to_key, kind, created_at, created_by) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (from_key, to_key) DO NOTHING
;
-- patient_insert_number
INSERT INTO patient (patient_key, sealed_number, created_at) VALUES ($1, $2, $3)
ON CONFLICT (patient_key) DO NOTHING
;
-- patient_select_linked_keys
SELECT from_key, to_key FROM patient_link WHERE from_key = $1 OR to_key = $1
;
-- patient_select_links
SELECT from_key, to_key, kind, created_at FROM patient_link WHERE from_key = $1 OR to_key = $1
ORDER BY created_at
;
-- patient_select_number
SELECT sealed_number FROM patient WHERE patient_key = $1
;
-- policy_edition_insert
INSERT INTO policy_edition (version, sources, created_at) VALUES ($1, $2, $3)
ON CONFLICT (version) DO NOTHING
;
-- policy_in_force_insert
INSERT INTO policy_in_force (since, version) VALUES ($1, $2)
ON CONFLICT (since, version) DO NOTHING
;
-- policy_in_force_select
SELECT since, version FROM policy_in_force WHERE since <= $1 ORDER BY since DESC, version DESC LIMIT 1
;
-- quality_permission_end
UPDATE quality_permission SET ended_at = $3
WHERE organisation = $1 AND permission_id = $2 AND ended_at IS NULL
;
-- quality_permission_insert
INSERT INTO quality_permission (organisation, permission_id, authorisation_id, reference, valid_from, valid_until,
    created_at, created_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (organisation, permission_id) DO NOTHING
;
-- quality_permission_select_of_place
SELECT organisation, permission_id, authorisation_id, reference, valid_from, valid_until, created_at, ended_at
FROM quality_permission WHERE organisation = $1 ORDER BY created_at, permission_id
;
-- relation_alert_last
SELECT value FROM counter WHERE name = 'relation_alert'
;
-- relation_alert_select
SELECT number, relation_id, organisation, authorisation_id, attested_at, raised_at
FROM relation_alert WHERE number > $1 ORDER BY number LIMIT $2
;
-- relation_insert
INSERT INTO treatment_relation (patient_key, relation_id, kind, organisation, authorisation_id, valid_from,
    valid_until, created_at, created_by, ended_at, episode_of_care, verify_by, sealed_reason, attested_role)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (patient_key, relation_id) DO NOTHING
;
-- relation_select
SELECT patient_key, relation_id, kind, organisation, authorisation_id, valid_from, valid_until, created_at,
    created_by, ended_at, episode_of_care, verify_by, confirmed_at, confirmed_by, alerted_at
FROM treatment_relation WHERE patient_key = $1 ORDER BY created_at, relation_id
;
-- representation_insert
INSERT INTO representation (patient_key, representation_id, representative_key, kind, terms, valid_from, valid_until,
    created_at, created_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (patient_key, representation_id) DO NOTHING
;
-- representation_select
SELECT patient_key, representation_id, representative_key, kind, terms, valid_from, valid_until, created_at,
    created_by, ended_at
FROM representation WHERE patient_key = $1 ORDER BY created_at, representation_id
;
-- review_count_accesses_sqlite
SELECT organisation, operation, COALESCE(purpose, ''), outcome, COUNT(*), COUNT(DISTINCT person_id), COUNT(DISTINCT patient_key)
FROM log_entry WHERE organisation IN (SELECT value FROM json_each($1)) AND recorded_at >= $2 AND recorded_at < $3 AND entry_id NOT IN (SELECT q.entry_id FROM log_queue q)
GROUP BY organisation, operation, COALESCE(purpose, ''), outcome
ORDER BY organisation, operation, COALESCE(purpose, ''), outcome LIMIT $4
;
-- review_count_cases_sqlite
SELECT kind, state, COALESCE(decision, ''), COUNT(*) FROM review_case WHERE organisation IN (SELECT value FROM json_each($1)) AND opened_at >= $2 AND opened_at < $3
GROUP BY kind, state, COALESCE(decision, '') ORDER BY kind, state, COALESCE(decision, '')
;
-- review_count_decided_sqlite
SELECT COUNT(*) FROM review_case WHERE organisation IN (SELECT value FROM json_each($1)) AND decided_at >= $2 AND decided_at < $3
;
-- review_forget_tallies
DELETE FROM review_tally WHERE (rule, subject, window_start, member) IN
    (SELECT rule, subject, window_start, member FROM review_tally WHERE window_start < $1 LIMIT $2)
;
-- review_forget_work
DELETE FROM review_staff WHERE (person_key, organisation) IN
    (SELECT person_key, organisation FROM review_staff WHERE seen_at < $1 LIMIT $2)
;
-- review_insert_case
INSERT INTO review_case (number, kind, state, patient_key, subject_id, person_id, person_key, authorisation_id, role, organisation,
    opened_at, audit_entry_id, detail, sample_id, revision)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0)
;
-- review_insert_tally
INSERT INTO review_tally (rule, subject, window_start, member, entry_id) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (rule, subject, window_start, member) DO NOTHING
;
-- review_lock_numbers
UPDATE counter SET value = value WHERE name = 'review_case'
;
-- review_move_on
UPDATE counter SET value = $2 WHERE name = 'review_leaf' AND value = $1
;
-- review_newest_checkpoint
SELECT note FROM log_checkpoint ORDER BY tree_size DESC LIMIT 1
;
-- review_next_number
UPDATE counter SET value = value + 1 WHERE name = 'review_case' RETURNING value
;
-- review_sample_everywhere
SELECT sample_id, organisation, units, period_start, period_end, seed, sample_size, tree_size, root, population, drawn_at, drawn_by
FROM review_sample WHERE $1 = '' AND (drawn_at < $2 OR (drawn_at = $2 AND sample_id < $3)) ORDER BY drawn_at DESC, sample_id DESC LIMIT $4
;
-- review_sample_within_sqlite
SELECT sample_id, organisation, units, period_start, period_end, seed, sample_size, tree_size, root, population, drawn_at, drawn_by
FROM review_sample WHERE organisation IN (SELECT value FROM json_each($1)) AND (drawn_at < $2 OR (drawn_at = $2 AND sample_id < $3))
ORDER BY drawn_at DESC, sample_id DESC LIMIT $4
;
-- review_select_everywhere
SELECT c.number, c.kind, c.state, c.patient_key, c.subject_id, c.person_id, c.person_key, c.authorisation_id, c.role,
    c.organisation, c.opened_at, c.audit_entry_id, c.detail, c.sample_id, c.revision, c.assignee, c.decision, c.decided_at,
    g.ground, g.sealed_reason, g.expires_at
FROM review_case c
LEFT JOIN break_glass g ON g.patient_key = c.patient_key AND g.opening_id = c.subject_id
WHERE c.number > $1 AND ($2 = '' OR c.kind = $2) AND ($3 = '' OR c.state = $3)
    AND (c.person_id IS NULL OR c.person_id <> $5) AND (c.person_key IS NULL OR c.person_key <> $6)
    AND (c.patient_key IS NULL OR c.patient_key <> $6) AND $7 = ''
ORDER BY c.number LIMIT $4
;
-- review_select_links_sqlite
SELECT from_key, to_key FROM patient_link WHERE from_key IN (SELECT unhex(value) FROM json_each($1))
UNION SELECT from_key, to_key FROM patient_link WHERE to_key IN (SELECT unhex(value) FROM json_each($1))
;
-- review_select_median_sqlite
SELECT decided_at - opened_at FROM review_case WHERE organisation IN (SELECT value FROM json_each($1)) AND decided_at >= $2 AND decided_at < $3 ORDER BY decided_at - opened_at LIMIT 1 OFFSET $4
;
-- review_select_one
SELECT c.number, c.kind, c.state, c.patient_key, c.subject_id, c.person_id, c.person_key, c.authorisation_id, c.role,
    c.organisation, c.opened_at, c.audit_entry_id, c.detail, c.sample_id, c.revision, c.assignee, c.decision, c.decided_at,
    g.ground, g.sealed_reason, g.expires_at
FROM review_case c
LEFT JOIN break_glass g ON g.patient_key = c.patient_key AND g.opening_id = c.subject_id
WHERE c.number = $1
;
-- review_select_person_key
SELECT k.person_key FROM (
    SELECT person_key, recorded_at FROM log_entry WHERE person_id = $1 ORDER BY recorded_at DESC, entry_id DESC LIMIT 100
) k WHERE k.person_key IS NOT NULL ORDER BY k.recorded_at DESC LIMIT 1
;
-- review_select_place
SELECT c.value, h.tree_size FROM counter c, log_head h WHERE c.name = 'review_leaf' AND h.id = 1
;
-- review_select_sealed
SELECT l.leaf_index, e.entry_id, e.recorded_at, e.payload, e.person_key
FROM log_leaf l JOIN log_entry e ON e.recorded_at = l.recorded_at AND e.entry_id = l.entry_id
WHERE l.leaf_index >= $1 AND l.leaf_index < $2 AND e.outcome = 'permitted' AND e.person_id IS NOT NULL ORDER BY l.leaf_index
;
-- review_select_tallies_sqlite
SELECT subject, window_start, member, entry_id FROM review_tally
WHERE rule = $1 AND subject IN (SELECT value FROM json_each($2)) AND window_start >= $3 AND window_start <= $4
;
-- review_select_within_sqlite
SELECT c.number, c.kind, c.state, c.patient_key, c.subject_id, c.person_id, c.person_key, c.authorisation_id, c.role,
    c.organisation, c.opened_at, c.audit_entry_id, c.detail, c.sample_id, c.revision, c.assignee, c.decision, c.decided_at,
    g.ground, g.sealed_reason, g.expires_at
FROM review_case c
LEFT JOIN break_glass g ON g.patient_key = c.patient_key AND g.opening_id = c.subject_id
WHERE c.number > $1 AND ($2 = '' OR c.kind = $2) AND ($3 = '' OR c.state = $3)
    AND (c.person_id IS NULL OR c.person_id <> $5) AND (c.person_key IS NULL OR c.person_key <> $6)
    AND (c.patient_key IS NULL OR c.patient_key <> $6) AND c.organisation IN (SELECT value FROM json_each($7))
ORDER BY c.number LIMIT $4
;
-- review_select_work_sqlite
SELECT person_key, organisation, seen_at FROM review_staff WHERE person_key IN (SELECT unhex(value) FROM json_each($1))
;
-- stay_insert_event
INSERT INTO stay_event (patient_key, event_id, kind, organisation, source, episode_of_care, said_at, happened_at,
    received_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (patient_key, event_id) DO NOTHING
;
-- stay_lock_patient
UPDATE patient SET created_at = created_at WHERE patient_key = $1
;
-- stay_select_events
SELECT patient_key, event_id, kind, organisation, source, episode_of_care, said_at, happened_at, received_at
FROM stay_event WHERE patient_key = $1 ORDER BY said_at DESC, event_id LIMIT $2
;
-- visits_by_patient
SELECT recorded_at, entry_id, payload FROM log_entry
WHERE patient_key = $1 AND recorded_at >= $2 AND recorded_at <= $3 AND (recorded_at < $3 OR entry_id < $4)
ORDER BY recorded_at DESC, entry_id DESC LIMIT $5
;
