"""Entry point of the web processes (REST API and pages)."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from upscrolled import env
from upscrolled.bulkhead import Bulkhead
from upscrolled.canary import Canary

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "upscrolled.settings")

# Probes wait as everybody does, or they would not tell how long that takes.
application = Bulkhead(
    Canary(get_wsgi_application()), workers=env.read("WEB_THREADS"), flows=env.read("WEB_FLOWS")
)

# Load every view now: Django would do it at the first request, which would wait a second for it.
get_resolver().url_patterns  # noqa: B018  # a property that imports

# What is loaded by now lives as long as the process: keep the collector from walking it again and again.
# Fewer collections of young objects: a page makes thousands, and next to none of them in a circle.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 50, 50)
