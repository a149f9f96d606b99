"""Routes of vaccine booking."""

from django.urls import path

from apps.booking.views import counter, results

urlpatterns = [
    path("", counter.start_booking, name="start_booking"),
    path("<uuid:reading_id>/", counter.book_slot, name="book_slot"),
    path("<uuid:reading_id>/slots/", counter.choose_slot, name="choose_slot"),
    path("<uuid:reading_id>/booking/", results.show_booking_by_card, name="show_booking_by_card"),
    path("<uuid:reading_id>/slip/", results.print_slip_by_card, name="print_slip_by_card"),
    path("bookings/<uuid:booking_id>/", results.show_booking, name="show_booking"),
    path("bookings/<uuid:booking_id>/slip/", results.print_slip, name="print_slip"),
]
