"""A Django project that is small enough to read: settings, two routes, one WSGI application."""
