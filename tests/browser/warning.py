"""Where things are in the warning."""

FOCUSED = """() => {
  const el = document.activeElement;
  return el === document.body || el === document.documentElement ? "(browser)" : el.textContent;
}"""


def warning(page):
    """Return the dialog while it warns of idleness."""
    return page.get_by_role("alertdialog", name="Are you still there?")


def any_dialog(page):
    """Return the dialog whatever it says."""
    return page.get_by_role("alertdialog")


def count(page):
    """Return the visible countdown."""
    return page.locator(".nightlatch-count")


def note(page):
    """Return the line that says how a press of the button goes."""
    return page.locator(".nightlatch-note")


def first_button(page):
    """Return *Stay signed in*."""
    return any_dialog(page).get_by_role("button", name="Stay signed in")


def focused_text(page):
    """Return the text of what has the focus; ``(browser)`` when nothing on the page has."""
    return page.evaluate(FOCUSED)


def caret(field):
    """Return start, end and direction of a field's selection."""
    return field.evaluate("(el) => [el.selectionStart, el.selectionEnd, el.selectionDirection]")
