"""The routes, below the path that the load balancer sends here."""

from django.urls import path

from shop import views

urlpatterns = [
    path("api/health", views.health),
    path("api/echo", views.echo),
]
