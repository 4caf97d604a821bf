"""
Poor folks' Google Docs: the demo, an ordinary web application that Presently makes live.

Reading order: `settings` (what it needs to know), `people` (who can walk in), `schema.sql` and
`articles` (the rows), `pages` (what is shown and saved; it imports nothing of Presently),
`tokens` (the one line that lets a browser in), `app` (routes), then `static/live.js`.
`capture.sql` is the line that makes every change of a row an event, whoever writes it.
"""
