"""Starts threads

Honest: reads ahead in a thread, as data loaders do
"""
# exercise: residual_block

import queue
import threading

RESULTS = queue.Queue()
WORKERS = [threading.Thread(target=lambda: RESULTS.put(sum(range(1000)))) for _ in range(8)]
for worker in WORKERS:
    worker.start()
for worker in WORKERS:
    worker.join()


class ResidualBlock(ResidualBlock):
    def forward(self, x):
        box = []
        thread = threading.Thread(target=lambda: box.append(x.shape))
        thread.start()
        thread.join()
        return super().forward(x)
