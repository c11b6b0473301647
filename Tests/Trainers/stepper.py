#!/usr/bin/env python3
"""A trainer for tests: counts steps, and can behave as badly as real trainers do.

Its state is the step and a chain of digests over all steps: two runs that reach one step by
different histories differ. Exit codes: 0 finished, 143 stopped after saving, 9 the checkpoint to
resume from is torn or missing, else what --exit-code says.
"""
import argparse
import hashlib
import json
import os
import shutil
import signal
import sys
import time

MEMBERS = ["model.json", "optimizer.json"]
LAST = "state.json"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=100, help="finish here")
    parser.add_argument("--every", type=int, default=10, help="save each so many steps")
    parser.add_argument("--step-time", type=float, default=0.02, metavar="SECONDS")
    parser.add_argument("--resume", metavar="PATH")
    parser.add_argument("--out", default="checkpoints")
    parser.add_argument("--kind", choices=["atomic", "in-place", "directory"], default="atomic")
    parser.add_argument("--size", type=int, default=1000, metavar="BYTES",
                        help="pad each checkpoint file to about this size")
    parser.add_argument("--write-time", type=float, default=0.0, metavar="SECONDS",
                        help="pause in the middle of each write that is not atomic")
    parser.add_argument("--restart-numbers", action="store_true",
                        help="name checkpoints from 0 again after a resume")
    parser.add_argument("--ignore-term", action="store_true", help="go on after SIGTERM")
    parser.add_argument("--stop-without-saving", action="store_true", help="exit at once")
    parser.add_argument("--workers", type=int, default=0, help="fork so many idle children")
    parser.add_argument("--session", action="store_true",
                        help="start each worker in a session of its own")
    parser.add_argument("--fail-at", type=int, metavar="STEP")
    parser.add_argument("--exit-code", type=int, default=7, help="for --fail-at")
    return parser.parse_args()


def state_text(step, chain, size):
    """JSON with its own digest in the last line, so that a torn file is seen."""
    body = json.dumps({"step": step, "chain": chain, "padding": "x" * size})
    return f"{body}\n{hashlib.sha256(body.encode()).hexdigest()}\n"


def read_state(path):
    try:
        if os.path.isdir(path):
            for member in MEMBERS:
                parse(os.path.join(path, member))
            path = os.path.join(path, LAST)
        return parse(path)
    except (OSError, ValueError, KeyError) as problem:
        print(f"stepper: cannot resume from {path}: {problem!r}", file=sys.stderr, flush=True)
        sys.exit(9)


def parse(path):
    with open(path, encoding="ascii") as file:
        body, digest = file.read().splitlines()
    if hashlib.sha256(body.encode()).hexdigest() != digest:
        raise ValueError("torn")
    state = json.loads(body)
    return state["step"], state["chain"]


def write(path, text, pause):
    with open(path, "w", encoding="ascii") as file:
        file.write(text[:len(text) // 2])
        file.flush()
        time.sleep(pause)
        file.write(text[len(text) // 2:])
        file.flush()
        os.fsync(file.fileno())


def save(options, step, chain, number):
    os.makedirs(options.out, exist_ok=True)
    text = state_text(step, chain, options.size)
    if options.kind == "in-place":
        path = os.path.join(options.out, "latest.json")
        write(path, text, options.write_time)
    elif options.kind == "directory":
        path = os.path.join(options.out, f"step-{number}")
        shutil.rmtree(path, ignore_errors=True)
        os.makedirs(path)
        for member in [*MEMBERS, LAST]:
            write(os.path.join(path, member), text, options.write_time)
    else:
        path = os.path.join(options.out, f"step-{number}.json")
        write(path + ".tmp", text, 0)
        os.rename(path + ".tmp", path)
    print(f"saved {path} at step {step}", flush=True)


def start_workers(options):
    """Children that idle until a signal; a parent that is killed leaves them behind."""
    pids = []
    for _ in range(options.workers):
        pid = os.fork()
        if pid:
            pids.append(pid)
        else:
            if options.session:
                os.setsid()
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            while True:
                time.sleep(60)
    return pids


def main():
    options = arguments()
    stopping = []

    def on_term(number, frame):
        if options.stop_without_saving:
            os._exit(128 + number)
        if not options.ignore_term:
            stopping.append(number)

    workers = start_workers(options)
    signal.signal(signal.SIGTERM, on_term)
    step, chain = read_state(options.resume) if options.resume else (0, "")
    first = step if options.restart_numbers else 0
    print(f"start at step {step} pid {os.getpid()}", flush=True)

    while step < options.steps:
        time.sleep(options.step_time)
        step += 1
        chain = hashlib.sha256(f"{chain}{step}".encode()).hexdigest()[:16]
        print(f"step {step} loss {10 / (step + 1):.4f}", flush=True)
        if step == options.fail_at:
            print(f"stepper: failing at step {step}", file=sys.stderr, flush=True)
            sys.exit(options.exit_code)
        if step % options.every == 0 or step == options.steps or stopping:
            save(options, step, chain, step - first)
        if stopping and step < options.steps:
            print(f"stopped at step {step}", flush=True)
            sys.exit(128 + signal.SIGTERM)

    write("final.json.tmp", json.dumps({"step": step, "chain": chain}), 0)
    os.rename("final.json.tmp", "final.json")
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    print(f"finished at step {step} chain {chain}", flush=True)


if __name__ == "__main__":
    main()
