"""How a template gets the address of the classic script."""

from flask import render_template_string


def test_a_template_can_name_a_file_of_the_browser_half(app):
    """The address leads to the file, may be kept for long, and the modules lie beside it."""
    with app.test_request_context():
        address = render_template_string("{{ nightlatch_asset('session-monitor.js') }}")
    client = app.test_client()

    with (
        client.get(address) as script,
        client.get(address.replace("session-monitor.js", "session-monitor-core.js")) as module,
    ):
        script.get_data()
        module.get_data()

    assert script.status_code == module.status_code == 200
    assert script.mimetype == module.mimetype == "text/javascript"
    assert "immutable" in script.headers["Cache-Control"]


def test_the_declarations_are_for_editors_and_not_served(app):
    """They are in the package, and no page asks for them."""
    with app.test_request_context():
        address = render_template_string("{{ nightlatch_asset('session-monitor.d.ts') }}")

    assert app.test_client().get(address).status_code == 404
