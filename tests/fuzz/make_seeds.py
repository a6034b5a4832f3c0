#!/usr/bin/env python3
"""Regenerates the folder of seeds from this tree's documents, tests and qemu-img: the inputs that fuzzing starts with. Needed when a format
gets something new; the seeds are stored, so that a run needs none of this.
usage: make_seeds.py     (needs qemu-img and qemu-io)"""
import json
import os
import re
import shutil
import struct
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
SEEDS = os.path.join(HERE, "seeds")
PASSWORD = "hunter2-of-the-seeds"  # fuzz_config.cpp searches for it in the output


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as file:
        return file.read()


def keep(target, name, content):
    folder = os.path.join(SEEDS, target)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())


# ---- text formats ---------------------------------------------------------------------------------------

REQUIRED = f"""[SMB]
Username = 'svc'
Password = '{PASSWORD}'
Host = 'files:4455'
ShareName = 'Backups'
LocalPath = '/mnt/b'
[Scale]
Username = 'admin'
Password = "another"
Host = ['node1', '[fd00::1]:8443', 'node3']
CertFingerprint = ['{"ab:" * 31}ab', '']
"""
SECTIONS = {
    "smtp": "[SMTP]\nHost = 'mail'\nPort = 587\nFrom = 'a@b'\nTo = ['ops@example.com', 'boss@example.com']\nUsername = 'm'\n"
            "Password = 's'\nSecurity = 'starttls'\n",
    "schedule": "[Schedule]\nTag = 'BackMeUp'\nConcurrency = 2\nStartTime = '5:00 PM'\nEndTime = '06:30'\nBackupInterval = '7 days'\n"
                "MaxBackups = 7\nMaxAge = '1 month'\nTolerance = '12 hours 5 minutes'\n",
    "hooks": "[Hooks]\nPreBackup = '/bin/x {{VMName}} {{LocalPath}}/{{BackupName}}'\nPostSchedule = '/bin/y'\nHookTimeout = '4 hours'\n"
             "DelayPostBackupWhenScheduled = true\nPreBackupMustSucceed = false\n",
    "verify": "[Verify]\nStructure = true\nContent = true\nRereadEvery = '30 days'\nMaxRate = '200 MiB/s'\nWhen = 'always'\nCores = 2\n",
    "daemon": "[Daemon]\nSocket = '/run/s'\nSocketGroup = 'g'\nSocketReadGroup = 'r'\nStateDir = '/var/lib/x'\nLogLevel = 'debug'\n"
              "LogFile = '/var/log/x'\n[Timeouts]\nRequest = '30 seconds'\nSubmit = '2 minutes'\nClusterUnreachable = '12 hours'\n",
}
INVALID = {
    "twice": REQUIRED + "[SMB]\nUsername = 'a'\nUsername = 'b'\n",
    "not_closed": REQUIRED + "[Schedule]\nTag = 'x\n",
    "types": REQUIRED + "[Schedule]\nConcurrency = '3'\nMaxBackups = 1.5\nStartTime = 05:00:00\nMaxAge = [1, [2], {a = 1}]\n",
    "unknown": REQUIRED + "Hots = 1\n[Shedule]\na.b.c = 1\n[[Hooks]]\n",
    "secret_in_trouble": REQUIRED.replace(f"'{PASSWORD}'", f"'{PASSWORD}' 1"),
    "escapes": REQUIRED + "Note = \"\\u00e9\\U0001F600\\t\\\\\" # ü\n",
    "strings": "a = '''\nx'''\nb = \"\"\"y\\\n  z\"\"\"\nc = 0xFF\nd = 1_000\ne = inf\nf = 1979-05-27T07:32:00Z\ng = {x = 1}\n",
}


