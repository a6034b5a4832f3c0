#!/usr/bin/env python3
"""Checks live responses of a cluster (or hypercore-sim) against an OpenAPI file: status, types, enums, required
and forbidden properties. Only GETs, unless --change is given: then VMs, snapshots and devices are made, changed
and removed again, which hypercore-sim alone allows: it reports when all tasks have ended.

Usage: check_openapi.py SPEC.json BASEURL [--user U --password P] [--change]
BASEURL is https://HOST:PORT; the API's own prefix comes from the specification. Exit code 1 if anything differs."""

import argparse
import base64
import json
import ssl
import sys
import urllib.error
import urllib.request

TYPES = {
    "string": lambda v: isinstance(v, str),
    "boolean": lambda v: isinstance(v, bool),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "number": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
    "array": lambda v: isinstance(v, list),
    "object": lambda v: isinstance(v, dict),
}


class Spec:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.document = json.load(file)
        self.paths = self.document["paths"]

    def resolve(self, node):
        while "$ref" in node:
            target = self.document
            for part in node["$ref"].lstrip("#/").split("/"):
                target = target[part]
            node = target
        return node

    def problems(self, schema, value, where="", strict=True):
        """strict: properties that are not in the schema are problems too (a check of responses)."""
        schema = self.resolve(schema)
        for part in schema.get("allOf", []):
            yield from self.problems(part, value, where, False)
        kind = schema.get("type")
        if kind and not TYPES[kind](value):
            yield f"{where or '/'}: expected {kind}, got {json.dumps(value)[:60]}"
            return
        if "enum" in schema and value not in schema["enum"]:
            yield f"{where}: {value!r} is not one of {schema['enum']}"
        if isinstance(value, list) and "items" in schema:
            for index, item in enumerate(value):
                yield from self.problems(schema["items"], item, f"{where}/{index}", strict)
        if isinstance(value, dict) and "properties" in schema:
            for name, item in value.items():
                if name in schema["properties"]:
                    yield from self.problems(schema["properties"][name], item, f"{where}/{name}", strict)
                elif strict or schema.get("additionalProperties") is False:
                    yield f"{where}/{name}: not in the schema"
            for name in schema.get("required", []):
                if name not in value:
                    yield f"{where}/{name}: required, but missing"

    def missing(self, schema, value, where=""):
        """Properties of the schema that the response lacks: allowed, but clients may want them."""
        schema = self.resolve(schema)
        if isinstance(value, list) and "items" in schema:
            for item in value[:1]:
                yield from self.missing(schema["items"], item, where + "/0")
        if isinstance(value, dict) and value:
            for name, part in schema.get("properties", {}).items():
                if self.resolve(part).get("writeOnly") or part.get("writeOnly"):
                    continue
                if name not in value:
                    yield f"{where}/{name}"
                else:
                    yield from self.missing(part, value[name], f"{where}/{name}")


class Api:
    def __init__(self, base, user, password, spec):
        self.base, self.spec, self.checked, self.failures, self.lacking = base.rstrip("/"), spec, 0, [], set()
        self.auth = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self.tls = ssl.create_default_context()
        self.tls.check_hostname = False
        self.tls.verify_mode = ssl.CERT_NONE

    def call(self, method, path, template, body=None, wanted=200, data=None):
        """One call, checked against the specification's `template` path. Returns the decoded body."""
        headers = {"Authorization": self.auth, "Accept": "application/json"}
        if body is not None:
            data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        elif data is not None:
            headers["Content-Type"] = "application/octet-stream"
        request = urllib.request.Request(self.base + "/rest/v1" + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, context=self.tls, timeout=60) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read()
        self.checked += 1
        name = f"{method} {template}"
        if status != wanted:
            self.failures.append(f"{name}: status {status}, expected {wanted}: {text[:200]!r}")
            return None
        operation = self.spec.paths[template][method.lower()]
        answer = self.spec.resolve(operation["responses"].get(str(status), {}))
        content = answer.get("content", {}).get("application/json")
        if not content:
            return None
        try:
            value = json.loads(text)
        except ValueError as error:
            self.failures.append(f"{name}: not JSON: {error}")
            return None
        self.failures += [f"{name}: {problem}" for problem in self.spec.problems(content["schema"], value)]
        self.lacking |= {f"{name}: {what}" for what in self.spec.missing(content["schema"], value)}
        return value

    def wait(self, result):
        if not result or not result["taskTag"]:
            return
        tag = result["taskTag"]
        urllib.request.urlopen(self.base + "/sim/settled", context=self.tls, timeout=60).close()
        task = self.call("GET", "/TaskTag/" + tag, "/TaskTag/{taskTag}")
        if task and task[0]["state"] != "COMPLETE":
            self.failures.append(f"task {tag}: {task[0]}")


