"""One file for each social network; `social.network.networks()` finds them."""
