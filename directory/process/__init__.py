"""The process that serves: its workers, what runs beside the requests, its memory and its logs."""
