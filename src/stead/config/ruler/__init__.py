"""The ruler of the daily jobs: how many clicks, fields, views and page loads a job takes, counted in a real browser.

A count is written `c+f/v`: clicks, taps and chosen keys (a drop-down is two: open, choose), filled fields, views that
the eye has to find its way in. Nobody counts by hand: a script in the page tells each event to `counter`, and a story
that did not change the database is an error. docs/daily-jobs.md says what each bar is and where it comes from.
"""
