"""What leaves the instructors' checkout: releases for students, and new courses. Runs nothing."""
