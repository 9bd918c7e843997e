"""Which model computes features, what runs it, and how items become its input."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, JsonValue, PositiveFloat, PositiveInt, field_validator

from alaas.config._base import CommaList, Section, named


class PreprocessSettings(Section):
    """How an image becomes the input of a model of your own."""

    size: PositiveInt | tuple[PositiveInt, PositiveInt] = Field(
        224, description="Height and width in pixels, or one number for both."
    )
    resize: Literal["squash", "crop", "pad"] = Field(
        "crop",
        description="squash to the size; scale the shorter side and crop the centre; or pad the longer.",
    )
    crop_share: float = Field(
        1.0,
        gt=0,
        le=1,
        description="For crop: the share of the shorter side that is kept; 0.875 is a crop of 224 from 256.",
    )
    interpolation: Literal["bilinear", "bicubic", "lanczos", "nearest"] = Field(
        "bilinear", description="How pixels between pixels are found when scaling."
    )
    scale: float = Field(1 / 255, description="Multiplied into the 0–255 values before mean and std.")
    mean: tuple[float, float, float] = Field(
        (0.485, 0.456, 0.406), description="Subtracted from red, green and blue."
    )
    std: tuple[PositiveFloat, PositiveFloat, PositiveFloat] = Field(
        (0.229, 0.224, 0.225), description="Red, green and blue are divided by it."
    )
    layout: Literal["nchw", "nhwc"] = Field("nchw", description="Colours before or after height and width.")
    dtype: Literal["float32", "float16", "uint8"] = Field(
        "float32", description="uint8 passes pixels unscaled."
    )


class OutputSettings(Section):
    """Which of a model's outputs means what; found by name and shape when left out."""

    embeddings: str | None = Field(None, description="Name of the output that holds embeddings.")
    logits: str | None = Field(None, description="Name of the output that holds class scores before softmax.")
    probs: str | None = Field(None, description="Name of the output that holds class probabilities.")
    pooling: Literal["mean", "cls", "none"] = Field(
        "mean", description="For outputs of shape (batch, tokens, D)."
    )


class TensorSettings(Section):
    """One input or output of a model that a server runs."""

    name: str = Field(description="Its name on the server.")
    dtype: str = Field("float32", description="As numpy calls it; `string` for texts.")
    shape: list[int | None] = Field(
        description="Sizes, the batch first; null is free. A batch is never counted into a shape by itself."
    )


class EngineSettings(Section):
    """What runs a model, and on what."""

    name: str = Field(
        "onnxruntime",
        description="A name from `alaas doctor`, or `auto`: the fastest on this machine, found by trial.",
    )
    precision: Literal["stored", "fp32", "fp16", "bf16", "int8"] = Field(
        "stored",
        description="What it computes in; stored: as the model file says. Lower precision is faster and "
        "chooses a little differently.",
    )
    allow: CommaList = Field(
        default_factory=list,
        description="Precisions that `auto` may choose besides `precision`: `fp16`, `bf16`, `int8`.",
    )
    devices: CommaList = Field(
        default_factory=lambda: ["cpu"],
        description="One replica of the model on each: `cpu`, `cpu:0-3` (these cores), `cuda:0`, "
        "`tensorrt:0`, and for openvino `gpu` and `npu`.",
    )
    options: dict[str, JsonValue] = Field(
        default_factory=dict,
        description="Handed to the engine as they are, by its own names; they enter the cache key.",
    )
    url: str | None = Field(None, description="Where a serving engine is.")
    model: str | None = Field(None, description="What the serving engine calls the model.")
    version: str | None = Field(None, description="Its version there; by default the server's choice.")
    protocol: Literal["http", "grpc"] = Field("http", description="How a serving engine is spoken to.")
    binary: bool = Field(True, description="Whether tensors travel as bytes, where the server can do so.")
    inputs: list[TensorSettings] = Field(
        default_factory=list, description="What the model takes, for a server that does not say."
    )
    outputs: list[TensorSettings] = Field(
        default_factory=list, description="What it gives, for a server that does not say."
    )
    token: str | None = Field(None, repr=False, description="Sent as `Authorization: Bearer`.")
    timeout: float = Field(30.0, gt=0, description="Seconds for one call of a serving engine.")
    retries: int = Field(
        4, ge=0, le=20, description="Further tries of a call that failed for a passing reason."
    )
    connections: int = Field(8, ge=1, le=256, description="Calls of a serving engine at the same time.")

    @field_validator("allow")
    @classmethod
    def _known(cls, allow: list[str]) -> list[str]:
        unknown = sorted(set(allow) - {"fp32", "fp16", "bf16", "int8"})
        if unknown:
            raise ValueError(f"expected fp32, fp16, bf16 or int8, got {', '.join(unknown)}")
        return allow


class ModelSettings(Section):
    """Which encoder turns items into embeddings and probabilities."""

    name: str | None = Field(
        None,
        description="A name from `alaas models list`; `hf:owner/name` from the Hugging Face hub; a path "
        "ending in .onnx; `passthrough` for tables; or what torch runs: `torchvision:`, `timm:`, "
        "`torchhub:`, `transformers:` or `sentence-transformers:` and a name there, `module:factory` of "
        "your own, or a path ending in .pt2.",
    )
    engine: Annotated[EngineSettings, BeforeValidator(named, json_schema_input_type=str | EngineSettings)] = (
        Field(EngineSettings(), description="What runs it; a text stands for its `name`.")
    )
    batch_size: int = Field(8, ge=1, le=4096, description="Items a call of the model.")
    threads: int = Field(
        1, ge=1, description="Threads inside one call; calls run side by side on every core."
    )
    preprocess: PreprocessSettings | None = Field(
        None, description="For a model of your own that takes images."
    )
    outputs: OutputSettings = Field(OutputSettings(), description="What a model of your own gives.")
    tokenizer: str | None = Field(
        None, description="tokenizer.json for a model of your own that takes token ids."
    )
    max_length: int = Field(256, ge=1, description="Tokens after which a text is cut.")
    revision: str | None = Field(None, description="Hub branch, tag or commit.")
