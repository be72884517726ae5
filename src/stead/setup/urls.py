"""Addresses of setting up: people, places, and the links that let somebody in."""

from django.urls import path

from stead.setup.views import index, joining, people, places, resetting

urlpatterns = [
    path("seats/set-up/", index.index, name="setup"),
    path("seats/set-up/seats/", index.seats, name="setup_seats"),
    path("seats/set-up/seats/preset/", index.preset, name="setup_preset"),
    path("seats/set-up/profile/", places.profile, name="setup_profile"),
    path("seats/set-up/places/", places.places, name="setup_places"),
    path("seats/set-up/places/<uuid:location_id>/", places.place, name="setup_place"),
    path("seats/set-up/places/<uuid:location_id>/rooms/", places.add_room, name="setup_room_add"),
    path("seats/set-up/rooms/<uuid:room_id>/", places.room, name="setup_room"),
    path("seats/set-up/closed-days/", places.closed_days, name="setup_closed_days"),
    path("seats/set-up/closed-days/<uuid:closure_id>/reopen/", places.reopen, name="setup_reopen"),
    path("seats/people/", people.people, name="setup_people"),
    path("seats/people/invite/", people.invite, name="setup_invite"),
    path("seats/people/<uuid:staff_id>/", people.person, name="setup_person"),
    path("seats/people/<uuid:staff_id>/roles/", people.roles, name="setup_roles"),
    path("seats/people/<uuid:staff_id>/end/", people.end, name="setup_end"),
    path("seats/people/<uuid:staff_id>/invite/", people.invite_again, name="setup_invite_again"),
    path("seats/people/<uuid:staff_id>/withdraw/", people.withdraw, name="setup_withdraw"),
    path("join/<slug:slug>/<str:token>/", joining.join, name="setup_join"),
    path("join/<slug:slug>/<str:token>/passkey/begin", joining.passkey_begin, name="setup_join_passkey_begin"),
    path("join/<slug:slug>/<str:token>/passkey", joining.passkey, name="setup_join_passkey"),
    path("sign-in/forgotten/", resetting.forgotten, name="password_forgotten"),
    path("sign-in/forgotten/sent/", resetting.sent, name="password_link_sent"),
    path("sign-in/reset/<str:token>/", resetting.reset, name="password_reset"),
]
