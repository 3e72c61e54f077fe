-- Person numbers and the keys of their rows. The number itself is stored once, encrypted.
CREATE TABLE patient (
    patient_key   BYTEA NOT NULL PRIMARY KEY,
    sealed_number BYTEA NOT NULL,
    created_at    BIGINT NOT NULL
);

-- Numbers of one person: old to new. Rows are added, never changed.
CREATE TABLE patient_link (
    from_key   BYTEA NOT NULL,
    to_key     BYTEA NOT NULL,
    kind       BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    PRIMARY KEY (from_key, to_key)
);
CREATE INDEX patient_link_to ON patient_link (to_key);

-- The index of documents, one patient's rows together.
CREATE TABLE document_entry (
    patient_key          BYTEA NOT NULL,
    entry_uuid           BYTEA NOT NULL,
    status               BIGINT NOT NULL,
    source_id            TEXT NOT NULL,
    repository_unique_id TEXT NOT NULL,
    unique_id            TEXT NOT NULL,
    class_code           TEXT NOT NULL,
    type_code            TEXT NOT NULL,
    format_code          TEXT NOT NULL,
    facility_code        TEXT NOT NULL,
    practice_code        TEXT NOT NULL,
    event_codes          TEXT NOT NULL,
    confidentiality      TEXT NOT NULL,
    author_organisation  TEXT,
    author_person        TEXT,
    creation_time        BIGINT NOT NULL,
    service_start        BIGINT,
    service_stop         BIGINT,
    on_demand            BIGINT NOT NULL,
    reference_ids        TEXT NOT NULL,
    mime_type            TEXT NOT NULL,
    size                 BIGINT,
    hash                 BYTEA,
    hash_sha256          BYTEA,
    entry                BYTEA NOT NULL,
    digest               BYTEA NOT NULL,
    registered_at        BIGINT NOT NULL,
    registered_by        TEXT NOT NULL,
    status_at            BIGINT,
    sealed_status_reason BYTEA,
    replaced_by          BYTEA,
    dead_since           BIGINT,
    message_id           BYTEA,
    PRIMARY KEY (patient_key, entry_uuid)
);
CREATE UNIQUE INDEX document_entry_uuid ON document_entry (entry_uuid);
CREATE UNIQUE INDEX document_entry_unique_id ON document_entry (source_id, unique_id);
CREATE INDEX document_entry_source ON document_entry (registered_by, entry_uuid);

-- Relations between entries of one patient (RPLC, APND, XFRM, signs).
CREATE TABLE document_relation (
    patient_key BYTEA NOT NULL,
    target_uuid BYTEA NOT NULL,
    entry_uuid  BYTEA NOT NULL,
    code        BIGINT NOT NULL,
    PRIMARY KEY (patient_key, target_uuid, entry_uuid, code)
);

-- A citizen's blocks and permits: ended, never deleted.
CREATE TABLE consent (
    patient_key BYTEA NOT NULL,
    consent_id  BYTEA NOT NULL,
    terms       TEXT NOT NULL,
    valid_from  BIGINT NOT NULL,
    valid_until BIGINT,
    created_at  BIGINT NOT NULL,
    created_by  TEXT NOT NULL,
    ended_at    BIGINT,
    ended_by    TEXT,
    PRIMARY KEY (patient_key, consent_id)
);

CREATE TABLE treatment_relation (
    patient_key      BYTEA NOT NULL,
    relation_id      BYTEA NOT NULL,
    kind             TEXT NOT NULL,
    organisation     TEXT NOT NULL,
    authorisation_id TEXT,
    valid_from       BIGINT NOT NULL,
    valid_until      BIGINT,
    created_at       BIGINT NOT NULL,
    created_by       TEXT NOT NULL,
    ended_at         BIGINT,
    PRIMARY KEY (patient_key, relation_id)
);

