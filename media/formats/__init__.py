"""The canvases that visuals come in: of networks, of pages, and a shop's own."""
