"""What reaches readers outside the pages, without names: the digest of the week by mail."""
