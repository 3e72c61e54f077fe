-- The access log anew. Stop every hub of this database before this step: it moves the entries.
--
-- An entry is only ever inserted, and at the end of its retention deleted: its place in the tree stands in log_leaf, which keeps the commitment.
-- Columns beside the payload are for searching; the payload is what is hashed. Rows lie in the order of time.
CREATE TABLE log_entry (
    recorded_at    BIGINT NOT NULL,
    entry_id       BYTEA NOT NULL,
    commitment     BYTEA NOT NULL,
    salt           BYTEA NOT NULL,
    payload        BYTEA NOT NULL,
    patient_key    BYTEA,
    patient_number BIGINT,
    person_id      TEXT,
    person_key     BYTEA,
    responsible_id TEXT,
    organisation   TEXT,
    system_id      TEXT NOT NULL,
    operation      TEXT NOT NULL,
    outcome        TEXT NOT NULL,
    purpose        TEXT,
    overridden     BIGINT NOT NULL,
    PRIMARY KEY (recorded_at, entry_id)
) PARTITION BY RANGE (recorded_at);
-- The hub makes a partition for each month ahead of its time. What fits none is kept here, so that no entry is ever refused for want of one.
CREATE TABLE log_entry_rest PARTITION OF log_entry DEFAULT;
CREATE INDEX log_entry_patient ON log_entry (patient_key, recorded_at, entry_id);
CREATE INDEX log_entry_person ON log_entry (person_id, recorded_at, entry_id);
CREATE INDEX log_entry_responsible ON log_entry (responsible_id, recorded_at, entry_id) WHERE responsible_id IS NOT NULL;
CREATE INDEX log_entry_organisation ON log_entry (organisation, recorded_at, entry_id);
CREATE INDEX log_entry_system ON log_entry (system_id, recorded_at, entry_id);
-- What auditors look for is rare, so its indexes are small.
CREATE INDEX log_entry_outcome ON log_entry (outcome, recorded_at, entry_id) WHERE outcome <> 'permitted';
CREATE INDEX log_entry_purpose ON log_entry (purpose, recorded_at, entry_id) WHERE purpose <> 'TREAT';

-- Entries that wait for their place in the tree, in the order of their arrival: of two about one patient, the one with the lower number comes first,
-- whatever the clocks of their hubs said.
CREATE TABLE log_queue (
    position       BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    recorded_at    BIGINT NOT NULL,
    entry_id       BYTEA NOT NULL,
    commitment     BYTEA NOT NULL,
    patient_key    BYTEA,
    patient_number BIGINT
);

-- The leaves of the tree. They stay when their entries' retention has ended.
CREATE TABLE log_leaf (
    leaf_index  BIGINT NOT NULL PRIMARY KEY,
    recorded_at BIGINT NOT NULL,
    entry_id    BYTEA NOT NULL,
    commitment  BYTEA NOT NULL
);
CREATE UNIQUE INDEX log_leaf_entry ON log_leaf (entry_id);

INSERT INTO log_entry (recorded_at, entry_id, commitment, salt, payload, patient_key, patient_number, person_id, person_key, responsible_id,
    organisation, system_id, operation, outcome, purpose, overridden)
SELECT recorded_at, entry_id, commitment, salt, payload, patient_key, NULL, person_id, NULL, responsible_id,
    organisation, system_id, operation, outcome, purpose, overridden
FROM audit_entry WHERE payload IS NOT NULL;
INSERT INTO log_queue (recorded_at, entry_id, commitment, patient_key, patient_number)
SELECT recorded_at, entry_id, commitment, patient_key, NULL FROM audit_entry WHERE leaf_index IS NULL ORDER BY recorded_at, entry_id;
INSERT INTO log_leaf (leaf_index, recorded_at, entry_id, commitment)
SELECT leaf_index, recorded_at, entry_id, commitment FROM audit_entry WHERE leaf_index IS NOT NULL;
DROP TABLE audit_entry;

-- How far each patient's chain of entries has come.
CREATE TABLE patient_chain (
    patient_key BYTEA NOT NULL PRIMARY KEY,
    number      BIGINT NOT NULL,
    head        BYTEA NOT NULL
);

-- What witnesses said to checkpoints (C2SP tlog-cosignature), and how each of them is doing.
CREATE TABLE log_cosignature (
    tree_size   BIGINT NOT NULL,
    witness     TEXT NOT NULL,
    line        TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (tree_size, witness)
);
CREATE TABLE log_witness (
    witness     TEXT NOT NULL PRIMARY KEY,
    tree_size   BIGINT NOT NULL,
    cosigned_at BIGINT,
    asked_at    BIGINT NOT NULL,
    problem     TEXT
);

