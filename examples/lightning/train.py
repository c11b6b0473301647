#!/usr/bin/env python3
"""A small regression in Lightning.

`ckpt_path` is a line of code there, so it is given here by `--ckpt_path`. Checkpoints are written
beside their place and moved. On SIGTERM Lightning stops at the end of a batch without saving, and
older ones then exit with 0: only a file written after `fit` proves that it has finished.

Needs what requirements.txt names.
"""
import argparse
import json
import time

import lightning
import torch
from lightning.pytorch.callbacks import Callback, ModelCheckpoint


class Regression(lightning.LightningModule):
    def __init__(self):
        super().__init__()
        self.layers = torch.nn.Sequential(
            torch.nn.Linear(2, 32), torch.nn.Tanh(), torch.nn.Linear(32, 1))

    def training_step(self, batch, number):
        inputs, targets = batch
        return torch.nn.functional.mse_loss(self.layers(inputs), targets)

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=0.01)


class Pause(Callback):
    def __init__(self, seconds):
        self.seconds = seconds

    def on_train_batch_end(self, *_):
        time.sleep(self.seconds)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default="checkpoints")
    parser.add_argument("--max_steps", type=int, default=600)
    parser.add_argument("--every", type=int, default=100, help="save each so many steps")
    parser.add_argument("--ckpt_path", metavar="FILE")
    parser.add_argument("--step-time", type=float, default=0.0, help="pause after each step")
    options = parser.parse_args()
    lightning.seed_everything(1)
    inputs = torch.rand(2048, 2) * 2 - 1
    data = torch.utils.data.TensorDataset(inputs, (inputs[:, :1] * inputs[:, 1:]).sin())
    saving = ModelCheckpoint(dirpath=options.out, every_n_train_steps=options.every, save_top_k=-1)
    trainer = lightning.Trainer(
        accelerator="cpu", devices=1, max_steps=options.max_steps, logger=False,
        callbacks=[saving, Pause(options.step_time)], enable_progress_bar=False)
    model = Regression()
    trainer.fit(
        model, torch.utils.data.DataLoader(data, batch_size=64), ckpt_path=options.ckpt_path)
    if trainer.global_step >= options.max_steps:
        with open("final.json", "w", encoding="utf-8") as file:
            json.dump({"global_step": trainer.global_step}, file)


if __name__ == "__main__":
    main()
