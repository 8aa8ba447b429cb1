"""Public pages, one module for each room: whoever has the address may read, nobody sees a draft."""
