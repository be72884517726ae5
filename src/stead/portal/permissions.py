"""What a patient may do on their own pages. What they change is authorised by the action of its room."""

from stead.platform.permissions import declare, open_by_link

declare("portal.read", "see one's own pages", "patient")
declare("portal.papers", "see and give what an open case asks for", "patient")
open_by_link("portal.papers")
