"""Routes of vaccine booking."""

from django.urls import path

from apps.booking.views import (
    arrivals,
    changes,
    counter,
    days,
    exceptions,
    figures,
    results,
    site_day,
    slots,
    waiting,
)

BY_CARD = "<uuid:reading_id>/bookings/<uuid:booking_id>"
OFFER = "<uuid:reading_id>/waiting/offers/<uuid:offer_id>"
OWN = "bookings/<uuid:booking_id>"
ARRIVAL = "arrivals/<uuid:booking_id>"
SITE = "sites/<uuid:site_id>"

urlpatterns = [
    path("", counter.start_booking, name="start_booking"),
    path("exceptions/", exceptions.open_exception, name="open_exception"),
    path("<uuid:reading_id>/", counter.book_slot, name="book_slot"),
    path("<uuid:reading_id>/slots/", counter.choose_slot, name="choose_slot"),
    path("<uuid:reading_id>/booking/", results.show_booking, name="show_booking_by_card"),
    path("<uuid:reading_id>/slip/", results.print_slip, name="print_slip_by_card"),
    path(f"{BY_CARD}/", results.show_booking, name="show_booking_by_card"),
    path(f"{BY_CARD}/slip/", results.print_slip, name="print_slip_by_card"),
    path(f"{BY_CARD}/calendar/", results.save_calendar, name="save_calendar_by_card"),
    path(f"{BY_CARD}/change/", changes.change_booking, name="change_booking_by_card"),
    path(f"{BY_CARD}/cancel/", changes.cancel_booking, name="cancel_booking_by_card"),
    path("bookings/", results.list_bookings, name="list_bookings"),
    path(f"{OWN}/", results.show_booking, name="show_booking"),
    path(f"{OWN}/slip/", results.print_slip, name="print_slip"),
    path(f"{OWN}/calendar/", results.save_calendar, name="save_calendar"),
    path(f"{OWN}/change/", changes.change_booking, name="change_booking"),
    path(f"{OWN}/cancel/", changes.cancel_booking, name="cancel_booking"),
    path("<uuid:reading_id>/waiting/", waiting.show_waiting, name="show_waiting"),
    path("<uuid:reading_id>/waiting/join/", waiting.join_waiting_list, name="join_waiting_list"),
    path("<uuid:reading_id>/waiting/leave/", waiting.leave_waiting_list, name="leave_waiting_list"),
    path(f"{OFFER}/accept/", waiting.accept_offer, name="accept_offer"),
    path(f"{OFFER}/decline/", waiting.decline_offer, name="decline_offer"),
    path("sites/", slots.show_sites, name="show_sites"),
    path(f"{SITE}/slots/", slots.show_slots, name="show_slots"),
    path(f"{SITE}/month/", slots.show_month, name="show_month"),
    path(f"{SITE}/slots/publish/", slots.publish_slots, name="publish_slots"),
    path(f"{SITE}/slots/copy/", slots.copy_week, name="copy_week"),
    path(f"{SITE}/slots/close/", slots.close_early, name="close_early"),
    path(f"{SITE}/day/", site_day.show_site_day, name="show_site_day"),
    path(f"{SITE}/day/print/", site_day.print_site_day, name="print_site_day"),
    path(f"{SITE}/day/change/", days.change_day, name="change_day"),
    path(f"{SITE}/day/move/", days.move_day, name="move_day"),
    path(f"{SITE}/day/cancel/", days.cancel_day, name="cancel_day"),
    path(f"{SITE}/waiting/", waiting.show_waiting_list, name="show_waiting_list"),
    path(f"{SITE}/check-in/", site_day.check_in, name="check_in"),
    path(f"{ARRIVAL}/arrived/", site_day.mark_arrived, name="mark_arrived"),
    path(f"{ARRIVAL}/no-show/", site_day.mark_no_show, name="mark_no_show"),
    path(f"{ARRIVAL}/dose/", site_day.give_dose, name="give_dose"),
    path("<uuid:reading_id>/arrival/", arrivals.meet_citizen, name="meet_citizen"),
    path("slots/<uuid:slot_id>/", slots.change_slot, name="change_slot"),
    path("slots/<uuid:slot_id>/people/", slots.relieve_slot, name="relieve_slot"),
    path("figures/", figures.show_figures, name="show_figures"),
    path("figures/<slug:table>.csv", figures.export_figures, name="export_figures"),
]
