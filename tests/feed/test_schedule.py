"""What the clock starts in the feed."""

from datetime import timedelta

from upscrolled.celery import app


def test_a_pool_is_frozen_every_epoch_and_owed_deliveries_are_looked_for(settings):
    app.loader.import_default_modules()
    table = app.conf.beat_schedule

    assert table["freeze discover"]["task"] == "feed.tasks.freeze_discover"
    assert timedelta(seconds=table["freeze discover"]["schedule"]) == settings.DISCOVER_EPOCH
    assert table["sweep deliveries"]["task"] == "feed.tasks.sweep_deliveries"
    assert table["purge"]["task"] == "feed.tasks.purge"
