"""Keys without a character, as WebDriver writes them (W3C WebDriver, "Keyboard actions")."""

from typing import Any

KEYS = {"Enter": "\ue007", "F2": "\ue032"}


def strokes(values: str) -> dict[str, Any]:
    """The input source `key` of an action command; both protocols want the same."""
    pressed = [{"type": kind, "value": each} for each in values for kind in ("keyDown", "keyUp")]
    return {"type": "key", "id": "keyboard", "actions": pressed}


def mouse_click(element: dict[str, Any]) -> dict[str, Any]:
    """The input source `pointer` that clicks in the middle of `element`, a reference or origin."""
    return {
        "type": "pointer",
        "id": "mouse",
        "parameters": {"pointerType": "mouse"},
        "actions": [
            {"type": "pointerMove", "x": 0, "y": 0, "origin": element},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ],
    }
