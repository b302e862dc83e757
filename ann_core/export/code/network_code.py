"""Code that builds and trains a network as `ann_core.training` does."""

from __future__ import annotations

from ann_core.export.code.notebook import NotebookCell, assemble, render
from ann_core.export.code.step_code import KERAS_STEP, STEPS
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.training.convolution import is_pooled
from ann_core.training.network_config import CHECK_BATCH, MAX_LAYERS, NetworkConfig
from ann_core.training.network_size import WINDOW

_STANDARDISE = """
# Sums of whole numbers are exact, whatever their order.
total = np.zeros(x.shape[1], dtype=np.int64)
squares = np.zeros(x.shape[1], dtype=np.int64)
for row in train:
    values = x[row].astype(np.int64)
    total += values
    squares += values**2
mean = total / len(train)
std = np.sqrt(len(train) * squares - total**2) / len(train)
std[std == 0] = 1.0
"""

_MODEL = """
seeds = iter(np.random.default_rng(SEED).integers(2**31, size=$N_SEEDS))


def first_weights():
    return keras.initializers.GlorotUniform(seed=int(next(seeds)))


model = keras.Sequential(
    [
        keras.Input((x.shape[1],), dtype="uint8"),
$LAYERS
    ]
)
model.compile(
    optimizer=keras.optimizers.$OPTIMIZER(learning_rate=LEARNING_RATE),
    loss="categorical_crossentropy",
    metrics=["accuracy"],
)
model.summary()
"""
_NODES = "Each neuron of a dense layer has a weight for every value of the layer before."
_FILTERS = (
    "Each filter of a convolution has weights for a window of three by three pixels, and is "
    "carried over the whole picture."
)
_FIRST_WEIGHTS = "First weights are small random numbers, the same ones for the same seed."
_OPTIMIZERS = {"adam": "Adam", "sgd": "SGD", "rmsprop": "RMSprop"}

_RATES = {
    "cosine": '''
def learning_rate_at(epoch):
    """Long steps find the valley, short ones its bottom: half a cosine wave."""
    return LEARNING_RATE * (1 + math.cos(math.pi * (epoch - 1) / EPOCHS)) / 2
''',
    "exponential": '''
def learning_rate_at(epoch):
    """Long steps find the valley, short ones its bottom: down to a hundredth."""
    return LEARNING_RATE * 0.01 ** ((epoch - 1) / max(1, EPOCHS - 1))
''',
}

_LEARN = '''
def learn(epoch$MORE):
    """Walk through the training pictures, in an order of its own for each epoch."""
$RATE    order = train[np.random.default_rng([SEED, epoch]).permutation(len(train))]
$STEPS


def check(epoch):
    """Ask about pictures that it does not learn from; return the loss."""
    values = model.evaluate(
        x[validation], y[validation], batch_size=$CHECK, verbose=0, return_dict=True
    )
    loss, accuracy = values["loss"], values["accuracy"]
    print(f"epoch {epoch}: validation loss {loss:.4f}, accuracy {accuracy:.4f}")
    return loss
'''
_TO_THE_END = """
for epoch in range(1, $LAST + 1):
    learn(epoch)
    check(epoch)
"""
_BY_LOSS = """
best_loss, best_epoch = float("inf"), 0
for epoch in range(1, $LAST + 1):
    learn(epoch)
    loss = check(epoch)
    if loss < best_loss:
        best_loss, best_epoch = loss, epoch
"""
_REMEMBER = """
        best_weights = model.get_weights()
"""
_STOP = """
    elif epoch - best_epoch >= PATIENCE:
        break
"""
_TAKE_BEST = """
model.set_weights(best_weights)
print(f"The weights are those of epoch {best_epoch}, the best by validation loss.")
"""
_CUT = """
# Here the run was stopped.
learn($NEXT, n_pictures=$N_BATCHES * BATCH_SIZE)
"""


def settings_code(config: NetworkConfig) -> str:
    """Write the settings as constants."""
    code = render(
        """
        SEED = $SEED
        LEARNING_RATE = $RATE
        BATCH_SIZE = $SIZE
        EPOCHS = $EPOCHS
        """,
        SEED=config.seed,
        RATE=config.learning_rate,
        SIZE=config.batch_size,
        EPOCHS=config.epochs,
    )
    if config.early_stopping_patience:
        code += f"\nPATIENCE = {config.early_stopping_patience}"
    return code


def needs_math(config: NetworkConfig) -> bool:
    """Whether the code below uses the module ``math``."""
    return config.schedule == "cosine"


def standardising_cell() -> NotebookCell:
    """Write the mean and deviation of each pixel."""
    return NotebookCell(
        "What is each pixel usually, and how far does it stray from that? Only the training "
        "pictures are asked: the network must know nothing of those that will test it.",
        _STANDARDISE.strip("\n"),
    )


