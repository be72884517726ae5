"""Telephone numbers in templates: stored as +15025550143, read as (502) 555-0143."""

from django import template

from stead.patients.rules import phone_words

register = template.Library()
register.filter("telephone", phone_words)
