"""The command ``presently`` and the composition root: the one place where all parts meet.

Reading order: ``cli`` the list of commands, ``settings`` (``settings_values``) what the environment
says, ``run`` and ``ops`` what every service process does, ``services`` gateway, hub and relay as
processes, ``dev`` (``dev_house``, ``local_postgres``) all of them in one. Then the operator's
commands: ``declare``, ``database``, ``check``, ``status``, and those of somebody who looks and
tries: ``publish``, ``tail``, ``token``, which find their addresses with ``addresses``.
"""
