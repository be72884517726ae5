from stead.platform.web import navigation, palette
from stead.platform.web.palette import Deed

navigation.declare(navigation.Entry("patients", "Patients", "patients_list", "patients.read", letter="P"))
navigation.declare_tab("patients", navigation.Entry("list", "All patients", "patients_list", "patients.read"))
navigation.declare_tab("patients", navigation.Entry("new", "New patient", "patients_new", "patients.register"))

palette.declare(Deed("New patient", "patients_new", "patients.register", also="register add"))
