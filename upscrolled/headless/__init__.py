"""Account screens of apps: django-allauth's headless flows under /_allauth/app/v1/, with the rules of this site."""
