"""What Ctrl+K can do besides going to a place: the commands of the whole window."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from biobank_desktop.gui.findings import Finding
from biobank_desktop.language import _

if TYPE_CHECKING:
    from biobank_desktop.gui.frame import Frame


def window_commands(frame: Frame) -> list[Finding]:
    """Each with its key, so that it is learnt by the way."""
    go = frame.show_screen
    return [
        Finding(_("Register a donor"), "", "donors", partial(go, "donors", register=True)),
        Finding(_("What if: whose verdict would change"), "", "donors", partial(go, "donors", what_if=True)),
        Finding(_("Open a release"), "", "release", partial(go, "releases", new=True)),
        Finding(_("Report a nonconformity"), "", "warning", partial(go, "quarantine", report=True)),
        Finding(_("What did this touch?"), "", "search", partial(go, "quarantine", look=True)),
        Finding(_("Verify the history"), "", "history", partial(go, "history", verify=True)),
        Finding(_("Undo the last command"), "Ctrl+Z", "undo", frame.undo),
        Finding(_("Lock this bench"), "Ctrl+L", "lock", frame.lock_wanted.emit),
        Finding(_("Camera on or off"), "F9", "camera", frame.switch_camera),
        Finding(_("Explain this screen"), "F1", "help", frame.toggle_help),
        Finding(_("Context panel open or shut"), "Ctrl+B", "panel", frame.context.toggle),
        *(
            Finding(word, _("Settings"), "settings", partial(go, "settings", section=section))
            for section, word in (
                ("database", _("Database")),
                ("people", _("People")),
                ("printers", _("Printers")),
                ("backup", _("Backup")),
                ("bench", _("Bench")),
                ("scanner", _("Scanner")),
            )
        ),
    ]
