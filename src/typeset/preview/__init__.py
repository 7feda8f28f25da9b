"""The local web app: the true pages, what is to be said of them, alive while somebody writes."""
