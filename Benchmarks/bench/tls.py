new_connections = redirects = whole = idle = first_page = None
