"""What the processor can compute in, from what the system says."""

import pytest

from alaas.processor import processor


@pytest.mark.parametrize(
    ("text", "model", "units"),
    [
        ("model name\t: Some CPU\nflags\t\t: sse avx2 avx512f avx512_bf16 amx_tile\n", "Some CPU",
         ("AVX2", "AVX-512", "BF16", "AMX")),
        ("Features\t: fp asimd bf16 i8mm\nCPU part : 0xd40\n", None, ("NEON", "BF16", "I8MM")),
        ("", None, ()),
    ],
)  # fmt: skip
def test_it_reads_the_instruction_sets_that_matter(tmp_path, text, model, units):
    file = tmp_path / "cpuinfo"
    file.write_text(text)
    found = processor(file)
    assert found.units == units
    assert model is None or found.model == model


def test_a_system_that_does_not_say_has_no_flags(tmp_path):
    assert processor(tmp_path / "absent").flags == ()
