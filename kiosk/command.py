"""What every command of `kiosk` shares."""

from shared.command import config_option

CONFIG = config_option("config/kiosk.toml", "window")
