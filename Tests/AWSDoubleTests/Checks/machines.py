"""Machines whose user data runs: boot, stop and start, notice, kill, their own power off."""

import os
import time

from double import client, control

ec2 = client("ec2")
image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
control("POST", "regions/us-east-1/rules", {"shutdown": [5000, 5000], "throttles": False})

BOOT = r"""#!/bin/bash
set -eu
echo "user data of $(basename $(dirname $HOLDFAST_ROOT))"
mkdir -p $HOLDFAST_ROOT/opt
cat > $HOLDFAST_ROOT/opt/agent <<'END'
#!/bin/bash
cd $HOLDFAST_ROOT
echo $$ > pid
cat proc/sys/kernel/random/boot_id >> boots
setsid sleep 1000 & echo $! > child
trap 'echo TERM >> signals; sleep 0.2; echo saved >> signals; exit 0' TERM
trap 'systemctl poweroff' USR1
trap 'exit 3' USR2
while true; do sleep 0.05; done
END
chmod +x $HOLDFAST_ROOT/opt/agent
cat > $HOLDFAST_ROOT/etc/systemd/system/holdfast-agent.service <<END
[Unit]
Description=Training
[Service]
ExecStart=$HOLDFAST_ROOT/opt/agent
Restart=on-failure
RestartSec=100ms
KillMode=mixed
[Install]
WantedBy=multi-user.target
END
systemctl daemon-reload
systemctl enable --now holdfast-agent.service
systemctl is-active holdfast-agent
if systemctl frobnicate x; then exit 1; fi
"""


def until(what, look, span=8):
    """Waits for `look` to give something true."""
    end = time.monotonic() + span
    while time.monotonic() < end:
        if value := look():
            return value
        time.sleep(0.03)
    raise AssertionError(f"not in time: {what}")


def known(machine):
    return next(m for m in control("GET", "instances")["instances"] if m["id"] == machine)


def text(machine, name):
    try:
        with open(f"{known(machine)['root']}/{name}") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def launch(**options):
    machine = ec2.run_instances(
        ImageId=image, InstanceType="g5.xlarge", MinCount=1, MaxCount=1, UserData=BOOT,
        **options)["Instances"][0]["InstanceId"]
    return machine, until("the agent", lambda: text(machine, "child").strip())


def processes(machine):
    return [text(machine, name).strip() for name in ("pid", "child")]


def state(machine, wanted):
    until(f"{machine} {wanted}", lambda: known(machine)["state"] == wanted)


spot = {"InstanceMarketOptions": {"MarketType": "spot"}}
(one, _), (two, _), (three, _) = launch(), launch(**spot), launch(**spot)
four, _ = launch(InstanceInitiatedShutdownBehavior="terminate")

# The console has what the machine printed.
def console(machine):
    return ec2.get_console_output(InstanceId=machine)["Output"]


until("the end of user data", lambda: "cloud-init: finished" in console(one))
assert f"user data of {one}" in console(one), console(one)
assert "not modelled: systemctl frobnicate" in console(one), console(one)

# A unit that fails comes back; user data does not run again.
pid = text(one, "pid").strip()
os.kill(int(pid), 12)
until("a restart", lambda: text(one, "pid").strip() not in ("", pid))

# A stop is a shutdown: the signal, time to save, then nothing is left, also of other sessions.
before = processes(one)
ec2.stop_instances(InstanceIds=[one])
state(one, "stopped")
assert text(one, "signals") == "TERM\nsaved\n"
assert not any(alive(pid) for pid in before), before
ec2.start_instances(InstanceIds=[one])
until("a second boot", lambda: len(text(one, "boots").split()) == 3)
boots = text(one, "boots").split()
assert boots[0] == boots[1] != boots[2], "each boot has an id of its own"
assert console(one).count("user data of") == 1

# A notice stands, then the machine is shut down in order.
control("POST", f"instances/{two}/interrupt", {"notice": 0.5})
assert text(two, "signals") == ""
state(two, "terminated")
assert text(two, "signals") == "TERM\nsaved\n"

# Without a notice the power goes at once.
before = processes(three)
control("POST", f"instances/{three}/interrupt", {})
state(three, "terminated")
until("death", lambda: not any(alive(pid) for pid in before))
assert text(three, "signals") == ""

# A machine that switches itself off ends as its launch asked.
before = processes(four)
os.kill(int(before[0]), 10)
state(four, "terminated")
assert text(four, "signals") == "TERM\nsaved\n"
assert not any(alive(pid) for pid in before)
ended = ec2.describe_instances(InstanceIds=[four])["Reservations"][0]["Instances"][0]
assert ended["StateReason"]["Code"] == "Client.InstanceInitiatedShutdown"

# The end of the double is the end of its machines.
last = processes(one)
assert all(alive(pid) for pid in last)
control("POST", "end")
assert not any(alive(pid) for pid in last)
