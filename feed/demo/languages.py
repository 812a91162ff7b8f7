"""The languages in which people of the demo write."""

from feed.demo.arabic import ARABIC
from feed.demo.english import ENGLISH
from feed.demo.french import FRENCH

LANGUAGES = {"ar": ARABIC, "en": ENGLISH, "fr": FRENCH}
