"""Pictures and movies: plain blocking functions over Pillow and PyAV; call them in a thread.

They know nothing of the database, of HTTP or of the settings. Sources are hostile: what a file is, is told by
its content; sizes are checked before anything is decoded; what a library raises becomes `BrokenMedia`.
"""
