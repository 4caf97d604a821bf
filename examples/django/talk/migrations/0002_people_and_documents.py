from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import migrations


def fill(apps: Any, schema_editor: Any) -> None:
    user, document = apps.get_model("auth", "User"), apps.get_model("talk", "Document")
    for name in ("Leela", "Fry", "Amy"):
        password = make_password("planet express")
        user.objects.create(username=name.lower(), first_name=name, password=password)
    for title in ("Moon landing", "Mars", "Delivery to Omicron Persei 8"):
        document.objects.create(title=title, body="Good news, everyone.")


class Migration(migrations.Migration):
    dependencies = [("talk", "0001_initial"), ("auth", "0012_alter_user_first_name_max_length")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
