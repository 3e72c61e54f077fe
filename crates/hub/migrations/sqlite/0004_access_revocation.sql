-- Access that was taken back before it ends by itself: lifted, never deleted. Looked up with the facts of every operation.
-- A subject is a keyed hash of what is revoked: a token, a person's number, a professional's authorisation, an issuer's account, or a system.
CREATE TABLE access_revocation (
    subject        BLOB NOT NULL,
    revocation_id  BLOB NOT NULL,
    kind           TEXT NOT NULL,
    sealed_subject BLOB,
    issued_before  BIGINT,
    valid_until    BIGINT,
    reason         TEXT NOT NULL,
    created_at     BIGINT NOT NULL,
    created_by     TEXT NOT NULL,
    ended_at       BIGINT,
    ended_by       TEXT,
    PRIMARY KEY (subject, revocation_id)
) WITHOUT ROWID;
CREATE INDEX access_revocation_id ON access_revocation (revocation_id);
CREATE INDEX access_revocation_listed ON access_revocation (created_at, revocation_id);
