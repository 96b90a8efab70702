"""Supervision (督办): what runs, what is late, and under which situation of the regulation it is filed."""
