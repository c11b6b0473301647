"""What policies grant: a launch's resources and tags, machines by their tags, AWS's parameters."""

from double import client, control, refused

SCOPE = {"Key": "holdfast:scope", "Value": "research"}
ec2 = client("ec2")
image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]


def allow(actions, resource, **condition):
    statement = {"Effect": "Allow", "Action": actions, "Resource": resource}
    return {**statement, "Condition": condition} if condition else statement


def user(name, *statements):
    """Clients of a user with these rights and no others."""
    key = f"AKIA{name.upper():0<16}"
    control("POST", "users", {
        "name": name, "accessKey": key, "secret": "s", "policy": {"Statement": statements}})
    return lambda service: client(service, aws_access_key_id=key, aws_secret_access_key="s")


def launch(who, *tags, **more):
    specifications = [{"ResourceType": "instance", "Tags": list(tags)}] if tags else []
    return who("ec2").run_instances(
        ImageId=image, InstanceType="m6i.2xlarge", MinCount=1, MaxCount=1,
        TagSpecifications=specifications, **more)["Instances"][0]["InstanceId"]


EC2 = "arn:aws:ec2:*:*:"
places = allow("ec2:RunInstances", [
    EC2 + "subnet/*", EC2 + "security-group/*", EC2 + "network-interface/*",
    "arn:aws:ec2:*::image/*"])
tagged = allow("ec2:RunInstances", [EC2 + "instance/*", EC2 + "volume/*"], StringEquals={
    "aws:RequestTag/holdfast:scope": "research"})
tagging = allow("ec2:CreateTags", EC2 + "*", StringEquals={"ec2:CreateAction": "RunInstances"})
ending = allow("ec2:TerminateInstances", EC2 + "instance/*", StringEquals={
    "aws:ResourceTag/holdfast:scope": "research"})

passing = allow("iam:PassRole", "arn:aws:iam::*:role/holdfast-instance", StringEquals={
    "iam:PassedToService": "ec2.amazonaws.com"})

# A launch needs a right for each thing that it makes or uses, for its tags and for its role.
whole = user("whole", places, tagged, tagging, ending)
own = launch(whole, SCOPE)
refused("UnauthorizedOperation", lambda: launch(whole))
refused("UnauthorizedOperation", lambda: launch(whole, {**SCOPE, "Value": "another"}))
refused("UnauthorizedOperation", lambda: launch(user("placeless", tagged, tagging), SCOPE))
refused("UnauthorizedOperation", lambda: launch(user("tagless", places, tagged), SCOPE))
role = {"IamInstanceProfile": {"Name": "holdfast-instance"}}
denied = refused("UnauthorizedOperation", lambda: launch(whole, SCOPE, **role))
assert "iam:PassRole" in str(denied)
launch(user("passing", places, tagged, tagging, passing), SCOPE, **role)

# Tags are given with a launch only, and a machine is ended by its own.
refused("UnauthorizedOperation", whole("ec2").create_tags, Resources=[own], Tags=[SCOPE])
foreign = ec2.run_instances(
    ImageId=image, InstanceType="m6i.2xlarge", MinCount=1, MaxCount=1
)["Instances"][0]["InstanceId"]
refused("UnauthorizedOperation", whole("ec2").terminate_instances, InstanceIds=[foreign])
whole("ec2").terminate_instances(InstanceIds=[own])

# AWS's parameters are in no account, others in one.
PUBLIC = "/aws/service/deeplearning/x"
for name in PUBLIC, "/research/token":
    control("POST", "parameters", {"name": name, "value": "v", "region": "us-east-1"})
public = user("public", allow("ssm:GetParameter", "arn:aws:ssm:*::parameter/aws/service/*"))
private = user("private", allow("ssm:GetParameter", "arn:aws:ssm:*:123456789012:parameter/*"))
for who, may, may_not in (public, PUBLIC, "/research/token"), (private, "/research/token", PUBLIC):
    assert who("ssm").get_parameter(Name=may)["Parameter"]["Value"] == "v"
    refused("AccessDeniedException", who("ssm").get_parameter, Name=may_not)