def check_reading(api):
    for path, operations in sorted(api.spec.paths.items()):
        if "get" not in operations or "{" in path:
            continue
        if path.lstrip("/").split("/")[0] not in KNOWN:
            continue
        listed = api.call("GET", path, path)
        for single in (path + suffix for suffix in ("/{uuid}", "/{virDomainUUID}", "/{taskTag}", "/{name}")):
            if single not in api.spec.paths:
                continue
            key = single.rsplit("{", 1)[1].rstrip("}").replace("virDomainUUID", "uuid")
            if listed and key in listed[0]:
                found = api.call("GET", f"{path}/{listed[0][key]}", single)
                if not found or found[0][key] != listed[0][key]:
                    api.failures.append(f"GET {single}: another object than requested")
            if api.call("GET", f"{path}/no-such-thing", single) != []:
                api.failures.append(f"GET {single}: an unknown object must return []")


KNOWN = {"ping", "Cluster", "Condition", "Drive", "ISO", "Node", "Role", "TaskTag", "Update", "User", "VirDomain",
         "VirDomainBlockDevice", "VirDomainNetDevice", "VirDomainReplication", "VirDomainSnapshot",
         "VirDomainSnapshotSchedule", "VirDomainStats", "VirtualDisk"}


def check_changing(api):
    dom = {"name": "openapi-check", "tags": "a,b", "mem": 512100100, "numVCPU": 2,
           "netDevs": [{"type": "VIRTIO", "vlan": 1}],
           "blockDevs": [{"type": "VIRTIO_DISK", "capacity": 8 << 20}, {"type": "IDE_CDROM", "capacity": 0}]}
    body = {"dom": dom, "options": {"attachGuestToolsISO": True}}
    made = api.call("POST", "/VirDomain", "/VirDomain", body)
    api.wait(made)
    vm = made["createdUUID"]
    one = "/VirDomain/{virDomainUUID}"
    shown = api.call("GET", f"/VirDomain/{vm}", one)[0]
    for key in ("name", "tags", "mem", "numVCPU"):
        if shown[key] != dom[key]:
            api.failures.append(f"POST /VirDomain: {key} became {shown[key]!r}")
    api.wait(api.call("PATCH", f"/VirDomain/{vm}", one, {"description": "changed"}))
    api.wait(api.call("PATCH", f"/VirDomain/{vm}", one, {}))
    api.call("PATCH", f"/VirDomain/{vm}", one, {"uuid": "x"}, 400)
    api.call("PATCH", f"/VirDomain/{vm}", one, {"mem": "much"}, 400)
    api.call("POST", "/VirDomain", "/VirDomain", {"dom": {}}, 400)
    api.call("POST", "/ISO", "/ISO", {"somekey": 1}, 400)
    for action in ("START", "PAUSE", "STOP", "STOP"):
        body = [{"virDomainUUID": vm, "actionType": action}]
        api.wait(api.call("POST", "/VirDomain/action", "/VirDomain/action", body))
    body = {"domainUUID": vm, "label": "l", "replication": False}
    snap = api.call("POST", "/VirDomainSnapshot", "/VirDomainSnapshot", body)
    api.wait(snap)
    api.call("POST", "/VirDomainSnapshot", "/VirDomainSnapshot", {"virDomainUUID": vm}, 400)
    check_reading(api)
    disk = shown["blockDevs"][0]["uuid"]
    clone = api.call("POST", f"/VirDomainBlockDevice/{disk}/clone", "/VirDomainBlockDevice/{uuid}/clone",
                     {"options": {"regenerateDiskID": False}, "snapUUID": snap["createdUUID"],
                      "template": {"virDomainUUID": vm, "type": "VIRTIO_DISK", "capacity": 8 << 20}})
    api.wait(clone)
    device = "/VirDomainBlockDevice/{uuid}"
    api.wait(api.call("PATCH", "/VirDomainBlockDevice/" + clone["createdUUID"], device, {"capacity": 16 << 20}))
    api.wait(api.call("DELETE", "/VirDomainBlockDevice/" + clone["createdUUID"], device))
    body = {"template": {"name": "copy"}}
    copy = api.call("POST", f"/VirDomain/{vm}/clone", "/VirDomain/{virDomainUUID}/clone", body)
    api.wait(copy)
    path = "/VirtualDisk/upload?filename=a.img&filesize=1048576"
    upload = api.call("PUT", path, "/VirtualDisk/upload", data=bytes(1 << 20))
    api.wait(upload)
    api.call("PUT", "/VirtualDisk/upload?filename=a.iso&filesize=4", "/VirtualDisk/upload", data=b"abcd", wanted=400)
    api.wait(api.call("POST", f"/VirtualDisk/{upload['createdUUID']}/attach", "/VirtualDisk/{uuid}/attach",
                      {"options": {}, "template": {"virDomainUUID": vm, "type": "VIRTIO_DISK", "capacity": 1}}))
    api.call("DELETE", "/VirtualDisk/" + upload["createdUUID"], "/VirtualDisk/{uuid}")
    rule = {"dtstart": "2024-01-01 00:00:00", "rrule": "FREQ=DAILY", "localRetentionDurationSeconds": 60, "name": "r"}
    plan = api.call("POST", "/VirDomainSnapshotSchedule", "/VirDomainSnapshotSchedule", {"name": "s", "rrules": [rule]})
    api.call("GET", "/VirDomainSnapshotSchedule", "/VirDomainSnapshotSchedule")
    api.call("DELETE", "/VirDomainSnapshotSchedule/" + plan["createdUUID"], "/VirDomainSnapshotSchedule/{uuid}")
    iso = api.call("POST", "/ISO", "/ISO", {"name": "check.iso", "size": 4, "readyForInsert": False})
    api.call("PUT", f"/ISO/{iso['createdUUID']}/data", "/ISO/{uuid}/data", data=b"abcd")
    api.wait(api.call("PATCH", "/ISO/" + iso["createdUUID"], "/ISO/{uuid}", {"readyForInsert": True}))
    api.call("GET", "/ISO", "/ISO")
    api.wait(api.call("DELETE", "/ISO/" + iso["createdUUID"], "/ISO/{uuid}"))
    api.wait(api.call("DELETE", "/VirDomainSnapshot/" + snap["createdUUID"], "/VirDomainSnapshot/{uuid}"))
    for uuid in (vm, copy["createdUUID"]):
        api.wait(api.call("DELETE", f"/VirDomain/{uuid}", one))
        if api.call("GET", f"/VirDomain/{uuid}", one) != []:
            api.failures.append("a deleted VM still exists")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("spec")
    parser.add_argument("base")
    parser.add_argument("--user", default="admin")
    parser.add_argument("--password", default="admin")
    parser.add_argument("--change", action="store_true")
    arguments = parser.parse_args()
    api = Api(arguments.base, arguments.user, arguments.password, Spec(arguments.spec))
    check_reading(api)
    if arguments.change:
        check_changing(api)
    for lack in sorted(api.lacking):
        print("missing (allowed):", lack)
    for failure in sorted(set(api.failures)):
        print("DIFFERS:", failure)
    print(f"{api.checked} responses checked, {len(set(api.failures))} differences")
    return 1 if api.failures else 0


if __name__ == "__main__":
    sys.exit(main())
