"""Files of stock and receipts: all faults by row, all rows or none."""

import time
