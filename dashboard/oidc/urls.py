"""Addresses of sign-in at an identity provider; allauth includes them."""

from django.urls import path

from dashboard.oidc import views

urlpatterns = [
    path("oidc/<slug:provider_id>/login/", views.login, name="openid_connect_login"),
    path("oidc/<slug:provider_id>/login/callback/", views.callback, name="openid_connect_callback"),
]
