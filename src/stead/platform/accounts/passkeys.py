"""Passkeys (WebAuthn): made and used with the person's finger, face or PIN, which is required, so one is enough.

The relying party is the address the person is at; a browser never offers a key made for another address.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from stead.platform.accounts.factor_models import Passkey
from stead.platform.accounts.models import Account
from stead.platform.refusals import Refusal
from stead.platform.web.proxy import site_address

STATE = "passkey_state"
_REQUIRED = UserVerificationRequirement.REQUIRED


class PasskeyRefused(Refusal):
    words = "This passkey was not accepted. Try again, or sign in with your password."


def _server(request: HttpRequest) -> Fido2Server:
    origin = site_address(request)
    host = request.get_host().rpartition(":")[0] or request.get_host()
    return Fido2Server(PublicKeyCredentialRpEntity(name="Stead", id=host), verify_origin=lambda said: said == origin)


def begin_registration(request: HttpRequest, account: Account) -> dict[str, Any]:
    """Return what navigator.credentials.create needs; the challenge is kept in the session."""
    user = PublicKeyCredentialUserEntity(name=account.email, id=account.id.bytes, display_name=account.email)
    known = [AttestedCredentialData(bytes(p.data)) for p in Passkey.objects.filter(account=account)]
    options, state = _server(request).register_begin(
        user, known, resident_key_requirement=ResidentKeyRequirement.REQUIRED, user_verification=_REQUIRED
    )
    request.session[STATE] = state
    return dict(options)


def register(request: HttpRequest, account: Account, answer: dict[str, Any], name: str) -> Passkey:
    """Keep the key that the browser made, or refuse."""
    state = request.session.pop(STATE, None)
    try:
        made = _server(request).register_complete(state, RegistrationResponse.from_dict(answer))
    except (ValueError, KeyError, TypeError) as error:
        raise PasskeyRefused() from error
    data = made.credential_data
    if state is None or data is None or not made.is_user_verified():
        raise PasskeyRefused()
    return Passkey.objects.create(
        account=account,
        name=name[:60] or "Passkey",
        credential_id=data.credential_id,
        data=bytes(data),
        sign_count=made.counter,
    )


def begin_sign_in(request: HttpRequest) -> dict[str, Any]:
    """Return what navigator.credentials.get needs. No account is named: the key itself says whose it is."""
    options, state = _server(request).authenticate_begin(user_verification=_REQUIRED)
    request.session[STATE] = state
    return dict(options)


def sign_in_account(request: HttpRequest, answer: dict[str, Any], at: datetime) -> Account:
    """Return the account whose key answered, or refuse. A counter that went back means a copied key."""
    state = request.session.pop(STATE, None)
    try:
        response = AuthenticationResponse.from_dict(answer)
        key = Passkey.objects.select_related("account").get(credential_id=response.raw_id, account__is_active=True)
        _server(request).authenticate_complete(state, [AttestedCredentialData(bytes(key.data))], response)
    except (ValueError, KeyError, TypeError, Passkey.DoesNotExist) as error:
        raise PasskeyRefused() from error
    said = response.response.authenticator_data
    if state is None or not said.is_user_verified() or _went_back(key, said.counter):
        raise PasskeyRefused()
    Passkey.objects.filter(id=key.id).update(sign_count=said.counter, last_used_at=at)
    return key.account


def _went_back(key: Passkey, counter: int) -> bool:
    """Passkeys that are synced always say 0; the others must count up."""
    return (counter or key.sign_count) > 0 and counter <= key.sign_count
