"""EC2 through boto3: launches, tokens, states, tags, paging, catalogue, spot."""

import time

from double import client, control, refused

ec2 = client("ec2")
control("POST", "regions/us-east-1/rules", {"throttles": False})

# The catalogue.
image = ec2.describe_images(
    Owners=["amazon"], Filters=[{"Name": "state", "Values": ["available"]}])["Images"][0]
assert image["RootDeviceName"] and image["Architecture"] == "x86_64"
assert image["BlockDeviceMappings"][0]["Ebs"]["VolumeSize"] > 0
refused("InvalidAMIID.NotFound", ec2.describe_images, ImageIds=["ami-0123456789abcdef0"])
subnets = ec2.describe_subnets()["Subnets"]
subnet = subnets[0]["SubnetId"]
assert subnets[0]["AvailabilityZone"].startswith("us-east-1")
assert subnets[0]["AvailableIpAddressCount"] > 0 and subnets[0]["AvailabilityZoneId"]
pages = list(ec2.get_paginator("describe_instance_types").paginate(
    PaginationConfig={"PageSize": 5}))
assert len(pages) > 3
types = [kind for page in pages for kind in page["InstanceTypes"]]
assert len({kind["InstanceType"] for kind in types}) == len(types)
g5 = next(kind for kind in types if kind["InstanceType"] == "g5.xlarge")
assert g5["GpuInfo"]["Gpus"][0] == {
    "Name": "A10G", "Manufacturer": "NVIDIA", "Count": 1, "MemoryInfo": {"SizeInMiB": 22888}}
assert g5["VCpuInfo"]["DefaultVCpus"] == 4 and g5["MemoryInfo"]["SizeInMiB"] == 16384
offers = ec2.describe_instance_type_offerings(
    LocationType="availability-zone",
    Filters=[{"Name": "instance-type", "Values": ["g5.*"]}])["InstanceTypeOfferings"]
assert {offer["Location"] for offer in offers} == {"us-east-1a", "us-east-1b", "us-east-1c"}
price = ec2.describe_spot_price_history(
    InstanceTypes=["g5.xlarge"], ProductDescriptions=["Linux/UNIX"])["SpotPriceHistory"][0]
assert 0 < float(price["SpotPrice"]) < 1.006 and price["ProductDescription"] == "Linux/UNIX"
zones = ec2.describe_availability_zones()["AvailabilityZones"]
assert [zone["State"] for zone in zones] == ["available"] * 3

# A launch, and the same launch again.
launch = {
    "ImageId": image["ImageId"], "InstanceType": "g5.xlarge", "MinCount": 1, "MaxCount": 1,
    "ClientToken": "token-1", "SubnetId": subnet, "UserData": "#!/bin/sh\nexit 0\n",
    "IamInstanceProfile": {"Name": "holdfast-instance"},
    "InstanceInitiatedShutdownBehavior": "terminate",
    "BlockDeviceMappings": [{"DeviceName": "/dev/sda1", "Ebs": {
        "VolumeSize": 100, "VolumeType": "gp3", "DeleteOnTermination": True}}],
    "MetadataOptions": {
        "HttpTokens": "required", "HttpPutResponseHopLimit": 1, "InstanceMetadataTags": "enabled"},
    "InstanceMarketOptions": {"MarketType": "spot", "SpotOptions": {
        "SpotInstanceType": "one-time", "InstanceInterruptionBehavior": "terminate"}},
    "TagSpecifications": [
        {"ResourceType": "instance", "Tags": [
            {"Key": "holdfast:run", "Value": "a & b <c> \"ü\""}, {"Key": "empty", "Value": ""}]},
        {"ResourceType": "volume", "Tags": [{"Key": "holdfast:run", "Value": "x"}]},
        {"ResourceType": "spot-instances-request", "Tags": [{"Key": "k", "Value": "v"}]}],
}
refused("DryRunOperation", ec2.run_instances, **launch, DryRun=True)
first = ec2.run_instances(**launch)["Instances"][0]
one = first["InstanceId"]
assert first["State"] == {"Code": 0, "Name": "pending"}
assert first["ClientToken"] == "token-1" and first["InstanceLifecycle"] == "spot"
assert first["MetadataOptions"]["HttpTokens"] == "required"
assert first["IamInstanceProfile"]["Arn"].endswith(":instance-profile/holdfast-instance")
assert ec2.run_instances(**launch)["Instances"][0]["InstanceId"] == one
refused("IdempotentParameterMismatch", ec2.run_instances,
        **{**launch, "InstanceType": "g5.2xlarge"})
refused("InvalidParameterValue", ec2.run_instances, **{
    **launch, "IamInstanceProfile": {"Name": "nobody"}, "ClientToken": "token-2"})
ec2.get_waiter("instance_running").wait(
    InstanceIds=[one], WaiterConfig={"Delay": 0.1, "MaxAttempts": 50})
seen = ec2.describe_instances(
    Filters=[{"Name": "client-token", "Values": ["token-1"]}])["Reservations"][0]
assert seen["OwnerId"] == "123456789012"
machine = seen["Instances"][0]
assert {tag["Key"]: tag["Value"] for tag in machine["Tags"]} == {
    "holdfast:run": "a & b <c> \"ü\"", "empty": ""}
