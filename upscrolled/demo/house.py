"""What the people of the demo keep about each other, and what the house does for all of them: news, an open door."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from upscrolled.operations import acquaintance, announcements, switches

if TYPE_CHECKING:
    from upscrolled.demo.scene import Scene

NEWS = (
    "Welcome to the demo. Everybody here is made up, and so is what they say. "
    "Sign in as any of them, post, answer, block, report: nothing leaves this machine. #welcome\n\n"
    "أهلًا بكم في النسخة التجريبية. الناس هنا من الخيال وكذلك كلامهم. جرّبوا ما شئتم، فلا شيء يخرج من هذا الجهاز.\n\n"
    "Bienvenue dans la démo. Tout le monde ici est inventé, et ce qu'on y dit aussi. "
    "Essayez tout : rien ne quitte cette machine."
)
_OPEN = "This is a demo: sign up as often as you like. Turn it on before strangers can reach this machine."
_ANSWERS = ("👋", "🌿", "☕")
_SINCE = timedelta(days=2)
_NOTES = {
    "alice": "Met at the seed swap. Owes me a lemon tree.",
    "omar": "التقينا في السوق القديم وتحدثنا عن الدراجات ساعة كاملة.",
    "layla": "استعرت كتابين من هنا ولم أعد واحدًا بعد.",
    "chloe": "Rencontre du marché : le meilleur café du quartier.",
}


def furnish(scene: Scene) -> None:
    """Publish the news and open the door; let some people recommend others, and write down who somebody was."""
    switches.turn(name="sign_up_defence", value="off", because=_OPEN, by=None, now=scene.until - _SINCE)
    news = announcements.publish(written=NEWS, now=scene.until - _SINCE)
    for number, account in enumerate(scene.people.values()):
        if number % 3:
            name = _ANSWERS[number % 7 % len(_ANSWERS)]
            announcements.react(announcement_id=news.pk, name=name, by=account, now=scene.until - _SINCE)
    for username, account in scene.people.items():
        friends = [name for name in scene.roles if name in scene.follows[username]]
        for friend in friends[:2] if scene.roles[username].popular > 4 else ():
            acquaintance.endorse(scene.people[friend], by=account, now=scene.now)
        if username in _NOTES and friends:
            note = _NOTES[username]
            acquaintance.write_note(scene.people[friends[0]], by=account, comment=note, now=scene.now)