def config():
    example = read("config/config.toml.example").replace("'change me'", f"'{PASSWORD}'")
    keep("config", "example.toml", example)
    keep("config", "example_all.toml", re.sub(r"^#(\w+ = |\[)", r"\1", re.sub(r"^#(Domain|PasswordFile).*\n", "", example, flags=re.M), flags=re.M))
    keep("config", "predecessor.toml", read("tests/unit/config/predecessor.toml"))
    keep("config", "required.toml", REQUIRED)
    for name, text in SECTIONS.items():
        keep("config", name + ".toml", REQUIRED + text)
    for name, text in INVALID.items():
        keep("config", "invalid_" + name + ".toml", text)


def rpc():
    """The pairs of docs/json-rpc.md, each as the lines of a connection."""
    last, pairs = "", {}
    for line in read("docs/json-rpc.md").splitlines():
        if not line.startswith('{"jsonrpc"'):
            continue
        last = json.loads(line).get("method", last)
        pairs[last] = pairs.get(last, "") + line + "\n"
    for name, lines in pairs.items():
        keep("rpc", name, lines)
    keep("rpc", "batch", '[{"jsonrpc":"2.0","id":"a","method":"status"},{"jsonrpc":"2.0","method":"version","params":[]},7,'
                         '{"jsonrpc":"2.0","id":1.5,"method":"jobs.list","params":{"limit":3}}]\r\n')
    keep("rpc", "fault", '{"jsonrpc":"2.0","id":1,"error":{"code":-18,"message":"no","data":{"code":"refused"}}}\n')
    keep("rpc", "no_json", '{"jsonrpc":"2.0","id":1,\n\n\r\nstatus\n')


VM = {"uuid": "v-1", "name": "FILE01", "description": "d", "state": "RUNNING", "tags": "prod, BackMeUp ,,x y", "isTransient": False,
      "sourceVirDomainUUID": "", "blockDevs": [
          {"uuid": "d-1", "type": "VIRTIO_DISK", "capacity": 107374182400, "allocation": 38654705664, "slot": 0, "name": "",
           "disableSnapshotting": False},
          {"uuid": "d-2", "type": "IDE_CDROM", "capacity": 0, "allocation": 0, "slot": 1}],
      "latestTaskTag": {"taskTag": "4711", "progressPercent": 100, "state": "COMPLETE", "formattedDescription": "Start %@",
                        "descriptionParameters": ["FILE01"], "created": 5, "modified": 6, "completed": 7}}
TASK = {"taskTag": "4711", "state": "ERROR", "progressPercent": 101.7, "formattedDescription": "Export %@",
        "descriptionParameters": ["%@"], "formattedMessage": "cannot mount %@ %@", "objectUUID": "v-1",
        "messageParameters": ["smb://u:hunter2%26more@h/s", {"a": True}, None], "created": 1, "modified": 2, "completed": 3}
# By the first byte, which selects the reader in fuzz_answers.cpp.
ANSWERS = {
    "A_vms": [VM, {"uuid": "v-2", "name": 7, "tags": ["a", "b, c"], "blockDevs": [{"capacity": 1}, "x"]}],
    "A_odd": [{"name": "c"}, 7, {"uuid": "v"}, {"uuid": "v"}],
    "B_task": [TASK], "B_absent": [], "B_alone": {"state": "RUNNING", "progressPercent": 3},
    "C_tasks": [TASK, {"taskTag": 6, "state": "RUNNING"}, {"state": "QUEUED"}],
    "D_order": {"taskTag": "48213", "createdUUID": "n"},
    "E_snapshot": [{"uuid": "s-1", "deviceSnapshots": [{"uuid": "d1"}, {"uuid": "d2"}]}],
    "F_media": [{"uuid": "u", "name": "uploading-a.img", "capacityBytes": 5}, {"uuid": 7}],
    "G_making": [{"taskTag": 12, "createdUUID": "u"}],
    "M_identity": [{"uuid": "5C1F0B6E-1B0A-4B1E-9D6F-2F6C6B1D9A11", "clusterName": "hc-1", "icosVersion": "9.4"}],
    "N_update": {"prepareStatus": {"state": "DOWNLOADING"}, "updateStatus": {"masterState": "EXECUTING", "percent": "7"}},
}
PAGE = ("<html><head><title>503</title><style>b{}</style></head><body><h1>503 Service&nbsp;Unavailable</h1><script>x</script>"
        "<p>hunter2&amp;more &#103;eheim&#x21;</p></body></html>")


