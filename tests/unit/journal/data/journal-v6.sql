-- A journal of schema version 6, as `sqlite3 journal.db .dump` prints it. Never to be changed: what was written
-- once must be readable forever.
PRAGMA user_version = 6;
BEGIN TRANSACTION;
CREATE TABLE conditions (
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  since INTEGER NOT NULL,
  confirmed INTEGER NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (kind, subject)
) WITHOUT ROWID;
INSERT INTO "conditions" VALUES('storage_unusable','',1763874050000,1763874090000,'it lacks the mark');
CREATE TABLE facts (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO "facts" VALUES('installation','0123456789abcdef');
INSERT INTO "facts" VALUES('last_time','2026-11-23T05:00:00Z');
INSERT INTO "facts" VALUES('paused','yes');
INSERT INTO "facts" VALUES('recollect','done');
INSERT INTO "facts" VALUES('storage_mark','0123456789abcdef0123456789abcdef');
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
INSERT INTO "jobs" VALUES(7,'backup','6b1f4f1e-9d4b-4c1e-8d52-0d6c2a8f1a10','FILE01','2026-11-22_17-00-00 FILE01','2026-11-22_17-00-00 FILE01.xml',1,'finished','succeeded',0,'','','[{"uuid":"0a2b7c52-5a0e-4b38-9c1c-8d4b2f6f7e21","type":"VIRTIO_DISK","capacity_bytes":10737418240,"allocation_bytes":1073741824}]',1073741824,'4700','4711',100,1763827200000,1763827200500,1763827201000,1763827800000,0,0,'[]','',0,'','',0,0,'','','');
INSERT INTO "jobs" VALUES(8,'restore','5a1f4f1e-9d4b-4c1e-8d52-0d6c2a8f1a11','O''Brien "Größe"','friday','friday.xml',0,'finished','failed',0,'task_failed','task 4720 ended in ERROR: Disk read error','[]',0,'4711','4720',57,1763830800000,1763830800500,1763830801000,1763830900000,1,1,'["PreRestore: exit code 3"]','',1,'','',0,0,'','','');
INSERT INTO "jobs" VALUES(12,'backup','7c1f4f1e-9d4b-4c1e-8d52-0d6c2a8f1a12','DB02','monday','monday.xml',0,'following','none',1,'','','[{"uuid":"0a2b7c52-5a0e-4b38-9c1c-8d4b2f6f7e21","type":"VIRTIO_DISK","capacity_bytes":10737418240,"allocation_bytes":1073741824}]',1073741824,'4720','4733',41,1763874000000,1763874000500,1763874001000,NULL,0,1,'[]','',0,'','',0,0,'','','');
INSERT INTO "jobs" VALUES(13,'verify','6b1f4f1e-9d4b-4c1e-8d52-0d6c2a8f1a10','FILE01','2026-11-22_17-00-00 FILE01','',1,'finished','failed',0,'damaged_backup','disk 1 has changed since it was verified','[]',1073741824,'','',37,1763874100000,1763874100500,NULL,1763874200000,0,0,'[]','content',0,'','',0,0,'','','');
INSERT INTO "jobs" VALUES(14,'backup','7c1f4f1e-9d4b-4c1e-8d52-0d6c2a8f1a12','DB02','tuesday','tuesday.xml',0,'finished','lost',0,'outcome_unknown','the cluster no longer knows task 4750','[]',1073741824,'4740','4750',12,1763874300000,1763874300500,1763874301000,1763874400000,0,0,'[]','',0,'','',0,0,'','','');
INSERT INTO "jobs" VALUES(15,'backup','uuid-a','A','night A','night A.xml',1,'finished','succeeded',0,'','','[]',1,'1','2',100,1763874500000,1763874500500,1763874501000,1763874600000,0,0,'[]','',0,'0a1b2c3d','seen',0,0,'1f1f1f1f-1111-4111-8111-111111111111','hc-1','10.0.0.1:8443');
INSERT INTO "jobs" VALUES(16,'backup','uuid-b','B','night B','night B.xml',1,'following','none',0,'','','[]',1,'1','3',10,1763874500000,1763874500500,1763874501000,NULL,0,0,'[]','',0,'1a1b2c3d','',3,1,'1f1f1f1f-1111-4111-8111-111111111111','hc-1','10.0.0.1:8443');
INSERT INTO "jobs" VALUES(17,'backup','uuid-c','C','night C','night C.xml',1,'finished','failed',0,'task_failed','no','[]',1,'1','4',10,1763874500000,1763874500500,1763874501000,1763874600000,0,0,'[]','',0,'2a1b2c3d','failed',0,0,'1f1f1f1f-1111-4111-8111-111111111111','hc-1','10.0.0.1:8443');
CREATE TABLE owed_hooks (
  job INTEGER PRIMARY KEY,
  vm_name TEXT NOT NULL,
  backup TEXT NOT NULL,
  since INTEGER NOT NULL
);
INSERT INTO "owed_hooks" VALUES(15,'A','night A',1763874600000);
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
, revision INTEGER NOT NULL DEFAULT 0);
INSERT INTO "runs" VALUES(3,'window','finished',1763827200000,1763831000000,'[7]','[]',1,0,'["2026-10-22_17-00-00 FILE01"]','["DB02"]','[]',0);
INSERT INTO "runs" VALUES(4,'window','exporting',1763874500000,NULL,'[15,16,17]','[]',0,0,'[]','[]','[]',0);
CREATE TABLE transitions (
  job INTEGER NOT NULL REFERENCES jobs(id) ON DELETE CASCADE,
  at INTEGER NOT NULL,
  from_phase TEXT NOT NULL,
  to_phase TEXT NOT NULL,
  note TEXT NOT NULL
);
INSERT INTO "transitions" VALUES(12,1763874000000,'','queued','');
INSERT INTO "transitions" VALUES(12,1763874000500,'queued','preparing','');
CREATE INDEX jobs_by_phase ON jobs(phase);
CREATE INDEX transitions_by_job ON transitions(job);
CREATE INDEX runs_by_phase ON runs(phase);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('jobs',17);
INSERT INTO "sqlite_sequence" VALUES('runs',4);
COMMIT;
