"""The Compare page: runs beside each other, beside baselines, and beside chance."""
