"""Sequential comparison of a new version with the stable one: valid at any stopping time, whatever both share."""
