"""The dialog that signs in again, and pages that are not the bank's own."""

from flask import request


def dialog(page):
    """Return the dialog to sign in with."""
    return page.get_by_role("dialog", name="Sign in again")


def sign_in(page, name, password):
    """Fill in the dialog's form, and send it."""
    dialog(page).get_by_label("User name").fill(name)
    dialog(page).get_by_label("Password").fill(password)
    dialog(page).get_by_role("button", name="Sign in").click()


def start_a_transfer(desk, address="/transfer"):
    """Fill in a form, and leave the caret in its last field."""
    desk.page.goto(address)
    page = desk.page
    page.get_by_label("Payee name").fill("O’Connor & José")
    page.get_by_label("Amount").fill("12.50")
    page.get_by_label("Reference").press_sequentially("Rent")
    page.keyboard.press("ArrowLeft")


def is_as_it_was(page):
    """Whether the transfer is still written there."""
    return page.get_by_label("Payee name").input_value() == "O’Connor & José"


def change_page(server, path, *changes, status=None, method="GET"):
    """From now on the bank answers at `path` with other HTML.

    :param changes: pairs of what stands in the page and what is to stand there.
    :param status: the answer's status; absent: as it is.
    :return: a function that takes the change back.
    """

    def change(response):
        asked = (request.path, request.method) == (path, method)
        if asked and not response.location:
            text = response.get_data(as_text=True)
            for old, new in changes:
                assert old in text
                text = text.replace(old, new)
            response.set_data(text)
            response.status_code = status or response.status_code
        return response

    # The application is running, and allows no more hooks by its decorator.
    hooks = server.app.after_request_funcs.setdefault(None, [])
    hooks.append(change)
    return lambda: hooks.remove(change)
