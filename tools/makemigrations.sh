#!/usr/bin/env bash
# Make the migrations of the rooms named, or of all; needs no database.
set -euo pipefail
export DJANGO_SETTINGS_MODULE=stead.config.settings
uv run python -W ignore -m django makemigrations "$@"
