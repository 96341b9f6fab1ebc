from lineside_chassis import migrations

migrations.run()
