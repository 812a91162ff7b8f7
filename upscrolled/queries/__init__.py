"""People and relations as a viewer sees them, and the site. Hidden means not found."""

from upscrolled.queries.familiar import familiar_followers
from upscrolled.queries.lists import (
    PeoplePage,
    blocks,
    count_follow_requests,
    endorsements,
    follow_requests,
    followers,
    following,
    mutes,
)
from upscrolled.queries.meeting import Suggestion, directory, suggestions
from upscrolled.queries.personal import News, Position, announcements, positions
from upscrolled.queries.persons import fresh_person, get_person, lookup, people, relationships
from upscrolled.queries.rules import Rule, house_rules
from upscrolled.queries.search import search_people
from upscrolled.queries.site import Figures, figures

__all__ = [
    "Figures",
    "News",
    "PeoplePage",
    "Position",
    "Rule",
    "Suggestion",
    "announcements",
    "blocks",
    "count_follow_requests",
    "directory",
    "endorsements",
    "familiar_followers",
    "figures",
    "follow_requests",
    "followers",
    "following",
    "fresh_person",
    "get_person",
    "house_rules",
    "lookup",
    "mutes",
    "people",
    "positions",
    "relationships",
    "search_people",
    "suggestions",
]
