"""Photos that people send: looked at, made anew and hashed by a child process behind walls. No Django, no database.

facts = probe.look(path, limits=limits)                       # or Refused, with limit and value
made = renditions.make(path, made_dir, facts, limits=limits)  # two pictures, the blur, the hashes
"""
