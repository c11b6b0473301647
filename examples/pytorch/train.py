#!/usr/bin/env python3
"""A plain PyTorch loop that can be stopped at any moment.

A checkpoint is a new file, `OUT/step-N.pt`, that appears whole: it is written beside its place and
renamed. On SIGTERM the loop ends at the next step, saves, and exits with 143.

Needs PyTorch.
"""
import argparse
import json
import os
import signal
import sys
import time

import torch
import torch.nn as nn


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default="checkpoints")
    parser.add_argument("--resume", metavar="FILE")
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--every", type=int, default=100, help="save each so many steps")
    parser.add_argument("--step-time", type=float, default=0.0, help="seconds a step takes at least")
    return parser.parse_args()


def save(state, path):
    torch.save(state, path + ".tmp")
    os.replace(path + ".tmp", path)


def main():
    options = arguments()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    model = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    step, last = 0, None
    if options.resume:
        state = torch.load(options.resume)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        step, last = state["step"], state["loss"]
        print(f"resuming from {options.resume} at step {step}", flush=True)
    os.makedirs(options.out, exist_ok=True)
    saved = step

    def checkpoint():
        print(f"step {step} loss {last}", flush=True)
        save({"model": model.state_dict(), "optimizer": optimizer.state_dict(),
              "step": step, "loss": last}, os.path.join(options.out, f"step-{step}.pt"))
        return step

    asked = []
    signal.signal(signal.SIGTERM, lambda number, frame: asked.append(number))
    while step < options.steps and not asked:
        begun = time.monotonic()
        inputs = torch.rand(64, 2, generator=torch.Generator().manual_seed(step)) * 2 - 1
        targets = (inputs[:, :1] * inputs[:, 1:]).sin()
        loss = ((model(inputs) - targets) ** 2).mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        step, last = step + 1, round(loss.item(), 8)
        if step % options.every == 0:
            saved = checkpoint()
        time.sleep(max(0.0, options.step_time - (time.monotonic() - begun)))
    if saved < step:
        checkpoint()
    if step < options.steps:
        sys.exit(143)
    with open("final.json", "w", encoding="utf-8") as file:
        json.dump({"step": step, "loss": last}, file)


if __name__ == "__main__":
    main()
