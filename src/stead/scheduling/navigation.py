from stead.platform.web import navigation, palette
from stead.platform.web.palette import Deed

navigation.declare(navigation.Entry("calendar", "Calendar", "calendar_today", "calendar.read", letter="C"))
navigation.declare_tab("calendar", navigation.Entry("day", "Day", "calendar_today", "calendar.read"))
navigation.declare_tab("calendar", navigation.Entry("book", "Book", "calendar_book", "appointments.book"))
navigation.declare_tab("calendar", navigation.Entry("list", "List", "calendar_list", "calendar.read"))
navigation.declare_tab("calendar", navigation.Entry("services", "Services", "calendar_services", "calendar.set_up"))
navigation.declare_tab("calendar", navigation.Entry("hours", "Working hours", "calendar_hours", "calendar.set_up"))

palette.declare(Deed("Add a service", "calendar_services", "calendar.set_up", also="appointment type fee", part="add"))
palette.declare(Deed("Open working hours", "calendar_hours", "calendar.set_up", also="availability", part="add"))
palette.declare(Deed("Book a visit", "calendar_book", "appointments.book", also="appointment schedule new"))