def answers():
    for name, answer in ANSWERS.items():
        keep("answers", name, name[0] + json.dumps(answer, separators=(",", ":")))
    # Of a refusal, two bytes give the status and the kind.
    keep("answers", "H_error", 'Hx!{"error":"bad URI smb://svc:hunter2&more@h/s"}')
    keep("answers", "H_message", 'HxA{"error":{"message":"Valid session required","code":"hunter2\\u0026more"}}')
    keep("answers", "H_plain", "H2Fno words")
    keep("answers", "H_page", "Hx\x00" + PAGE)
    keep("answers", "I_scrub", "Isee smb://d;u:p%40w@host/s and hunter2%26more, hunter2%2526more, hunter2&amp;more, hunter2\\u0026more geheim%21")
    keep("answers", "J_rights", 'J[{"username":"admin","roleUUIDs":["r1","gone"]}]\n[{"uuid":"r1","name":"Admin",'
                                '"permissions":[{"functionName":"*"}]}]')
    keep("answers", "K_date", "KSun, 06 Nov 1994 08:49:37 GMT")
    keep("answers", "L_texts", "LDelete %@ of %@, tag two ,, %@%@")


def scrub():
    """The first byte is where the text is cut."""
    keep("scrub", "spellings", " see smb://d;u:p%40w@host/s and hunter2%26more, hunter2%2526more, hunter2&amp;more, hunter2\\u0026more geheim%21")
    keep("scrub", "many_uris", "\x20smb://")
    keep("scrub", "many_escapes", "\x05%68%2568&#104;&#x68;\\u0068")
    keep("scrub", "base64", "\x10AHVzZXIAaHVudGVyMiZtb3Jl Z2VoZWltIQ== eGdlaGVpbSE%3D 68756e74657232266d6f7265 hunter2=26more h=\nunter2&#38;more")
    keep("scrub", "nearly", "\x0ahunter2&mor hunter2%26mor")


def error_texts():
    """Two bytes give the status and the kind; the rest is repeated many times."""
    for name, body in (("json", '{"error":"bad URI smb://svc:hunter2&more@h/s"}'), ("page", PAGE), ("titles", "<title>"), ("entities", "&lt;&amp;"),
                       ("open_tags", "<script"), ("uris", "smb://"), ("spaces", " ")):
        keep("error_texts", name, "x\x00" + body)
        keep("error_texts", name + "_as_json", "xA" + body)


DISK = """    <disk type="network" device="disk">
      <boot order="1"/>
      <driver name="qemu" type="scribe" cache="writethrough"/>
      <source protocol="scribe" name="scribe/4ad0f0d2-7c43-4a9d-9c4e-77b0d1f3a901"/>
      <serial>4ad0f0d2</serial>
      <target dev="vda" bus="virtio"/>
    </disk>
    <disk device="cdrom"><boot order="2"/><target dev="hda" bus="ide"/><readonly/></disk>
"""
DOMAIN = """<domain type="kvm">
  <name>FILE01 &amp; S\u00f6hne</name>
  <description>file server</description>
  <uuid>9e1f7a30-4f0b-4d0c-a7d5-2a51a6f0c801</uuid>
  <memory unit="KiB">8388608</memory>
  <vcpu placement="static">2</vcpu>
  <os><type arch="x86_64" machine="pc-i440fx-rhel7.0.0">hvm</type></os>
  <metadata>
    <scale-metadata xmlns="http://www.scalecomputing.com/scaled">
      <os uuid="os_other"/><tags><tag name="prod"/><tag name="backup"/></tags>
    </scale-metadata>
  </metadata>
  <devices>
""" + DISK + """    <interface type="bridge">
      <mac address="7C:4C:58:01:02:03"/><model type="virtio"/><source bridge="lan"/>
    </interface>
  </devices>
</domain>
"""


