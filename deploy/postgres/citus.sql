-- Spreads Delt over the nodes of a Citus cluster by patient. Run once on the coordinator, as the owner of the tables, after `delt migrate` and while no hub
-- serves: psql -v ON_ERROR_STOP=1 -f deploy/postgres/citus.sql delt
--
-- Read docs/decisions/0015-sharding.md first: two uniqueness rules cannot hold over shards, and some statements must change before the hub can run on this.
-- A test reads this file and holds every statement of the hub against it (tests/tests/statements/shards.rs). It has not run on a Citus cluster: Debian has none.

BEGIN;

-- What Citus cannot keep: uniqueness over all shards of columns without the patient key. Within one patient the primary key keeps the first.
DROP INDEX document_entry_uuid;
CREATE INDEX document_entry_uuid ON document_entry (entry_uuid);
DROP INDEX document_entry_unique_id;
CREATE INDEX document_entry_unique_id ON document_entry (source_id, unique_id);

-- What belongs to a patient: all of one patient on one shard.
SELECT create_distributed_table('patient', 'patient_key', shard_count => 128);
SELECT create_distributed_table('document_entry', 'patient_key', colocate_with => 'patient');
SELECT create_distributed_table('document_relation', 'patient_key', colocate_with => 'patient');
SELECT create_distributed_table('consent', 'patient_key', colocate_with => 'patient');
SELECT create_distributed_table('treatment_relation', 'patient_key', colocate_with => 'patient');
SELECT create_distributed_table('representation', 'patient_key', colocate_with => 'patient');
SELECT create_distributed_table('stay_event', 'patient_key', colocate_with => 'patient');
SELECT create_distributed_table('break_glass', 'patient_key', colocate_with => 'patient');
SELECT create_distributed_table('notification', 'patient_key', colocate_with => 'patient');
SELECT create_distributed_table('demographics', 'patient_key', colocate_with => 'patient');

-- What every decision may need beside it: small, read everywhere, written rarely. A copy on every node.
SELECT create_reference_table('patient_link');
SELECT create_reference_table('helper_delegation');
SELECT create_reference_table('quality_permission');
SELECT create_reference_table('access_revocation');

-- All other tables stay on the coordinator: the access log (`log_*`, `patient_chain`), which is one tree and partitioned by month; messages, which are
-- leased by receiver; cases (`review_*`, `relation_alert`), numbered without a gap; and what is small and written by one hub at a time.

COMMIT;
