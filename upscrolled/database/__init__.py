"""Django's PostgreSQL backend with one habit changed (`base.py`), and reads on replicas (`reading.py` and on)."""
