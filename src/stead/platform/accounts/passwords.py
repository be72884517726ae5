"""Check a password without telling, by its answer or its time, whether the account exists."""

from django.contrib.auth.hashers import check_password, make_password

from stead.platform.accounts.models import Account


def find_by_password(email: str, password: str) -> Account | None:
    """Return the active account if the password is right."""
    account = Account.objects.filter(email=email.strip().lower(), is_active=True).first()
    if account is None:
        make_password(password)  # spends the same time as a check
        return None
    return account if check_password(password, account.password) else None
