"""Addresses of signing in and of one's own account."""

from django.urls import path

from stead.platform.accounts import account_views, sign_in_views

urlpatterns = [
    path("sign-in/", sign_in_views.sign_in, name="sign_in"),
    path("sign-in/second", sign_in_views.second_step, name="second_step"),
    path("sign-in/passkey/begin", sign_in_views.passkey_begin, name="passkey_begin"),
    path("sign-in/passkey", sign_in_views.passkey, name="passkey_sign_in"),
    path("sign-in/practice", sign_in_views.choose_practice, name="choose_practice"),
    path("sign-in/demo/<slug:role>", sign_in_views.demo, name="demo_sign_in"),
    path("sign-out/", sign_in_views.sign_out, name="sign_out"),
    path("account/", account_views.account, name="account"),
    path("account/sessions/end-others", account_views.end_others, name="end_other_sessions"),
    path("account/sessions/<uuid:session_id>/end", account_views.end_session, name="end_session"),
    path("account/passkeys/begin", account_views.passkey_begin, name="passkey_register_begin"),
    path("account/passkeys", account_views.passkey_add, name="passkey_register"),
    path("account/passkeys/<uuid:passkey_id>/remove", account_views.passkey_remove, name="passkey_remove"),
    path("account/app", account_views.totp_set_up, name="totp_set_up"),
    path("account/app/remove", account_views.totp_remove, name="totp_remove"),
    path("account/codes", account_views.make_codes, name="make_codes"),
    path("account/password", account_views.change_password, name="change_password"),
    path("account/look", account_views.choose_look, name="choose_look"),
]
