CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
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
	path TEXT NOT NULL, branch TEXT DEFAULT '' NOT NULL, event_kind TEXT DEFAULT '' NOT NULL, author TEXT DEFAULT '' NOT NULL, actor TEXT DEFAULT '' NOT NULL, message TEXT DEFAULT '' NOT NULL, owner TEXT DEFAULT '' NOT NULL, integrity INTEGER DEFAULT '1' NOT NULL, 
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
	result TEXT NOT NULL, version TEXT DEFAULT '' NOT NULL, strategy TEXT DEFAULT '' NOT NULL, verdict TEXT DEFAULT '' NOT NULL, reason TEXT DEFAULT '' NOT NULL, cluster TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (id)
);
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
CREATE TABLE identities (
	name TEXT NOT NULL, 
	public_key TEXT NOT NULL, 
	groups TEXT NOT NULL, 
	roles TEXT NOT NULL, 
	PRIMARY KEY (name)
);
CREATE VIEW runs as select * from "These records were migrated by a newer sluiceway: use that one, or restore the copy that lies beside them";
CREATE TABLE branch_scans (
	pipeline TEXT NOT NULL, 
	repo TEXT NOT NULL, 
	branch TEXT NOT NULL, 
	job TEXT NOT NULL, 
	run TEXT NOT NULL, 
	commit_id TEXT NOT NULL, 
	report TEXT NOT NULL, 
	complete INTEGER NOT NULL, 
	counts TEXT NOT NULL, 
	opened INTEGER NOT NULL, 
	fixed INTEGER NOT NULL, 
	signature TEXT NOT NULL, 
	made_at DOUBLE NOT NULL, 
	PRIMARY KEY (pipeline, repo, branch, job, run)
);
CREATE TABLE signed_baselines (
	pipeline TEXT NOT NULL, 
	repo TEXT NOT NULL, 
	branch TEXT NOT NULL, 
	job TEXT NOT NULL, 
	made_at BIGINT NOT NULL, 
	person TEXT NOT NULL, 
	commit_id TEXT NOT NULL, 
	report TEXT NOT NULL, 
	findings INTEGER NOT NULL, 
	reason TEXT NOT NULL, 
	signature TEXT NOT NULL, 
	PRIMARY KEY (pipeline, repo, branch, job, made_at, person)
);
CREATE TABLE changes (
	seq INTEGER NOT NULL, 
	topic TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	at DOUBLE NOT NULL, 
	PRIMARY KEY (seq)
);
CREATE TABLE rates (
	"key" TEXT NOT NULL, 
	used_until DOUBLE NOT NULL, 
	PRIMARY KEY ("key")
);
CREATE INDEX rates_by_use ON rates (used_until);
CREATE TABLE answers (
	"key" TEXT NOT NULL, 
	request TEXT NOT NULL, 
	at DOUBLE NOT NULL, 
	holder TEXT NOT NULL, 
	status INTEGER NOT NULL, 
	media_type TEXT NOT NULL, 
	body BLOB NOT NULL, 
	PRIMARY KEY ("key")
);
CREATE INDEX answers_by_age ON answers (at);
CREATE TABLE audit_entries (
	seq BIGINT NOT NULL, 
	at_ms BIGINT NOT NULL, 
	kind TEXT NOT NULL, 
	outcome TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	on_behalf_of TEXT NOT NULL, 
	action TEXT NOT NULL, 
	resource TEXT NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (seq)
);
CREATE INDEX audit_entries_actor ON audit_entries (actor, seq);
CREATE INDEX audit_entries_on_behalf_of ON audit_entries (on_behalf_of, seq);
CREATE INDEX audit_entries_resource ON audit_entries (resource, seq);
CREATE INDEX audit_entries_action ON audit_entries (action, seq);
CREATE INDEX audit_entries_kind ON audit_entries (kind, seq);
CREATE INDEX audit_entries_outcome ON audit_entries (outcome, seq);
CREATE INDEX audit_entries_at ON audit_entries (at_ms, seq);
CREATE TABLE audit_nodes (
	level INTEGER NOT NULL, 
	position BIGINT NOT NULL, 
	hash BLOB NOT NULL, 
	PRIMARY KEY (level, position)
);
CREATE TABLE audit_checkpoints (
	size BIGINT NOT NULL, 
	root TEXT NOT NULL, 
	note TEXT NOT NULL, 
	at DOUBLE NOT NULL, 
	PRIMARY KEY (size)
);
CREATE TABLE people (
	name TEXT NOT NULL, 
	provider_groups TEXT NOT NULL, 
	attributes TEXT NOT NULL, 
	disabled INTEGER NOT NULL, 
	issuer TEXT, 
	subject TEXT, 
	created_at DOUBLE NOT NULL, 
	PRIMARY KEY (name), 
	CONSTRAINT one_person UNIQUE (issuer, subject)
);
CREATE TABLE credentials (
	id TEXT NOT NULL, 
	person TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	value TEXT NOT NULL, 
	label TEXT NOT NULL, 
	handle TEXT, 
	rp TEXT NOT NULL, 
	origin TEXT NOT NULL, 
	uses BIGINT NOT NULL, 
	created_at DOUBLE NOT NULL, 
	last_used_at DOUBLE NOT NULL, 
	"by" TEXT NOT NULL, 
	confirmed INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (handle)
);
CREATE INDEX ix_credentials_person ON credentials (person);
CREATE TABLE sessions (
	hash TEXT NOT NULL, 
	id TEXT NOT NULL, 
	person TEXT NOT NULL, 
	way TEXT NOT NULL, 
	browser INTEGER NOT NULL, 
	began_at DOUBLE NOT NULL, 
	seen_at DOUBLE NOT NULL, 
	authenticated_at DOUBLE NOT NULL, 
	second_factor_at DOUBLE NOT NULL, 
	address TEXT NOT NULL, 
	agent TEXT NOT NULL, 
	provider TEXT NOT NULL, 
	provider_session TEXT NOT NULL, 
	provider_subject TEXT NOT NULL, 
	PRIMARY KEY (hash), 
	UNIQUE (id)
);
CREATE INDEX ix_sessions_person ON sessions (person);
CREATE TABLE login_states (
	hash TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	browser TEXT NOT NULL, 
	body TEXT NOT NULL, 
	expires_at DOUBLE NOT NULL, 
	PRIMARY KEY (hash)
);
CREATE INDEX ix_login_states_expires_at ON login_states (expires_at);
CREATE TABLE login_links (
	hash TEXT NOT NULL, 
	person TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	"by" TEXT NOT NULL, 
	created_at DOUBLE NOT NULL, 
	expires_at DOUBLE NOT NULL, 
	used_at DOUBLE, 
	PRIMARY KEY (hash)
);
CREATE TABLE login_devices (
	hash TEXT NOT NULL, 
	code TEXT NOT NULL, 
	host TEXT NOT NULL, 
	address TEXT NOT NULL, 
	agent TEXT NOT NULL, 
	created_at DOUBLE NOT NULL, 
	expires_at DOUBLE NOT NULL, 
	polled_at DOUBLE NOT NULL, 
	person TEXT NOT NULL, 
	PRIMARY KEY (hash), 
	UNIQUE (code)
);
CREATE INDEX ix_login_devices_expires_at ON login_devices (expires_at);
CREATE TABLE tokens (
	id TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	label TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	workload TEXT NOT NULL, 
	actions TEXT NOT NULL, 
	resources TEXT NOT NULL, 
	created_at DOUBLE NOT NULL, 
	expires_at DOUBLE NOT NULL, 
	last_used_at DOUBLE NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (hash)
);
CREATE INDEX ix_tokens_owner ON tokens (owner);
CREATE TABLE grants (
	id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	principal TEXT NOT NULL, 
	role TEXT NOT NULL, 
	resource TEXT NOT NULL, 
	given_by TEXT NOT NULL, 
	at DOUBLE NOT NULL, 
	until DOUBLE NOT NULL, 
	revoked_at DOUBLE NOT NULL, 
	revoked_by TEXT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE INDEX grants_of_resource ON grants (resource, principal);
CREATE INDEX grants_of_principal ON grants (principal, resource);
CREATE INDEX grants_by_giver ON grants (given_by, kind);
CREATE TABLE project_members (
	subject TEXT NOT NULL, 
	project TEXT NOT NULL, 
	PRIMARY KEY (subject)
);
CREATE INDEX ix_project_members_project ON project_members (project);
CREATE TABLE labels (
	subject TEXT NOT NULL, 
	level INTEGER NOT NULL, 
	integrity INTEGER NOT NULL, 
	set_by TEXT NOT NULL, 
	confirmed_by TEXT NOT NULL, 
	at DOUBLE NOT NULL, 
	PRIMARY KEY (subject)
);
CREATE TABLE label_compartments (
	subject TEXT NOT NULL, 
	compartment TEXT NOT NULL, 
	PRIMARY KEY (subject, compartment)
);
CREATE TABLE label_proposals (
	subject TEXT NOT NULL, 
	body TEXT NOT NULL, 
	proposed_by TEXT NOT NULL, 
	at DOUBLE NOT NULL, 
	PRIMARY KEY (subject)
);
CREATE TABLE policy_sets (
	name TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	text TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	PRIMARY KEY (name, version)
);
CREATE UNIQUE INDEX policy_sets_active ON policy_sets (name) WHERE state = 'active';
CREATE TABLE policy_steps (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	person TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	note TEXT NOT NULL, 
	at DOUBLE NOT NULL, 
	PRIMARY KEY (id)
);
CREATE INDEX policy_steps_of ON policy_steps (name, version);
CREATE TABLE recorded_decisions (
	seq INTEGER NOT NULL, 
	at DOUBLE NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (seq)
);
CREATE TABLE approvals (
	id TEXT NOT NULL, 
	run TEXT NOT NULL, 
	job TEXT NOT NULL, 
	pipeline TEXT NOT NULL, 
	environment TEXT NOT NULL, 
	commit_id TEXT NOT NULL, 
	opened_at DOUBLE NOT NULL, 
	expires_at DOUBLE NOT NULL, 
	closed_at DOUBLE, 
	outcome TEXT NOT NULL, 
	opening TEXT NOT NULL, 
	people TEXT NOT NULL, cluster TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (id)
);
CREATE INDEX approvals_open ON approvals (closed_at, opened_at, id);
CREATE INDEX approvals_of_run ON approvals (run);
CREATE TABLE pipelines (
	name TEXT NOT NULL, 
	repository TEXT NOT NULL, 
	path TEXT NOT NULL, 
	last_run TEXT NOT NULL, 
	last_at DOUBLE NOT NULL, 
	runs INTEGER NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TABLE live_versions (
	environment TEXT NOT NULL, 
	service TEXT NOT NULL, 
	version TEXT NOT NULL, 
	release TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	since DOUBLE NOT NULL, 
	PRIMARY KEY (environment, service)
);
CREATE INDEX pipeline_runs_by_start ON pipeline_runs (started_at, id);
CREATE INDEX pipeline_runs_by_commit ON pipeline_runs (commit_id);
CREATE INDEX pipeline_runs_by_pipeline ON pipeline_runs (pipeline, started_at, id);
CREATE INDEX pipeline_runs_by_status ON pipeline_runs (status, started_at, id);
CREATE INDEX pipeline_runs_by_branch ON pipeline_runs (branch, started_at, id);
CREATE INDEX releases_by_start ON releases (started_at, id);
CREATE INDEX releases_by_end ON releases (ended_at, environment);
CREATE INDEX releases_by_service ON releases (service, started_at, id);
CREATE INDEX releases_by_environment ON releases (environment, started_at, id);
CREATE INDEX releases_by_run ON releases (run, started_at, id);
CREATE INDEX live_versions_by_service ON live_versions (service, environment);
CREATE INDEX live_versions_by_time ON live_versions (environment, since);
CREATE TABLE exec_sessions (
	id TEXT NOT NULL, 
	ticket TEXT NOT NULL, 
	person TEXT NOT NULL, 
	principal TEXT NOT NULL, 
	login TEXT NOT NULL, 
	address TEXT NOT NULL, 
	cluster TEXT NOT NULL, 
	namespace TEXT NOT NULL, 
	pod TEXT NOT NULL, 
	container TEXT NOT NULL, 
	command TEXT NOT NULL, 
	tty INTEGER NOT NULL, 
	reason TEXT NOT NULL, 
	asked_at DOUBLE NOT NULL, 
	begun_at DOUBLE, 
	seen_at DOUBLE, 
	ended_at DOUBLE, 
	end_by TEXT NOT NULL, 
	end_reason TEXT NOT NULL, 
	why TEXT NOT NULL, 
	recording TEXT NOT NULL, 
	exit_code INTEGER, 
	bytes_in BIGINT NOT NULL, 
	bytes_out BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE INDEX exec_sessions_by_ticket ON exec_sessions (ticket);
CREATE INDEX exec_sessions_open ON exec_sessions (ended_at, seen_at);
CREATE INDEX exec_sessions_by_start ON exec_sessions (begun_at, id);
CREATE TABLE shared_ticks (
	release TEXT NOT NULL, 
	place INTEGER NOT NULL, 
	line TEXT NOT NULL, 
	PRIMARY KEY (release, place)
);
CREATE TABLE inventory_objects (
	cluster TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	namespace TEXT NOT NULL, 
	name TEXT NOT NULL, 
	uid TEXT NOT NULL, 
	health BIGINT NOT NULL, 
	status TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	since DOUBLE NOT NULL, 
	created_at DOUBLE NOT NULL, 
	node TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	service TEXT NOT NULL, 
	environment TEXT NOT NULL, 
	version TEXT NOT NULL, 
	wanted BIGINT NOT NULL, 
	ready BIGINT NOT NULL, 
	cpu_m BIGINT NOT NULL, 
	memory_mb BIGINT NOT NULL, 
	details TEXT NOT NULL, 
	PRIMARY KEY (cluster, kind, namespace, name)
);
CREATE INDEX inventory_objects_by_name ON inventory_objects (kind, name, cluster, namespace);
CREATE INDEX inventory_objects_by_place ON inventory_objects (kind, cluster, namespace, name, health, status, environment);
CREATE INDEX inventory_objects_not_healthy ON inventory_objects (kind, health, cluster, since, service, namespace, name) WHERE health > 0;
CREATE INDEX inventory_objects_by_service ON inventory_objects (service, kind, cluster, health, version, environment) WHERE service <> '';
CREATE INDEX inventory_objects_by_node ON inventory_objects (cluster, node) WHERE node <> '';
CREATE TABLE inventory_counts (
	cluster TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	namespace TEXT NOT NULL, 
	status TEXT NOT NULL, 
	health BIGINT NOT NULL, 
	number BIGINT NOT NULL, 
	cpu_m BIGINT NOT NULL, 
	memory_mb BIGINT NOT NULL, 
	PRIMARY KEY (cluster, kind, namespace, status, health)
);
CREATE TABLE inventory_totals (
	cluster TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	status TEXT NOT NULL, 
	health BIGINT NOT NULL, 
	number BIGINT NOT NULL, 
	cpu_m BIGINT NOT NULL, 
	memory_mb BIGINT NOT NULL, 
	PRIMARY KEY (cluster, kind, status, health)
);
CREATE TABLE inventory_services (
	cluster TEXT NOT NULL, 
	service TEXT NOT NULL, 
	environment TEXT NOT NULL, 
	placements BIGINT NOT NULL, 
	bad BIGINT NOT NULL, 
	worst BIGINT NOT NULL, 
	versions BIGINT NOT NULL, 
	PRIMARY KEY (cluster, service, environment)
);
CREATE INDEX inventory_services_by_name ON inventory_services (service, cluster, worst, bad);
CREATE INDEX inventory_services_not_healthy ON inventory_services (worst, service, cluster, bad) WHERE worst > 0;
CREATE TABLE inventory_names (
	service TEXT NOT NULL, 
	places BIGINT NOT NULL, 
	PRIMARY KEY (service)
);
CREATE TABLE inventory_versions (
	cluster TEXT NOT NULL, 
	environment TEXT NOT NULL, 
	version TEXT NOT NULL, 
	number BIGINT NOT NULL, 
	PRIMARY KEY (cluster, environment, version)
);
CREATE TABLE inventory_environments (
	cluster TEXT NOT NULL, 
	environment TEXT NOT NULL, 
	services BIGINT NOT NULL, 
	bad BIGINT NOT NULL, 
	mixed BIGINT NOT NULL, 
	versions BIGINT NOT NULL, 
	PRIMARY KEY (cluster, environment)
);
CREATE TABLE inventory_clusters (
	name TEXT NOT NULL, 
	provider TEXT NOT NULL, 
	status TEXT NOT NULL, 
	waits_for TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	since DOUBLE NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TABLE inventory_watches (
	cluster TEXT NOT NULL, 
	heard_at DOUBLE NOT NULL, 
	synced_at DOUBLE NOT NULL, 
	trouble TEXT NOT NULL, 
	trouble_since DOUBLE NOT NULL, 
	dialled_at DOUBLE NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (cluster)
);
CREATE TABLE inventory_events (
	cluster TEXT NOT NULL, 
	uid TEXT NOT NULL, 
	namespace TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	name TEXT NOT NULL, 
	about TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	message TEXT NOT NULL, 
	count BIGINT NOT NULL, 
	first_at DOUBLE NOT NULL, 
	last_at DOUBLE NOT NULL, 
	ended_at DOUBLE NOT NULL, 
	ended_because TEXT NOT NULL, 
	PRIMARY KEY (cluster, uid)
);
CREATE INDEX inventory_events_of_cluster ON inventory_events (cluster, last_at, uid);
CREATE INDEX inventory_events_by_time ON inventory_events (last_at, cluster, uid);
CREATE INDEX inventory_events_going ON inventory_events (last_at, cluster, uid) WHERE ended_at = 0;
CREATE INDEX inventory_events_of ON inventory_events (cluster, namespace, kind, name);
CREATE INDEX inventory_events_about ON inventory_events (cluster, about);
CREATE TABLE cluster_requests (
	id TEXT NOT NULL, 
	cluster TEXT NOT NULL, 
	number BIGINT NOT NULL, 
	namespace TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	status TEXT NOT NULL, 
	requester TEXT NOT NULL, 
	environment TEXT NOT NULL, 
	why TEXT NOT NULL, 
	request_key TEXT NOT NULL, 
	asked_at DOUBLE NOT NULL, 
	changed_at DOUBLE NOT NULL, 
	until DOUBLE NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (cluster, number)
);
CREATE INDEX cluster_requests_newest ON cluster_requests (asked_at, id);
CREATE INDEX cluster_requests_of ON cluster_requests (cluster, namespace, asked_at);
CREATE INDEX cluster_requests_by_key ON cluster_requests (request_key);
CREATE INDEX changes_by_key ON changes (topic, "key");
INSERT INTO alembic_version VALUES('0005');
