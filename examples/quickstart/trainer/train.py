#!/usr/bin/env python3
"""Trains a small model of letters: from the last three letters it guesses the next one.

A real trainer in plain Python: an embedding, one hidden layer, a softmax, gradients by hand and
plain SGD. It behaves as a trainer should that may lose its machine:

* a checkpoint appears whole: temporary file, fsync, rename;
* SIGTERM saves at the end of the step and exits with 143;
* the same checkpoint leads to the same weights, wherever it goes on: the batch of a step depends
  on the seed and the step alone;
* it never starts afresh by itself: a checkpoint that cannot be read is an error.
"""
import argparse
import json
import math
import os
import random
import signal
import sys
import time

LETTERS = " abcdefghijklmnopqrstuvwxyz"
CONTEXT, EMBEDDING, HIDDEN, BATCH = 3, 6, 16, 16


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default="checkpoints", help="folder of the checkpoints")
    parser.add_argument("--resume", metavar="PATH", help="checkpoint to go on from")
    parser.add_argument("--steps", type=int, default=1000, help="when training is finished")
    parser.add_argument("--every", type=int, default=50, metavar="K", help="save each K steps")
    parser.add_argument("--step-time", type=float, default=0.0, metavar="SECONDS",
                        help="let each step take at least this long")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--learning-rate", type=float,
                        default=float(os.environ.get("LEARNING_RATE", "0.2")))
    return parser.parse_args()


def read_examples():
    """Every letter of the text with the letters before it."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "letters.txt")
    with open(path, encoding="ascii") as file:
        text = [LETTERS.index(letter) for letter in " ".join(file.read().split())]
    return [(text[i - CONTEXT:i], text[i]) for i in range(CONTEXT, len(text))]


def fresh_model(seed):
    generator = random.Random(seed)

    def matrix(rows, columns):
        scale = 1 / math.sqrt(columns)
        return [[generator.uniform(-scale, scale) for _ in range(columns)] for _ in range(rows)]

    return {
        "embedding": matrix(len(LETTERS), EMBEDDING),
        "hidden": matrix(HIDDEN, CONTEXT * EMBEDDING),
        "hidden_bias": [0.0] * HIDDEN,
        "output": matrix(len(LETTERS), HIDDEN),
        "output_bias": [0.0] * len(LETTERS),
    }


def forward(model, context):
    """The inputs, the hidden layer and the probability of each next letter."""
    inputs = [value for letter in context for value in model["embedding"][letter]]
    hidden = [math.tanh(bias + sum(w * x for w, x in zip(row, inputs)))
              for row, bias in zip(model["hidden"], model["hidden_bias"])]
    scores = [bias + sum(w * h for w, h in zip(row, hidden))
              for row, bias in zip(model["output"], model["output_bias"])]
    highest = max(scores)
    weights = [math.exp(score - highest) for score in scores]
    total = sum(weights)
    return inputs, hidden, [weight / total for weight in weights]


def train_on(model, context, target, rate):
    """One example: its loss, after a step down its gradient."""
    inputs, hidden, chances = forward(model, context)
    loss = -math.log(max(chances[target], 1e-12))

    back = [0.0] * HIDDEN
    for letter, chance in enumerate(chances):
        error = chance - (1.0 if letter == target else 0.0)
        row = model["output"][letter]
        for i in range(HIDDEN):
            back[i] += error * row[i]
            row[i] -= rate * error * hidden[i]
        model["output_bias"][letter] -= rate * error

    back_inputs = [0.0] * len(inputs)
    for i in range(HIDDEN):
        error = back[i] * (1 - hidden[i] * hidden[i])
        row = model["hidden"][i]
        for j, value in enumerate(inputs):
            back_inputs[j] += error * row[j]
            row[j] -= rate * error * value
        model["hidden_bias"][i] -= rate * error

    for position, letter in enumerate(context):
        row = model["embedding"][letter]
        for i in range(EMBEDDING):
            row[i] -= rate * back_inputs[position * EMBEDDING + i]
    return loss


def train_step(model, examples, step, options):
    generator = random.Random(options.seed * 1_000_003 + step)
    batch = [examples[generator.randrange(len(examples))] for _ in range(BATCH)]
    rate = options.learning_rate / BATCH * 4
    return sum(train_on(model, context, target, rate) for context, target in batch) / BATCH


def write_whole(path, content):
    """The file is there with all its bytes, or it is not there."""
    temporary = f"{path}.tmp{os.getpid()}"
    with open(temporary, "w", encoding="ascii") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    os.rename(temporary, path)
    folder = os.open(os.path.dirname(path) or ".", os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def save(options, step, average, model):
    os.makedirs(options.out, exist_ok=True)
    path = os.path.join(options.out, f"step-{step:06d}.json")
    write_whole(path, {"step": step, "loss": average, "seed": options.seed, "model": model})
    print(f"saved {path}", flush=True)


def load(path):
    try:
        with open(path, encoding="ascii") as file:
            state = json.load(file)
        return state["step"], state["loss"], state["model"]
    except (OSError, ValueError, KeyError, TypeError) as problem:
        sys.exit(f"train.py: cannot resume from {path}: {problem!r}")


def sample(model, length=60):
    """What the model has learned, for people."""
    text = [0] * CONTEXT
    generator = random.Random(7)
    for _ in range(length):
        chances = forward(model, text[-CONTEXT:])[2]
        text += generator.choices(range(len(LETTERS)), chances)
    return "".join(LETTERS[letter] for letter in text[CONTEXT:])


def main():
    options = arguments()
    stopping = []
    signal.signal(signal.SIGTERM, lambda number, frame: stopping.append(number))

    examples = read_examples()
    if options.resume:
        step, average, model = load(options.resume)
        print(f"resumed at step {step} loss {average:.4f} from {options.resume}", flush=True)
    else:
        step, average, model = 0, math.log(len(LETTERS)), fresh_model(options.seed)
        print(f"fresh start, seed {options.seed}", flush=True)

    saved = step
    while step < options.steps:
        began = time.monotonic()
        step += 1
        average = 0.98 * average + 0.02 * train_step(model, examples, step, options)
        if step % 10 == 0 or step == options.steps:
            print(f"step {step} loss {average:.4f}", flush=True)
        if step % options.every == 0 or step == options.steps:
            save(options, step, average, model)
            saved = step
        if stopping and step < options.steps:
            if saved < step:
                save(options, step, average, model)
            print(f"stopped at step {step} loss {average:.4f}", flush=True)
            sys.exit(128 + signal.SIGTERM)
        time.sleep(max(0.0, options.step_time - (time.monotonic() - began)))

    write_whole("final.json", {"step": step, "loss": average})
    print(f"finished at step {step} loss {average:.4f}: {sample(model)}", flush=True)


if __name__ == "__main__":
    main()
