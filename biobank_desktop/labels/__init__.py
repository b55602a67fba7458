"""From a label's text to the very dots a printer gets, each symbol decoded before it leaves."""
