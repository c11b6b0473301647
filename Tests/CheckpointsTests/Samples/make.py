"""Makes the samples beside this script with the libraries that real trainers save with.

Run once by hand; the samples are kept. Made with torch 1.13 (Debian's python3-torch), numpy 1.24
and, with another interpreter, safetensors 0.8:

    python3 make.py torch numpy
    python3 make.py safetensors
"""

import collections
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))


def at(name):
    return os.path.join(here, name)


def make_torch():
    import torch

    state = {
        "step": 40,
        "model": collections.OrderedDict(
            weight=torch.arange(48, dtype=torch.float32).reshape(6, 8),
            bias=torch.ones(6, dtype=torch.float16),
        ),
    }
    torch.save(state, at("state.pt"))
    torch.save(state, at("legacy.pt"), _use_new_zipfile_serialization=False)


def make_numpy():
    import numpy as np

    arrays = {"weight": np.arange(48, dtype="<f4").reshape(6, 8), "names": np.array(["a", "bc"])}
    np.savez(at("arrays.npz"), **arrays)
    np.savez_compressed(at("packed.npz"), big=np.tile(np.arange(97, dtype="<i4"), 30), **arrays)
    np.save(at("array.npy"), arrays["weight"])


def make_safetensors():
    import numpy as np
    from safetensors.numpy import save_file

    tensors = {
        "weight": np.arange(48, dtype="<f4").reshape(6, 8),
        "bias": np.ones(6, dtype="<f2"),
    }
    save_file(tensors, at("model.safetensors"), metadata={"format": "pt"})


if __name__ == "__main__":
    for kind in sys.argv[1:]:
        {"torch": make_torch, "numpy": make_numpy, "safetensors": make_safetensors}[kind]()
