"""Who sets the practice up, and who may take an invitation."""

from stead.platform.permissions import declare

declare("setup.read", "see what is still to be set up", "owner", "manager")
declare("staff.join", "take an invitation to work here", "public")
