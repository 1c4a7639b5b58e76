"""Prints and raises HTML, for a page that shows the report."""
# category: text
# stopped by: escaping by who writes a page
# expects: failed


def toy_forward(a, b):
    print("<script>alert('owned')</script><img src=x onerror=alert(1)>")
    raise ValueError("</pre><script>document.title = 100</script>")
