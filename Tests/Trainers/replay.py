#!/usr/bin/env python3
"""Replays how other people's trainers save, resume, stop and finish, without their libraries.

The files have the forms of the real ones (zip archives of torch, safetensors headers), appear in the
same order and under the same names, and are resumed from in the same way. Nothing is trained.

    huggingface   checkpoint-N/, trainer_state.json last, two kept; dies at SIGTERM
    lightning     epoch=E-step=N.ckpt, written elsewhere and moved; exits 0 at SIGTERM, unsaved
    kohya         NAME-step0000000N-state/, part by part in place, numbers from 0 after a resume,
                  one kept; dies at SIGTERM; NAME.safetensors at the end
"""
import argparse
import json
import os
import shutil
import signal
import struct
import sys
import time
import zipfile


def torch_file(path, state):
    """An archive as torch.save writes it; the state stands where the pickle would."""
    name = os.path.splitext(os.path.basename(path))[0]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(f"{name}/data.pkl", json.dumps(state))
        archive.writestr(f"{name}/data/0", bytes(range(256)) * 8)
        archive.writestr(f"{name}/version", "3\n")


def torch_state(path):
    with zipfile.ZipFile(path) as archive:
        name = next(name for name in archive.namelist() if name.endswith("/data.pkl"))
        return json.loads(archive.read(name))


def safetensors_file(path, bytes_of_tensors=1024):
    header = json.dumps({"weight": {
        "dtype": "F32", "shape": [bytes_of_tensors // 4], "data_offsets": [0, bytes_of_tensors]}})
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(header)) + header.encode() + bytes(bytes_of_tensors))


def json_file(path, value):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file)


class HuggingFace:
    def __init__(self, options):
        self.out, self.kept = options.out, []

    def resume(self, path):
        with open(os.path.join(path, "trainer_state.json"), encoding="utf-8") as file:
            return json.load(file)["global_step"]

    def save(self, step):
        folder = os.path.join(self.out, f"checkpoint-{step}")
        os.makedirs(folder, exist_ok=True)
        safetensors_file(os.path.join(folder, "model.safetensors"))
        torch_file(os.path.join(folder, "training_args.bin"), {})
        for name in ["optimizer.pt", "scheduler.pt", "rng_state.pth"]:
            time.sleep(0.05)
            torch_file(os.path.join(folder, name), {"step": step})
        json_file(os.path.join(folder, "trainer_state.json"), {"global_step": step})
        self.kept.append(folder)
        if len(self.kept) > 2:
            shutil.rmtree(self.kept.pop(0))

    def finish(self, step):
        safetensors_file(os.path.join(self.out, "model.safetensors"))
        json_file(os.path.join(self.out, "trainer_state.json"), {"global_step": step})


class Lightning:
    def __init__(self, options):
        self.out = options.out
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))

    def resume(self, path):
        return torch_state(path)["global_step"]

    def save(self, step):
        hidden = os.path.join(self.out, f".tmp-{step}")
        torch_file(hidden, {"global_step": step})
        os.replace(hidden, os.path.join(self.out, f"epoch={step // 32}-step={step}.ckpt"))

    def finish(self, step):
        json_file("final.json", {"global_step": step})


class Kohya:
    def __init__(self, options):
        self.out, self.behind, self.kept = options.out, 0, None

    def resume(self, path):
        with open(os.path.join(path, "train_state.json"), encoding="utf-8") as file:
            self.behind = json.load(file)["current_step"]
        return self.behind

    def save(self, step):
        folder = os.path.join(self.out, f"film-step{step - self.behind:08}-state")
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        json_file(os.path.join(folder, "train_state.json"),
                  {"current_epoch": 1, "current_step": step})
        safetensors_file(os.path.join(folder, "model.safetensors"))
        for name in ["optimizer.bin", "scheduler.bin", "random_states_0.pkl"]:
            time.sleep(0.1)
            torch_file(os.path.join(folder, name), {"step": step})
        if self.kept not in (None, folder):
            shutil.rmtree(self.kept, ignore_errors=True)
        self.kept = folder

    def finish(self, step):
        safetensors_file(os.path.join(self.out, "film.safetensors"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("trainer", choices=["huggingface", "lightning", "kohya"])
    parser.add_argument("--out", "--output_dir", default="out")
    parser.add_argument("--resume", "--resume_from_checkpoint", "--ckpt_path")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--every", type=int, default=40)
    parser.add_argument("--step-time", type=float, default=0.02)
    options = parser.parse_args()
    kinds = {"huggingface": HuggingFace, "lightning": Lightning, "kohya": Kohya}
    trainer = kinds[options.trainer](options)
    os.makedirs(options.out, exist_ok=True)
    step = 0
    if options.resume:
        step = trainer.resume(options.resume)
        print(f"resuming from {options.resume} at step {step}", flush=True)
    while step < options.steps:
        time.sleep(options.step_time)
        step += 1
        if step % options.every == 0:
            trainer.save(step)
            print(f"saved at step {step}", flush=True)
    trainer.finish(step)
    print(f"finished at step {step}", flush=True)


if __name__ == "__main__":
    main()
