"""A double click sends a form once: the second answer would call refused what the first has just done."""

from playwright.sync_api import expect

from tests.browser.desk import Desk
from tests.browser.people import REPRESENTATIVE, national_id
from tests.browser.stack import Stack


def test_a_double_click_appoints_once_and_says_so(stack: Stack, desk: Desk) -> None:
    desk.log_in(REPRESENTATIVE, "INSTITUTION")
    desk.open("/access/managers/appoint/").expect_page("appoint_manager")
    desk.field("national_id").fill(national_id())
    desk.field("name").fill("連按兩下")
    desk.field("birth_date").fill("075/01/31")
    desk.page.locator('button[data-action="appoint_manager"]').dblclick(no_wait_after=True)
    desk.expect_page("maintain_managers")
    expect(desk.main).to_contain_text("已設定機構管理者。")
    row = desk.page.locator('tr:has-text("連按兩下")')
    expect(row).to_have_count(1)
    row.locator('[data-action="end_manager"]').click()
    desk.expect_page("end_manager").click("end_manager").expect_page("maintain_managers")


def test_enter_after_a_typed_page_goes_there(stack: Stack, desk: Desk) -> None:
    """Manual 3, 五(四): 到第 1 頁; Enter presses a form's first button, which must not be page 1's."""
    from tests.browser.people import make_manager, make_users

    make_users(stack, "翻頁", 45)
    desk.log_in_as(make_manager(stack, "翻頁管理"))
    for path, page in (("/access/users/", "maintain_users"), ("/account/people/", "list_cards")):
        desk.open(path).expect_page(page)
        desk.field("typed_page").fill("2")
        desk.field("typed_page").press("Enter")
        expect(desk.page.locator('.pagination [aria-current="page"]')).to_have_text("2")
