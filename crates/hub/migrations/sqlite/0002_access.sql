-- Helpers (medhjælp) under a responsible professional: ended, never deleted.
CREATE TABLE helper_delegation (
    helper_key     BLOB NOT NULL,
    delegation_id  BLOB NOT NULL,
    responsible_id TEXT NOT NULL,
    organisation   TEXT NOT NULL,
    rights         TEXT NOT NULL,
    valid_from     BIGINT NOT NULL,
    valid_until    BIGINT NOT NULL,
    created_at     BIGINT NOT NULL,
    created_by     TEXT NOT NULL,
    ended_at       BIGINT,
    ended_by       TEXT,
    PRIMARY KEY (helper_key, delegation_id)
) WITHOUT ROWID;
CREATE INDEX helper_delegation_responsible ON helper_delegation (responsible_id, delegation_id);

-- Who may act for a citizen: custody, guardianship, power of attorney.
CREATE TABLE representation (
    patient_key        BLOB NOT NULL,
    representation_id  BLOB NOT NULL,
    representative_key BLOB NOT NULL,
    kind               TEXT NOT NULL,
    terms              TEXT NOT NULL,
    valid_from         BIGINT NOT NULL,
    valid_until        BIGINT,
    created_at         BIGINT NOT NULL,
    created_by         TEXT NOT NULL,
    ended_at           BIGINT,
    ended_by           TEXT,
    PRIMARY KEY (patient_key, representation_id)
) WITHOUT ROWID;

-- The management's permission for quality work at a place of treatment (Sundhedsloven § 42 d).
CREATE TABLE quality_permission (
    organisation     TEXT NOT NULL,
    permission_id    BLOB NOT NULL,
    authorisation_id TEXT NOT NULL,
    reference        TEXT NOT NULL,
    valid_from       BIGINT NOT NULL,
    valid_until      BIGINT NOT NULL,
    created_at       BIGINT NOT NULL,
    created_by       TEXT NOT NULL,
    ended_at         BIGINT,
    PRIMARY KEY (organisation, permission_id)
) WITHOUT ROWID;
CREATE INDEX quality_permission_person ON quality_permission (authorisation_id, permission_id);

-- By which right somebody registered a consent for the citizen: custody, guardian or proxy.
ALTER TABLE consent ADD COLUMN on_behalf TEXT;

-- A relation that a message told of, and a professional's own word, which a fact must confirm.
ALTER TABLE treatment_relation ADD COLUMN episode_of_care TEXT;
ALTER TABLE treatment_relation ADD COLUMN sealed_reason BLOB;
ALTER TABLE treatment_relation ADD COLUMN attested_role TEXT;
ALTER TABLE treatment_relation ADD COLUMN verify_by BIGINT;
ALTER TABLE treatment_relation ADD COLUMN confirmed_at BIGINT;
ALTER TABLE treatment_relation ADD COLUMN confirmed_by BLOB;
ALTER TABLE treatment_relation ADD COLUMN alerted_at BIGINT;
CREATE INDEX treatment_relation_unverified ON treatment_relation (verify_by, relation_id)
    WHERE verify_by IS NOT NULL AND confirmed_at IS NULL AND alerted_at IS NULL;

-- Attestations that nothing confirmed in time, numbered without a gap.
CREATE TABLE relation_alert (
    number           BIGINT NOT NULL PRIMARY KEY,
    patient_key      BLOB NOT NULL,
    relation_id      BLOB NOT NULL,
    organisation     TEXT NOT NULL,
    authorisation_id TEXT NOT NULL,
    attested_at      BIGINT NOT NULL,
    raised_at        BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX relation_alert_organisation ON relation_alert (organisation, number);

-- What messages said of a patient's stays at a hospital. The admissions among the treatment relations follow from them, in whatever order they come.
CREATE TABLE stay_event (
    patient_key     BLOB NOT NULL,
    event_id        BLOB NOT NULL,
    kind            TEXT NOT NULL,
    organisation    TEXT NOT NULL,
    source          TEXT NOT NULL,
    episode_of_care TEXT,
    said_at         BIGINT NOT NULL,
    happened_at     BIGINT NOT NULL,
    received_at     BIGINT NOT NULL,
    PRIMARY KEY (patient_key, event_id)
) WITHOUT ROWID;

-- The glass as it was broken: one row for each reason that was given.
CREATE TABLE break_glass (
    patient_key      BLOB NOT NULL,
    opening_id       BLOB NOT NULL,
    authorisation_id TEXT NOT NULL,
    role             TEXT NOT NULL,
    organisation     TEXT NOT NULL,
    ground           TEXT NOT NULL,
    sealed_reason    BLOB NOT NULL,
    reason_tag       BLOB NOT NULL,
    opened_at        BIGINT NOT NULL,
    expires_at       BIGINT NOT NULL,
    audit_entry_id   BLOB NOT NULL,
    PRIMARY KEY (patient_key, opening_id)
) WITHOUT ROWID;

-- What somebody must look at afterwards, numbered without a gap. The subject is an opening or a relation of the patient.
CREATE TABLE review_case (
    number           BIGINT NOT NULL PRIMARY KEY,
    kind             TEXT NOT NULL,
    state            TEXT NOT NULL,
    patient_key      BLOB NOT NULL,
    subject_id       BLOB NOT NULL,
    authorisation_id TEXT NOT NULL,
    role             TEXT NOT NULL,
    organisation     TEXT NOT NULL,
    opened_at        BIGINT NOT NULL,
    audit_entry_id   BLOB
) WITHOUT ROWID;
CREATE INDEX review_case_organisation ON review_case (organisation, number);
CREATE UNIQUE INDEX review_case_subject ON review_case (subject_id, kind);

-- What a citizen is told without asking. The subject is an opening or a relation of the patient.
CREATE TABLE notification (
    patient_key     BLOB NOT NULL,
    notification_id BLOB NOT NULL,
    kind            TEXT NOT NULL,
    subject_id      BLOB NOT NULL,
    role            TEXT NOT NULL,
    organisation    TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    audit_entry_id  BLOB,
    PRIMARY KEY (patient_key, notification_id)
) WITHOUT ROWID;

-- The last number given out of each series.
CREATE TABLE counter (
    name  TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
) WITHOUT ROWID;
INSERT INTO counter (name, value) VALUES ('relation_alert', 0), ('review_case', 0);

-- Every edition of the role policies, and from when each was in force, so that what could be seen at a time can be told afterwards.
CREATE TABLE policy_edition (
    version    TEXT NOT NULL PRIMARY KEY,
    sources    TEXT NOT NULL,
    created_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE TABLE policy_in_force (
    since   BIGINT NOT NULL,
    version TEXT NOT NULL,
    PRIMARY KEY (since, version)
) WITHOUT ROWID;
