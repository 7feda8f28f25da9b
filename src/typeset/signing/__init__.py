"""Keys, clocks and services: identities that sign, seals on finished files.

pyHanko is imported where it is used and nowhere else: a build that signs nothing does not pay for it.
"""
