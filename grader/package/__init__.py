"""Packages for services that grade by themselves: an autograder's zip, and the grader as a wheel.

Writes no file outside what it is told to; runs nothing and asks no network.
"""
