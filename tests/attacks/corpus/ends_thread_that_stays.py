"""Leaves a thread behind that Python waits for at its end."""
# category: ends
# stopped by: the worker's end
# shown: naive never

import threading
import time

threading.Thread(target=time.sleep, args=(1000,)).start()