-- Work that one hub does for all of them: whoever holds the lease.
CREATE TABLE lease (
    name       TEXT NOT NULL PRIMARY KEY,
    holder     BYTEA NOT NULL,
    expires_at BIGINT NOT NULL
);

-- Review cases anew: a case may be about no single patient, or about somebody without an authorisation, and it is worked on.
CREATE TABLE review_item (
    number           BIGINT NOT NULL PRIMARY KEY,
    kind             TEXT NOT NULL,
    state            TEXT NOT NULL,
    patient_key      BYTEA,
    subject_id       BYTEA NOT NULL,
    person_id        TEXT,
    person_key       BYTEA,
    authorisation_id TEXT,
    role             TEXT NOT NULL,
    organisation     TEXT NOT NULL,
    opened_at        BIGINT NOT NULL,
    audit_entry_id   BYTEA,
    detail           TEXT NOT NULL,
    sample_id        BYTEA,
    revision         BIGINT NOT NULL,
    assignee         TEXT,
    decision         TEXT,
    decided_at       BIGINT
);
INSERT INTO review_item (number, kind, state, patient_key, subject_id, person_id, person_key, authorisation_id, role, organisation, opened_at, audit_entry_id,
    detail, sample_id, revision, assignee, decision, decided_at)
SELECT number, kind, state, patient_key, subject_id, authorisation_id, NULL, authorisation_id, role, organisation, opened_at, audit_entry_id,
    '', NULL, 0, NULL, NULL, NULL
FROM review_case;
DROP TABLE review_case;
ALTER TABLE review_item RENAME TO review_case;
CREATE INDEX review_case_organisation ON review_case (organisation, number);
CREATE UNIQUE INDEX review_case_subject ON review_case (subject_id, kind);
CREATE INDEX review_case_sample ON review_case (sample_id, number) WHERE sample_id IS NOT NULL;

-- The entries of the access log that a case is about.
CREATE TABLE review_evidence (
    number   BIGINT NOT NULL,
    entry_id BYTEA NOT NULL,
    PRIMARY KEY (number, entry_id)
);

-- The work on a case, step by step: added, never changed.
CREATE TABLE review_event (
    number      BIGINT NOT NULL,
    revision    BIGINT NOT NULL,
    happened_at BIGINT NOT NULL,
    person_id   TEXT NOT NULL,
    person_key  BYTEA,
    person_name TEXT NOT NULL,
    kind        TEXT NOT NULL,
    assignee    TEXT,
    decision    TEXT,
    sealed_text BYTEA,
    PRIMARY KEY (number, revision)
);

-- Random samples, as they can be drawn again from seed and checkpoint. A seed gives one sample of a period at an organisation.
CREATE TABLE review_sample (
    sample_id    BYTEA NOT NULL PRIMARY KEY,
    organisation TEXT NOT NULL,
    units        TEXT NOT NULL,
    period_start BIGINT NOT NULL,
    period_end   BIGINT NOT NULL,
    seed         TEXT NOT NULL,
    sample_size  BIGINT NOT NULL,
    tree_size    BIGINT NOT NULL,
    root         BYTEA NOT NULL,
    population   BIGINT NOT NULL,
    drawn_at     BIGINT NOT NULL,
    drawn_by     TEXT NOT NULL
);
CREATE INDEX review_sample_organisation ON review_sample (organisation, drawn_at);
CREATE UNIQUE INDEX review_sample_seed ON review_sample (organisation, period_start, period_end, seed);

-- What the rules have seen in a window of time, and which leaf of the log they have come to.
CREATE TABLE review_tally (
    rule         TEXT NOT NULL,
    subject      TEXT NOT NULL,
    window_start BIGINT NOT NULL,
    member       BYTEA NOT NULL,
    entry_id     BYTEA NOT NULL,
    PRIMARY KEY (rule, subject, window_start, member)
);
CREATE INDEX review_tally_window ON review_tally (window_start);
INSERT INTO counter (name, value) VALUES ('review_leaf', 0);

-- Who has worked where, as the log has seen it: to find look-ups of colleagues.
CREATE TABLE review_staff (
    person_key   BYTEA NOT NULL,
    organisation TEXT NOT NULL,
    seen_at      BIGINT NOT NULL,
    PRIMARY KEY (person_key, organisation)
);
CREATE INDEX review_staff_seen ON review_staff (seen_at);

-- Keyed hashes of family name and address: two persons share one or they do not, and nobody can read them back.
CREATE TABLE demographics (
    patient_key BYTEA NOT NULL PRIMARY KEY,
    family_tag  BYTEA,
    address_tag BYTEA,
    recorded_at BIGINT NOT NULL
);
