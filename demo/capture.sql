-- From here on every change of a row is an event, whoever writes it and in whatever language.
-- The title, the status and the writer's name travel with it; the body stays in the database.
SELECT presently.capture(
    'public.article', 'article.{id}',
    columns => '{title,status,updated_by}', actor => 'updated_by'
);