def definition():
    keep("definition", "genuine.xml", DOMAIN.encode() + b"\0" * 219 + b"\n")
    keep("definition", "small.xml", '<domain><name>x</name><memory unit="GB">2</memory><devices><disk><source name="a"/></disk></devices></domain>')
    keep("definition", "outside.xml", '<domain><name>x</name><devices><disk><source name="scribe/../b"/></disk></devices></domain>')
    keep("definition", "entities.xml", '\ufeff<?xml version="1.0"?><!-- c --><domain><name><![CDATA[a]]>&#x41;&lt;</name></domain>')
    keep("definition", "doctype.xml", '<!DOCTYPE d [<!ENTITY a "b">]><domain><name>&a;</name></domain>')
    keep("definition", "cut.xml", DOMAIN[:512])
    # One more than max_definition_entries.
    keep("definition", "many.xml", "<domain><name>x</name><devices>" + "<disk/>" * 501 + "</devices></domain>")


MANIFEST = {
    "format": "scale-backup manifest", "version": 1, "backup": "my backup", "attempt": "0a1b2c3d", "vm": "FILE01 \"Gr\u00f6\u00dfe\" \\ /",
    "vm_uuid": "9e1f7a30-4f0b-4d0c-a7d5-2a51a6f0c801", "vm_tags": ["prod", "backup"], "scheduled": True, "protected": False,
    "cluster": "10.0.0.1:8443", "task_tag": "4711", "job": 17, "started": "2025-11-23T05:00:00+00:00",
    "completed": "2025-11-23T05:01:40.250+01:00", "end": "inferred", "definition": "vm.xml",
    "disks": [{"uuid": "d1", "type": "VIRTIO_DISK", "capacity_bytes": 1 << 40, "allocation_bytes": 5}],
    "files": [{"name": "vm.xml", "role": "definition", "size_bytes": 3},
              {"name": "d1.qcow2", "role": "disk", "size_bytes": 4, "virtual_bytes": 1 << 40, "content": "0f" * 32}],
    "verified": {"level": "content", "at": "2025-11-23T05:01:39Z", "structure": "2025-11-23T05:01:39Z", "content": "2025-11-23T06:01:39Z"},
    "damaged": {"level": "reread", "at": "2025-12-23T05:01:39Z", "reason": "it has changed"},
    "adopted": {"at": "2025-12-23T05:01:39Z", "notes": ["the start was guessed"]}, "program": "scale-backupd 0.1.0"}


def manifest():
    keep("manifest", "all", json.dumps(MANIFEST, indent=2, ensure_ascii=False))
    keep("manifest", "small", json.dumps({**{key: MANIFEST[key] for key in ("format", "version", "vm_uuid", "started", "completed", "definition")},
                                          "files": [{"name": "a", "size_bytes": 0}], "verified": None, "later": [1.5, {"a": None}]}))
    keep("manifest", "invalid_checksum", json.dumps(MANIFEST)[:-1] + ',\n    "seal": "' + "ab" * 32 + '"\n}\n')
    keep("manifest", "newer", json.dumps({**MANIFEST, "version": 2}))
    # As many as max_manifest_entries, and one more; a text of max_manifest_text_bytes and one more.
    keep("manifest", "most_tags", json.dumps({**MANIFEST, "vm_tags": ["t"] * 500}))
    keep("manifest", "many_tags", json.dumps({**MANIFEST, "vm_tags": ["t"] * 501}))
    keep("manifest", "many_disks", json.dumps({**MANIFEST, "disks": [{}] * 501}))
    keep("manifest", "long_texts", json.dumps({**MANIFEST, "program": "p" * 4097, "vm_tags": ["\u00e4" * 2049]}, ensure_ascii=False))
    keep("manifest", "long_name", json.dumps({**MANIFEST, "backup": "b" * 4097}))
    keep("manifest", "strange_attempt", json.dumps({**MANIFEST, "attempt": "../0A1B", "end": "guessed"}))


