"""History: every event of the lab, who did what when, and whether it all still agrees with itself."""
