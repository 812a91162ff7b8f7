"""Video and sound that people send: looked at, made anew and hashed by ffmpeg behind walls. No Django, no database.

facts = probe.look(path, limits=limits, ffmpeg=ffmpeg, want="video")   # or Refused, with limit and value
soon = renditions.remux(path, soon_dir, facts, …)                      # a copy that plays, if it conforms
made = renditions.make(path, made_dir, facts, …)                       # the ladder, stills and hashes
"""