def digests():
    head = "scale-backup digests 1\nbegun 2026-03-01T22:00:00+00:00\nchunk 2097152\n"
    disk = f"file {5 << 21} FILE01.qcow2\n{'ab' * 32}\nzero 3\n{'cd' * 32}\nroot ?\n"
    keep("digests", "complete", head + "file 3 vm.xml\n" + "12" * 32 + "\nroot ?\n" + disk + "mark ?\nend ?\n")
    keep("digests", "torn", head + "file 3 a%25%0A\n" + "12" * 32 + "\nroot ?\nmark ?\n" + disk[:60])
    keep("digests", "checkpoints", head + disk[:60] + "\n" + "mark ?\n" + "ef" * 32 + "\nmark ?\nmark ?\n")
    keep("digests", "empty_file", head + "file 0 x\nroot ?\nend ?\n")


# ---- images ---------------------------------------------------------------------------------------------

def without_times(content):
    """The image with the dates of its snapshots set to zero, so that each run makes the same seeds."""
    content = bytearray(content)
    count, at = struct.unpack_from(">IQ", content, 60)
    for _ in range(count):
        id_size, name_size = struct.unpack_from(">HH", content, at + 12)
        extra_size, = struct.unpack_from(">I", content, at + 36)
        content[at + 16:at + 24] = bytes(8)  # seconds and nanoseconds
        at += (40 + extra_size + id_size + name_size + 7) & ~7
    return bytes(content)


def image(folder, name, create, *writes, size="48k", snapshots=False):
    path = os.path.join(folder, name)
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-o", create, path, size], check=True)
    for number, write in enumerate(writes):
        subprocess.run(["qemu-io", "-f", "qcow2", "-c", write, path], check=True, stdout=subprocess.DEVNULL)
        if snapshots:
            subprocess.run(["qemu-img", "snapshot", "-c", f"s{number}", path], check=True)
    with open(path, "rb") as file:
        keep("qcow2", name, without_times(file.read()))


def qcow2():
    with tempfile.TemporaryDirectory() as folder:
        image(folder, "v2", "compat=0.10,cluster_size=512", "write -P 1 0 2k", "write -P 2 20k 600")
        image(folder, "v3", "cluster_size=512", "write -P 1 0 2k", "write -z 4k 4k", "write -z -u 8k 1k")
        image(folder, "v3_1k", "cluster_size=1024", "write -P 1 0 2k", "write -P 3 40k 1k")
        image(folder, "compressed", "cluster_size=512", "write -c -P 1 0 512", "write -c -P 2 1k 512", "write -P 3 4k 512")
        image(folder, "snapshots", "cluster_size=512", "write -P 1 0 1k", "write -P 2 512 1k", "write -P 3 8k 512", snapshots=True)
        image(folder, "snapshots_v2", "cluster_size=512,compat=0.10", "write -P 1 0 1k", "write -P 2 512 1k", snapshots=True)
        for bits in (1, 8, 64):
            image(folder, f"refcount_{bits}", f"cluster_size=512,refcount_bits={bits}", "write -P 1 0 1k")
        image(folder, "empty", "cluster_size=512", size="1M")
        image(folder, "large", "cluster_size=4096", size="1G")
        # Subclusters need clusters of 16 KiB, so this one is long; nearly all of it is zeros.
        image(folder, "subclusters", "extended_l2=on,cluster_size=16k", "write -P 1 0 512", "write -z 1k 512")


if __name__ == "__main__":
    shutil.rmtree(SEEDS, ignore_errors=True)
    for make in (config, rpc, answers, scrub, error_texts, definition, manifest, digests, qcow2):
        make()
