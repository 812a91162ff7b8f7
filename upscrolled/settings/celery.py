"""Celery: its broker, which queue a task goes to, how work is taken. The clock's tables stand in each schedule.py."""

from __future__ import annotations

from upscrolled.settings.site import VALKEY_URL

CELERY_BROKER_URL = VALKEY_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "upscrolled.tasks.look_at_media": {"queue": "default"},
    "upscrolled.tasks.process_media": {"queue": "media"},
    "upscrolled.tasks.settle_media": {"queue": "default"},
    "upscrolled.tasks.remove_media": {"queue": "maintenance"},
    "upscrolled.schedule.sweep_uploads": {"queue": "maintenance"},
    "upscrolled.schedule.make_exports": {"queue": "maintenance"},
    "upscrolled.schedule.take_imports": {"queue": "maintenance"},
    "upscrolled.tasks.tell": {"queue": "fanout"},
    "upscrolled.tasks.*": {"queue": "critical"},
    "feed.tasks.freeze_discover": {"queue": "critical"},
    "feed.tasks.audit_discover": {"queue": "maintenance"},
    "feed.tasks.sweep_pools": {"queue": "maintenance"},
    "feed.tasks.add_up_impressions": {"queue": "maintenance"},
    "feed.tasks.fan_out": {"queue": "fanout"},
    "feed.tasks.sweep_deliveries": {"queue": "fanout"},
    "feed.schedule.publish_scheduled": {"queue": "critical"},
    "feed.tasks.fetch_cards": {"queue": "maintenance"},  # other people's servers take their time
    "feed.tasks.send_pushes": {"queue": "default"},
    "feed.tasks.count_usage": {"queue": "maintenance"},
    "messaging.schedule.*": {"queue": "maintenance"},
    "feed.tasks.purge": {"queue": "maintenance"},
    "feed.tasks.settle_standing": {"queue": "maintenance"},
    "feed.tasks.settle_openness": {"queue": "maintenance"},
    "moderation.*": {"queue": "moderation"},
    "upscrolled.tasks.count_figures": {"queue": "maintenance"},
    "upscrolled.tasks.count_weeks": {"queue": "maintenance"},
    "upscrolled.tasks.refresh_popular": {"queue": "maintenance"},
    "upscrolled.tasks.remove_pictures": {"queue": "maintenance"},
}
CELERY_TASK_CREATE_MISSING_QUEUES = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# A request hands off what is a row anyway: it tries a connection that the broker closed once more, and waits for no
# broker that is silent. Four tries of half a minute each, as by default, would keep every thread of the site.
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 1_800,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 2,
    "socket_timeout": 5,
    "max_connections": 50,
    # In the order in which a worker was given its queues (upscrolled.celery.QUEUES).
    "queue_order_strategy": "priority",
}
CELERY_TASK_SOFT_TIME_LIMIT, CELERY_TASK_TIME_LIMIT = 600, 660
