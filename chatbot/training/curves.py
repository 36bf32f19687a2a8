"""A training's curves as a picture; needs the ``plots`` extra."""

from pathlib import Path

from chatbot.training.metrics_file import read_metrics


def plot_curves(metrics: Path, picture: Path) -> bool:
    """Draw loss and bits per byte over steps into a PNG; tell whether matplotlib was there to do it."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return False
    records = read_metrics(metrics)
    steps = [record for record in records if record["event"] == "step"]
    validations = [record for record in records if record["event"] == "validation"]
    figure = Figure(figsize=(8, 4), layout="constrained")
    loss, bits = figure.subplots(1, 2)
    loss.plot([r["step"] for r in steps], smooth([r["loss"] for r in steps]), color="tab:blue")
    loss.set(title="training loss", xlabel="step", ylabel="nats per token")
    bits.plot(
        [r["step"] for r in validations], [r["bits_per_byte"] for r in validations], marker="o", color="tab:orange"
    )
    bits.set(title="held-out pairs", xlabel="step", ylabel="bits per byte")
    for axes in (loss, bits):
        axes.grid(alpha=0.3)
    figure.savefig(picture, dpi=120, format="png")
    return True


def smooth(values: list[float], weight: float = 0.9) -> list[float]:
    """Return the exponential moving average, started at the first value."""
    smoothed: list[float] = []
    for value in values:
        smoothed.append(value if not smoothed else weight * smoothed[-1] + (1 - weight) * value)
    return smoothed
