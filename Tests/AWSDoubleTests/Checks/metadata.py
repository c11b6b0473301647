"""The metadata service of a machine: tokens, rules, content, notices, role credentials."""

import json
import time
import urllib.error
import urllib.request

from double import client, control

ec2 = client("ec2")
image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]


def launch(**options):
    machine = ec2.run_instances(
        ImageId=image, InstanceType="g5.xlarge", MinCount=1, MaxCount=1,
        InstanceMarketOptions={"MarketType": "spot"},
        IamInstanceProfile={"Name": "holdfast-instance"}, UserData="#!/bin/sh\n:\n",
        TagSpecifications=[{"ResourceType": "instance", "Tags": [
            {"Key": "holdfast:run", "Value": "run-1"}, {"Key": "Name", "Value": "n"}]}],
        MetadataOptions=options)["Instances"][0]["InstanceId"]
    for _ in range(100):
        for known in control("GET", "instances")["instances"]:
            if known["id"] == machine and known["metadata"]:
                return machine, known["metadata"] + "/latest/"
        time.sleep(0.05)
    raise AssertionError("the machine has no metadata service")


def ask(url, method="GET", **headers):
    """Status and text; names of headers with `_` for `-`."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, method=method, headers=names)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


machine, base = launch(HttpTokens="required", InstanceMetadataTags="enabled")
TTL = "X-aws-ec2-metadata-token-ttl-seconds".replace("-", "_")

# Tokens.
assert ask(base + "meta-data/instance-id")[0] == 401
for wrong in ({}, {TTL: "0"}, {TTL: "21601"}, {TTL: "x"}):
    assert ask(base + "api/token", "PUT", **wrong)[0] == 400, wrong
assert ask(base + "api/token", "PUT", **{TTL: "60", "X_Forwarded_For": "10.0.0.1"})[0] == 403
assert ask(base + "api/token", "GET", **{TTL: "60"})[0] == 405
status, token = ask(base + "api/token", "PUT", **{TTL: "60"})
assert status == 200 and token


def get(path, token=token):
    return ask(base + path, X_aws_ec2_metadata_token=token)


assert get("meta-data/instance-id", token="AQAEnothing==")[0] == 401
assert get("meta-data/instance-id") == (200, machine)
control("POST", "clock", {"milliseconds": 61_000})
assert get("meta-data/instance-id")[0] == 401, "a token ends"
token = ask(base + "api/token", "PUT", **{TTL: "21600"})[1]
get = lambda path, token=token: ask(base + path, X_aws_ec2_metadata_token=token)

# Content.
assert get("user-data") == (200, "#!/bin/sh\n:\n")
assert get("meta-data/instance-type") == (200, "g5.xlarge")
zone = get("meta-data/placement/availability-zone")[1]
assert zone.startswith(get("meta-data/placement/region")[1])
assert get("meta-data/instance-life-cycle") == (200, "spot")
assert get("meta-data/nothing")[0] == 404
document = json.loads(get("dynamic/instance-identity/document")[1])
assert document["instanceId"] == machine and document["accountId"] == "123456789012"
assert get("meta-data/tags/instance/holdfast:run") == (200, "run-1")
assert get("meta-data/tags/instance/") == (200, "Name\nholdfast:run")
assert get("meta-data/tags/instance/absent")[0] == 404
assert get("meta-data/events/maintenance/scheduled") == (200, "[]")

# The role's keys are good keys, and never named in the log.
assert get("meta-data/iam/security-credentials/") == (200, "holdfast-instance")
keys = json.loads(get("meta-data/iam/security-credentials/holdfast-instance")[1])
assert keys["Code"] == "Success" and keys["Expiration"].endswith("Z")
who = client(
    "sts", aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key=keys["SecretAccessKey"],
    aws_session_token=keys["Token"]).get_caller_identity()
assert who["Arn"] == f"arn:aws:sts::123456789012:assumed-role/holdfast-instance/{machine}"
again = json.loads(get("meta-data/iam/security-credentials/holdfast-instance")[1])
assert again["AccessKeyId"] == keys["AccessKeyId"], "keys are not renewed at each look"

# Notices.
for path in "spot/instance-action", "spot/termination-time", "events/recommendations/rebalance":
    assert get("meta-data/" + path)[0] == 404, path
control("POST", f"instances/{machine}/rebalance")
assert "noticeTime" in json.loads(get("meta-data/events/recommendations/rebalance")[1])
control("POST", f"instances/{machine}/maintenance", {"code": "system-reboot", "in": 3600})
event = json.loads(get("meta-data/events/maintenance/scheduled")[1])[0]
assert event["Code"] == "system-reboot" and event["NotBefore"].endswith(" GMT")
control("POST", f"instances/{machine}/interrupt", {"notice": 5})
notice = json.loads(get("meta-data/spot/instance-action")[1])
assert notice["action"] == "terminate" and notice["time"].endswith("Z")
assert get("meta-data/spot/instance-action")[1] == json.dumps(notice, separators=(",", ":"))

# Switched off, on, and what other machines allow.
control("POST", f"instances/{machine}/metadata", {"enabled": False})
assert get("meta-data/instance-id")[0] == 403
assert ask(base + "api/token", "PUT", **{TTL: "60"})[0] == 403
control("POST", f"instances/{machine}/metadata", {"enabled": True})
assert get("meta-data/instance-id")[0] == 200
_, loose = launch(HttpTokens="optional")
assert ask(loose + "meta-data/instance-type") == (200, "g5.xlarge")
assert ask(loose + "meta-data/tags/instance/Name")[0] == 404
_, shut = launch(HttpEndpoint="disabled")
assert ask(shut + "meta-data/instance-type")[0] == 403
