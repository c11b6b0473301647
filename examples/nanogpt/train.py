#!/usr/bin/env python3
"""A small character-level GPT that saves and resumes the way nanoGPT does.

One file, `OUT_DIR/ckpt.pt`, is rewritten in place at every evaluation. `--init_from scratch` begins
anew and overwrites it; `--init_from resume` goes on from it, and fails when it is not there. SIGTERM
is not handled: what was trained since the last evaluation is lost with the process.

Needs PyTorch; one CPU core is enough for the default size.
"""
import argparse
import json
import math
import os
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

TEXT = "A machine may be taken away at any moment. What was saved goes on on the next one. " * 30


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out_dir", default="out")
    parser.add_argument("--init_from", choices=["scratch", "resume"], default="scratch")
    parser.add_argument("--max_iters", type=int, default=400)
    parser.add_argument("--eval_interval", type=int, default=50, help="save each so many steps")
    parser.add_argument("--block_size", type=int, default=32)
    parser.add_argument("--batch_size", type=int, default=8)
    parser.add_argument("--n_layer", type=int, default=2)
    parser.add_argument("--n_head", type=int, default=4)
    parser.add_argument("--n_embd", type=int, default=64)
    parser.add_argument("--learning_rate", type=float, default=3e-3)
    parser.add_argument("--step_time", type=float, default=0.0, help="seconds a step takes at least")
    return parser.parse_args()


class Block(nn.Module):
    """Attention and a feed-forward layer, each added to what it reads."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm_in, self.norm_out = nn.LayerNorm(width), nn.LayerNorm(width)
        self.mix, self.back = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.feed = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        batch, length, width = x.shape
        parts = self.mix(self.norm_in(x)).view(batch, length, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
        future = torch.ones(length, length, dtype=torch.bool).triu(1)
        weights = F.softmax(scores.masked_fill(future, float("-inf")), dim=-1)
        x = x + self.back((weights @ value).transpose(1, 2).reshape(batch, length, width))
        return x + self.feed(self.norm_out(x))


class CharacterModel(nn.Module):
    def __init__(self, letters, block_size, n_layer, n_head, n_embd):
        super().__init__()
        self.letter = nn.Embedding(letters, n_embd)
        self.place = nn.Embedding(block_size, n_embd)
        self.blocks = nn.Sequential(*[Block(n_embd, n_head) for _ in range(n_layer)])
        self.head = nn.Sequential(nn.LayerNorm(n_embd), nn.Linear(n_embd, letters))

    def forward(self, letters, targets):
        places = torch.arange(letters.shape[1])
        logits = self.head(self.blocks(self.letter(letters) + self.place(places)))
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten())


def batch(data, step, options):
    """The batch of a step is always the same one, so that a resumed run repeats nothing else."""
    draw = torch.Generator().manual_seed(step)
    starts = torch.randint(
        len(data) - options.block_size - 1, (options.batch_size,), generator=draw)
    rows = torch.stack([data[start:start + options.block_size + 1] for start in starts])
    return rows[:, :-1], rows[:, 1:]


def main():
    options = arguments()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    letters = sorted(set(TEXT))
    data = torch.tensor([letters.index(letter) for letter in TEXT])
    model = CharacterModel(
        len(letters), options.block_size, options.n_layer, options.n_head, options.n_embd)
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.learning_rate)
    step, last, path = 0, None, os.path.join(options.out_dir, "ckpt.pt")
    if options.init_from == "resume":
        saved = torch.load(path, map_location="cpu")
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        step, last = saved["iter_num"], saved["loss"]
        print(f"resuming from {path} at iter {step}", flush=True)
    os.makedirs(options.out_dir, exist_ok=True)
    while step < options.max_iters:
        begun = time.monotonic()
        loss = model(*batch(data, step, options))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        step, last = step + 1, round(loss.item(), 6)
        if step % options.eval_interval == 0 or step == options.max_iters:
            print(f"iter {step}: loss {last}", flush=True)
            torch.save(
                {"model": model.state_dict(), "optimizer": optimizer.state_dict(),
                 "iter_num": step, "loss": last, "config": vars(options)}, path)
        time.sleep(max(0.0, options.step_time - (time.monotonic() - begun)))
    with open(os.path.join(options.out_dir, "final.json"), "w", encoding="utf-8") as file:
        json.dump({"iter_num": step, "loss": last}, file)


if __name__ == "__main__":
    main()
