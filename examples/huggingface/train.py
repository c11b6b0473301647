#!/usr/bin/env python3
"""A tiny GPT-2, trained by the Hugging Face Trainer on text that it brings along.

`--resume_from_checkpoint` takes the path of a `checkpoint-N` directory; the word True would make the
Trainer choose by itself, and by name. SIGTERM is not handled: the process ends with 143, and what
was trained since the last `checkpoint-N` is lost with it.

Needs what requirements.txt names.
"""
import argparse

import torch
from transformers import GPT2Config, GPT2LMHeadModel, Trainer, TrainingArguments

TEXT = "A run is known by its name. Its machines come and go, and its checkpoints stay. " * 40


class Letters(torch.utils.data.Dataset):
    """Windows of the text, as the model reads them."""

    def __init__(self, length):
        self.letters = sorted(set(TEXT))
        self.data = torch.tensor([self.letters.index(letter) for letter in TEXT])
        self.length = length

    def __len__(self):
        return len(self.data) - self.length

    def __getitem__(self, place):
        window = self.data[place:place + self.length]
        return {"input_ids": window, "labels": window}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output_dir", default="out")
    parser.add_argument("--max_steps", type=int, default=200)
    parser.add_argument("--save_steps", type=int, default=50)
    parser.add_argument("--resume_from_checkpoint", metavar="DIRECTORY")
    options = parser.parse_args()
    data = Letters(32)
    model = GPT2LMHeadModel(
        GPT2Config(vocab_size=len(data.letters), n_positions=32, n_embd=32, n_layer=2, n_head=2,
                   bos_token_id=0, eos_token_id=0))
    settings = TrainingArguments(
        output_dir=options.output_dir, max_steps=options.max_steps, save_steps=options.save_steps,
        save_total_limit=2, logging_steps=10, per_device_train_batch_size=8, report_to=[],
        use_cpu=True, seed=1)
    trainer = Trainer(model=model, args=settings, train_dataset=data)
    trainer.train(resume_from_checkpoint=options.resume_from_checkpoint)
    trainer.save_model()
    trainer.save_state()


if __name__ == "__main__":
    main()
