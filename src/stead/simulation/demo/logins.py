"""Who can sign in to the demo, and how. Known to everybody, so it never leaves a demo."""

from dataclasses import dataclass

from stead.platform.actors import Role

PASSWORD = "linden street counseling"  # noqa: S105 - a demo's, printed at its start


@dataclass(frozen=True)
class Login:
    """One ready login: a role, the person, the address to sign in with and the page it opens."""

    role: Role
    name: str
    email: str
    home: str = "/"


LOGINS = (
    Login("owner", "Olu Adeyemi", "owner@demo.stead"),
    Login("manager", "Mona Petrakis", "manager@demo.stead"),
    Login("front_desk", "Ana Ruiz", "desk@demo.stead"),
    Login("intake", "Priya Nair", "intake@demo.stead"),
    Login("clinician", "Dr Grace Cho", "clinician@demo.stead"),
    Login("biller", "Ben Whitlock", "biller@demo.stead"),
    Login("patient", "Dee Marsh", "patient@demo.stead", "/portal/"),
)
