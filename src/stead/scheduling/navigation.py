from stead.platform.web import navigation, palette
from stead.platform.web.palette import Deed

navigation.declare(navigation.Entry("calendar", "Calendar", "calendar_today", "calendar.read", letter="C"))
navigation.declare_tab("calendar", navigation.Entry("day", "Day", "calendar_today", "calendar.read"))
navigation.declare_tab("calendar", navigation.Entry("book", "Book", "calendar_book", "appointments.book"))
navigation.declare_tab("calendar", navigation.Entry("list", "List", "calendar_list", "calendar.read"))

palette.declare(Deed("Book a visit", "calendar_book", "appointments.book", also="appointment schedule new"))
