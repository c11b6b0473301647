"""SSM, SQS, IAM and Service Quotas through boto3, and EC2's events on their way to a queue."""

import json

from double import client, control, refused

ssm, sqs, ec2 = client("ssm"), client("sqs"), client("ec2")

# Parameters.
IMAGE = ("/aws/service/deeplearning/ami/x86_64/base-oss-nvidia-driver-gpu-ubuntu-22.04/latest/"
         "ami-id")
image = ssm.get_parameter(Name=IMAGE)["Parameter"]
assert image["Value"].startswith("ami-") and image["Type"] == "String" and image["Version"] == 1
control("POST", "parameters", {
    "name": "/research/wandb", "value": "s3cret", "region": "us-east-1", "secure": True})
assert ssm.get_parameter(Name="/research/wandb")["Parameter"]["Value"] != "s3cret"
clear = ssm.get_parameter(Name="/research/wandb", WithDecryption=True)["Parameter"]
assert clear["Value"] == "s3cret" and clear["Type"] == "SecureString"
assert clear["ARN"] == "arn:aws:ssm:us-east-1:123456789012:parameter/research/wandb"
refused("ParameterNotFound", ssm.get_parameter, Name="/absent")
many = ssm.get_parameters(Names=[IMAGE, "/absent"])
assert len(many["Parameters"]) == 1 and many["InvalidParameters"] == ["/absent"]

# A queue that EC2's events go to.
control("POST", "queues", {"name": "events", "region": "us-east-1", "events": True})
url = sqs.get_queue_url(QueueName="events")["QueueUrl"]
refused("AWS.SimpleQueueService.NonExistentQueue", sqs.get_queue_url, QueueName="absent")
sqs.send_message(QueueUrl=url, MessageBody="hello <&>")
message = sqs.receive_message(
    QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"])["Messages"][0]
assert message["Body"] == "hello <&>"
assert "Messages" not in sqs.receive_message(QueueUrl=url), "it hides while it is worked on"
sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
machine = ec2.run_instances(
    ImageId=image["Value"], InstanceType="g5.xlarge", MinCount=1, MaxCount=1,
    InstanceMarketOptions={"MarketType": "spot"})["Instances"][0]["InstanceId"]
control("POST", "clock", {"milliseconds": 1000})
control("POST", f"instances/{machine}/interrupt", {"notice": 120})
events = [json.loads(m["Body"]) for m in sqs.receive_message(
    QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])]
kinds = [event["detail-type"] for event in events]
assert "EC2 Spot Instance Interruption Warning" in kinds, kinds
assert all(event["detail"]["instance-id"] == machine for event in events)

# Roles, among them the one that EC2 needs for spot.
iam = client("iam")
role = iam.get_role(RoleName="holdfast-instance")["Role"]
assert role["Arn"] == "arn:aws:iam::123456789012:role/holdfast-instance" and role["Path"] == "/"
SPOT = "AWSServiceRoleForEC2Spot"
assert iam.get_role(RoleName=SPOT)["Role"]["Path"] == "/aws-service-role/spot.amazonaws.com/"
refused("NoSuchEntity", iam.get_role, RoleName="absent", status=404)
control("POST", "regions/us-east-1/rules", {"hasSpotRole": False})
refused("NoSuchEntity", iam.get_role, RoleName=SPOT)
refused("InvalidAction", iam.list_roles)

# Limits.
quotas = client("service-quotas")
G_SPOT = {"ServiceCode": "ec2", "QuotaCode": "L-3819A6DF"}
assert quotas.get_service_quota(**G_SPOT)["Quota"]["Value"] >= 1000
control("POST", "regions/us-east-1/quota", {"market": "spot", "family": "G and VT", "vcpus": 8})
assert quotas.get_service_quota(**G_SPOT)["Quota"]["Value"] == 8
refused("NoSuchResourceException", quotas.get_service_quota, ServiceCode="ec2", QuotaCode="L-0")
