from stead.platform.web import navigation

navigation.declare(navigation.Entry("calendar", "Calendar", "calendar_today", "calendar.read", letter="C"))
navigation.declare_tab("calendar", navigation.Entry("day", "Day", "calendar_today", "calendar.read"))
navigation.declare_tab("calendar", navigation.Entry("book", "Book", "calendar_book", "appointments.book"))
navigation.declare_tab("calendar", navigation.Entry("list", "List", "calendar_list", "calendar.read"))
