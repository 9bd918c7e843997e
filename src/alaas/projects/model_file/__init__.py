"""The model that a project has learnt, as one ONNX file that anybody can run."""

from alaas.projects.model_file._export import export_onnx

__all__ = ["export_onnx"]
