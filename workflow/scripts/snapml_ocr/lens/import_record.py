"""The `.onnx.meta` beside a model, in which Lens Studio keeps its import settings.

The form is the one that Lens Studio 5.15 wrote for the models of Snap's published samples
(specs-devs/samples, "SnapML Pool" and "Spatial Image", January 2026). Whether a generated record is honoured
on import is unknown; the table of settings in the bundle's README.md does not depend on it.
"""

import uuid
from dataclasses import dataclass

NOTHING = "00000000-0000-0000-0000-000000000000"
"""A reference to no asset."""

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "snapml-ocr/lens/import-record")
"""Identifiers are derived from the model's content: the same bundle has the same ones."""


@dataclass(frozen=True)
class Placeholder:
    """An input or output as Lens Studio sees it: width, height and channels."""

    name: str
    width: int
    height: int
    channels: int


def import_record(
    sha256: str, inputs: list[Placeholder], outputs: list[Placeholder], *, is_line: bool
) -> str:
    """Return the record of a model: scale 1, bias 0, aspect ratio kept.

    A line's picture lies at the left on mid grey, a detector's in the middle on black.
    """
    asset = uuid.uuid5(NAMESPACE, f"asset {sha256}")
    lines = [
        f"- !<AssetImportMetadata/{uuid.uuid5(NAMESPACE, sha256)}>",
        "  ImportedAssetIds:",
        f"    FileMLAsset: !<reference> {asset}",
        "  ImporterName: FileMLAssetImporter",
        f"  PrimaryAsset: !<reference> {asset}",
        "  PackageType: NotAPackage",
        "  LegacyPackagePolicy: ~",
        "  ExtraData:",
        "    {}",
        "  AssetDataMap:",
        "    {}",
        "  DependentFiles:",
        "    []",
        "  ImporterSettings: !<FileMLAssetImporterSettings>",
        "    Inputs:",
        *(line for one in inputs for line in _input(one, is_line)),
        "    Outputs:",
        *(line for one in outputs for line in _output(one)),
        "  CompressionSettings: !<SingleCompressionSettings>",
        "    CompressorName: FastDnn",
        f"    CompressionSettings: !<own> {NOTHING}",
    ]
    return "\n".join(lines) + "\n"


def _input(one: Placeholder, is_line: bool) -> list[str]:
    shade = 0.5 if is_line else 0.0
    return [
        "      - !<MLInput>",
        *_head(one),
        "        Transformer:",
        "          stretch: false",
        f"          alignment.horizontal: {'Left' if is_line else 'Center'}",
        "          alignment.vertical: Center",
        f"          fill: {{x: {shade:.6f}, y: {shade:.6f}, z: {shade:.6f}, w: 1.000000}}",
        "          flipX: false",
        "          flipY: false",
        "          rotation: None",
        f"        Texture: !<reference> {NOTHING}",
    ]


def _output(one: Placeholder) -> list[str]:
    return [
        "      - !<MLOutput>",
        *_head(one),
        '        InputName: ""',
        f"        OutputTexture: !<reference> {NOTHING}",
    ]


def _head(one: Placeholder) -> list[str]:
    shape = f"{{x: {one.width:.6f}, y: {one.height:.6f}, z: {one.channels:.6f}}}"
    normalisation = ["          - scale: 1.000000", "            bias: 0.000000"] * one.channels
    return [f"        Name: {one.name}", f"        Shape: {shape}", "        Normalizations:", *normalisation]


def placeholder(name: str, shape: list[int]) -> Placeholder:
    """Return what an ONNX tensor of `shape` becomes.

    [1, C, H, W] becomes width W, height H, C channels; [1, T, C] becomes x C, y T (seen in Snap's own OCR
    template); [1, C] is taken for x C, which is unknown.
    """
    if len(shape) == 4:
        return Placeholder(name, shape[3], shape[2], shape[1])
    if len(shape) == 3:
        return Placeholder(name, shape[2], shape[1], 1)
    return Placeholder(name, shape[-1], 1, 1)
