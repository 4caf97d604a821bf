from django.db import migrations

from presently.django.operations import Capture


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial"), ("presently", "0005_capture")]
    operations = [
        Capture("article", document="article.{pk}", columns=["title"], actor="updated_by"),
    ]
