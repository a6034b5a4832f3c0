-- A journal of schema version 10, as `sqlite3 journal.db .dump` prints it. Never to be changed: what was written
-- once must be readable forever.
PRAGMA user_version = 10;
BEGIN TRANSACTION;
CREATE TABLE conditions (
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  since INTEGER NOT NULL,
  confirmed INTEGER NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (kind, subject)
) WITHOUT ROWID;
CREATE TABLE deleted_backups (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  entry TEXT NOT NULL UNIQUE,
  backup TEXT NOT NULL,
  vm TEXT NOT NULL,
  vm_name TEXT NOT NULL,
  cluster_uuid TEXT NOT NULL,
  installation TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  why TEXT NOT NULL
, manifest TEXT NOT NULL DEFAULT '');
INSERT INTO "deleted_backups" VALUES(1,'deleted-097b1ed140cc6801','before the update','64c70b0b-0c5b-4a8f-9675-87272751ecaf','A','910a2dec-8902-4cc1-beeb-8da1658eec67','d01028489d35d410cc458d364934a265',2129920,1796067609053,'a person deleted it','before the update
0a1b2c3d
6
2026-11-30T20:00:00Z');
CREATE TABLE facts (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO "facts" VALUES('boot_of_disk','1c2d3e4f-5a6b-4c7d-8e9f-0a1b2c3d4e5f');
INSERT INTO "facts" VALUES('cluster_identity','uuid 910a2dec-8902-4cc1-beeb-8da1658eec67
name hc3-sim
host 192.0.2.10
');
INSERT INTO "facts" VALUES('installation','d01028489d35d410cc458d364934a265');
INSERT INTO "facts" VALUES('last_time','2026-11-30T19:40:09+00:00
boot 11799520 1c2d3e4f-5a6b-4c7d-8e9f-0a1b2c3d4e5f
trial -229 33021
');
INSERT INTO "facts" VALUES('paused','yes');
INSERT INTO "facts" VALUES('recollect','done');
INSERT INTO "facts" VALUES('schedule_place','0 03d39e1f104cb607bf0a5e76d50a11e2 /mnt/backups');
INSERT INTO "facts" VALUES('storage_mark','03d39e1f104cb607bf0a5e76d50a11e2');
INSERT INTO "facts" VALUES('unnamed_exports','');
CREATE TABLE jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  vm TEXT NOT NULL,
  vm_name TEXT NOT NULL,
  backup TEXT NOT NULL,
  definition_file TEXT NOT NULL,
  scheduled INTEGER NOT NULL,
  phase TEXT NOT NULL,
  outcome TEXT NOT NULL,
  cancel_requested INTEGER NOT NULL,
  error_code TEXT NOT NULL,
  error_context TEXT NOT NULL,
  disks TEXT NOT NULL,
  expected_bytes INTEGER NOT NULL,
  tag_before TEXT NOT NULL,
  tag TEXT NOT NULL,
  percent INTEGER NOT NULL,
  queued INTEGER NOT NULL,
  started INTEGER,
  posted INTEGER,
  finished INTEGER,
  pre_hook INTEGER NOT NULL DEFAULT 0,
  post_hook INTEGER NOT NULL DEFAULT 0,
  warnings TEXT NOT NULL DEFAULT '[]'
, level TEXT NOT NULL DEFAULT '', forced INTEGER NOT NULL DEFAULT 0, attempt TEXT NOT NULL DEFAULT '', export_end TEXT NOT NULL DEFAULT '', revision INTEGER NOT NULL DEFAULT 0, delayed_hook INTEGER NOT NULL DEFAULT 0, cluster_uuid TEXT NOT NULL DEFAULT '', cluster_name TEXT NOT NULL DEFAULT '', cluster_host TEXT NOT NULL DEFAULT '');
INSERT INTO "jobs" VALUES(1,'backup','64c70b0b-0c5b-4a8f-9675-87272751ecaf','A','2026-11-30_19-40-06 A','2026-11-30_19-40-06 A.xml',1,'finished','succeeded',0,'','','[{"uuid":"9b679c85-9acd-4aaf-a7cd-5f9ec8c694cc","type":"VIRTIO_DISK","capacity_bytes":4194304,"allocation_bytes":1261568}]',1261568,'','4711',100,1796067606293,1796067606296,1796067606314,1796067606916,0,0,'[]','',0,'70c5ccea','seen',17,0,'910a2dec-8902-4cc1-beeb-8da1658eec67','hc3-sim','192.0.2.10');
INSERT INTO "jobs" VALUES(2,'backup','f55540b2-bff0-4252-a028-52925a4dc852','B','2026-11-30_19-40-06 B','2026-11-30_19-40-06 B.xml',1,'finished','succeeded',0,'','','[{"uuid":"86c5d1b0-5ce2-4e14-9180-b23a1075b77f","type":"VIRTIO_DISK","capacity_bytes":4194304,"allocation_bytes":1261568}]',1261568,'','4712',100,1796067606296,1796067606304,1796067606328,1796067606968,0,0,'[]','',0,'3f1e2796','seen',19,0,'910a2dec-8902-4cc1-beeb-8da1658eec67','hc3-sim','192.0.2.10');
INSERT INTO "jobs" VALUES(3,'backup','64c70b0b-0c5b-4a8f-9675-87272751ecaf','A','before the update','before the update.xml',0,'finished','succeeded',0,'','','[{"uuid":"9b679c85-9acd-4aaf-a7cd-5f9ec8c694cc","type":"VIRTIO_DISK","capacity_bytes":4194304,"allocation_bytes":1261568}]',1261568,'','4713',100,1796067607151,1796067607153,1796067607176,1796067607808,0,0,'[]','',0,'29d4092c','seen',30,0,'910a2dec-8902-4cc1-beeb-8da1658eec67','hc3-sim','192.0.2.10');
INSERT INTO "jobs" VALUES(4,'restore','c09a1a81-7914-4fbc-88b8-94e1401ed25b','A-restored','before the update','before the update.xml',0,'finished','succeeded',0,'','','[{"uuid":"9b679c85-9acd-4aaf-a7cd-5f9ec8c694cc","type":"VIRTIO_DISK","capacity_bytes":4194304,"allocation_bytes":1261568}]',1261568,'4713','4714',100,1796067607822,1796067607824,1796067607827,1796067608345,0,0,'[]','',0,'','seen',36,0,'910a2dec-8902-4cc1-beeb-8da1658eec67','hc3-sim','192.0.2.10');
INSERT INTO "jobs" VALUES(5,'backup','f55540b2-bff0-4252-a028-52925a4dc852','B','friday','friday.xml',0,'finished','succeeded',0,'','','[{"uuid":"86c5d1b0-5ce2-4e14-9180-b23a1075b77f","type":"VIRTIO_DISK","capacity_bytes":4194304,"allocation_bytes":1261568}]',1261568,'4714','4715',100,1796067608353,1796067608356,1796067608376,1796067608964,0,0,'[]','',0,'92c470c8','seen',53,0,'910a2dec-8902-4cc1-beeb-8da1658eec67','hc3-sim','192.0.2.10');
INSERT INTO "jobs" VALUES(6,'backup','c09a1a81-7914-4fbc-88b8-94e1401ed25b','A-restored','2026-11-30_19-40-08 A-restored','2026-11-30_19-40-08 A-restored.xml',1,'finished','succeeded',0,'','','[{"uuid":"b86c9a98-359e-4b62-87a9-dc6739325fac","type":"VIRTIO_DISK","capacity_bytes":4194304,"allocation_bytes":1310720}]',1310720,'4714','4716',100,1796067608357,1796067608357,1796067608376,1796067608976,0,0,'[]','',0,'e804eb30','seen',54,0,'910a2dec-8902-4cc1-beeb-8da1658eec67','hc3-sim','192.0.2.10');
CREATE TABLE owed_hooks (
  job INTEGER PRIMARY KEY,
  vm_name TEXT NOT NULL,
  backup TEXT NOT NULL,
  since INTEGER NOT NULL
);
CREATE TABLE runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  run_trigger TEXT NOT NULL,
  phase TEXT NOT NULL,
  started INTEGER NOT NULL,
  finished INTEGER,
  jobs TEXT NOT NULL,
  delayed_hooks TEXT NOT NULL,
  succeeded INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  deleted TEXT NOT NULL,
  behind TEXT NOT NULL,
  problems TEXT NOT NULL
, revision INTEGER NOT NULL DEFAULT 0, not_reached TEXT NOT NULL DEFAULT '[]');
INSERT INTO "runs" VALUES(1,'window','finished',1796067606280,1796067606984,'[1,2]','[]',2,0,'[]','[]','[]',23,'[]');
INSERT INTO "runs" VALUES(2,'window','finished',1796067608351,1796067609033,'[6]','[]',1,0,'[]','[]','[]',58,'[]');
CREATE TABLE transitions (
  job INTEGER NOT NULL REFERENCES jobs(id) ON DELETE CASCADE,
  at INTEGER NOT NULL,
  from_phase TEXT NOT NULL,
  to_phase TEXT NOT NULL,
  note TEXT NOT NULL
);
INSERT INTO "transitions" VALUES(1,1796067606293,'','queued','');
INSERT INTO "transitions" VALUES(1,1796067606296,'queued','preparing','');
INSERT INTO "transitions" VALUES(2,1796067606300,'','queued','');
INSERT INTO "transitions" VALUES(2,1796067606304,'queued','preparing','');
INSERT INTO "transitions" VALUES(1,1796067606314,'preparing','posting','');
INSERT INTO "transitions" VALUES(1,1796067606322,'posting','following','');
INSERT INTO "transitions" VALUES(2,1796067606337,'preparing','posting','');
INSERT INTO "transitions" VALUES(2,1796067606356,'posting','following','');
INSERT INTO "transitions" VALUES(1,1796067606838,'following','inspecting','');
INSERT INTO "transitions" VALUES(2,1796067606860,'following','inspecting','');
INSERT INTO "transitions" VALUES(1,1796067606891,'inspecting','committing','');
INSERT INTO "transitions" VALUES(1,1796067606916,'committing','finished','');
INSERT INTO "transitions" VALUES(2,1796067606929,'inspecting','committing','');
INSERT INTO "transitions" VALUES(2,1796067606968,'committing','finished','');
INSERT INTO "transitions" VALUES(3,1796067607152,'','queued','');
INSERT INTO "transitions" VALUES(3,1796067607153,'queued','preparing','');
INSERT INTO "transitions" VALUES(3,1796067607176,'preparing','posting','');
INSERT INTO "transitions" VALUES(3,1796067607192,'posting','following','');
INSERT INTO "transitions" VALUES(3,1796067607694,'following','inspecting','');
INSERT INTO "transitions" VALUES(3,1796067607765,'inspecting','committing','');
INSERT INTO "transitions" VALUES(3,1796067607808,'committing','finished','');
INSERT INTO "transitions" VALUES(4,1796067607822,'','queued','');
INSERT INTO "transitions" VALUES(4,1796067607824,'queued','preparing','');
INSERT INTO "transitions" VALUES(4,1796067607828,'preparing','posting','');
INSERT INTO "transitions" VALUES(4,1796067607832,'posting','following','');
INSERT INTO "transitions" VALUES(4,1796067608341,'following','inspecting','');
INSERT INTO "transitions" VALUES(4,1796067608346,'inspecting','finished','');
INSERT INTO "transitions" VALUES(5,1796067608353,'','queued','');
INSERT INTO "transitions" VALUES(5,1796067608356,'queued','preparing','');
INSERT INTO "transitions" VALUES(6,1796067608357,'','queued','');
INSERT INTO "transitions" VALUES(6,1796067608358,'queued','preparing','');
INSERT INTO "transitions" VALUES(5,1796067608376,'preparing','posting','');
INSERT INTO "transitions" VALUES(6,1796067608377,'preparing','posting','');
INSERT INTO "transitions" VALUES(5,1796067608392,'posting','following','');
INSERT INTO "transitions" VALUES(6,1796067608394,'posting','following','');
INSERT INTO "transitions" VALUES(5,1796067608897,'following','inspecting','');
INSERT INTO "transitions" VALUES(6,1796067608916,'following','inspecting','');
INSERT INTO "transitions" VALUES(5,1796067608928,'inspecting','committing','');
INSERT INTO "transitions" VALUES(6,1796067608956,'inspecting','committing','');
INSERT INTO "transitions" VALUES(5,1796067608964,'committing','finished','');
INSERT INTO "transitions" VALUES(6,1796067608976,'committing','finished','');
CREATE TABLE vm_links (
  earlier TEXT PRIMARY KEY,
  later TEXT NOT NULL,
  cluster_uuid TEXT NOT NULL,
  since INTEGER NOT NULL
, earlier_name TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
INSERT INTO "vm_links" VALUES('0d7d4b1e-43a5-4e0e-8f0a-0a4bb8a2b111','64c70b0b-0c5b-4a8f-9675-87272751ecaf','910a2dec-8902-4cc1-beeb-8da1658eec67',1796067700000,'A');
CREATE INDEX jobs_by_phase ON jobs(phase);
CREATE INDEX transitions_by_job ON transitions(job);
CREATE INDEX runs_by_phase ON runs(phase);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('runs',2);
INSERT INTO "sqlite_sequence" VALUES('jobs',6);
INSERT INTO "sqlite_sequence" VALUES('deleted_backups',1);
COMMIT;
