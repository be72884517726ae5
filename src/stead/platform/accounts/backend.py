"""Check a password without telling, by its answer or its time, whether the account exists."""

from typing import Any
from uuid import UUID

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import check_password, make_password
from django.http import HttpRequest

from stead.platform.accounts.models import Account


class AccountBackend(BaseBackend):
    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> Account | None:
        account = Account.objects.filter(email=(username or "").strip().lower(), is_active=True).first()
        if account is None:
            make_password(password or "")  # spends the same time as a check
            return None
        return account if check_password(password or "", account.password) else None

    def get_user(self, user_id: UUID) -> Account | None:
        return Account.objects.filter(pk=user_id, is_active=True).first()