-- Messages on their way and after. The digest leaves out the envelope, which is new each time a message is sent.
CREATE TABLE message (
    message_id        BYTEA NOT NULL PRIMARY KEY,
    message_type      TEXT NOT NULL,
    sender_message_id TEXT NOT NULL,
    sender_gln        TEXT NOT NULL,
    receiver_gln      TEXT NOT NULL,
    sender_system     TEXT NOT NULL,
    mime_type         TEXT NOT NULL,
    size              BIGINT NOT NULL,
    digest            BYTEA NOT NULL,
    sealed_content    BYTEA NOT NULL,
    patient_key       BYTEA,
    episode_of_care   TEXT,
    entry_uuid        BYTEA,
    state             BIGINT NOT NULL,
    accepted_at       BIGINT NOT NULL,
    acknowledged_at   BIGINT,
    attempts          BIGINT NOT NULL,
    lease_token       BYTEA,
    lease_expires     BIGINT,
    leased_by         TEXT,
    refuse_code       TEXT,
    receipt_mime_type TEXT,
    sealed_receipt    BYTEA
);
CREATE UNIQUE INDEX message_identity ON message (sender_gln, sender_message_id);
CREATE INDEX message_receiver ON message (receiver_gln, state, accepted_at, message_id);
CREATE INDEX message_received ON message (receiver_gln, accepted_at, message_id);
CREATE INDEX message_sent ON message (sender_system, accepted_at, message_id);
CREATE INDEX message_patient ON message (patient_key, sender_gln, message_type);

CREATE TABLE message_event (
    message_id  BYTEA NOT NULL,
    happened_at BIGINT NOT NULL,
    event       TEXT NOT NULL,
    detail      TEXT NOT NULL,
    PRIMARY KEY (message_id, happened_at, event)
);

-- The access log. Columns beside the payload are for searching; the payload is what is hashed.
CREATE TABLE audit_entry (
    entry_id     BYTEA NOT NULL PRIMARY KEY,
    recorded_at  BIGINT NOT NULL,
    leaf_index   BIGINT,
    leaf_hash    BYTEA NOT NULL,
    commitment   BYTEA NOT NULL,
    salt         BYTEA NOT NULL,
    payload      BYTEA,
    patient_key  BYTEA,
    person_id    TEXT,
    responsible_id TEXT,
    organisation TEXT,
    system_id    TEXT NOT NULL,
    operation    TEXT NOT NULL,
    outcome      TEXT NOT NULL,
    purpose      TEXT,
    overridden   BIGINT NOT NULL
);
CREATE UNIQUE INDEX audit_entry_leaf ON audit_entry (leaf_index);
CREATE INDEX audit_entry_unsealed ON audit_entry (recorded_at, entry_id) WHERE leaf_index IS NULL;
CREATE INDEX audit_entry_time ON audit_entry (recorded_at, entry_id);
CREATE INDEX audit_entry_patient ON audit_entry (patient_key, recorded_at, entry_id);
CREATE INDEX audit_entry_person ON audit_entry (person_id, recorded_at, entry_id);
CREATE INDEX audit_entry_responsible ON audit_entry (responsible_id, recorded_at, entry_id);

-- The hash tree over the log, in tiles of 256 hashes (C2SP tlog-tiles).
CREATE TABLE log_tile (
    level      BIGINT NOT NULL,
    tile_index BIGINT NOT NULL,
    hashes     BYTEA NOT NULL,
    PRIMARY KEY (level, tile_index)
);

-- One row: how far the tree reaches. Sealers take turns on it.
CREATE TABLE log_head (
    id        BIGINT NOT NULL PRIMARY KEY,
    tree_size BIGINT NOT NULL,
    turn      BIGINT NOT NULL
);
INSERT INTO log_head (id, tree_size, turn) VALUES (1, 0, 0);

-- Every signed checkpoint (C2SP tlog-checkpoint).
CREATE TABLE log_checkpoint (
    tree_size BIGINT NOT NULL PRIMARY KEY,
    signed_at BIGINT NOT NULL,
    note      TEXT NOT NULL
);

-- Marks of the keys that this store was made with, so that a wrong key is found at start and not in the rows.
CREATE TABLE key_mark (
    name TEXT NOT NULL PRIMARY KEY,
    mark BYTEA NOT NULL
);