assert machine["BlockDeviceMappings"][0]["Ebs"]["VolumeId"].startswith("vol-")
request = ec2.describe_spot_instance_requests(
    Filters=[{"Name": "instance-id", "Values": [one]}])["SpotInstanceRequests"][0]
assert request["SpotInstanceRequestId"] == machine["SpotInstanceRequestId"]
assert (request["State"], request["Status"]["Code"]) == ("active", "fulfilled")
assert request["Type"] == "one-time" and request["Tags"] == [{"Key": "k", "Value": "v"}]

# Tags, orders and their refusals.
ec2.create_tags(Resources=[one], Tags=[{"Key": "new", "Value": "1"}])
ec2.delete_tags(Resources=[one], Tags=[{"Key": "empty"}])
tags = ec2.describe_instances(InstanceIds=[one])["Reservations"][0]["Instances"][0]["Tags"]
assert {tag["Key"] for tag in tags} == {"holdfast:run", "new"}
refused("InvalidInstanceID.NotFound", ec2.describe_instances,
        InstanceIds=["i-0123456789abcdef0"])
refused("UnsupportedOperation", ec2.stop_instances, InstanceIds=[one])
refused("InvalidParameterCombination", ec2.describe_instances, InstanceIds=[one], MaxResults=5)
refused("UnknownParameter", ec2.run_instances, **{
    **launch, "ClientToken": "token-3", "KernelId": "aki-1"})
cancelled = ec2.cancel_spot_instance_requests(
    SpotInstanceRequestIds=[request["SpotInstanceRequestId"]])["CancelledSpotInstanceRequests"]
assert cancelled[0]["State"] == "cancelled"

# An interruption is told before it is done.
control("POST", f"instances/{one}/interrupt", {"notice": 0.3})
machine = ec2.describe_instances(InstanceIds=[one])["Reservations"][0]["Instances"][0]
assert machine["State"]["Name"] == "running"
for _ in range(60):
    machine = ec2.describe_instances(InstanceIds=[one])["Reservations"][0]["Instances"][0]
    if machine["State"]["Name"] == "terminated":
        break
    time.sleep(0.1)
assert machine["State"] == {"Code": 48, "Name": "terminated"}, machine
assert machine["StateReason"]["Code"] == "Server.SpotInstanceTermination"
refused("IdempotentInstanceTerminated", ec2.run_instances, **launch)

# On-demand machines stop and start.
plain = {name: launch[name] for name in (
    "ImageId", "InstanceType", "SubnetId")}
two = ec2.run_instances(**plain, MinCount=1, MaxCount=1)["Instances"][0]
assert "InstanceLifecycle" not in two
two = two["InstanceId"]
control("POST", "clock", {"milliseconds": 1000})
changes = ec2.stop_instances(InstanceIds=[two])["StoppingInstances"][0]
assert changes["PreviousState"]["Name"] == "running", changes
assert changes["CurrentState"]["Name"] == "stopping"
control("POST", "clock", {"milliseconds": 3000})
started = ec2.start_instances(InstanceIds=[two])["StartingInstances"][0]
assert started["PreviousState"]["Name"] == "stopped"
ended = ec2.terminate_instances(InstanceIds=[two])["TerminatingInstances"][0]
assert ended["InstanceId"] == two
refused("InvalidInstanceID.NotFound", ec2.terminate_instances,
        InstanceIds=[two, "i-0123456789abcdef0"])

# Many machines, page by page.
made = ec2.run_instances(**plain, MinCount=25, MaxCount=25, ClientToken="many")["Instances"]
assert len({machine["InstanceId"] for machine in made}) == 25
assert sorted(machine["AmiLaunchIndex"] for machine in made) == list(range(25))
found = []
for page in ec2.get_paginator("describe_instances").paginate(
        Filters=[{"Name": "client-token", "Values": ["many"]}],
        PaginationConfig={"PageSize": 10}):
    found += [m["InstanceId"] for r in page["Reservations"] for m in r["Instances"]]
assert sorted(found) == sorted(machine["InstanceId"] for machine in made)

# What there is too little of.
control("POST", "regions/us-east-1/capacity", {
    "type": "g6.xlarge", "market": "on-demand", "slots": 0})
refused("InsufficientInstanceCapacity", ec2.run_instances, status=500, **{
    **plain, "InstanceType": "g6.xlarge", "MinCount": 1, "MaxCount": 1})
control("POST", "regions/us-east-1/quota", {
    "market": "on-demand", "family": "P", "vcpus": 0})
refused("VcpuLimitExceeded", ec2.run_instances, **{
    **plain, "InstanceType": "p5.4xlarge", "MinCount": 1, "MaxCount": 1})

# Throttles are EC2's.
control("POST", "regions/us-east-1/rules", {"throttles": True})
control("POST", "regions/us-east-1/drain-throttle")
refused("RequestLimitExceeded", ec2.describe_instances, status=503)

# The log has them all, with who asked.
calls = control("GET", "calls")["calls"]
assert [call["number"] for call in calls] == list(range(1, len(calls) + 1))
assert {call["caller"] for call in calls} == {"arn:aws:iam::123456789012:user/admin"}
launches = [call for call in calls if call["operation"] == "RunInstances"]
assert [call["outcome"] for call in launches[:4]] == [
    "DryRunOperation", "ok", "ok", "IdempotentParameterMismatch"]
