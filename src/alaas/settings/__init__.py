"""How a YAML file, the environment and the command line become one configuration."""

from alaas.settings._fingerprint import config_fingerprint
from alaas.settings._layers import read_text
from alaas.settings._load import LoadedConfig, config_schema, load_config, read_config
from alaas.settings._original import original_strategy
from alaas.settings._reference import reference

__all__ = [
    "LoadedConfig",
    "config_fingerprint",
    "config_schema",
    "load_config",
    "original_strategy",
    "read_config",
    "read_text",
    "reference",
]