def model_cell(network: NetworkConfig, preprocess: PreprocessConfig) -> NotebookCell:
    """Write the network; it needs ``x``, ``SEED``, ``CLASSES`` and perhaps ``mean`` and ``std``."""
    if preprocess.scaling == "standard":
        lines = [
            "keras.layers.Rescaling(1.0, offset=-mean.round()),",
            "keras.layers.Normalization(mean=mean - mean.round(), variance=std**2),",
        ]
    else:
        lines = ["keras.layers.Rescaling(1 / 255),"]
    filters = network.kind == "convolution"
    if filters:
        lines.append(f"keras.layers.Reshape({preprocess.image_shape}),")
    pull = f"kernel_regularizer=keras.regularizers.L2({network.l2!r}), " if network.l2 else ""
    for number, units in enumerate(network.hidden_units, start=1):
        own = "" if network.batch_normalization else f', activation="{network.activation}"'
        if filters:
            lines += _layer("Conv2D", f'{units}, {WINDOW}, padding="same"{own}', pull)
        else:
            lines += _layer("Dense", f"{units}{own.replace('activation=', '')}", pull)
        if network.batch_normalization:
            lines.append("keras.layers.BatchNormalization(),")
            lines.append(f'keras.layers.Activation("{network.activation}"),')
        if filters and is_pooled(preprocess.image_size, number, len(network.hidden_units)):
            lines.append("keras.layers.MaxPooling2D(2),")
        if network.dropout_rate:
            lines.append(f"keras.layers.Dropout({network.dropout_rate!r}, seed=int(next(seeds))),")
    lines += ["keras.layers.GlobalMaxPooling2D(),"] if filters else []
    lines += _layer("Dense", 'len(CLASSES), "softmax"', pull)
    code = assemble(
        _MODEL,
        N_SEEDS=str(2 * MAX_LAYERS + 1),
        LAYERS="\n".join(f"        {line}" for line in lines),
        OPTIMIZER=_OPTIMIZERS[network.optimizer],
    )
    return NotebookCell(f"The network. {_FILTERS if filters else _NODES} {_FIRST_WEIGHTS}", code)


def training_cell(
    network: NetworkConfig, *, n_epochs: int, n_batches: int = 0, by_keras: bool = False
) -> NotebookCell:
    """Write the loop; unless Keras' own step is to be taken, it needs the code of `step_cell`.

    Parameters
    ----------
    n_epochs : int
        The most whole epochs to walk through.
    n_batches : int
        Batches of one more epoch, in which the run was stopped.
    by_keras : bool
        Whether an earlier version trained the run.
    """
    moves = network.schedule in _RATES
    rate = "    model.optimizer.learning_rate = learning_rate_at(epoch)\n" if moves else ""
    cut = n_batches > 0 and not (network.keep == "best" and n_epochs)
    length = "n_pictures" if cut else "len(train)"
    steps = (KERAS_STEP if by_keras else STEPS).strip("\n")
    learn = assemble(
        _LEARN,
        MORE=", n_pictures=len(train)" if cut else "",
        RATE=rate,
        STEPS=steps.replace("$LENGTH", length),
        CHECK=str(CHECK_BATCH),
    )
    last = "EPOCHS" if n_epochs == network.epochs else str(n_epochs)
    parts = [_RATES[network.schedule].strip("\n")] if moves else []
    parts += [learn, assemble(_epochs(network) if n_epochs else _TO_THE_END, LAST=last)]
    if cut:
        parts.append(render(_CUT, NEXT=n_epochs + 1, N_BATCHES=n_batches))
    return NotebookCell(_training_text(network), "\n\n\n".join(parts))


def _epochs(network: NetworkConfig) -> str:
    """Write the walk through the epochs, and what its end depends on."""
    best, early = network.keep == "best", network.early_stopping_patience > 0
    if not best and not early:
        return _TO_THE_END
    parts = [_BY_LOSS, *([_REMEMBER] if best else []), *([_STOP] if early else [])]
    return "".join(part.removeprefix("\n") for part in [*parts, *([_TAKE_BEST] if best else [])])


def _training_text(network: NetworkConfig) -> str:
    text = (
        "The training. For each batch the network answers, is told the truth, and moves all its "
        "weights a little in the direction in which the answers would have been better. After "
        "each epoch it is asked about the validation pictures."
    )
    if network.early_stopping_patience:
        text += (
            f" It stops after {network.early_stopping_patience} epochs without a lower validation "
            "loss."
        )
    if network.keep == "best":
        text += " In the end it goes back to the weights of the epoch with the lowest loss there."
    return text


def _layer(kind: str, shape: str, pull: str) -> list[str]:
    line = f"keras.layers.{kind}({shape}, {pull}kernel_initializer=first_weights()),"
    if len(line) <= 80:
        return [line]
    given = [shape, *([pull.removesuffix(", ")] if pull else []), "kernel_initializer="]
    given[-1] += "first_weights()"
    return [f"keras.layers.{kind}(", *(f"    {part}," for part in given), "),"]
