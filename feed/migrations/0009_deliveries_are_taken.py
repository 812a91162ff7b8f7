"""Deliveries are taken by one function, the oldest first: nobody's post is passed over (docs/adr/0028)."""

from django.db import migrations

TAKE = """
CREATE FUNCTION feed_take_deliveries(most integer) RETURNS SETOF bigint LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  DELETE FROM feed_delivery WHERE post_id IN (
    SELECT d.post_id FROM feed_delivery d ORDER BY d.post_id LIMIT most FOR UPDATE SKIP LOCKED)
  RETURNING post_id
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("feed", "0008_deleted_posts")]
    operations = [migrations.RunSQL(TAKE, "DROP FUNCTION feed_take_deliveries(integer)")]
