"""What a script puts in place of what stands in a browser."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, Node


def overwritten(app: AppTest, *forms: str) -> list[str]:
    """The keys of the inputs of forms, by how those begin, whose value the last run of the script sent to the browser.

    On a slow server that is in place of what somebody has chosen there meanwhile, so a run that has nothing new to say
    sends none.
    """
    protos = [(str(node.key), node.proto) for node in _nodes(app._tree) if hasattr(node, "proto")]
    # In one that is switched off nobody has chosen anything.
    sent = {key for key, proto in protos if getattr(proto, "set_value", False) and not proto.disabled}
    return sorted(key for key in sent if key.startswith(forms))


def _nodes(node: Node) -> list[Node]:
    below = node.children.values() if isinstance(node, Block) else ()
    return [node, *(one for child in below for one in _nodes(child))]
