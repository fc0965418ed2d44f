PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO alembic_version VALUES('0001');
CREATE TABLE pipeline_runs (
	id TEXT NOT NULL, 
	pipeline TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	attempt INTEGER NOT NULL, 
	commit_id TEXT NOT NULL, 
	status TEXT NOT NULL, 
	stopped_by TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	started_at DOUBLE NOT NULL, 
	ended_at DOUBLE, 
	"plan" TEXT NOT NULL, 
	event TEXT NOT NULL, 
	report TEXT NOT NULL, 
	source TEXT NOT NULL, 
	path TEXT NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT one_attempt UNIQUE (pipeline, number, attempt)
);
CREATE TABLE jobs (
	run TEXT NOT NULL, 
	job TEXT NOT NULL, 
	attempt INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	stage TEXT NOT NULL, 
	status TEXT NOT NULL, 
	started_at DOUBLE, 
	ended_at DOUBLE, 
	result TEXT NOT NULL, 
	PRIMARY KEY (run, job, attempt)
);
CREATE TABLE releases (
	id TEXT NOT NULL, 
	service TEXT NOT NULL, 
	environment TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	run TEXT NOT NULL, 
	started_at DOUBLE NOT NULL, 
	ended_at DOUBLE, 
	result TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO releases VALUES('release/web/production/1','web','production',1,'run/web/1',1795891600.790772438,1795891600.7980809211,'{"verdict": "live", "version": "1", "previous": "", "live": "1", "reason": "", "address": "", "steps": [], "seconds": 0, "strategy": "", "story": [], "proven": false, "policy": null, "baseline": null, "ticks": "", "attacked": ""}');
INSERT INTO releases VALUES('release/web/canary-examples/2','web','canary-examples',2,'run/web/1',1795891600.7990381717,1795891600.8087270259,'{"verdict": "live", "version": "2", "previous": "", "live": "2", "reason": "", "address": "", "steps": [], "seconds": 0, "strategy": "", "story": [], "proven": false, "policy": null, "baseline": null, "ticks": "", "attacked": ""}');
INSERT INTO releases VALUES('release/web/Blue_Green/3','web','Blue_Green',3,'run/web/1',1795891600.8090560435,1795891600.8092682361,'{"verdict": "live", "version": "3", "previous": "", "live": "3", "reason": "", "address": "", "steps": [], "seconds": 0, "strategy": "", "story": [], "proven": false, "policy": null, "baseline": null, "ticks": "", "attacked": ""}');
INSERT INTO releases VALUES('release/web/gone/4','web','gone',4,'run/web/1',1795891600.8093883991,1795891600.8106753825,'{"verdict": "failed", "version": "4", "previous": "", "live": "4", "reason": "", "address": "", "steps": [], "seconds": 0, "strategy": "", "story": [], "proven": false, "policy": null, "baseline": null, "ticks": "", "attacked": ""}');
CREATE TABLE caches (
	pipeline TEXT NOT NULL, 
	repo TEXT NOT NULL, 
	scope TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	size_bytes BIGINT NOT NULL, 
	made_at DOUBLE NOT NULL, 
	used_at DOUBLE NOT NULL, 
	PRIMARY KEY (pipeline, repo, scope, "key")
);
CREATE TABLE baselines (
	pipeline TEXT NOT NULL, 
	repo TEXT NOT NULL, 
	branch TEXT NOT NULL, 
	job TEXT NOT NULL, 
	run TEXT NOT NULL, 
	commit_id TEXT NOT NULL, 
	report TEXT NOT NULL, 
	signature TEXT NOT NULL, 
	made_at DOUBLE NOT NULL, 
	PRIMARY KEY (pipeline, repo, branch, job)
);
CREATE TABLE attestations (
	subject TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	PRIMARY KEY (subject, kind)
);
CREATE TABLE definitions (
	kind TEXT NOT NULL, 
	name TEXT NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (kind, name)
);
INSERT INTO definitions VALUES('Environment','production','{"api_version": "sluiceway/v1", "kind": "Environment", "name": "production", "description": "", "target": "local", "trust": "signed", "approval": {"users": [], "groups": ["release-managers"], "quorum": 2, "per_group": {}, "max_expires": 0.0, "allow": {"author": false, "committer": false, "starter": false}}, "images": {"built_here": false, "gate_passed": false, "scanned_within": 0.0}, "watch": {"severity": "critical", "unknown_as": "high", "then": ["notify"]}}');
INSERT INTO definitions VALUES('Environment','stage','{"api_version": "sluiceway/v1", "kind": "Environment", "name": "stage", "description": "", "target": "local", "trust": "signed", "approval": {"users": [], "groups": ["release-managers"], "quorum": 1, "per_group": {}, "max_expires": 0.0, "allow": {"author": true, "committer": true, "starter": true}}, "images": {"built_here": false, "gate_passed": false, "scanned_within": 0.0}, "watch": {"severity": "critical", "unknown_as": "high", "then": ["notify"]}}');
INSERT INTO definitions VALUES('Environment','vault','{"api_version": "sluiceway/v1", "kind": "Environment", "name": "vault", "description": "", "target": "local", "trust": "signed", "approval": {"users": [], "groups": ["release-managers"], "quorum": 0, "per_group": {}, "max_expires": 0.0, "allow": {"author": false, "committer": false, "starter": true}}, "images": {"built_here": false, "gate_passed": false, "scanned_within": 0.0}, "watch": {"severity": "critical", "unknown_as": "high", "then": ["notify"]}}');
INSERT INTO definitions VALUES('Environment','old-lab-','{"api_version": "sluiceway/v1", "kind": "Environment", "name": "old-lab-", "description": "", "target": "local", "trust": "signed", "approval": {"users": [], "groups": ["release-managers"], "quorum": 1, "per_group": {}, "max_expires": 0.0, "allow": {"author": true, "committer": true, "starter": true}}, "images": {"built_here": false, "gate_passed": false, "scanned_within": 0.0}, "watch": {"severity": "critical", "unknown_as": "high", "then": ["notify"]}}');
CREATE TABLE identities (
	name TEXT NOT NULL, 
	public_key TEXT NOT NULL, 
	groups TEXT NOT NULL, 
	roles TEXT NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO identities VALUES('lead','XXY2/c0qUe4NeeDOGk+HCOJGGiBjZJcjrLiUvJN8EpM=','["release-managers"]','[]');
CREATE INDEX pipeline_runs_by_start ON pipeline_runs (started_at);
CREATE VIEW runs as select * from "These records were migrated by a newer sluiceway: use that one, or restore the copy that lies beside them";
COMMIT;
