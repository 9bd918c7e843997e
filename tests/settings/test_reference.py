"""The settings page of the documentation is made from the settings and is never stale."""

import subprocess
import sys
from pathlib import Path

import pytest

from alaas.settings import reference
from alaas.settings._names import settings

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"


def test_the_page_is_what_the_settings_say():
    assert PAGE.read_text(encoding="utf-8") == reference(), (
        "docs/configuration.md is stale: run `python -m alaas.settings > docs/configuration.md`"
    )


def test_the_module_prints_it():
    printed = subprocess.run([sys.executable, "-m", "alaas.settings"], capture_output=True, check=True).stdout
    assert printed.decode() == reference()


@pytest.mark.parametrize("setting", settings().values(), ids=lambda setting: setting.dotted)
def test_every_setting_says_what_it_means(setting):
    assert (setting.field.description or "").strip(), f"{setting.dotted} has no description"
    assert setting.section or f"`{setting.variable}`" in reference()


def test_the_page_names_no_folder_of_the_machine_that_made_it():
    assert str(Path.home()) not in reference()
