-- The entries of a build as they lie there.
from build.main.basis
