"""Hands in code that Python runs when it starts."""
# category: verdict
# stopped by: isolated mode
# tests: several
# file: sitecustomize.py
print("[won] sitecustomize.py was imported")
# file: usercustomize.py
print("[won] usercustomize.py was imported")
# file: attack.pth.txt
import os; print("[won]")
