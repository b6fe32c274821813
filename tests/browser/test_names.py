"""Names as people write them, all the way through."""

from playwright.sync_api import expect


def test_oconnor_pays_jose_omega_and_both_names_come_back_right(desk):
    """U+2019, an accent and a Greek letter survive form, database, redirect and page."""
    desk.page.goto("/login?next=/transfer")
    desk.fill_in("O’Connor", desk.page)

    page = desk.page
    page.get_by_label("Payee name").fill("José Ωmega")
    page.get_by_label("Amount in pounds").fill("12.50")
    page.get_by_label("Reference").fill("Café, 3 × £4")
    page.get_by_role("button", name="Send money").click()

    expect(page.get_by_role("heading", name="Money sent")).to_be_visible()
    expect(page.locator("main")).to_contain_text("£12.50 went from")
    expect(page.locator("main bdi").filter(has_text="O’Connor").first).to_be_visible()
    expect(page.locator("main bdi").filter(has_text="José Ωmega").first).to_be_visible()
    page.get_by_role("link", name="Back to your accounts").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("O’Connor")
    latest = page.get_by_role("row").nth(1)
    expect(latest).to_contain_text("José Ωmega")
    expect(latest).to_contain_text("Café, 3 × £4")
    expect(latest).to_contain_text("−£12.50")


def test_oconnor_may_type_the_apostrophe_that_the_keyboard_has(desk):
    """And is called by the name as it is."""
    desk.page.goto("/login")
    desk.page.get_by_label("User name").fill("o'connor")
    desk.page.get_by_label("Password").fill("o’connor")

    desk.page.get_by_role("button", name="Sign in").click()

    expect(desk.page.get_by_text("Signed in as O’Connor")).to_be_visible()


def test_the_first_page_shows_what_there_is(george):
    """Accounts, what they hold, and the latest that moved."""
    expect(george.page.get_by_role("heading", name="Current account")).to_be_visible()
    expect(george.page.get_by_role("table", name="Latest activity")).to_be_visible()
