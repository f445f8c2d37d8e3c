"""Pictures of goods that were never made: still lifes drawn by code for the demo, so that no rights are touched."""
