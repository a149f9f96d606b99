"""Routes of vaccine booking."""

from django.urls import path

from apps.booking.views import changes, counter, results

BY_CARD = "<uuid:reading_id>/bookings/<uuid:booking_id>"
OWN = "bookings/<uuid:booking_id>"

urlpatterns = [
    path("", counter.start_booking, name="start_booking"),
    path("<uuid:reading_id>/", counter.book_slot, name="book_slot"),
    path("<uuid:reading_id>/slots/", counter.choose_slot, name="choose_slot"),
    path("<uuid:reading_id>/booking/", results.show_booking, name="show_booking_by_card"),
    path("<uuid:reading_id>/slip/", results.print_slip, name="print_slip_by_card"),
    path(f"{BY_CARD}/", results.show_booking, name="show_booking_by_card"),
    path(f"{BY_CARD}/slip/", results.print_slip, name="print_slip_by_card"),
    path(f"{BY_CARD}/calendar/", results.save_calendar, name="save_calendar_by_card"),
    path(f"{BY_CARD}/change/", changes.change_booking, name="change_booking_by_card"),
    path(f"{BY_CARD}/cancel/", changes.cancel_booking, name="cancel_booking_by_card"),
    path(f"{OWN}/", results.show_booking, name="show_booking"),
    path(f"{OWN}/slip/", results.print_slip, name="print_slip"),
    path(f"{OWN}/calendar/", results.save_calendar, name="save_calendar"),
    path(f"{OWN}/change/", changes.change_booking, name="change_booking"),
    path(f"{OWN}/cancel/", changes.cancel_booking, name="cancel_booking"),
]
