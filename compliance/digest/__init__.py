"""What reaches readers outside the pages, without names: the week's digest by mail, and deadlines as a calendar."""
