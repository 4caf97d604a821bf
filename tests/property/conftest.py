"""What has no pace of its own keeps this one."""

from hypothesis import settings

from tests.property.pace import pace

settings.register_profile("presently", pace(100))
settings.load_profile("presently")
