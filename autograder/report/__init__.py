"""OUT/report.html: the class in one page, for instructors. It reads results, and grades nothing."""
