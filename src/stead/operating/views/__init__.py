"""Pages of the operating room: Today, Numbers, Rhythm, and What would stall."""
