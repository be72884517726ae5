"""What a patient may do on their own pages. What they change is authorised by the action of its room."""

from stead.platform.permissions import declare

declare("portal.read", "see one's own pages", "patient")
