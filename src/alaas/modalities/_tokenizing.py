"""Loading a tokenizer and running it beside other threads."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from alaas.errors import ConfigError, ModelError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_PADS: Final = ("[PAD]", "<pad>", "<|pad|>", "<|endoftext|>", "</s>")
_CHARACTERS_A_TOKEN: Final = 16
"""How much of a long text is looked at first, for each token wanted; English has 4 to 5."""


class TruncatingTokenizer:
    """A ``tokenizer.json`` that cuts texts after ``max_length`` tokens; safe to use from many threads.

    Args:
        content: the file's bytes.
        name: what to call it in messages.
        max_length: most tokens of one text, those that the tokenizer adds included.

    Raises:
        ModelError: not a tokenizer.json.
        ConfigError: ``max_length`` leaves no room for the text.
    """

    def __init__(self, content: bytes, name: str, max_length: int) -> None:
        # The library would start threads of its own beside those of the pipeline. It asks the environment at
        # every call and leaves no other way; whoever has set the variable knows better.
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        from tokenizers import Tokenizer

        try:
            tokenizer: Tokenizer = Tokenizer.from_str(content.decode())
        except Exception as error:
            raise ModelError(f"{name} is not a tokenizer.json: {error}") from error
        added = tokenizer.num_special_tokens_to_add(False)
        if max_length <= added:
            raise ConfigError(
                f"max_length is {max_length}, but the tokenizer adds {added} tokens of its own; "
                f"set it to {added + 1} or more"
            )
        declared = tokenizer.padding
        known = (tokenizer.token_to_id(pad) for pad in _PADS)
        self.pad_id: int = (
            declared["pad_id"] if declared else next((pad for pad in known if pad is not None), 0)
        )
        tokenizer.no_padding()
        tokenizer.enable_truncation(max_length)
        self._tokenizer = tokenizer
        self._first_look = max(4096, _CHARACTERS_A_TOKEN * max_length)

    def ids(self, text: str) -> list[int]:
        """Tokenise no more of a long text than is kept, so that a book costs no more than its first page.

        A cut in mid-word changes only the last tokens before it: with a second full chunk of tokens between
        them and those that are kept, these are the same as for the whole text.
        """
        look = self._first_look
        while True:
            # The library's call for a single text keeps Python's lock while it works; this one releases it.
            encoding = self._tokenizer.encode_batch_fast([text[:look]])[0]
            if look >= len(text) or len(encoding.overflowing) >= 2:
                return list(encoding.ids)
            look *= 4
