"""What frees lanes or lets work wait for them, in."""
